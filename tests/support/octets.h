#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <cstdint>
#include <string_view>
#include <vector>

/// What tests build their worlds from. None of it is for production code.
namespace understudy::support {

/// Exactly as long as its contents, so that AddressSanitizer sees a step behind its end.
using Bytes = std::vector<std::uint8_t>;

/// Puts octets together, also those that no honest writer would.
class OctetBuilder {
  public:
    OctetBuilder& u8(unsigned value);
    OctetBuilder& u16(unsigned value);
    OctetBuilder& u32(std::uint32_t value);
    OctetBuilder& raw(base::Octets octets);
    OctetBuilder& text(std::string_view text);

    /// One label: its length and its text.
    OctetBuilder& label(std::string_view label);

    /// A whole name from its master-file form, uncompressed.
    OctetBuilder& name(std::string_view text);

    /// A compression pointer.
    OctetBuilder& pointer(std::size_t offset);

    /// The fields of a record from the type to the rdata's length.
    OctetBuilder& record_fields(unsigned type,
                                unsigned klass,
                                std::uint32_t ttl_s,
                                unsigned rdata_octets);

    [[nodiscard]] std::size_t size() const noexcept { return octets_.size(); }

    /// A copy without spare room behind it.
    [[nodiscard]] Bytes bytes() const { return {octets_.begin(), octets_.end()}; }

  private:
    Bytes octets_;
};

/// `0a 0B0c`: blanks are skipped. REQUIRES: pairs of hexadecimal digits.
[[nodiscard]] Bytes from_hex(std::string_view text);

/// A name from its master-file form. REQUIRES: it is one.
[[nodiscard]] wire::Name name(std::string_view text);

/// The first `count` octets on a heap block of their own.
[[nodiscard]] Bytes head_of(base::Octets octets, std::size_t count);

}  // namespace understudy::support
