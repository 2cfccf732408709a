#include <understudy/zone/replacement.h>

#include <understudy/base/check.h>
#include <algorithm>

#include "zone/record_check.h"

namespace understudy::zone {
namespace {

constexpr std::size_t kFixedOctets = 2;  // the length of the rdata, as a Builder counts

/// The RRset at `node` that a record of this type and rdata would join. REQUIRES: the rdata is of
/// the type's form.
std::optional<RRset> rrset_for(const Node& node, wire::Type type, base::Octets rdata) {
    return type == wire::type::kRrsig ? node.signatures(base::load_be16(rdata.data()))
                                      : node.find(type);
}

}  // namespace

Replacement::Marks::Place Replacement::Marks::place_of(const std::uint8_t* at) noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): an address as a number
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    const std::size_t bit = address % kChunkOctets / kOctetsOfBit;
    return {address / kChunkOctets, bit / kWordBits, std::uint64_t{1} << (bit % kWordBits)};
}

bool Replacement::Marks::set(const std::uint8_t* at) {
    const Place place = place_of(at);
    auto& chunk = chunks_[place.chunk];
    if (!chunk) {
        chunk = std::make_unique<Chunk>();
    }
    std::uint64_t& word = (*chunk)[place.word];
    const bool is_new = (word & place.bit) == 0;
    word |= place.bit;
    return is_new;
}

bool Replacement::Marks::has(const std::uint8_t* at) const {
    const Place place = place_of(at);
    const auto found = chunks_.find(place.chunk);
    return found != chunks_.end() && ((*found->second)[place.word] & place.bit) != 0;
}

Replacement::Replacement(const Zone& base, std::size_t most_octets)
    : base_(&base), octets_left_(most_octets), change_(base) {}

base::Expected<void> Replacement::check(wire::NameView owner, wire::Type type, base::Octets rdata) {
    if (auto good = check_record(owner, type, rdata); !good) {
        return good;
    }
    std::size_t octets = kFixedOctets + rdata.size();
    if (!has_owner_ || !(owner_.view() == owner)) {
        if (auto good = check_in_zone(owner, base_->apex()); !good) {
            return good;
        }
        octets += owner.size();
        owner_ = wire::Name(owner);
        has_owner_ = true;
        node_ = base_->find(NameKey(owner, base_->hash_key()));
    }
    if (octets > octets_left_) {
        return base::fail("a zone of too many octets of names and rdata");
    }
    octets_left_ -= octets;
    return {};
}

std::optional<RRset> Replacement::find(wire::Type type, base::Octets rdata) const {
    return node_ ? rrset_for(*node_, type, rdata) : std::nullopt;
}

base::Expected<void> Replacement::add(wire::NameView owner,
                                      wire::Type type,
                                      std::uint32_t ttl_s,
                                      base::Octets rdata) {
    if (auto good = check(owner, type, rdata); !good) {
        return good;
    }
    ++record_count_;
    if (const auto rrset = find(type, rdata)) {
        for (auto at = rrset->begin(); at != rrset->end(); ++at) {
            if (!std::ranges::equal(*at, rdata)) {
                continue;
            }
            if (!marks_.set(at.stored().data()) || rrset->ttl_s() == kept_ttl(ttl_s)) {
                return {};
            }
            if (auto good = change_.remove(owner, type, rrset->ttl_s(), rdata); !good) {
                return good;
            }
            break;
        }
    }
    return change_.add(owner, type, ttl_s, rdata);
}

Change Replacement::finish() {
    const auto remove_unseen = [this](wire::NameView owner,
                                      wire::Type type,
                                      std::uint32_t ttl_s,
                                      base::Octets rdata,
                                      base::Octets stored) {
        if (!marks_.has(stored.data())) {
            const auto good = change_.remove(owner, type, ttl_s, rdata);
            UNDERSTUDY_CHECK(good.has_value());  // it stands in a zone
        }
    };
    const RRset soa = base_->apex_node().rrset(wire::type::kSoa);
    const auto first = soa.begin();
    remove_unseen(base_->apex(), wire::type::kSoa, soa.ttl_s(), *first, first.stored());
    RecordCursor cursor(*base_);
    while (const auto record = cursor.next()) {
        remove_unseen(record->owner, record->type, record->ttl_s, record->rdata, cursor.stored());
    }
    return std::move(change_);
}

}  // namespace understudy::zone
