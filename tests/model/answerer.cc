#include "model/answerer.h"

#include <understudy/base/octets.h>
#include <algorithm>
#include <optional>

namespace understudy::model {
namespace {

using wire::Name;
using wire::NameView;
namespace type = wire::type;

/// The name with `label` put before it.
Name below(const Name& name, const std::vector<std::uint8_t>& label) {
    std::vector<std::uint8_t> octets{static_cast<std::uint8_t>(label.size())};
    octets.insert(octets.end(), label.begin(), label.end());
    octets.insert(octets.end(), name.view().octets().begin(), name.view().octets().end());
    return Name(NameView(octets));
}

/// The target of a CNAME, DNAME or NS record.
Name target_of(const Record& record) { return Name(NameView(record.rdata)); }

class Answerer {
  public:
    Answerer(const Zone& zone, wire::Type type) : zone_(zone), type_(type) {}

    Answer run(Name name) {
        std::vector<Name> seen;
        while (seen.size() < kMaxAliases && name.view().is_at_or_below(zone_.apex) &&
               std::ranges::find(seen, name) == seen.end()) {
            seen.push_back(name);
            const std::optional<Name> next = step(name);
            if (!next) {
                break;
            }
            name = *next;
        }
        return answer_;
    }

  private:
    /// §4.3.2 step 3 for one name; gives the name to start again with, if any.
    std::optional<Name> step(const Name& name) {
        const std::size_t whole = name.view().label_count();
        for (std::size_t labels = zone_.apex.view().label_count();; ++labels) {
            const Name here(name.view().suffix(labels));
            const bool is_whole = labels == whole;
            // 3b: a match would take us out of the authoritative data.
            if (here != zone_.apex && has(here, type::kNs) && !(is_whole && type_ == type::kDs)) {
                refer(here);
                return std::nullopt;
            }
            if (is_whole) {  // 3a
                return at(here, name);
            }
            if (has(here, type::kDname)) {  // 3c, RFC 6672 §3.2
                return rename(here, name);
            }
            if (!exists(Name(name.view().suffix(labels + 1)))) {
                const Name wildcard = below(here, {'*'});  // RFC 4592 §3.3.1
                if (exists(wildcard)) {
                    return at(wildcard, name);
                }
                negative(wire::Rcode::kNxDomain);
                return std::nullopt;
            }
        }
    }

    /// Answers from what stands at `source`, under `name`.
    std::optional<Name> at(const Name& source, const Name& name) {
        answer_.is_authoritative = true;
        bool found = false;
        for (const Record& record : zone_.records) {
            if (record.owner == source && (record.type == type_ || type_ == type::kAny)) {
                copy(record, name, answer_.answer);
                found = true;
            }
        }
        if (found) {
            return std::nullopt;
        }
        for (const Record& record : zone_.records) {
            if (record.owner == source && record.type == type::kCname) {
                copy(record, name, answer_.answer);
                return target_of(record);
            }
        }
        negative(wire::Rcode::kNoError);
        return std::nullopt;
    }

    std::optional<Name> rename(const Name& owner, const Name& name) {
        answer_.is_authoritative = true;
        const Record dname = *std::ranges::find_if(zone_.records, [&owner](const Record& record) {
            return record.owner == owner && record.type == type::kDname;
        });
        copy(dname, owner, answer_.answer);
        const auto old_name = name.view().octets();
        std::vector<std::uint8_t> octets(
            old_name.begin(), old_name.end() - static_cast<std::ptrdiff_t>(owner.view().size()));
        octets.insert(octets.end(), dname.rdata.begin(), dname.rdata.end());
        if (octets.size() > wire::kMaxNameOctets) {
            answer_.rcode = wire::Rcode::kYxDomain;
            return std::nullopt;
        }
        answer_.answer.push_back({name, type::kCname, ttl_of(dname), octets});
        return type_ == type::kCname ? std::nullopt : std::optional(Name(NameView(octets)));
    }

    void refer(const Name& cut) {
        for (const Record& record : zone_.records) {
            if (record.owner != cut || record.type != type::kNs) {
                continue;
            }
            copy(record, cut, answer_.authority);
            for (const Record& address : zone_.records) {
                if (address.owner == target_of(record) &&
                    (address.type == type::kA || address.type == type::kAaaa)) {
                    copy(address, address.owner, answer_.additional);
                }
            }
        }
    }

    void negative(wire::Rcode rcode) {  // RFC 2308 §2, §3
        answer_.is_authoritative = true;
        answer_.rcode = rcode;
        for (Record record : zone_.records) {
            if (record.type == type::kSoa) {
                const std::uint8_t* minimum = &record.rdata[record.rdata.size() - 4];
                record.ttl_s = std::min(record.ttl_s, base::load_be32(minimum));
                answer_.authority.push_back(record);
            }
        }
    }

    [[nodiscard]] bool has(const Name& name, wire::Type wanted) const {
        return std::ranges::any_of(zone_.records, [&](const Record& record) {
            return record.type == wanted && record.owner == name;
        });
    }

    /// It owns records, or names below it do (RFC 4592 §2.2.2).
    [[nodiscard]] bool exists(const Name& name) const {
        return std::ranges::any_of(zone_.records, [&name](const Record& record) {
            return record.owner.view().is_at_or_below(name);
        });
    }

    /// An RRset's: the lowest of its records (RFC 2181 §5.2).
    [[nodiscard]] std::uint32_t ttl_of(const Record& record) const {
        std::uint32_t ttl_s = record.ttl_s;
        for (const Record& other : zone_.records) {
            if (other.type == record.type && other.owner == record.owner) {
                ttl_s = std::min(ttl_s, other.ttl_s);
            }
        }
        return ttl_s;
    }

    void copy(const Record& record, const Name& owner, std::vector<Record>& into) const {
        into.push_back({owner, record.type, ttl_of(record), record.rdata});
    }

    const Zone& zone_;
    wire::Type type_;
    Answer answer_;
};

}  // namespace

Answer answer(const Zone& zone, const Name& name, wire::Type type) {
    return Answerer(zone, type).run(name);
}

}  // namespace understudy::model
