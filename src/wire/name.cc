#include <understudy/wire/name.h>
#include <algorithm>
#include <cstdio>

namespace understudy::wire {
namespace {

bool equal_without_case(base::Octets left, base::Octets right) noexcept {
    return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

/// Where each label of a name begins, leftmost first.
struct LabelOffsets {
    std::array<std::uint8_t, kMaxLabels> offsets{};
    std::size_t count = 0;

    explicit LabelOffsets(NameView name) noexcept {
        for (std::size_t at = 0; name.octets()[at] != 0; at += 1U + name.octets()[at]) {
            offsets[count++] = static_cast<std::uint8_t>(at);
        }
    }

    [[nodiscard]] base::Octets label(NameView name, std::size_t index) const noexcept {
        return name.octets().subspan(offsets[index] + 1U, name.octets()[offsets[index]]);
    }
};

bool needs_backslash(std::uint8_t octet) noexcept {
    return std::string_view(".\\\"();@$").find(static_cast<char>(octet)) != std::string_view::npos;
}

void append_octet(std::string& text, std::uint8_t octet) {
    if (needs_backslash(octet)) {
        text += '\\';
        text += static_cast<char>(octet);
    } else if (octet > ' ' && octet < 0x7F) {
        text += static_cast<char>(octet);
    } else {
        std::array<char, 5> escaped{};
        (void)std::snprintf(escaped.data(), escaped.size(), "\\%03u", octet);
        text += escaped.data();
    }
}

bool is_digit(char character) noexcept { return character >= '0' && character <= '9'; }

/// Reads the octet at the front of `text`, escapes resolved, and takes it off; -1 where an escape
/// is malformed.
int take_octet(std::string_view& text) noexcept {
    if (text[0] != '\\') {
        const auto octet = static_cast<std::uint8_t>(text[0]);
        text.remove_prefix(1);
        return octet;
    }
    if (text.size() >= 2 && !is_digit(text[1])) {
        const auto octet = static_cast<std::uint8_t>(text[1]);
        text.remove_prefix(2);
        return octet;
    }
    if (text.size() < 4 || !std::ranges::all_of(text.substr(1, 3), is_digit)) {
        return -1;
    }
    const int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
    text.remove_prefix(4);
    return value <= 255 ? value : -1;
}

}  // namespace

std::size_t NameView::label_count() const noexcept {
    std::size_t count = 0;
    for (std::size_t at = 0; octets_[at] != 0; at += 1U + octets_[at]) {
        ++count;
    }
    return count;
}

NameView NameView::suffix(std::size_t count) const noexcept {
    NameView name = *this;
    for (std::size_t drop = label_count() - count; drop > 0; --drop) {
        name = name.parent();
    }
    return name;
}

bool NameView::is_at_or_below(NameView ancestor) const noexcept {
    if (size() < ancestor.size()) {
        return false;
    }
    const std::size_t start = size() - ancestor.size();
    std::size_t at = 0;
    while (at < start) {
        at += 1U + octets_[at];
    }
    return at == start && equal_without_case(octets_.subspan(start), ancestor.octets());
}

std::string NameView::to_text() const {
    if (is_root()) {
        return ".";
    }
    std::string text;
    for (NameView name = *this; !name.is_root(); name = name.parent()) {
        for (const std::uint8_t octet : name.first_label()) {
            append_octet(text, octet);
        }
        text += '.';
    }
    return text;
}

bool operator==(NameView left, NameView right) noexcept {
    return equal_without_case(left.octets(), right.octets());
}

std::strong_ordering compare_canonical(NameView left, NameView right) noexcept {
    const LabelOffsets left_labels(left);
    const LabelOffsets right_labels(right);
    const std::size_t common = std::min(left_labels.count, right_labels.count);
    for (std::size_t i = 1; i <= common; ++i) {
        const auto left_label = left_labels.label(left, left_labels.count - i);
        const auto right_label = right_labels.label(right, right_labels.count - i);
        const auto order = std::lexicographical_compare_three_way(
            left_label.begin(),
            left_label.end(),
            right_label.begin(),
            right_label.end(),
            [](std::uint8_t a, std::uint8_t b) { return to_lower(a) <=> to_lower(b); });
        if (order != std::strong_ordering::equal) {
            return order;
        }
    }
    return left_labels.count <=> right_labels.count;
}

std::size_t name_length(base::Octets octets) noexcept {
    const std::size_t limit = std::min(octets.size(), kMaxNameOctets);
    std::size_t at = 0;
    while (at < limit) {
        if (octets[at] == 0) {
            return at + 1;
        }
        if (octets[at] > kMaxLabelOctets) {
            return 0;
        }
        at += 1U + octets[at];
    }
    return 0;
}

base::Expected<Name> Name::from_text(std::string_view text) {
    const std::string original(text);
    if (text.empty()) {
        return base::fail("an empty text is not a domain name");
    }
    Name name;
    if (text == ".") {
        return name;
    }
    name.octets_.clear();
    while (!text.empty()) {
        const std::size_t length_at = name.octets_.size();
        name.octets_ += '\0';
        while (!text.empty() && text[0] != '.') {
            const int octet = take_octet(text);
            if (octet < 0) {
                return base::fail("'" + original + "' has a malformed escape");
            }
            name.octets_ += static_cast<char>(octet);
        }
        const std::size_t label_octets = name.octets_.size() - length_at - 1;
        if (label_octets == 0) {
            return base::fail("'" + original + "' has an empty label");
        }
        if (label_octets > kMaxLabelOctets) {
            return base::fail("'" + original + "' has a label longer than 63 octets");
        }
        name.octets_[length_at] = static_cast<char>(label_octets);
        if (!text.empty()) {
            text.remove_prefix(1);
        }
    }
    name.octets_ += '\0';
    if (name.octets_.size() > kMaxNameOctets) {
        return base::fail("'" + original + "' is longer than 255 octets");
    }
    return name;
}

Name Name::lowered() const {
    Name name = *this;
    std::ranges::transform(name.octets_, name.octets_.begin(), [](char octet) {
        return static_cast<char>(to_lower(static_cast<std::uint8_t>(octet)));
    });
    return name;
}

std::size_t NameHash::operator()(NameView name) const noexcept {
    std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
    for (const std::uint8_t octet : name.octets()) {
        hash = (hash ^ to_lower(octet)) * 0x100000001B3U;
    }
    return static_cast<std::size_t>(hash);
}

}  // namespace understudy::wire
