#include "zone/node_check.h"

#include <understudy/wire/rdata.h>
#include <understudy/zone/builder.h>
#include <understudy/zone/fixups.h>
#include <understudy/zone/wire_record.h>
#include <algorithm>
#include <optional>

#include "zone/node_writer.h"
#include "zone/record_check.h"
#include "zone/relative_name.h"

namespace understudy::zone {
namespace {

constexpr unsigned kKnownFlags = kNameFlags | StoredNode::kHasChildren | StoredNode::kExternal |
                                 StoredNode::kUnnamed | StoredNode::kOwnApex;
constexpr unsigned kUnnamedFlags =
    StoredNode::kUnnamed | StoredNode::kHasChildren | StoredNode::kWildcardChild;
constexpr std::uint16_t kQuestionPointer = wire::kPointer | wire::kHeaderOctets;

bool is_question_owner(const std::uint8_t* at, bool is_root) noexcept {
    return is_root ? *at == 0 : base::load_be16(at) == kQuestionPointer;
}

}  // namespace

NodeCheck::NodeCheck(wire::NameView apex, const HashKey& key)
    : apex_(apex), key_(key), apex_hash_(NameKey(apex, key).hash(apex.label_count())) {}

std::size_t NodeCheck::fail(const char* why) {
    if (fault_.empty()) {
        fault_ = why;
        if (!has(StoredNode::kUnnamed)) {
            fault_ += " at " + name_.view().to_text();
        }
    }
    return 0;
}

// ---- Head

bool NodeCheck::labels(base::Octets relative) {
    depth_ = 0;
    for (std::size_t at = 0; at < relative.size(); at += 1U + relative[at]) {
        if (relative[at] == 0 || relative[at] > wire::kMaxLabelOctets ||
            relative[at] >= relative.size() - at) {
            return false;
        }
        ++depth_;
    }
    relative_ = relative;
    return true;
}

bool NodeCheck::own_apex(base::Octets octets) {
    if (octets.empty() || octets[0] != apex_.size() || octets.size() <= octets[0] ||
        !same_relative(octets.subspan(1, octets[0]), apex_.octets())) {
        return false;
    }
    name_ = whole_name(relative_, octets.subspan(1, octets[0]));
    return true;
}

bool NodeCheck::set_children(const std::uint8_t* at) {
    children_ = load_field<std::uint32_t>(at);
    return children_ != 0;
}

std::size_t NodeCheck::head(base::Octets at, bool is_apex) {
    flags_ = StoredNode::kUnnamed;  // until there is a name to speak of
    is_apex_ = is_apex;
    children_ = 0;
    depth_ = 0;
    records_ = 0;
    relative_ = {};
    if (at.size() < 2 || at.size() - 2 < at[1]) {
        return fail("a node ends early");
    }
    const unsigned flags = at[0];
    std::size_t octets = 2U + at[1];
    if ((flags & ~kKnownFlags) != 0) {
        return fail("a node has unknown flags");
    }
    if ((flags & StoredNode::kUnnamed) != 0) {
        if (is_apex || at[1] != sizeof hash_ || (flags & ~kUnnamedFlags) != 0 ||
            (flags & StoredNode::kHasChildren) == 0) {
            return fail("a faulty empty non-terminal");
        }
        hash_ = load_field<std::uint64_t>(&at[2]);
    } else {
        if ((at[1] == 0) != is_apex || !labels(at.subspan(2, at[1])) ||
            relative_.size() + apex_.size() > wire::kMaxNameOctets) {
            return fail("a malformed name");
        }
        name_ = whole_name(relative_, apex_.octets());
        flags_ = at[0];
        hash_ = hash_below(apex_hash_, relative_, key_);
        if (has(StoredNode::kOwnApex)) {
            if (!own_apex(at.subspan(octets))) {
                return fail("a malformed name");
            }
            octets += 1U + apex_.size();
        }
        if (is_apex && (flags & (StoredNode::kCut | StoredNode::kExternal)) != 0) {
            return fail("faulty flags");
        }
    }
    flags_ = at[0];
    if (has(StoredNode::kHasChildren)) {
        if (at.size() - octets < sizeof children_ || !set_children(&at[octets])) {
            return fail("a faulty count of children");
        }
        octets += sizeof children_;
    }
    return octets;
}

// ---- RRsets

std::size_t NodeCheck::rrsets(base::Octets at) {
    if (at.empty()) {
        return fail("a node ends early");
    }
    std::size_t octets = 1;
    Seen seen;
    std::optional<StoredRRset> of_referral;
    std::optional<StoredRRset> ns;
    int last_type = -1;
    for (std::size_t left = at[0]; left > 0; --left) {
        if (at.size() - octets < StoredRRset::kHeaderOctets) {
            return fail("an RRset ends early");
        }
        const StoredRRset stored = StoredRRset::load(&at[octets]);
        const std::size_t behind_header = at.size() - octets - StoredRRset::kHeaderOctets;
        if (behind_header < stored.records.size() + stored.signatures.size()) {
            return fail("an RRset ends early");
        }
        octets += StoredRRset::kHeaderOctets + stored.records.size() + stored.signatures.size();
        if (has(StoredNode::kCut) && !of_referral) {
            of_referral = stored;
            continue;
        }
        if (stored.type <= last_type) {
            return fail("RRsets are not in the order of their types");
        }
        last_type = stored.type;
        if (!rrset(stored, seen)) {
            return 0;
        }
        if (stored.type == wire::type::kNs) {
            ns = stored;
        }
    }
    if (seen.cut != has(StoredNode::kCut) || seen.dname != has(StoredNode::kDname)) {
        return fail("the flags are not those of the records");
    }
    if (seen.cname && seen.beside_cname) {
        return fail("a CNAME beside other records");
    }
    if (has(StoredNode::kUnnamed) ? at[0] != 0 : at[0] == 0) {
        return fail("a name and no records, or records and no name");
    }
    if (seen.cut && (!of_referral || !ns || !referral(*of_referral, *ns))) {
        return fail("a faulty referral");
    }
    return octets;
}

bool NodeCheck::rrset(const StoredRRset& rrset, Seen& seen) {
    const wire::Type type = rrset.type;
    if (rrset.records.empty() != (rrset.count == 0) ||
        (rrset.records.empty() && rrset.signatures.empty())) {
        return refuse("an RRset of no records");
    }
    std::size_t count = rrset.count;
    if (!rrset.records.empty() &&
        (type == wire::type::kRrsig || !records(rrset.records, {type, type}, count))) {
        return refuse("a faulty RRset");
    }
    std::size_t signatures = 0;
    if (!rrset.signatures.empty()) {
        const std::uint32_t covered_ttl_s = ttl_s_;
        if (!records(rrset.signatures, {wire::type::kRrsig, type}, signatures) ||
            (count != 0 && ttl_s_ != covered_ttl_s)) {
            return refuse("faulty RRSIGs");
        }
    }
    records_ += count + signatures;
    if (count == 0) {
        return true;
    }
    const bool is_single = type == wire::type::kCname || type == wire::type::kDname;
    if ((is_single && count > 1) || (type == wire::type::kSoa && (!is_apex_ || count > 1))) {
        return refuse("more records of a type than may be");
    }
    seen.cut = seen.cut || (type == wire::type::kNs && !is_apex_);
    seen.dname = seen.dname || type == wire::type::kDname;
    seen.cname = seen.cname || type == wire::type::kCname;
    seen.beside_cname =
        seen.beside_cname || (type != wire::type::kCname && type != wire::type::kNsec);
    return true;
}

/// Whole records of one type, or the RRSIGs that cover one, in their order and with one TTL;
/// `count` 0: however many there are.
bool NodeCheck::records(base::Octets octets, Kind kind, std::size_t& count) {
    const auto [type, covered] = kind;
    const bool is_root = name_.view().is_root();
    const std::size_t owner = WireRecord::owner_octets(is_root ? 0 : 1);
    const bool is_compressed = wire::rdata_layout(type).compressible;
    base::Octets previous;
    std::size_t found = 0;
    for (std::size_t at = 0; at < octets.size(); ++found) {
        if (octets.size() - at < owner + WireRecord::kFixedOctets ||
            !is_question_owner(&octets[at], is_root)) {
            return false;
        }
        const std::uint8_t* const fixed = &octets[at + owner];
        const std::uint32_t ttl_s = base::load_be32(fixed + 4);
        const std::size_t rdata_octets = base::load_be16(fixed + 8);
        at += owner + WireRecord::kFixedOctets;
        if (base::load_be16(fixed) != type || base::load_be16(fixed + 2) != wire::klass::kIn ||
            ttl_s > kMaxTtl || (found > 0 && ttl_s != ttl_s_) ||
            octets.size() - at < rdata_octets) {
            return false;
        }
        ttl_s_ = ttl_s;
        base::Octets rdata = octets.subspan(at, rdata_octets);
        if (is_compressed) {
            ExpandedRdata& expanded = rdata_[found % rdata_.size()];
            if (!rdata_of(type, octets, at, rdata_octets, expanded)) {
                return false;
            }
            rdata = expanded.view();
        } else if (!check_record(name_, type, rdata) ||
                   (type != covered && base::load_be16(rdata.data()) != covered)) {
            return false;
        }
        if (found > 0 && !std::ranges::lexicographical_compare(previous, rdata)) {
            return false;
        }
        previous = rdata;
        at += rdata_octets;
    }
    const bool is_all = count == 0 || count == found;
    count = found;
    return is_all;
}

/// Writes the rdata of a type whose names are stored compressed out.
bool NodeCheck::rdata_of(
    wire::Type type, base::Octets body, std::size_t at, std::size_t octets, ExpandedRdata& into) {
    const BodyNames names(name_, body);
    const std::size_t end = at + octets;
    into.size = 0;
    for (const wire::RdataField field : wire::rdata_layout(type).fields) {
        if (field == wire::RdataField::kEnd) {
            break;
        }
        if (field == wire::RdataField::kName) {
            at = names.read(at, end, into);
            if (at == 0) {
                return false;
            }
            continue;
        }
        const auto count = static_cast<std::size_t>(field);
        if (end - at < count || !into.append(body.subspan(at, count))) {
            return false;
        }
        at += count;
    }
    return at == end;
}

// ---- Referral

bool NodeCheck::glue(const StoredRRset& referral, const StoredRRset& ns) {
    const BodyNames names(name_, ns.records, referral.records);
    const std::size_t start = ns.records.size();
    const std::size_t end = start + referral.records.size();
    ExpandedRdata host;
    std::size_t found = 0;
    for (std::size_t at = start; at < end; ++found) {
        host.size = 0;
        const std::size_t fixed = names.read(at, end, host);
        if (fixed == 0 || end - fixed < WireRecord::kFixedOctets) {
            return false;
        }
        const WireRecord record = WireRecord::behind_owner(&referral.records[fixed - start]);
        const wire::Type type = record.type();
        const std::size_t rdata = fixed + WireRecord::kFixedOctets;
        if (record.klass() != wire::klass::kIn || end - rdata < record.rdata().size() ||
            (type != wire::type::kA && type != wire::type::kAaaa) ||
            !wire::is_valid_rdata(type, record.rdata())) {
            return false;
        }
        at = rdata + record.rdata().size();
    }
    return found == (referral.count & ~unsigned{kMayHaveSiblings});
}

bool NodeCheck::referral(const StoredRRset& referral, const StoredRRset& ns) {
    if (referral.type != kReferralType || !glue(referral, ns) ||
        referral.signatures.size() < sizeof(std::uint16_t)) {
        return false;
    }
    fixups_.clear();
    FixUps::append(ns.records, fixups_);
    const std::size_t of_ns = fixups_.size();
    FixUps::append(referral.records, fixups_);
    return load_field<std::uint16_t>(referral.signatures.data()) == of_ns &&
           std::ranges::equal(referral.signatures.subspan(sizeof(std::uint16_t)), fixups_);
}

}  // namespace understudy::zone
