#include <gtest/gtest.h>
#include <understudy/wire/nsec3.h>
#include <understudy/zone/builder.h>
#include <understudy/zone/change.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/octets.h"
#include "support/transfers.h"
#include "support/zone_views.h"
#include "support/zones.h"

// Random changes of random small zones of few labels, so that names collide in every way: each
// version must be what a builder makes of the same records, and each one before stay what it was.
namespace understudy::zone {
namespace {

using support::Bytes;
using support::OctetBuilder;
using support::Record;
using wire::Name;
namespace type = wire::type;

constexpr std::uint32_t kWorlds = 40;
constexpr std::size_t kRounds = 14;
constexpr std::size_t kMaxLiving = 4;

/// UNDERSTUDY_SEED, for runs with other zones; without it they are the same each time.
std::uint32_t first_seed() {
    const char* text = std::getenv("UNDERSTUDY_SEED");  // NOLINT(concurrency-mt-unsafe)
    return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : 1;
}

/// A step, kept.
struct Step {
    bool removes = false;
    Record record;
};

class Grammar {
  public:
    /// `hosts`: further names with an address, for tables of many pages.
    Grammar(std::uint32_t seed, std::size_t hosts) : random_(seed), hosts_(hosts) {}

    std::size_t pick(std::size_t below) { return random_() % below; }

    /// A name has always the same letters: which ones stay where it goes and comes is not said.
    std::string owner() {
        if (hosts_ > 0 && pick(8) != 0) {
            return "h" + std::to_string(pick(hosts_)) + (pick(4) == 0 ? ".a.z." : ".z.");
        }
        std::string text;
        for (std::size_t labels = pick(5); labels > 0; --labels) {
            text += std::array{"a.", "B.", "*."}[pick(3)];
        }
        return text + "z.";
    }

    std::string hash_label() {
        std::string label(wire::kNsec3LabelOctets, '0');
        label[0] = "0189av"[pick(6)];
        return label;
    }

    Record soa(std::uint32_t serial) {
        return {support::name("z."),
                type::kSoa,
                pick(2) == 0 ? 300U : 30U,
                OctetBuilder()
                    .name("a.z.")
                    .name("b.z.")
                    .u32(serial)
                    .u32(2)
                    .u32(3)
                    .u32(4)
                    .u32(60)
                    .bytes()};
    }

    Record record() {
        const std::uint32_t ttl_s = 100 + static_cast<std::uint32_t>(pick(2));
        const auto at = [&](const std::string& name, wire::Type of, Bytes rdata) {
            return Record{support::name(name), of, ttl_s, std::move(rdata)};
        };
        const std::string name = owner();
        const auto some = static_cast<unsigned>(pick(3));
        switch (pick(16)) {
            case 0:
            case 1:
            case 2:
                return at(name, type::kA, OctetBuilder().u32(some).bytes());
            case 3:
                return at(name, type::kAaaa, Bytes(16, static_cast<std::uint8_t>(some)));
            case 4: {
                Bytes text(1 + (pick(4) == 0 ? 255 : some), static_cast<std::uint8_t>(some));
                text[0] = static_cast<std::uint8_t>(text.size() - 1);
                return at(name, type::kTxt, text);
            }
            case 5:
                return at(name, pick(3) == 0 ? type::kCname : type::kTxt, target().bytes());
            case 6:
                return at(name, type::kDname, target().bytes());
            case 7:
                return at(name, type::kDs, OctetBuilder().u16(1).u8(8).u8(2).u8(some).bytes());
            case 8:
                return at(name, type::kMx, OctetBuilder().u16(some).raw(target().bytes()).bytes());
            case 9:
            case 10:
                return at(name, type::kNsec, OctetBuilder().name("z.").u16(1).u8(some).bytes());
            case 11:
                return at(pick(3) == 0 ? "z." : name,
                          type::kRrsig,
                          OctetBuilder()
                              .u16(std::array{type::kA, type::kSoa, type::kNsec}[some])
                              .raw(Bytes(16))
                              .name("z.")
                              .u8(static_cast<unsigned>(pick(2)))
                              .bytes());
            case 12:
                return at(hash_label() + (pick(8) == 0 ? ".a.z." : ".z."),
                          type::kNsec3,
                          OctetBuilder().raw(parameters()).u8(20).raw(Bytes(20)).bytes());
            case 13:
                return pick(3) == 0
                           ? at("z.", type::kNsec3Param, parameters())
                           : at("z.", type::kNsec, OctetBuilder().name("z.").u16(0).bytes());
            default:
                return at(name, type::kNs, target().bytes());
        }
    }

  private:
    /// A host in letters of any case; often one at or below some owner.
    OctetBuilder target() {
        std::string text = pick(6) == 0 ? "a.out." : owner();
        for (char& letter : text) {
            letter = pick(8) == 0 && letter >= 'a' ? static_cast<char>(letter - 32) : letter;
        }
        return OctetBuilder().name(text);
    }

    Bytes parameters() {
        return OctetBuilder().u8(1).u8(0).u16(static_cast<unsigned>(pick(2))).u8(1).u8(7).bytes();
    }

    std::mt19937 random_;
    std::size_t hosts_;
};

using Key = std::pair<Name, wire::Type>;

/// The RRset that a record belongs to, RRSIGs by what they cover.
std::pair<Key, unsigned> rrset_of(const Record& record) {
    const unsigned covered = record.type == type::kRrsig ? base::load_be16(record.rdata.data()) : 0;
    return {{record.owner, record.type}, covered};
}

/// The slow way: a list of records.
class Model {
  public:
    explicit Model(std::vector<Record> records) : records_(std::move(records)) {}

    [[nodiscard]] const std::vector<Record>& records() const { return records_; }

    /// False where a strict change may not take the step.
    bool take(const Step& step) {
        const auto at = std::ranges::find_if(records_, [&](const Record& record) {
            return record.owner == step.record.owner && record.type == step.record.type &&
                   record.rdata == step.record.rdata;
        });
        const bool is_there = at != records_.end();
        if (step.removes) {
            if (is_there) {
                records_.erase(at);
            }
            return is_there;
        }
        if (!is_there) {
            records_.push_back(step.record);
        }
        for (Record& record : records_) {
            if (rrset_of(record) == rrset_of(step.record)) {
                record.ttl_s = step.record.ttl_s;
            }
        }
        return !is_there;
    }

    /// Whether the records beside it let this one stand: RFC 1034 §3.6.2, RFC 6672 §2.4.
    [[nodiscard]] bool may_take(const Step& step) const {
        const auto is_alone = [](wire::Type of) {
            return of == type::kCname || of == type::kDname;
        };
        return std::ranges::none_of(records_, [&](const Record& other) {
            const bool is_one = is_alone(step.record.type) && other.type == step.record.type;
            const bool is_cname = step.record.type == type::kCname || other.type == type::kCname;
            return other.owner == step.record.owner && (is_one || is_cname);
        });
    }

    [[nodiscard]] base::Expected<std::unique_ptr<const Zone>> build() const {
        Builder builder(support::name("z."), support::kHashKey);
        for (const Record& record : records_) {
            EXPECT_TRUE(builder.add(record.owner, record.type, record.ttl_s, record.rdata));
        }
        return builder.build();
    }

  private:
    std::vector<Record> records_;
};

/// Some change of these records, as a primary would make it.
std::vector<Step> random_steps(Grammar& grammar, const Model& model, std::size_t most) {
    std::vector<Step> steps;
    if (grammar.pick(4) != 0) {
        const auto soa = std::ranges::find(model.records(), type::kSoa, &Record::type);
        steps.push_back({true, *soa});
        steps.push_back({false, grammar.soa(static_cast<std::uint32_t>(grammar.pick(1000)))});
    }
    const std::size_t count = grammar.pick(3) == 0 ? 1 : 1 + grammar.pick(most);
    const std::size_t removed_percent = 20 + grammar.pick(60);
    Model now = model;
    for (const Step& step : steps) {
        now.take(step);
    }
    for (std::size_t i = 0; i < count; ++i) {
        const bool removes = grammar.pick(100) < removed_percent && !now.records().empty();
        Step step{removes,
                  removes ? now.records()[grammar.pick(now.records().size())] : grammar.record()};
        if (removes && (step.record.type == type::kSoa ||
                        (step.record.type == type::kNs &&
                         step.record.owner == support::name("z.") && grammar.pick(8) != 0))) {
            continue;
        }
        const bool is_bold = grammar.pick(2 * most) == 0;  // faults, and what is not strict
        if (is_bold || ((removes || now.may_take(step)) && now.take(step))) {
            steps.push_back(std::move(step));
        }
    }
    return steps;
}

Change change_of(const Zone& base, const std::vector<Step>& steps) {
    Change change(base);
    for (const Step& step : steps) {
        const auto put = step.removes ? &Change::remove : &Change::add;
        EXPECT_TRUE((change.*put)(
            step.record.owner, step.record.type, step.record.ttl_s, step.record.rdata));
    }
    return change;
}

/// Every name of the small universe, and those of these records with what stands above them.
std::set<Name> names_of(const std::vector<Record>& records) {
    std::vector<std::string> texts{"z."};
    for (std::size_t first = 0, depth = 0; depth < 4; ++depth) {
        const std::size_t last = texts.size();
        for (; first < last; ++first) {
            for (const char* label : {"a.", "b.", "*."}) {
                texts.push_back(label + texts[first]);
            }
        }
    }
    std::set<Name> names;
    for (const std::string& text : texts) {
        names.insert(support::name(text));
    }
    for (const Record& record : records) {
        for (wire::NameView name = record.owner; name != support::name("z.").view();
             name = name.parent()) {
            names.emplace(name);
        }
    }
    return names;
}

void expect_same(const Zone& found, const Zone& expected, const std::set<Name>& names) {
    ASSERT_EQ(support::dump(found), support::dump(expected));
    ASSERT_EQ(support::view_of(found), support::view_of(expected));
    for (const Name& name : names) {
        ASSERT_EQ(support::view_of(found, name), support::view_of(expected, name));
    }
    for (const char label : {'0', '1', '4', '8', '9', 'a', 'b', 'v'}) {
        std::string text(wire::kNsec3LabelOctets, '0');
        text[0] = label;
        auto hash = *wire::nsec3_label_hash(OctetBuilder().text(text).bytes());
        ASSERT_EQ(support::nsec3_view_of(found, hash), support::nsec3_view_of(expected, hash));
        hash[19] = 1;
        ASSERT_EQ(support::nsec3_view_of(found, hash), support::nsec3_view_of(expected, hash));
    }
}

/// One zone's versions, side by side with the model.
class World {
  public:
    World(std::uint32_t seed, std::size_t hosts, std::size_t most_steps)
        : grammar_(seed, hosts), most_steps_(most_steps) {}

    void run(std::size_t rounds) {
        ASSERT_NO_FATAL_FAILURE(begin());
        for (std::size_t round = 0; round < rounds; ++round) {
            SCOPED_TRACE("round " + std::to_string(round));
            ASSERT_NO_FATAL_FAILURE(change());
            ASSERT_NO_FATAL_FAILURE(drop_some());
        }
    }

    [[nodiscard]] std::size_t changed() const { return changed_; }
    [[nodiscard]] std::size_t refused() const { return refused_; }

  private:
    struct Living {
        std::unique_ptr<const Zone> zone;
        Model model;
        std::vector<std::string> lines;
    };

    void begin() {
        Model model({grammar_.soa(1),
                     {support::name("z."), type::kNs, 300, OctetBuilder().name("a.z.").bytes()}});
        for (std::size_t left = 3 * grammar_.pick(most_steps_); left > 0; --left) {
            const Step step{false, grammar_.record()};
            if (model.may_take(step)) {
                model.take(step);
            }
        }
        auto zone = model.build();
        ASSERT_TRUE(zone) << zone.error().message;
        keep(*std::move(zone));
    }

    void keep(std::unique_ptr<const Zone> zone) {
        std::vector<Record> records = support::records_of(*zone);
        records.pop_back();  // the SOA again
        Model model(std::move(records));
        std::vector<std::string> lines = support::dump(*zone);
        living_.push_back({std::move(zone), std::move(model), std::move(lines)});
    }

    void change() {
        const Living& base = living_.back();
        const std::vector<Step> steps = random_steps(grammar_, base.model, most_steps_);
        Model model = base.model;
        bool is_strict = true;
        for (const Step& step : steps) {
            is_strict = model.take(step) && is_strict;
        }
        const Strictness strictness =
            grammar_.pick(2) == 0 ? Strictness::kStrict : Strictness::kLenient;
        const std::size_t before = BlockStore::process().usage().live_octets;
        auto made = apply(*base.zone, change_of(*base.zone, steps), strictness);
        if (!made) {
            ASSERT_EQ(BlockStore::process().usage().live_octets, before);
        }
        auto expected = model.build();
        const bool is_good = expected && (is_strict || strictness == Strictness::kLenient);
        ASSERT_EQ(made.has_value(), is_good) << (made ? "" : made.error().message);
        ++(made ? changed_ : refused_);
        if (!made) {
            if (!expected && is_strict) {
                ASSERT_EQ(made.error().message.empty(), false);
            }
            ASSERT_EQ(support::dump(*base.zone), base.lines);
            return;
        }
        std::set<Name> names = names_of(base.model.records());
        names.merge(names_of(model.records()));
        ASSERT_NO_FATAL_FAILURE(expect_same(**made, **expected, names));
        ASSERT_NO_FATAL_FAILURE(expect_differences(base, **made, **expected, names));
        keep(*std::move(made));
    }

    /// Between versions that share pages, and between zones that share nothing.
    static void expect_differences(const Living& base,
                                   const Zone& made,
                                   const Zone& rebuilt,
                                   const std::set<Name>& names) {
        for (const Zone* to : {&made, &rebuilt}) {
            const auto copy = base.model.build();
            ASSERT_TRUE(copy);
            const auto there = apply(**copy, diff(*base.zone, *to));
            ASSERT_TRUE(there) << there.error().message;
            ASSERT_NO_FATAL_FAILURE(expect_same(**there, rebuilt, names));
            const auto back = apply(**there, diff(*to, *base.zone));
            ASSERT_TRUE(back) << back.error().message;
            ASSERT_EQ(support::dump(**back), base.lines);
            ASSERT_TRUE(diff(**back, *base.zone).is_empty());
        }
    }

    /// The oldest, one between, or the newest, whose next version is made of the one before it.
    void drop_some() {
        while (living_.size() > kMaxLiving || (living_.size() > 1 && grammar_.pick(3) == 0)) {
            living_.erase(living_.begin() +
                          static_cast<std::ptrdiff_t>(grammar_.pick(living_.size())));
        }
        for (const Living& one : living_) {
            ASSERT_EQ(support::dump(*one.zone), one.lines);
        }
    }

    Grammar grammar_;
    std::size_t most_steps_;
    std::vector<Living> living_;
    std::size_t changed_ = 0;
    std::size_t refused_ = 0;
};

void expect_worlds(std::uint32_t count,
                   std::size_t hosts,
                   std::size_t most_steps,
                   std::size_t rounds) {
    const std::size_t before = BlockStore::process().usage().live_octets;
    std::size_t changed = 0;
    std::size_t refused = 0;
    for (std::uint32_t seed = first_seed(); seed < first_seed() + count; ++seed) {
        SCOPED_TRACE("UNDERSTUDY_SEED=" + std::to_string(seed));
        {
            World world(seed, hosts, most_steps);
            ASSERT_NO_FATAL_FAILURE(world.run(rounds));
            changed += world.changed();
            refused += world.refused();
        }
        ASSERT_EQ(BlockStore::process().usage().live_octets, before);
    }
    std::printf("%zu changes, %zu refused\n", changed, refused);
    EXPECT_GT(changed, count * rounds / 4);
}

TEST(Change, OfSmallZonesIsWhatABuilderMakes) { expect_worlds(kWorlds, 0, 12, kRounds); }

TEST(Change, OfTablesOfManyPagesIsWhatABuilderMakes) { expect_worlds(2, 1000, 500, 5); }

}  // namespace
}  // namespace understudy::zone
