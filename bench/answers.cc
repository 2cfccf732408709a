#include "answers.h"

#include <understudy/text/record_text.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/query.h>
#include <understudy/wire/rdata.h>
#include <understudy/wire/reader.h>
#include <algorithm>
#include <compare>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "support/octets.h"

namespace understudy::bench {
namespace {

using support::Bytes;
using wire::Section;

constexpr std::size_t kSoaNumberOctets = 20;  // behind the names
constexpr std::size_t kNsec3HashAt = 6;  // behind algorithm, flags, iterations, no salt, length
constexpr std::size_t kNsec3HashOctets = 20;

/// A record of an answer, disregarding letter case where names may be compressed.
struct Record {
    Section section;
    wire::Name owner;
    wire::Type type;
    std::uint32_t ttl_s;
    Bytes rdata;

    auto operator<=>(const Record&) const = default;
};

struct Message {
    wire::Header header;
    std::vector<Record> records;  // without the OPT
};

/// Names in RFC 1035's rdata come with the letter case of what they were compressed against.
Record make_record(Section section,
                   wire::NameView owner,
                   wire::Type type,
                   std::uint32_t ttl_s,
                   base::Octets rdata) {
    Record record{section, wire::Name(owner), type, ttl_s, Bytes(rdata.begin(), rdata.end())};
    if (wire::rdata_layout(type).compressible) {
        const std::size_t numbers = type == wire::type::kSoa ? kSoaNumberOctets : 0;
        const auto names = std::span(record.rdata).first(record.rdata.size() - numbers);
        std::ranges::transform(names, names.begin(), wire::to_lower);
    }
    return record;
}

bool read_section(wire::Reader& in, unsigned count, Section section, Message& into) {
    for (; count > 0; --count) {
        wire::RecordHead head;
        Bytes rdata;
        if (!in.record(head) || !wire::read_rdata(in.message(), head, rdata)) {
            return false;
        }
        if (head.type != wire::type::kOpt) {
            into.records.push_back(
                make_record(section, head.owner.view(), head.type, head.ttl_s, rdata));
        }
    }
    return true;
}

std::optional<Message> read_message(base::Octets octets) {
    if (octets.size() < wire::kHeaderOctets) {
        return std::nullopt;
    }
    Message message{wire::Header::load(octets.data()), {}};
    wire::Reader in(octets, wire::kHeaderOctets);
    wire::NameBuffer name;
    if (message.header.question_count != 1 || !in.name(name) || !in.octets(4) ||
        !read_section(in, message.header.answer_count, Section::kAnswer, message) ||
        !read_section(in, message.header.authority_count, Section::kAuthority, message) ||
        !read_section(in, message.header.additional_count, Section::kAdditional, message) ||
        in.remaining() != 0) {
        return std::nullopt;
    }
    return message;
}

/// Puts down the records of a name in the sections of its answer.
class Expectation final : public RecordSink {
  public:
    explicit Expectation(bool refers) : refers_(refers) {}

    void add(wire::NameView owner,
             wire::Type type,
             std::uint32_t ttl_s,
             base::Octets rdata) override {
        if (refers_ && type == wire::type::kDs) {
            return;  // only with DO, which unsigned zones are not asked with
        }
        records_.push_back(make_record(section_of(type), owner, type, ttl_s, rdata));
    }

    [[nodiscard]] std::vector<Record>& records() { return records_; }

  private:
    [[nodiscard]] Section section_of(wire::Type type) const {
        if (!refers_) {
            return Section::kAnswer;
        }
        return type == wire::type::kNs ? Section::kAuthority : Section::kAdditional;
    }

    bool refers_;
    std::vector<Record> records_;
};

bool is_denial(const Record& record) {
    return record.type == wire::type::kNsec || record.type == wire::type::kNsec3;
}

/// Whether `name` falls between an NSEC record's owner and the next name.
bool nsec_covers(const Record& nsec, const wire::Name& apex, wire::NameView name) {
    const wire::NameView next(base::Octets(nsec.rdata).first(wire::name_length(nsec.rdata)));
    return compare_canonical(nsec.owner, name) < 0 &&
           (next == apex.view() || compare_canonical(name, next) < 0);
}

std::string_view nsec3_next(const Record& nsec3) {
    return std::string_view(reinterpret_cast<const char*>(nsec3.rdata.data()), nsec3.rdata.size())
        .substr(kNsec3HashAt, kNsec3HashOctets);
}

bool nsec3_matches(const Record& nsec3, const wire::Name& apex, wire::NameView name) {
    return nsec3.owner.view() == NameMaker().label(nsec3_label(nsec3_hash(name))).below(apex);
}

bool nsec3_covers(const Record& nsec3, const wire::Name& /*apex*/, wire::NameView name) {
    const std::string owner = nsec3.owner.lowered().to_text();
    const std::string hash = nsec3_label(nsec3_hash(name));
    const std::string next = nsec3_label(nsec3_next(nsec3));
    const bool is_behind = owner.substr(0, hash.size()) < hash;
    const bool is_last = next <= owner.substr(0, next.size());
    return is_last ? is_behind || hash < next : is_behind && hash < next;
}

/// Whether the records prove that `name`, one label below the apex, and the wildcard beside it do
/// not exist (RFC 4035 §3.1.3.2, RFC 5155 §7.2.2).
bool proves_denial(const std::vector<Record>& records,
                   Chain chain,
                   const wire::Name& apex,
                   wire::NameView name) {
    NameMaker maker;
    const wire::NameView wildcard = maker.label("*").below(apex);
    const auto any = [&](auto holds, wire::NameView of) {
        return std::ranges::any_of(records, [&](const Record& record) {
            return is_denial(record) && holds(record, apex, of);
        });
    };
    if (chain == Chain::kNsec) {
        return any(nsec_covers, name) && any(nsec_covers, wildcard);
    }
    return any(nsec3_matches, apex) && any(nsec3_covers, name) && any(nsec3_covers, wildcard);
}

/// What an answer for a name that does not exist must hold, the proof being taken from the answer
/// itself: whatever is in it must be signed as it stands.
std::vector<Record> expected_denial(const Workload& workload,
                                    const wire::Name& apex,
                                    const std::vector<Record>& proof) {
    std::vector<Record> records{
        make_record(Section::kAuthority, apex, wire::type::kSoa, kNegativeTtl, soa_rdata())};
    if (workload.chain() == Chain::kNone) {
        return records;
    }
    std::ranges::copy_if(proof, std::back_inserter(records), is_denial);
    for (std::size_t i = 0, count = records.size(); i < count; ++i) {
        const Record& record = records[i];
        const std::uint32_t original_ttl_s = i == 0 ? kTtl : kNegativeTtl;
        records.push_back(make_record(
            Section::kAuthority,
            record.owner,
            wire::type::kRrsig,
            kNegativeTtl,
            rrsig_rdata(record.owner, apex, record.type, original_ttl_s, record.rdata)));
    }
    return records;
}

std::string text_of(const std::vector<Record>& records) {
    std::string text;
    for (const Record& record : records) {
        text += " [" +
                text::record_text(
                    record.owner, record.type, wire::klass::kIn, record.ttl_s, record.rdata) +
                "]";
    }
    return text;
}

}  // namespace

std::string answer_fault(const Workload& workload,
                         std::size_t number,
                         base::Octets query,
                         base::Octets answer) {
    auto message = read_message(answer);
    const wire::Name name = workload.question(number);
    const wire::Name apex = workload.apex(workload.zone_of(number));
    const std::size_t question_end = wire::kHeaderOctets + name.view().size() + 4;
    if (!message || !std::ranges::equal(answer.first(2), query.first(2)) ||
        !std::ranges::equal(
            answer.subspan(wire::kHeaderOctets, question_end - wire::kHeaderOctets),
            query.subspan(wire::kHeaderOctets, question_end - wire::kHeaderOctets))) {
        return "the answer for " + name.to_text() + " is malformed or another's";
    }
    const bool exists = number < workload.names();
    const bool refers = exists && workload.refers();
    Expectation expectation(refers);
    if (exists) {
        workload.write_name(number, expectation);
    } else {
        expectation.records() = expected_denial(workload, apex, message->records);
    }
    const auto flags = static_cast<std::uint16_t>(wire::flag::kQr | (refers ? 0 : wire::flag::kAa));
    const auto rcode = exists ? wire::Rcode::kNoError : wire::Rcode::kNxDomain;
    if (message->header.flags != (flags | static_cast<std::uint16_t>(rcode))) {
        return "the answer for " + name.to_text() + " has flags or rcode of another";
    }
    std::vector<Record>& expected = expectation.records();
    std::ranges::sort(expected);
    std::ranges::sort(message->records);
    if (message->records != expected) {
        return "the answer for " + name.to_text() + " has" + text_of(message->records) +
               " instead of" + text_of(expected);
    }
    const bool is_proven = exists || workload.chain() == Chain::kNone ||
                           proves_denial(expected, workload.chain(), apex, name);
    return is_proven ? "" : "the answer for " + name.to_text() + " does not prove it missing";
}

}  // namespace understudy::bench
