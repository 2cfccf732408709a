#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include <understudy/zone/block_store.h>

namespace understudy::zone {

/// Of a lineage.
inline constexpr Version kFirstVersion = 1;

/// A block that a version lacks and the one before it has.
struct Retired {
    BlockRef block;
    std::uint32_t octets = 0;
    Version birth = 0;
};

/// A block that version `draft` lacks: released at once where the draft made it, else put into
/// `retired`.
void retire(BlockRef block,
            std::size_t octets,
            Version birth,
            Version draft,
            std::vector<Retired>& retired);

/// The versions of one zone, which share blocks: who may free what.
///
/// A block is born in one version and retired in a later one, that is the first without it. It is
/// needed while any living version stands between: from its birth on, before its retirement. Each
/// version keeps the list of what it retired; when a version dies, its successor's list tells what
/// nobody needs any more, and takes over the rest.
class Lineage {
  public:
    Lineage() = default;
    Lineage(const Lineage&) = delete;
    Lineage& operator=(const Lineage&) = delete;

    /// The number of the next version, which is not alive yet. At most one draft at a time.
    [[nodiscard]] Version next() const;

    /// The version that drafts are made of.
    [[nodiscard]] Version newest_living() const;

    /// The draft lives from now on. `retired`: blocks of the version before it that it lacks.
    void commit(Version draft, std::vector<Retired> retired);

    /// `version` is not read any more. The blocks that no living version needs are released, but
    /// for those that it alone had without a successor: the caller releases what was born after the
    /// version that this returns (0: there is none before it).
    struct Heir {
        bool has_successor = false;
        Version predecessor = 0;
    };
    [[nodiscard]] Heir drop(Version version) noexcept;

    /// Octets of the retired blocks that older versions of any zone still need.
    [[nodiscard]] static std::size_t retired_octets() noexcept {
        return retired_octets_.load(std::memory_order_relaxed);
    }

  private:
    mutable std::mutex mutex_;
    std::map<Version, std::vector<Retired>> living_;
    Version newest_ = 0;

    // Whatever thread lets a version go or makes one; read for reports.
    static inline std::atomic<std::size_t> retired_octets_ = 0;
};

}  // namespace understudy::zone
