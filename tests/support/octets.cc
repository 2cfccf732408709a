#include "support/octets.h"

#include <charconv>

namespace understudy::support {

OctetBuilder& OctetBuilder::u8(unsigned value) {
    octets_.push_back(static_cast<std::uint8_t>(value));
    return *this;
}

OctetBuilder& OctetBuilder::u16(unsigned value) { return u8(value >> 8U).u8(value & 0xFFU); }

OctetBuilder& OctetBuilder::u32(std::uint32_t value) {
    return u16(value >> 16U).u16(value & 0xFFFFU);
}

OctetBuilder& OctetBuilder::raw(base::Octets octets) {
    octets_.insert(octets_.end(), octets.begin(), octets.end());
    return *this;
}

OctetBuilder& OctetBuilder::text(std::string_view text) {
    octets_.insert(octets_.end(), text.begin(), text.end());
    return *this;
}

OctetBuilder& OctetBuilder::label(std::string_view label) {
    return u8(static_cast<unsigned>(label.size())).text(label);
}

OctetBuilder& OctetBuilder::name(std::string_view text) {
    return raw(support::name(text).view().octets());
}

OctetBuilder& OctetBuilder::pointer(std::size_t offset) {
    return u16(0xC000U | static_cast<unsigned>(offset));
}

OctetBuilder& OctetBuilder::record_fields(unsigned type,
                                          unsigned klass,
                                          std::uint32_t ttl_s,
                                          unsigned rdata_octets) {
    return u16(type).u16(klass).u32(ttl_s).u16(rdata_octets);
}

Bytes from_hex(std::string_view text) {
    Bytes octets;
    while (!text.empty()) {
        if (text[0] == ' ' || text[0] == '\n') {
            text.remove_prefix(1);
            continue;
        }
        std::uint8_t octet = 0;
        const char* const digits = text.data();
        std::from_chars(digits, digits + 2, octet, 16);
        octets.push_back(octet);
        text.remove_prefix(2);
    }
    return {octets.begin(), octets.end()};
}

wire::Name name(std::string_view text) { return wire::Name::from_text(text).value(); }

Bytes head_of(base::Octets octets, std::size_t count) {
    return {octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace understudy::support
