#pragma once

#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "control/difference.h"

namespace understudy::control {

/// The differences that IXFR out is answered from: of each zone those that lead to its newest
/// version, in their order. Any thread.
class DifferenceBook {
  public:
    using Chain = std::vector<std::shared_ptr<const Difference>>;

    /// Replaces what there is of a zone. REQUIRES: each begins where the one before ends.
    void set(const wire::Name& apex, const Chain& chain, std::size_t most_octets);

    /// Puts one behind the others; the oldest go where there would be more than `most_octets`. One
    /// that does not begin where the last one ends takes the place of all.
    void add(const wire::Name& apex,
             std::shared_ptr<const Difference> difference,
             std::size_t most_octets);

    void forget(const wire::Name& apex);

    /// What leads from one serial to another, or nothing where the book does not reach back to it.
    [[nodiscard]] Chain find(const wire::Name& apex, std::uint32_t from, std::uint32_t to) const;

  private:
    struct Entry {
        std::deque<std::shared_ptr<const Difference>> chain;
        std::size_t octets = 0;
    };
    static void append(Entry& entry,
                       std::shared_ptr<const Difference> difference,
                       std::size_t most_octets);

    mutable std::mutex mutex_;
    std::map<wire::Name, Entry> entries_;
};

}  // namespace understudy::control
