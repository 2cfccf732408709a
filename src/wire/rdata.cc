#include <understudy/wire/rdata.h>
#include <algorithm>

namespace understudy::wire {
namespace {

constexpr RdataField octets(std::int8_t count) { return static_cast<RdataField>(count); }

constexpr RdataField kName = RdataField::kName;
constexpr RdataField kString = RdataField::kString;
constexpr RdataField kRest = RdataField::kRest;

constexpr RdataLayout kOpaque{};
constexpr RdataLayout kAddress4{{octets(4)}};
constexpr RdataLayout kAddress16{{octets(16)}};
constexpr RdataLayout kText{{RdataField::kStrings}};
constexpr RdataLayout kOneName{{kName}, true, true};
constexpr RdataLayout kTwoNames{{kName, kName}, true, true};
constexpr RdataLayout kSoaLayout{{kName, kName, octets(20)}, true, true};
constexpr RdataLayout kPreferenceName{{octets(2), kName}, true, true};
// Types after RFC 1035: their names stay whole in what we send.
constexpr RdataLayout kDnameLayout{{kName}, false, true};
constexpr RdataLayout kRpLayout{{kName, kName}, false, true};
constexpr RdataLayout kWholePreferenceName{{octets(2), kName}, false, true};
constexpr RdataLayout kPxLayout{{octets(2), kName, kName}, false, true};
constexpr RdataLayout kSrvLayout{{octets(6), kName}, false, true};
constexpr RdataLayout kNaptrLayout{{octets(4), kString, kString, kString, kName}, false, true};
constexpr RdataLayout kSigLayout{{octets(18), kName, kRest}, false, true};
constexpr RdataLayout kNxtLayout{{kName, kRest}, false, true};
constexpr RdataLayout kRrsigLayout{{octets(18), kName, kRest}, false, false};
constexpr RdataLayout kNsecLayout{{kName, kRest}, false, false};

constexpr std::size_t kMaxRdataOctets = 65535;

/// Walks rdata by its layout from `in`'s place to `end`. `names` is called with each name's reader
/// and must consume it.
template <typename OnName, typename OnOctets>
bool walk(
    const RdataLayout& layout, Reader& in, std::size_t end, OnName on_name, OnOctets on_octets) {
    const auto string_octets = [&in, end]() -> std::size_t {  // 0: none stands whole
        const std::size_t left = end - in.offset();
        const std::size_t size = left == 0 ? 1 : 1U + in.message()[in.offset()];
        return size <= left ? size : 0;
    };
    const auto take = [&in, &on_octets](std::size_t count) {
        const auto taken = in.octets(count);
        return taken && on_octets(*taken);
    };
    for (const RdataField field : layout.fields) {
        std::size_t count = 0;
        switch (field) {
            case RdataField::kEnd:
                return in.offset() == end;
            case RdataField::kName:
                if (!on_name(in) || in.offset() > end) {
                    return false;
                }
                continue;
            case RdataField::kString:
                count = string_octets();
                if (count == 0) {
                    return false;
                }
                break;
            case RdataField::kStrings:
                do {
                    count = string_octets();
                    if (count == 0 || !take(count)) {
                        return false;
                    }
                } while (in.offset() < end);
                return true;
            case RdataField::kRest:
                return take(end - in.offset());
            default:
                count = static_cast<std::size_t>(field);
                if (end - in.offset() < count) {
                    return false;
                }
        }
        if (!take(count)) {
            return false;
        }
    }
    return in.offset() == end;
}

}  // namespace

const RdataLayout& rdata_layout(Type type) noexcept {
    switch (type) {
        case type::kA:
            return kAddress4;
        case type::kAaaa:
            return kAddress16;
        case type::kTxt:
            return kText;
        case type::kNs:
        case type::kMd:
        case type::kMf:
        case type::kCname:
        case type::kMb:
        case type::kMg:
        case type::kMr:
        case type::kPtr:
            return kOneName;
        case type::kMinfo:
            return kTwoNames;
        case type::kSoa:
            return kSoaLayout;
        case type::kMx:
            return kPreferenceName;
        case type::kDname:
            return kDnameLayout;
        case type::kRp:
            return kRpLayout;
        case type::kAfsdb:
        case type::kRt:
        case type::kKx:
            return kWholePreferenceName;
        case type::kPx:
            return kPxLayout;
        case type::kSrv:
            return kSrvLayout;
        case type::kNaptr:
            return kNaptrLayout;
        case type::kSig:
            return kSigLayout;
        case type::kNxt:
            return kNxtLayout;
        case type::kRrsig:
            return kRrsigLayout;
        case type::kNsec:
            return kNsecLayout;
        default:
            return kOpaque;
    }
}

bool read_rdata(base::Octets message, const RecordHead& record, std::vector<std::uint8_t>& into) {
    const RdataLayout& layout = rdata_layout(record.type);
    const std::size_t start = into.size();
    const auto append = [&into, start](base::Octets octets) {
        into.insert(into.end(), octets.begin(), octets.end());
        return into.size() - start <= kMaxRdataOctets;
    };
    const auto append_name = [&append, &layout](Reader& in) {
        if (!layout.decompressible) {
            const auto name = in.plain_name();
            return name && append(name->octets());
        }
        NameBuffer name;
        return in.name(name) && append(name.view().octets());
    };
    // The reader ends where the rdata does; pointers aim backwards, so nothing behind it is needed.
    const std::size_t end = record.rdata_offset + record.rdata_octets;
    Reader in(message.first(end), record.rdata_offset);
    if (!walk(layout, in, end, append_name, append)) {
        into.resize(start);
        return false;
    }
    return true;
}

bool is_valid_rdata(Type type, base::Octets rdata) {
    Reader in(rdata);
    const auto plain_name = [](Reader& reader) { return reader.plain_name().has_value(); };
    return rdata.size() <= kMaxRdataOctets &&
           walk(
               rdata_layout(type), in, rdata.size(), plain_name, [](base::Octets) { return true; });
}

Soa Soa::from_rdata(base::Octets rdata) noexcept {
    const std::uint8_t* numbers = &rdata[rdata.size() - 20];
    return {base::load_be32(numbers),
            base::load_be32(numbers + 4),
            base::load_be32(numbers + 8),
            base::load_be32(numbers + 12),
            base::load_be32(numbers + 16)};
}

}  // namespace understudy::wire
