#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/zone/image.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "zone/image_format.h"
#include "zone/xxh64.h"

namespace understudy::zone {

/// Writes one image.
class ImageWriter {
  public:
    /// REQUIRES: both outlive it.
    ImageWriter(const Zone& zone, const ImageSink& sink);

    [[nodiscard]] base::Expected<void> write();

    [[nodiscard]] static std::uint64_t octets(const Zone& zone) { return header_of(zone).octets; }

  private:
    static constexpr std::size_t kPartOctets = std::size_t{256} << 10U;

    [[nodiscard]] static ImageHeader header_of(const Zone& zone);

    void put(base::Octets octets);
    template <typename Field>
    void put_field(const Field& field) {
        put({reinterpret_cast<const std::uint8_t*>(&field), sizeof field});
    }
    void flush();

    void put_block(BlockRef block);  // of RRsets or the apex
    void put_table(BlockRef ref);
    void put_directory(BlockRef ref);
    void put_page(BlockRef page);
    void put_order(BlockRef ref);

    const Zone& zone_;
    const ImageSink& sink_;
    Xxh64 sum_;
    std::vector<std::uint8_t> part_;   // not given to the sink yet
    std::vector<std::uint8_t> block_;  // as it goes into the image
    std::string fault_;                // the sink's
};

}  // namespace understudy::zone
