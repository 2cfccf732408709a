#include "property/random_zones.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace understudy::property {
namespace {

using model::Record;
using support::Bytes;
using wire::Name;
namespace type = wire::type;

constexpr std::size_t kMaxPlants = 14;
constexpr std::uint16_t kTooManyIterations = 501;

/// What RFC 1034 §3.6.2 and RFC 6672 §2.4 allow beside what is there.
bool may_stand(const model::Zone& zone, const Record& record) {
    return std::ranges::none_of(zone.records, [&record](const Record& other) {
        return other.owner == record.owner &&
               (record.type == type::kCname || other.type == type::kCname ||
                (record.type == other.type &&
                 (record.type == type::kDname || record.rdata == other.rdata)));
    });
}

}  // namespace

std::uint32_t first_seed() {
    const char* text = std::getenv("UNDERSTUDY_SEED");  // NOLINT(concurrency-mt-unsafe)
    return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : 1;
}

model::Zone bare_zone(std::uint32_t soa_ttl_s, const Bytes& ns) {
    const Name apex = support::name("z.");
    support::OctetBuilder soa;
    soa.name("a.z.").name("b.z.").u32(1).u32(2).u32(3).u32(4).u32(60);
    return {apex, {{apex, type::kSoa, soa_ttl_s, soa.bytes()}, {apex, type::kNs, 300, ns}}};
}

model::Zone Grammar::zone() {
    const model::Zone plain = unsigned_zone();
    model::Zone result = plain;
    if (pick(4) != 0) {
        const model::Signing how = signing();
        result = model::sign(plain, how);
        if (pick(8) == 0) {
            model::Signing spare = how;
            spare.parameters.salt.push_back(7);
            result = model::with_spare_chain(plain, result, spare);
        }
    }
    std::ranges::shuffle(result.records, random_);
    return result;
}

model::Zone Grammar::broken_zone() {
    model::Signing how = signing();
    if (pick(4) == 0) {
        how.parameters.iterations = kTooManyIterations;
    }
    model::Zone zone = model::sign(unsigned_zone(), how);
    const wire::Type unsigned_type = std::array{type::kA, type::kSoa, type::kNsec3}[pick(3)];
    std::erase_if(zone.records, [&](const Record& record) {
        if (record.type == type::kRrsig) {
            return model::covered_type(record) == unsigned_type;
        }
        return (record.type == type::kNsec || record.type == type::kNsec3) && pick(3) == 0;
    });
    std::ranges::shuffle(zone.records, random_);
    return zone;
}

model::Zone Grammar::unsigned_zone() {
    const std::uint32_t soa_ttl_s = pick(2) == 0 ? 300 : 30;
    model::Zone zone = bare_zone(soa_ttl_s, target());
    for (std::size_t plants = 1 + pick(kMaxPlants); plants > 0; --plants) {
        plant(zone);
    }
    return zone;
}

Bytes Grammar::in_any_case(const Bytes& name) {
    Bytes result = name;
    for (std::uint8_t& octet : result) {
        octet = octet >= 'a' && octet <= 'z' && pick(2) == 0 ? static_cast<std::uint8_t>(octet - 32)
                                                             : octet;
    }
    return result;
}

std::string Grammar::owner(std::size_t most_labels) {
    std::string text;
    for (std::size_t labels = pick(most_labels + 1); labels > 0; --labels) {
        text += std::array{"a.", "b.", "*."}[pick(3)];
    }
    return text + "z.";
}

Bytes Grammar::target() {
    return support::OctetBuilder().name(pick(6) == 0 ? "a.out." : owner(4)).bytes();
}

void Grammar::plant(model::Zone& zone) {
    const Name name = support::name(owner(3));
    const std::uint32_t ttl_s = 100 + static_cast<std::uint32_t>(pick(3));
    const auto put = [&](const Name& at, wire::Type type, const Bytes& rdata) {
        const Record record{at, type, ttl_s, rdata};
        if (may_stand(zone, record)) {
            zone.records.push_back(record);
        }
    };
    switch (pick(10)) {
        case 0:
        case 1:
            put(name, type::kA, {192, 0, 2, static_cast<std::uint8_t>(pick(3))});
            break;
        case 2:
            put(name, type::kTxt, {1, static_cast<std::uint8_t>(pick(3))});
            break;
        case 3:
        case 4:
            put(name, type::kCname, target());
            break;
        case 5:
            put(name, type::kDname, target());
            break;
        case 6:
            put(name, type::kDs, {0, 1, 8, 2, static_cast<std::uint8_t>(pick(3))});
            break;
        case 7: {
            const Bytes service = pick(4) == 0 ? Bytes{0} : target();
            put(name,
                type::kSvcb,
                support::OctetBuilder().u16(static_cast<unsigned>(pick(2))).raw(service).bytes());
            break;
        }
        default: {
            const Bytes host = target();
            put(name, type::kNs, host);
            const Name at{wire::NameView(host)};
            if (pick(2) == 0 && at.view().is_at_or_below(zone.apex)) {
                pick(2) == 0 ? put(at, type::kA, Bytes(4)) : put(at, type::kAaaa, Bytes(16));
            }
            if (pick(3) == 0 && name != zone.apex) {
                put(name, type::kDs, {0, 1, 8, 2, 0});
            }
        }
    }
}

model::Signing Grammar::signing() {
    model::Signing how;
    how.chain = pick(3) == 0 ? model::Chain::kNsec : model::Chain::kNsec3;
    how.opt_out = how.chain == model::Chain::kNsec3 && pick(2) == 0;
    how.parameters.iterations = static_cast<std::uint16_t>(pick(3));
    how.parameters.salt.assign(pick(3), 0xAB);
    how.minimum_as_ttl = pick(4) == 0;
    how.keys = pick(4) == 0 ? 2 : 1;
    return how;
}

}  // namespace understudy::property
