#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/nsec3.h>
#include <understudy/zone/node_probe.h>
#include <understudy/zone/octet_words.h>
#include <understudy/zone/order_tree.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace understudy::zone {

/// The way to the record of a zone's chain that matches or covers a name, in steps between which
/// the cache lines that the next one needs can arrive: `start`, `find_group`, `find_owner`,
/// `find_page`, `find_node`, `node`. Steps of several searches are taken in turns.
class DenialSearch {
  public:
    /// Nothing but start() may be asked of it.
    // NOLINTNEXTLINE(modernize-use-equals-default,*.UninitializedObject): unused is not touched
    DenialSearch() noexcept {}

    /// `labels`: the name's before the apex, in any case. False where the chain has no records.
    /// REQUIRES: zone.denial() == Denial::kNsec; `zone` outlives it.
    [[nodiscard]] bool start(const Zone& zone, base::Octets labels) noexcept;

    /// The same for a hashed name. REQUIRES: zone.denial() == Denial::kNsec3; `zone` outlives it.
    [[nodiscard]] bool start(const Zone& zone, const wire::Nsec3Digest& hash) noexcept;

    void find_group() noexcept { order_.find_group(); }
    void find_owner() noexcept;
    void find_page() noexcept;
    void find_node() noexcept;

    /// Where the record stands: the last one at or before the name, before the first one the last
    /// of all.
    [[nodiscard]] std::optional<Node> node() const noexcept;

    /// Whether it stands at the name itself; else it covers it.
    [[nodiscard]] bool matches() const noexcept { return matches_; }

  private:
    [[nodiscard]] bool start(const Zone& zone) noexcept;

    const Zone* zone_;
    OrderSearch order_;
    NodeProbe probe_;
    bool matches_;
    std::size_t owner_octets_;                                            // 0: the apex
    std::array<std::uint8_t, wire::kMaxNameOctets + kWordOctets> owner_;  // before the apex
};

}  // namespace understudy::zone
