#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <understudy/zone/node_probe.h>
#include <understudy/zone/octet_words.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace understudy::zone {

/// The way to the node of exactly one name, below cuts too, in steps between which the cache lines
/// that the next one needs can arrive: `start`, `find_page`, `find_likely`, `node`. Steps of
/// several searches are taken in turns.
class NodeSearch {
  public:
    /// Nothing but start() may be asked of it.
    // NOLINTNEXTLINE(modernize-use-equals-default,*.UninitializedObject): unused is not touched
    NodeSearch() noexcept {}

    /// `labels`: the name's before the apex, in any case. REQUIRES: `zone` outlives it.
    void start(const Zone& zone, base::Octets labels) noexcept;

    void find_page() noexcept {
        while (has_probe_ && !probe_.find_page()) {
        }
    }

    /// `kLines`: so many cache lines of the node will be read.
    template <std::size_t kLines>
    void find_likely() noexcept {
        if (has_probe_) {
            probe_.find_likely<kLines>();
        }
    }

    [[nodiscard]] std::optional<Node> node() const noexcept;

  private:
    const Zone* zone_;
    bool has_probe_;  // else it is the apex, or the zone has no other name
    NodeProbe probe_;
    std::size_t size_;
    std::array<std::uint8_t, wire::kMaxNameOctets + kWordOctets> labels_;  // in lower case
};

}  // namespace understudy::zone
