#pragma once

#include <understudy/base/expected.h>
#include <understudy/zone/image.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "zone/image_blocks.h"
#include "zone/image_format.h"
#include "zone/image_input.h"
#include "zone/node_check.h"

namespace understudy::zone {

/// Reads one image.
class ImageReader {
  public:
    /// REQUIRES: both outlive it.
    ImageReader(wire::NameView apex, const HashKey& key, const ImageSource& source);

    [[nodiscard]] base::Expected<std::unique_ptr<const Zone>> read();

  private:
    /// Keys as a set: as many, with this sum of what they hash to. Two sets that differ have one
    /// sum with a probability of 2^-64, as nobody knows the hash's key beforehand.
    struct KeySet {
        std::uint64_t count = 0;
        std::uint64_t sum = 0;

        bool operator==(const KeySet&) const = default;
    };
    using CountByDepth = std::array<std::uint32_t, wire::kMaxLabels + 1>;

    // Each step: false, a fault.
    bool fail(std::string fault);
    [[nodiscard]] bool read_header();
    [[nodiscard]] bool check_apex();
    [[nodiscard]] bool read_zone();
    [[nodiscard]] bool read_apex();
    [[nodiscard]] bool read_table();
    [[nodiscard]] bool settle_counts();
    [[nodiscard]] bool read_order();
    [[nodiscard]] bool check_end();

    void count(StoredNode node, const NodeCheck& check);
    void add(KeySet& set, const KeyBuffer& key) const noexcept;
    /// The keys of nodes that a cut or a DNAME may be above: known when all are read.
    void add_keys_below_interrupts();

    [[nodiscard]] std::string what_is_wrong();
    [[nodiscard]] bool has_sum();

    const wire::NameView apex_;
    HashKey key_;
    HashKey secret_ = HashKey::random();  // of this reading
    ImageInput input_;
    ImageBlocks blocks_;
    ImageHeader header_;
    bool has_header_ = false;
    std::unique_ptr<Zone> zone_;
    std::unique_ptr<NodeCheck> check_;  // of names below the apex as the zone writes it
    std::string fault_;

    // What was found in the blocks.
    std::uint64_t nodes_ = 0;
    std::uint64_t records_ = 0;
    std::uint64_t children_ = 0;
    CountByDepth named_{};
    CountByDepth interrupts_{};
    KeySet chain_;                                            // of nodes that are in it for sure
    std::array<KeySet, wire::kMaxLabels + 1> nsec_by_depth_;  // of all nodes with an NSEC record
};

}  // namespace understudy::zone
