#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/stored_node.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "zone/body_names.h"

namespace understudy::zone {

/// Whether stored nodes are what NodeWriter writes, as far as reading them relies on it. Two steps
/// a node, as its RRsets may stand elsewhere: `head`, `rrsets`.
class NodeCheck {
  public:
    /// REQUIRES: `apex` outlives it.
    NodeCheck(wire::NameView apex, const HashKey& key);

    /// A node's octets from `at` on, up to its RRsets or what refers to them: how many they are, or
    /// 0, a fault.
    [[nodiscard]] std::size_t head(base::Octets at, bool is_apex);

    /// The number of its RRsets and them: how many octets they take, or 0, a fault.
    [[nodiscard]] std::size_t rrsets(base::Octets at);

    // Of the node at hand.
    [[nodiscard]] bool has(StoredNode::Flag flag) const noexcept { return (flags_ & flag) != 0; }
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
    [[nodiscard]] std::uint32_t children() const noexcept { return children_; }
    [[nodiscard]] base::Octets relative() const noexcept { return relative_; }
    /// Labels below the apex; of an unnamed node 0.
    [[nodiscard]] std::size_t depth() const noexcept { return depth_; }
    [[nodiscard]] std::size_t records() const noexcept { return records_; }

    /// What is wrong with the node at hand.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

  private:
    /// How many names of each kind that may stand once there are.
    struct Seen {
        bool cut = false;
        bool dname = false;
        bool cname = false;
        bool beside_cname = false;  // what may not stand there
    };

    /// Of records: RRSIGs cover another type than their own.
    struct Kind {
        wire::Type type = 0;
        wire::Type covered = 0;
    };

    /// 0, and false.
    std::size_t fail(const char* why);
    bool refuse(const char* why) { return fail(why) != 0; }
    [[nodiscard]] bool labels(base::Octets relative);
    [[nodiscard]] bool own_apex(base::Octets octets);
    [[nodiscard]] bool set_children(const std::uint8_t* at);

    [[nodiscard]] bool rrset(const StoredRRset& rrset, Seen& seen);
    [[nodiscard]] bool records(base::Octets octets, Kind kind, std::size_t& count);
    [[nodiscard]] bool rdata_of(wire::Type type,
                                base::Octets body,
                                std::size_t at,
                                std::size_t octets,
                                ExpandedRdata& into);
    [[nodiscard]] bool referral(const StoredRRset& referral, const StoredRRset& ns);
    [[nodiscard]] bool glue(const StoredRRset& referral, const StoredRRset& ns);

    wire::NameView apex_;
    HashKey key_;
    std::uint64_t apex_hash_;

    std::uint8_t flags_ = 0;
    bool is_apex_ = false;
    std::uint64_t hash_ = 0;
    std::uint32_t children_ = 0;
    base::Octets relative_;
    std::size_t depth_ = 0;
    std::size_t records_ = 0;
    wire::NameBuffer name_;  // the whole one

    std::uint32_t ttl_s_ = 0;  // of the RRset at hand
    // Of the record at hand and the one before it, by turns, where they are stored compressed.
    std::array<ExpandedRdata, 2> rdata_;
    std::vector<std::uint8_t> fixups_;
    std::string fault_;
};

}  // namespace understudy::zone
