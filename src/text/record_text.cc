#include <understudy/base/check.h>
#include <understudy/text/record_text.h>
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

extern "C" {
#include <libknot/descriptor.h>
#include <libknot/dname.h>
#include <libknot/rrset-dump.h>
}

namespace understudy::text {
namespace {

// "TYPE65535" and "CLASS65535" with their ending zero are shorter, and so is every mnemonic.
constexpr std::size_t kMaxMnemonicOctets = 32;

// What an octet of rdata can become at most: in the bitmap of an NSEC one octet is eight types,
// each up to "TYPE65535 ".
constexpr std::size_t kMaxTextPerOctet = 80;
constexpr std::size_t kSpareOctets = 256;  // for fields that grow by more, such as times

/// Makes the one record's rdata a libknot rdata set.
class RdataSet {
  public:
    explicit RdataSet(base::Octets rdata)
        : words_(knot_rdata_size(static_cast<std::uint16_t>(rdata.size())) / 2) {
        auto* const set = reinterpret_cast<knot_rdata_t*>(words_.data());
        knot_rdata_init(set, static_cast<std::uint16_t>(rdata.size()), rdata.data());
    }

    [[nodiscard]] knot_rrset_t rrset(wire::Type type, wire::Class klass) noexcept {
        knot_rrset_t rrset;
        knot_rrset_init(&rrset, root_.data(), type, klass, 0);
        rrset.rrs.count = 1;
        rrset.rrs.size = static_cast<std::uint32_t>(words_.size() * 2);
        rrset.rrs.rdata = reinterpret_cast<knot_rdata_t*>(words_.data());
        return rrset;
    }

  private:
    std::array<knot_dname_t, 1> root_{0};  // the owner plays no part in rdata
    std::vector<std::uint16_t> words_;     // libknot wants the alignment of 16 bits
};

knot_dump_style_t rdata_style(bool generic) noexcept {
    knot_dump_style_t style = KNOT_DUMP_STYLE_DEFAULT;
    style.wrap = false;
    style.human_timestamp = true;
    style.generic = generic;
    return style;
}

/// The text of the rdata, if it has one in this style. libknot does not tell a lack of room from
/// rdata that does not fit the type, so the room grows to what any rdata can need.
std::optional<std::string> rdata_text(const knot_rrset_t& rrset,
                                      std::size_t rdata_octets,
                                      bool generic) {
    const knot_dump_style_t style = rdata_style(generic);
    const std::size_t most = kMaxTextPerOctet * rdata_octets + kSpareOctets;
    std::string text;
    for (std::size_t room = 4 * rdata_octets + kSpareOctets; text.size() < most; room *= 2) {
        text.resize(std::min(room, most));
        const int length = knot_rrset_txt_dump_data(&rrset, 0, text.data(), text.size(), &style);
        if (length >= 0) {
            text.resize(static_cast<std::size_t>(length));
            return text;
        }
    }
    return std::nullopt;
}

std::string name_text(wire::NameView name) {
    std::array<char, KNOT_DNAME_TXT_MAXLEN + 1> text{};
    UNDERSTUDY_CHECK(knot_dname_to_str(text.data(), name.octets().data(), text.size()) != nullptr);
    return text.data();
}

std::string class_text(wire::Class klass) {
    std::array<char, kMaxMnemonicOctets> text{};
    UNDERSTUDY_CHECK(knot_rrclass_to_string(klass, text.data(), text.size()) > 0);
    return text.data();
}

}  // namespace

std::string record_text(wire::NameView owner,
                        wire::Type type,
                        wire::Class klass,
                        std::uint32_t ttl_s,
                        base::Octets rdata) {
    UNDERSTUDY_CHECK(rdata.size() <= KNOT_RDATA_MAXLEN);
    RdataSet set(rdata);
    const knot_rrset_t rrset = set.rrset(type, klass);
    auto data = rdata_text(rrset, rdata.size(), false);
    if (!data) {
        data = rdata_text(rrset, rdata.size(), true);
    }
    UNDERSTUDY_CHECK(data.has_value());  // the generic form fits everything
    return name_text(owner) + ' ' + std::to_string(ttl_s) + ' ' + class_text(klass) + ' ' +
           type_text(type) + ' ' + *data;
}

std::string type_text(wire::Type type) {
    std::array<char, kMaxMnemonicOctets> text{};
    UNDERSTUDY_CHECK(knot_rrtype_to_string(type, text.data(), text.size()) > 0);
    return text.data();
}

base::Expected<wire::Type> type_from_text(std::string_view text) {
    wire::Type type = 0;
    if (text.find('\0') != std::string_view::npos ||
        knot_rrtype_from_string(std::string(text).c_str(), &type) != 0) {
        return base::fail("'" + std::string(text) + "' is not a record type");
    }
    return type;
}

}  // namespace understudy::text
