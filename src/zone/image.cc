#include <understudy/zone/image.h>
#include <algorithm>
#include <array>

#include "zone/image_format.h"
#include "zone/image_reader.h"
#include "zone/image_writer.h"

namespace understudy::zone {

std::uint64_t key_check(const HashKey& key) noexcept {
    // A name of one label, to which images give away no more than their places do of others.
    static constexpr std::array<std::uint8_t, 10> kLabel{
        9, 0, 'i', 'm', 'a', 'g', 'e', 'k', 'e', 'y'};
    return hash_below(key.first, kLabel, key);
}

base::Expected<void> write_image(const Zone& zone, const ImageSink& sink) {
    return ImageWriter(zone, sink).write();
}

std::uint64_t image_octets(const Zone& zone) { return ImageWriter::octets(zone); }

base::Expected<std::unique_ptr<const Zone>> read_image(wire::NameView apex,
                                                       const HashKey& key,
                                                       const ImageSource& source) {
    return ImageReader(apex, key, source).read();
}

base::Expected<std::unique_ptr<const Zone>> read_image(wire::NameView apex,
                                                       const HashKey& key,
                                                       base::Octets image) {
    return read_image(apex, key, [image](base::MutableOctets into) mutable {
        const base::Octets part = image.first(std::min(image.size(), into.size()));
        std::ranges::copy(part, into.begin());
        image = image.subspan(part.size());
        return base::Expected<std::size_t>(part.size());
    });
}

}  // namespace understudy::zone
