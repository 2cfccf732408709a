#pragma once

#include <understudy/zone/block_store.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/node_probe.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstddef>
#include <optional>

namespace understudy::zone {

/// One name's way through a zone, in steps between which the cache lines that the next one needs
/// can arrive: `start`, `find_pages` until it says true, `find_nodes`, `decide`, and again from
/// `find_pages` on until `decide` says true. Steps of several lookups are taken in turns.
class Lookup {
  public:
    /// Nothing but start() may be asked of it.
    // NOLINTNEXTLINE(modernize-use-equals-default,*.UninitializedObject): unused is not touched
    Lookup() noexcept {}

    /// The zone itself may be yet to arrive: it is given before `decide`. REQUIRES: as
    /// Zone::lookup; all that it is given outlives it.
    void start(const ZoneOutline& outline, std::size_t apex_labels, const NameKey& name) noexcept;
    void set_zone(const Zone& zone) noexcept { zone_ = &zone; }

    /// One step down the directory. Whether all pages are known.
    [[nodiscard]] bool find_pages() noexcept;

    /// Whether it seems that a node below the apex decides.
    bool find_nodes() noexcept;

    /// Whether match() is known. If not, the name does not exist and its closest encloser is
    /// narrowed down: what exists has all its ancestors, so each round halves the depths left.
    [[nodiscard]] bool decide() noexcept;

    [[nodiscard]] Match match() const noexcept { return {kind_, Node(*zone_, node_), labels_}; }

  private:
    /// A suffix of the name that may decide: itself, or one as long as some cuts or DNAMEs; or one
    /// that narrows down the closest encloser.
    struct Candidate {
        std::size_t labels;
        NodeProbe probe;
    };
    /// Others are looked up without a head start.
    static constexpr std::size_t kMaxCandidates = ZoneOutline::kInterrupts + 1;

    void add(std::size_t labels) noexcept;
    [[nodiscard]] std::optional<StoredNode> find(const Candidate& candidate) const noexcept;
    [[nodiscard]] bool interrupts(StoredNode node, std::size_t labels) noexcept;
    [[nodiscard]] bool finds_interrupt() noexcept;
    [[nodiscard]] bool finds_deep_interrupt() noexcept;
    [[nodiscard]] bool narrow() noexcept;
    bool settle(Match::Kind kind, StoredNode node, std::size_t labels) noexcept;

    const Zone* zone_;
    const NameKey* name_;
    const ZoneOutline* outline_;
    std::size_t apex_labels_;
    std::size_t count_;
    bool has_own_;  // the last candidate is the name itself
    union {
        std::array<Candidate, kMaxCandidates> candidates_;
    };
    // The decision; while it is narrowed down, the deepest ancestor known.
    Match::Kind kind_;
    StoredNode node_{nullptr};
    std::size_t labels_;
    std::size_t lacks_;  // the fewest labels known not to exist; 0: not narrowed down yet
};

}  // namespace understudy::zone
