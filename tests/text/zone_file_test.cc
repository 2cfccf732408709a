#include <gtest/gtest.h>
#include <understudy/text/record_text.h>
#include <understudy/text/zone_file.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace understudy::text {
namespace {

namespace fs = std::filesystem;

/// What a reading gives: records as text, faults as text.
struct Outcome {
    std::vector<std::string> records;
    std::vector<std::string> faults;
    std::vector<std::size_t> lines;

    RecordSink sink() {
        return [this](const ZoneRecord& record) -> base::Expected<void> {
            EXPECT_EQ(wire::name_length(record.owner.octets()), record.owner.size());
            records.push_back(
                record_text(record.owner, record.type, record.klass, record.ttl_s, record.rdata));
            lines.push_back(record.line);
            return {};
        };
    }

    void take(const std::vector<base::Fault>& found) {
        for (const auto& fault : found) {
            faults.push_back(fault.to_string());
        }
    }
};

wire::Name origin() { return wire::Name::from_text("example").value(); }

Outcome read_text(std::string_view text) {
    Outcome outcome;
    outcome.take(parse_zone_text(text, "zone", origin(), 77, outcome.sink()));
    return outcome;
}

using Lines = std::vector<std::string>;

TEST(ZoneText, ReadsDirectivesAndDefaults) {
    const auto outcome = read_text(R"(
@ SOA ns hostmaster 1 2 3 4 5
a A 192.0.2.1
  300 A 192.0.2.2
$TTL 1h
b IN AAAA 2001:db8::1
$ORIGIN sub.example.
c 5 IN CNAME @
\046d.e\.f MX 10 g.
)");
    EXPECT_EQ(outcome.faults, Lines{});
    EXPECT_EQ(outcome.records,
              (Lines{"example. 77 IN SOA ns.example. hostmaster.example. 1 2 3 4 5",
                     "a.example. 77 IN A 192.0.2.1",
                     "a.example. 300 IN A 192.0.2.2",
                     "b.example. 3600 IN AAAA 2001:db8::1",
                     "c.sub.example. 5 IN CNAME sub.example.",
                     R"(\.d.e\.f.sub.example. 3600 IN MX 10 g.)"}));
}

TEST(ZoneText, ReadsTheRoot) {
    Outcome outcome;
    outcome.take(
        parse_zone_text("@ NS a\na A 192.0.2.1", "z", wire::NameView(), 1, outcome.sink()));
    EXPECT_EQ(outcome.records, (Lines{". 1 IN NS a.", "a. 1 IN A 192.0.2.1"}));
}

TEST(ZoneText, ReadsUnknownTypes) {
    const auto outcome =
        read_text("a TYPE65280 \\# 3 0102ff\nb TYPE1 \\# 4 C0000201\nc TYPE9 \\# 0\n");
    EXPECT_EQ(outcome.faults, Lines{});
    EXPECT_EQ(outcome.records,
              (Lines{"a.example. 77 IN TYPE65280 \\# 3 0102FF",
                     "b.example. 77 IN A 192.0.2.1",
                     "c.example. 77 IN TYPE9 \\# 0"}));
}

TEST(ZoneText, ReadsParenthesesAndQuotes) {
    const auto outcome = read_text("a TXT ( \"x;y\" ; comment\n  z )\nb TXT \"\\\"\\\\\\200\"\n");
    EXPECT_EQ(outcome.faults, Lines{});
    EXPECT_EQ(outcome.records,
              (Lines{R"(a.example. 77 IN TXT "x;y" "z")", R"(b.example. 77 IN TXT "\"\\\200")"}));
    EXPECT_EQ(outcome.lines, (std::vector<std::size_t>{2, 3}));
}

TEST(ZoneText, NeedsNoFinalNewline) {
    EXPECT_EQ(read_text("a A 192.0.2.1\nb A 192.0.2.2").records.size(), 2U);
    EXPECT_EQ(read_text("a TXT x\\").faults.size(), 1U);
    EXPECT_EQ(read_text("").records.size(), 0U);
    EXPECT_EQ(read_text({}).faults, Lines{});
}

TEST(ZoneText, TakesTheLargestRdataAndNoLarger) {
    const auto txt = [](std::size_t strings, std::size_t last) {
        std::string text = "a TXT";
        for (std::size_t i = 0; i < strings; ++i) {
            text += " " + std::string(255, 'x');
        }
        return text + " " + std::string(last, 'y') + "\nb A 192.0.2.1\n";
    };
    // 255 strings of 256 octets and one of 255 octets: 65535.
    EXPECT_EQ(read_text(txt(255, 254)).records.size(), 2U);
    const auto outcome = read_text(txt(255, 255));
    EXPECT_EQ(outcome.records.size(), 1U);
    ASSERT_EQ(outcome.faults.size(), 1U);
    EXPECT_TRUE(outcome.faults[0].starts_with("zone:1:65541: ")) << outcome.faults[0];
}

TEST(ZoneText, TakesTheLongestOrigin) {
    std::string text;
    for (int i = 0; i < 127; ++i) {
        text += "\\255.";
    }
    const auto longest = wire::Name::from_text(text).value();
    ASSERT_EQ(longest.view().size(), wire::kMaxNameOctets);
    Outcome outcome;
    outcome.take(parse_zone_text("@ A 192.0.2.1\na A 192.0.2.1", "z", longest, 1, outcome.sink()));
    EXPECT_EQ(outcome.records.size(), 1U);
    ASSERT_EQ(outcome.faults.size(), 1U);
    EXPECT_TRUE(outcome.faults[0].starts_with("z:2:2: ")) << outcome.faults[0];
}

TEST(ZoneText, NamesThePlaceOfEveryFaultAndGoesOn) {
    const auto outcome = read_text(R"(a A 192.0.2.1
b A 192.0.2.256
c NOSUCH x
d MX (
  10
  a..b ) ; comment
e A 192.0.2.1
f A)");
    EXPECT_EQ(outcome.faults,
              (Lines{"zone:2:16: invalid IPv4 address in 'b A 192.0.2.256'",
                     "zone:3:4: unsupported record type in 'c NOSUCH x'",
                     "zone:6:5: invalid domain name character in '  a..b ) ; comment'",
                     "zone:8:4: invalid address character in 'f A'"}));
    EXPECT_EQ(outcome.records.size(), 2U);
}

TEST(ZoneText, QuotesFaultyTextPrintably) {
    const auto outcome = read_text("a A \x01\x80" + std::string(100, 'x') + "\n");
    ASSERT_EQ(outcome.faults.size(), 1U);
    EXPECT_TRUE(outcome.faults[0].ends_with(" in 'a A ??" + std::string(34, 'x') + "...'"))
        << outcome.faults[0];
}

TEST(ZoneText, SaysThatAParenthesisIsOpenAtTheEnd) {
    EXPECT_EQ(read_text("a A 192.0.2.1\nb TXT ( x\n").faults.size(), 1U);
    EXPECT_EQ(read_text("a A 192.0.2.1\nb TXT ( x").faults.size(), 1U);
}

TEST(ZoneText, StopsAtAFaultyDirective) {
    const auto outcome = read_text("$ORIGIN a..\nb A 192.0.2.1\nc A bad\n");
    EXPECT_EQ(outcome.faults.size(), 1U);
    EXPECT_EQ(outcome.records, Lines{});
}

TEST(ZoneText, StopsAfterTheLimitOfFaults) {
    std::string text;
    for (std::size_t i = 0; i < 2 * kMaxZoneFileFaults; ++i) {
        text += "a A bad\n";
    }
    EXPECT_EQ(read_text(text).faults.size(), kMaxZoneFileFaults);
}

TEST(ZoneText, ReportsWhatTheSinkRefuses) {
    const auto faults = parse_zone_text("a A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\n",
                                        "z",
                                        origin(),
                                        1,
                                        [](const ZoneRecord& record) -> base::Expected<void> {
                                            if (record.line == 2) {
                                                return base::fail("no such record, please");
                                            }
                                            return {};
                                        });
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].to_string(), "z:2: no such record, please");
}

TEST(ZoneText, DoesNotInclude) {
    const auto outcome = read_text("$INCLUDE /etc/hostname\na A 192.0.2.1\n");
    EXPECT_EQ(outcome.faults, Lines{"zone:1: $INCLUDE: not possible here"});
    EXPECT_EQ(outcome.records.size(), 1U);
}

class ZoneFile : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "zone_file_test.XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string path(const std::string& name) const {
        return (folder_ / name).string();
    }

    void write(const std::string& name, std::string_view text) const {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }

    Outcome read(const std::string& name) const {
        Outcome outcome;
        outcome.take(parse_zone_file(path(name), origin(), 77, outcome.sink()));
        return outcome;
    }

  private:
    fs::path folder_;
};

TEST_F(ZoneFile, IncludesRelativeToTheIncludingFile) {
    write("main", "$TTL 9\n$INCLUDE sub/one one.example.\nz A 192.0.2.9\n");
    write("sub/one",
          "a A 192.0.2.1\n$TTL 5\n$ORIGIN deep.example.\n$INCLUDE \"two\"\nb A 192.0.2.3\n");
    write("sub/two", "c A 192.0.2.2");
    const auto outcome = read("main");
    EXPECT_EQ(outcome.faults, Lines{});
    EXPECT_EQ(outcome.records,
              (Lines{"a.one.example. 9 IN A 192.0.2.1",
                     "c.deep.example. 5 IN A 192.0.2.2",
                     "b.deep.example. 5 IN A 192.0.2.3",
                     "z.example. 9 IN A 192.0.2.9"}));
}

TEST_F(ZoneFile, NamesTheIncludedFileInFaultsAndGoesOn) {
    write("main", "$INCLUDE part\na A bad\n$INCLUDE missing\nb A bad\n");
    write("part", "\nc A bad\n$TTL bad\nd A bad\n");
    const auto outcome = read("main");
    ASSERT_EQ(outcome.faults.size(), 5U);
    EXPECT_TRUE(outcome.faults[0].starts_with(path("part") + ":2:5: ")) << outcome.faults[0];
    EXPECT_TRUE(outcome.faults[1].starts_with(path("part") + ":3:6: ")) << outcome.faults[1];
    EXPECT_TRUE(outcome.faults[2].starts_with(path("main") + ":2:5: ")) << outcome.faults[2];
    EXPECT_EQ(outcome.faults[3],
              path("main") + ":3: $INCLUDE: " + path("missing") + ": No such file or directory");
    EXPECT_TRUE(outcome.faults[4].starts_with(path("main") + ":4:5: ")) << outcome.faults[4];
}

TEST_F(ZoneFile, EndsALoopOfInclusion) {
    write("main", "a A 192.0.2.1\n$INCLUDE other\n");
    write("other", "$INCLUDE main\n");
    const auto outcome = read("main");
    ASSERT_EQ(outcome.faults.size(), 1U);
    EXPECT_TRUE(outcome.faults[0].ends_with("does a file include itself?")) << outcome.faults[0];
}

TEST_F(ZoneFile, ABranchingLoopEndsToo) {
    write("main", "$INCLUDE main\n$INCLUDE main\n");
    EXPECT_EQ(read("main").faults.size(), kMaxZoneFileFaults);
}

TEST_F(ZoneFile, SaysWhyAFileCannotBeRead) {
    EXPECT_EQ(read("missing").faults, Lines{path("missing") + ": No such file or directory"});
    fs::create_directory(path("folder"));
    EXPECT_EQ(read("folder").faults, Lines{path("folder") + ": not a regular file"});
    write("empty", "");
    EXPECT_EQ(read("empty").faults, Lines{});
}

TEST_F(ZoneFile, RefusesDosNewlinesOnce) {
    write("dos", "a A 192.0.2.1\r\nb A 192.0.2.1\r\n");
    const auto outcome = read("dos");
    ASSERT_EQ(outcome.faults.size(), 1U);
    EXPECT_TRUE(outcome.faults[0].starts_with(path("dos") + ":1:14: ")) << outcome.faults[0];
}

}  // namespace
}  // namespace understudy::text
