#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/nsec3.h>
#include <understudy/zone/node_search.h>
#include <understudy/zone/order_tree.h>
#include <understudy/zone/zone.h>
#include <cstddef>
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
    void find_page() noexcept { owner_.find_page(); }
    void find_node() noexcept {
        // NSEC stands behind most other types and their signatures.
        constexpr std::size_t kLines = 6;
        owner_.find_likely<kLines>();
    }

    /// Where the record stands: the last one at or before the name, before the first one the last
    /// of all.
    [[nodiscard]] std::optional<Node> node() const noexcept { return owner_.node(); }

    /// Whether it stands at the name itself; else it covers it.
    [[nodiscard]] bool matches() const noexcept { return matches_; }

  private:
    [[nodiscard]] bool start(const Zone& zone) noexcept;

    const Zone* zone_;
    OrderSearch order_;
    NodeSearch owner_;
    bool matches_;
};

}  // namespace understudy::zone
