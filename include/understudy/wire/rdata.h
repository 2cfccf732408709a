#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/reader.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace understudy::wire {

/// How a type's rdata is made up. Positive: so many octets.
enum class RdataField : std::int8_t {
    kEnd = 0,       // nothing may follow
    kName = -1,     // a domain name
    kString = -2,   // one character-string
    kStrings = -3,  // one or more character-strings up to the end
    kRest = -4,     // any octets up to the end
};

struct RdataLayout {
    std::array<RdataField, 6> fields{RdataField::kRest};  // kEnd beyond the last
    bool compressible =
        false;  // names may be compressed in what we send: RFC 1035's types alone (RFC 3597 §4)
    bool decompressible =
        false;  // names may come compressed: these, and what older RFCs let pass (RFC 3597 §4)
};

/// The layout of `type`; of one that is not known, opaque octets.
[[nodiscard]] const RdataLayout& rdata_layout(Type type) noexcept;

/// Appends a record's rdata to `into` with its names uncompressed and otherwise octet for octet.
/// False, with `into` as it was, where the rdata does not have its type's layout or would exceed
/// 65,535 octets.
[[nodiscard]] bool read_rdata(base::Octets message,
                              const RecordHead& record,
                              std::vector<std::uint8_t>& into);

/// Whether uncompressed `rdata` has the layout of `type`.
[[nodiscard]] bool is_valid_rdata(Type type, base::Octets rdata);

/// What of an SOA's rdata the server acts on (RFC 1035 §3.3.13).
struct Soa {
    std::uint32_t serial = 0;
    std::uint32_t refresh_s = 0;
    std::uint32_t retry_s = 0;
    std::uint32_t expire_s = 0;
    std::uint32_t minimum_s = 0;

    /// REQUIRES: valid SOA rdata.
    [[nodiscard]] static Soa from_rdata(base::Octets rdata) noexcept;
};

/// Whether `left` is the newer serial (RFC 1982 §3.2). The undefined case, exactly half of the
/// space apart, is not.
[[nodiscard]] constexpr bool serial_is_newer(std::uint32_t left, std::uint32_t right) noexcept {
    const std::uint32_t ahead = left - right;
    return ahead != 0 && ahead < 0x80000000U;
}

}  // namespace understudy::wire
