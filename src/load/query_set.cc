#include <understudy/load/query_set.h>

#include <understudy/base/file.h>
#include <understudy/text/record_text.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/wire/query.h>
#include <array>

namespace understudy::load {
namespace {

using base::fail;
using base::Fault;

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Takes the word at the front of `rest`.
std::string_view next_word(std::string_view& rest) {
    rest = trimmed(rest);
    const auto end = std::min(rest.find_first_of(kBlanks), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    return word;
}

void append(std::vector<std::uint8_t>& octets, base::Octets more) {
    octets.insert(octets.end(), more.begin(), more.end());
}

bool wants_opt(const QueryOptions& options) {
    return options.edns_octets != 0 || options.dnssec_ok;
}

std::array<std::uint8_t, wire::kHeaderOctets> header(bool has_opt) {
    std::array<std::uint8_t, wire::kHeaderOctets> octets{};
    wire::Header{.question_count = 1,
                 .additional_count = has_opt ? std::uint16_t{1} : std::uint16_t{0}}
        .store(octets.data());
    return octets;
}

std::array<std::uint8_t, wire::kOptOctets> opt_record(const QueryOptions& options) {
    constexpr std::size_t kType = 1;  // behind the root's name
    constexpr std::size_t kPayload = 3;
    constexpr std::size_t kFlags = 7;
    std::array<std::uint8_t, wire::kOptOctets> octets{};
    base::store_be16(&octets[kType], wire::type::kOpt);
    base::store_be16(
        &octets[kPayload],
        options.edns_octets != 0 ? options.edns_octets : QueryOptions::kDefaultEdnsOctets);
    base::store_be16(&octets[kFlags], options.dnssec_ok ? wire::edns::kDo : std::uint16_t{0});
    return octets;
}

}  // namespace

base::Expected<void> QuerySet::add(std::string_view line, const QueryOptions& options) {
    const std::string_view name_word = next_word(line);
    const std::string_view type_word = next_word(line);
    if (type_word.empty()) {
        return fail("a query is NAME TYPE: the type is missing");
    }
    if (!trimmed(line).empty()) {
        return fail("a query is NAME TYPE: something stands behind it");
    }
    const auto name = wire::Name::from_text(name_word);
    if (!name) {
        return tl::unexpected(name.error());
    }
    const auto type = text::type_from_text(type_word);
    if (!type) {
        return tl::unexpected(type.error());
    }
    if (entries_.size() == kMaxQueries) {
        return fail("more than " + std::to_string(kMaxQueries) + " queries");
    }
    const std::size_t offset = octets_.size();
    append(octets_, header(wants_opt(options)));
    append(octets_, name->view().octets());
    std::array<std::uint8_t, wire::kQuestionTailOctets> tail{};
    base::store_be16(tail.data(), *type);
    base::store_be16(&tail[2], wire::klass::kIn);
    append(octets_, tail);
    if (wants_opt(options)) {
        append(octets_, opt_record(options));
    }
    const base::Octets message = base::Octets(octets_).subspan(offset);
    entries_.push_back(
        {.offset = offset,
         .message_octets = static_cast<std::uint16_t>(message.size()),
         .question_octets = static_cast<std::uint16_t>(name->view().size() + tail.size()),
         .sum = net::InternetSum::of(message)});
    return {};
}

tl::expected<QuerySet, std::vector<Fault>> QuerySet::parse(std::string_view text,
                                                           const std::string& file,
                                                           const QueryOptions& options) {
    QuerySet set;
    std::vector<Fault> faults;
    for (std::size_t number = 1; !text.empty() && faults.size() < kMaxFaults; ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == ';') {
            continue;
        }
        if (auto added = set.add(line, options); !added) {
            faults.push_back({file, number, 0, added.error().message});
        }
    }
    if (faults.empty() && set.size() == 0) {
        faults.push_back({file, 0, 0, "no queries: it wants a line NAME TYPE for each"});
    }
    if (!faults.empty()) {
        return tl::unexpected(std::move(faults));
    }
    return set;
}

tl::expected<QuerySet, std::vector<Fault>> QuerySet::read(const std::string& file,
                                                          const QueryOptions& options) {
    const auto text = base::read_file(file, kMaxFileOctets);
    if (!text) {
        return tl::unexpected(std::vector<Fault>{{"", 0, 0, text.error().message}});
    }
    return parse(text->view(), file, options);
}

}  // namespace understudy::load
