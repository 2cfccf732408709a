#pragma once

#include <understudy/base/check.h>
#include <understudy/zone/image.h>
#include <memory>

#include "support/octets.h"
#include "support/zones.h"
#include "zone/image_format.h"
#include "zone/xxh64.h"

namespace understudy::support {

[[nodiscard]] inline Bytes image_of(const zone::Zone& zone) {
    Bytes image;
    const auto good = zone::write_image(zone, [&image](base::Octets octets) {
        image.insert(image.end(), octets.begin(), octets.end());
        return base::Expected<void>();
    });
    UNDERSTUDY_CHECK(good.has_value());
    return image;
}

/// The zone that its image makes, or why it makes none.
[[nodiscard]] inline base::Expected<std::unique_ptr<const zone::Zone>> reread(
    const zone::Zone& zone) {
    return zone::read_image(zone.apex(), zone.hash_key(), image_of(zone));
}

/// Gives octets that are to be an image what tells one from damage and from the rest: a header of
/// kHashKey's images, the length, the checksum. False where there is no room for that.
[[nodiscard]] inline bool mend_image(Bytes& image) {
    if (image.size() < sizeof(zone::ImageHeader) + zone::kImageSumOctets) {
        return false;
    }
    zone::ImageHeader header;
    std::memcpy(&header, image.data(), sizeof header);
    header.magic = zone::ImageHeader::kMagic;
    header.byte_order = zone::ImageHeader::kByteOrder;
    header.format = zone::ImageHeader::kFormat;
    header.key_check = zone::key_check(kHashKey);
    header.octets = image.size();
    std::memcpy(image.data(), &header, sizeof header);
    zone::Xxh64 sum;
    sum.update(base::Octets(image).first(image.size() - zone::kImageSumOctets));
    const std::uint64_t digest = sum.digest();
    std::memcpy(&image[image.size() - sizeof digest], &digest, sizeof digest);
    return true;
}

}  // namespace understudy::support
