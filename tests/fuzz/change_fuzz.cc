#include <understudy/base/check.h>
#include <understudy/zone/builder.h>
#include <understudy/zone/change.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/octets.h"
#include "support/transfers.h"
#include "support/zone_views.h"
#include "support/zones.h"

namespace {

using namespace understudy;
using support::Record;

constexpr std::size_t kStepOctets = 3;

// Each version is built anew twice and compared: more of them make an input slow, not deep.
constexpr std::size_t kMaxVersions = 8;

/// The record that two octets stand for: a few names, a few types, so that they meet.
Record record_of(std::uint8_t where, std::uint8_t what) {
    static constexpr std::array kLabels{
        "", "a.", "*.", "a.a.", "*.a.", "a.*.", "b.a.a.", "00000000000000000000000000000000."};
    static constexpr std::array kHosts{"z.", "a.z.", "b.a.a.z.", "x."};
    const std::string host = kHosts[what >> 4U & 3U];
    const unsigned variant = what >> 6U;
    Record record{support::name(std::string(kLabels[where & 7U]) + "z."), 0, 60U + variant, {}};
    const auto be = [&record](wire::Type type, const support::OctetBuilder& rdata) {
        record.type = type;
        record.rdata = rdata.bytes();
    };
    support::OctetBuilder octets;
    switch (what & 15U) {
        case 0:
            be(wire::type::kA, octets.u32(variant));
            break;
        case 1:
            be(wire::type::kNs, octets.name(host));
            break;
        case 2:
            be(wire::type::kCname, octets.name(host));
            break;
        case 3:
            be(wire::type::kDname, octets.name(host));
            break;
        case 4:
            be(wire::type::kMx, octets.u16(variant).name(host));
            break;
        case 5:
            be(wire::type::kNsec, octets.name(host).u16(variant));
            break;
        case 6:
            be(wire::type::kNsec3Param, octets.u8(1).u8(0).u16(variant).u8(0));
            break;
        case 7:
            be(wire::type::kNsec3, octets.u8(1).u8(0).u16(variant).u8(0).u8(0));
            break;
        case 8:
            be(wire::type::kRrsig, octets.u16(variant).raw(support::Bytes(16)).name(host));
            break;
        case 9:
            be(wire::type::kSoa, octets.name(host).name(host).u32(variant).raw(support::Bytes(16)));
            break;
        default:
            be(65280, octets.raw(support::Bytes(std::size_t{what} * 16)));
            break;
    }
    return record;
}

std::unique_ptr<const zone::Zone> rebuilt(const zone::Zone& from) {
    zone::Builder builder(from.apex(), support::kHashKey);
    for (const Record& record : support::records_of(from)) {
        UNDERSTUDY_CHECK(builder.add(record.owner, record.type, record.ttl_s, record.rdata));
    }
    auto zone = builder.build();
    UNDERSTUDY_CHECK(zone.has_value());
    return *std::move(zone);
}

void check_same(const zone::Zone& left, const zone::Zone& right) {
    UNDERSTUDY_CHECK(support::dump(left) == support::dump(right));
    UNDERSTUDY_CHECK(support::view_of(left) == support::view_of(right));
    for (std::uint8_t where = 0; where < 8; ++where) {
        const wire::Name name = record_of(where, 0).owner;
        UNDERSTUDY_CHECK(support::view_of(left, name) == support::view_of(right, name));
    }
    UNDERSTUDY_CHECK(support::nsec3_view_of(left, {}) == support::nsec3_view_of(right, {}));
}

}  // namespace

// Steps of three octets: where, what, and how: whether it removes, and whether the change ends with
// it. A version is what a builder makes of its records, or it does not come to be; no block is
// lost.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::size_t before = zone::BlockStore::process().usage().live_octets;
    {
        std::shared_ptr<const zone::Zone> base = support::make_small_zone("z.", "");
        zone::Change change(*base);
        std::size_t versions = 0;
        for (const std::uint8_t* at = data;
             at + kStepOctets <= data + size && versions < kMaxVersions;
             at += kStepOctets) {
            const Record record = record_of(at[0], at[1]);
            const bool removes = (at[2] & 1U) != 0;
            const bool ends = (at[2] & 2U) != 0;
            const auto put = removes ? &zone::Change::remove : &zone::Change::add;
            UNDERSTUDY_CHECK((change.*put)(record.owner, record.type, record.ttl_s, record.rdata));
            if (!ends) {
                continue;
            }
            ++versions;
            const auto strictness =
                (at[2] & 4U) != 0 ? zone::Strictness::kLenient : zone::Strictness::kStrict;
            if (auto next = zone::apply(*base, change, strictness)) {
                check_same(**next, *rebuilt(**next));
                const auto copy = rebuilt(*base);
                check_same(**zone::apply(*copy, zone::diff(*base, **next)), **next);
                base = *std::move(next);
            }
            change = zone::Change(*base);
        }
    }
    UNDERSTUDY_CHECK(zone::BlockStore::process().usage().live_octets == before);
    return 0;
}
