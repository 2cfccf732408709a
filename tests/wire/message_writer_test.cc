#include <gtest/gtest.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/rdata.h>
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "support/octets.h"

namespace understudy::wire {
namespace {

using support::Bytes;
using support::OctetBuilder;

constexpr std::size_t kMaxPointerTarget = 0x3FFF;

Bytes name_octets(std::string_view text) { return OctetBuilder().name(text).bytes(); }

/// A buffer that holds a header, the question `text` A IN and room for the rest.
struct Buffer {
    Bytes octets;
    std::size_t question_end;

    explicit Buffer(std::string_view text, std::size_t size = kMaxMessageOctets) {
        OctetBuilder question;
        question.raw(Bytes(kHeaderOctets, 0xEE)).name(text).u16(type::kA).u16(klass::kIn);
        question_end = question.size();
        octets = question.bytes();
        octets.resize(size, 0xEE);
    }

    [[nodiscard]] MessageWriter writer(CompressionCase compression = CompressionCase::kFold) {
        return {octets, question_end, octets.size(), compression};
    }
};

bool add(MessageWriter& writer,
         std::string_view owner,
         Type type,
         const Bytes& rdata,
         Section section = Section::kAnswer) {
    return writer.record(section, support::name(owner), type, klass::kIn, 300, rdata);
}

/// Every record behind the question, read by the reader: owner, type and uncompressed rdata.
using Record = std::tuple<std::string, Type, Bytes>;
std::vector<Record> read_back(const Bytes& buffer, std::size_t start, std::size_t size) {
    const Bytes message = support::head_of(buffer, size);
    Reader in(message, start);
    std::vector<Record> records;
    RecordHead head;
    while (in.remaining() > 0) {
        Bytes rdata;
        if (!in.record(head) || !read_rdata(message, head, rdata)) {
            ADD_FAILURE() << "malformed at " << in.offset();
            break;
        }
        records.emplace_back(head.owner.view().to_text(), head.type, rdata);
    }
    return records;
}

TEST(MessageWriter, WritesTheOctetsThatDnspythonWrites) {
    const Bytes expected = support::from_hex(
        "1234840000010004000400020377777703737562076578616d706c6500000100"
        "01c00c000500010000012c000704686f7374c010c02d000100010000012c0004"
        "c0000201c02d000f00010000012c0009000a046d61696cc02dc02d0027000100"
        "00012c001204686f737403737562076578616d706c6500c01000020001000001"
        "2c0005026e73c010c010000200010000012c000a026e73056f7468657200c014"
        "000600010000003c001ec0830561646d696ec097000000010000000200000003"
        "00000004000000050000020001000000010002c097c083000100010000012c00"
        "04c0000202c094001c00010000012c001020010db80000000000000000000000"
        "01");
    Buffer buffer("www.sub.example.");
    MessageWriter writer = buffer.writer();
    const auto put = [&writer](Section section,
                               std::string_view owner,
                               Type type,
                               std::uint32_t ttl_s,
                               const Bytes& rdata) {
        EXPECT_TRUE(writer.record(section, support::name(owner), type, klass::kIn, ttl_s, rdata));
    };
    const char* host = "host.sub.example.";
    const Bytes mail = OctetBuilder().u16(10).name("mail.host.sub.example.").bytes();
    const Bytes soa = OctetBuilder()
                          .name("ns.sub.example.")
                          .name("admin.other.")
                          .raw(support::from_hex("00000001 00000002 00000003 00000004 00000005"))
                          .bytes();
    put(Section::kAnswer, "www.sub.example.", type::kCname, 300, name_octets("host.SUB.example."));
    put(Section::kAnswer, host, type::kA, 300, support::from_hex("c0000201"));
    put(Section::kAnswer, host, type::kMx, 300, mail);
    put(Section::kAnswer, host, type::kDname, 300, name_octets(host));
    put(Section::kAuthority, "sub.example.", type::kNs, 300, name_octets("ns.sub.example."));
    put(Section::kAuthority, "sub.example.", type::kNs, 300, name_octets("ns.other."));
    put(Section::kAuthority, "example.", type::kSoa, 60, soa);
    put(Section::kAuthority, ".", type::kNs, 1, name_octets("other."));
    put(Section::kAdditional, "ns.sub.example.", type::kA, 300, support::from_hex("c0000202"));
    put(Section::kAdditional,
        "ns.other.",
        type::kAaaa,
        300,
        support::from_hex("20010db8000000000000000000000001"));
    EXPECT_EQ(writer.count(Section::kAnswer), 4);
    EXPECT_EQ(writer.count(Section::kAuthority), 4);
    EXPECT_EQ(writer.count(Section::kAdditional), 2);
    const std::size_t size = writer.finish(0x1234, flag::kQr | flag::kAa);
    EXPECT_EQ(support::head_of(buffer.octets, size), expected);
}

TEST(MessageWriter, CompressesAcrossCaseOnlyWhenFolding) {
    for (const auto compression : {CompressionCase::kFold, CompressionCase::kExact}) {
        Buffer buffer("WWW.Example.");
        MessageWriter writer = buffer.writer(compression);
        ASSERT_TRUE(add(writer, "www.example.", type::kNs, name_octets("www.EXAMPLE.")));
        ASSERT_TRUE(add(writer, "WWW.Example.", type::kNs, name_octets("www.example.")));
        const bool fold = compression == CompressionCase::kFold;
        const char* question = "WWW.Example.";
        EXPECT_EQ(read_back(buffer.octets, buffer.question_end, writer.size()),
                  (std::vector<Record>{
                      {fold ? question : "www.example.",
                       type::kNs,
                       name_octets(fold ? question : "www.EXAMPLE.")},
                      {question, type::kNs, name_octets(fold ? question : "www.example.")}}));
        // Pointers alone, or: two names in full, then two pointers.
        EXPECT_EQ(writer.size() - buffer.question_end, fold ? 28U : 10U + 13 + 13 + 10 + 2 + 2);
    }
}

TEST(MessageWriter, WritesWholeNamesIntoOtherTypes) {
    Buffer buffer("a.example.");
    MessageWriter writer = buffer.writer();
    const Bytes target = OctetBuilder().raw(Bytes(6)).name("a.example.").bytes();
    ASSERT_TRUE(add(writer, "a.example.", type::kSrv, target));
    EXPECT_EQ(writer.size() - buffer.question_end, 2U + 10 + target.size());
    // A name within such rdata is not pointed at either.
    const Bytes other = OctetBuilder().raw(Bytes(6)).name("b.other.").bytes();
    ASSERT_TRUE(add(writer, "a.example.", type::kSrv, other));
    const std::size_t before = writer.size();
    ASSERT_TRUE(add(writer, "b.other.", type::kA, Bytes(4)));
    EXPECT_EQ(writer.size() - before, 9U + 10 + 4);
}

TEST(MessageWriter, ReadsBackWhatWentIn) {
    for (const auto compression : {CompressionCase::kFold, CompressionCase::kExact}) {
        Buffer buffer(".");
        MessageWriter writer = buffer.writer(compression);
        std::vector<Record> expected;
        std::uint32_t random = 1;
        const auto next = [&random](std::uint32_t below) {
            random = random * 1664525U + 1013904223U;
            return (random >> 16U) % below;
        };
        const auto random_name = [&next]() {
            std::string text;
            for (std::uint32_t labels = next(5); labels > 0; --labels) {
                text += std::string(1 + next(3), static_cast<char>('a' + next(3))) + ".";
            }
            return text.empty() ? std::string(".") : text;
        };
        const auto octets_before_name = [](Type type) -> std::size_t {
            if (type == type::kMx) {
                return 2;
            }
            return type == type::kSrv ? 6 : 0;
        };
        for (int i = 0; i < 400; ++i) {
            const std::string owner = random_name();
            const Type type = std::array{type::kNs, type::kMx, type::kSoa, type::kSrv}[next(4)];
            OctetBuilder rdata;
            rdata.raw(Bytes(octets_before_name(type))).name(random_name());
            if (type == type::kSoa) {
                rdata.name(random_name()).raw(Bytes(20));
            }
            ASSERT_TRUE(add(writer, owner, type, rdata.bytes()));
            expected.emplace_back(owner, type, rdata.bytes());
        }
        EXPECT_EQ(read_back(buffer.octets, buffer.question_end, writer.size()), expected);
    }
}

TEST(MessageWriter, WritesMoreNamesThanItRemembers) {
    Buffer buffer("example.");
    MessageWriter writer = buffer.writer();
    std::vector<Record> expected;
    for (int turn = 0; turn < 2; ++turn) {
        for (int i = 0; i < 300; ++i) {
            const std::string owner = "h" + std::to_string(i) + ".example.";
            ASSERT_TRUE(add(writer, owner, type::kA, Bytes(4)));
            expected.emplace_back(owner, type::kA, Bytes(4));
        }
    }
    EXPECT_EQ(read_back(buffer.octets, buffer.question_end, writer.size()), expected);
}

TEST(MessageWriter, NeverPointsBeyond3FFF) {
    // An owner is put at each offset around the border; then it is written again.
    for (std::size_t at = kMaxPointerTarget - 8; at <= kMaxPointerTarget + 2; ++at) {
        Buffer buffer(".");
        MessageWriter writer = buffer.writer();
        const std::size_t filler = at - writer.size() - 11;
        ASSERT_TRUE(add(writer, ".", type::kTxt, Bytes(filler)));
        ASSERT_EQ(writer.size(), at);
        ASSERT_TRUE(add(writer, "ab.cd.", type::kA, Bytes(4)));
        const std::size_t before = writer.size();
        ASSERT_TRUE(add(writer, "ab.cd.", type::kA, Bytes(4)));
        const std::size_t owner = writer.size() - before - 14;
        EXPECT_EQ(owner, at <= kMaxPointerTarget ? 2U : 7U) << at;
        const auto records = read_back(buffer.octets, at, writer.size());
        ASSERT_EQ(records.size(), 2U);
        EXPECT_EQ(std::get<0>(records[0]), "ab.cd.");
        EXPECT_EQ(records[0], records[1]);
    }
}

TEST(MessageWriter, RefusesWhatDoesNotFitAndIsAsBefore) {
    Buffer whole("a.example.");
    MessageWriter first = whole.writer();
    const Bytes rdata = OctetBuilder().u16(1).name("mail.a.example.").bytes();
    ASSERT_TRUE(add(first, "b.example.", type::kMx, rdata));
    const std::size_t needed = first.size();
    for (std::size_t limit = whole.question_end; limit <= needed; ++limit) {
        Buffer buffer("a.example.", limit);
        MessageWriter writer = buffer.writer();
        const bool fits = limit == needed;
        EXPECT_EQ(add(writer, "b.example.", type::kMx, rdata), fits) << limit;
        EXPECT_EQ(writer.size(), fits ? needed : buffer.question_end);
        EXPECT_EQ(writer.count(Section::kAnswer), fits ? 1 : 0);
    }
}

TEST(MessageWriter, HoldsToItsLimitInALargerBuffer) {
    Buffer buffer("a.", 100);
    MessageWriter writer(buffer.octets, buffer.question_end, buffer.question_end + 16);
    EXPECT_FALSE(add(writer, "a.", type::kTxt, Bytes(5)));
    EXPECT_TRUE(add(writer, "a.", type::kTxt, Bytes(4)));
    EXPECT_FALSE(add(writer, ".", type::kTxt, {}));
    EXPECT_EQ(buffer.octets[writer.size()], 0xEE);
}

TEST(MessageWriter, RollsBackSizeCountsAndNames) {
    Buffer buffer("example.");
    MessageWriter writer = buffer.writer();
    ASSERT_TRUE(add(writer, "a.example.", type::kA, Bytes(4)));
    const MessageWriter::Mark mark = writer.mark();
    const Bytes before = support::head_of(buffer.octets, writer.size());
    ASSERT_TRUE(add(writer, "gone.example.", type::kNs, name_octets("ns.gone.example.")));
    ASSERT_TRUE(add(writer, "gone.example.", type::kA, Bytes(4), Section::kAdditional));
    writer.rollback(mark);
    EXPECT_EQ(writer.size(), before.size());
    EXPECT_EQ(writer.count(Section::kAnswer), 1);
    EXPECT_EQ(writer.count(Section::kAdditional), 0);
    EXPECT_EQ(support::head_of(buffer.octets, before.size()), before);
    // What was rolled back is not pointed at: its octets are gone.
    ASSERT_TRUE(add(writer, "other.", 65280, Bytes(40, 0xAA)));
    ASSERT_TRUE(add(writer, "gone.example.", type::kA, Bytes(4)));
    EXPECT_EQ(std::get<0>(read_back(buffer.octets, buffer.question_end, writer.size()).back()),
              "gone.example.");
}

TEST(MessageWriter, AFailedRecordLeavesNoNamesBehind) {
    // The owner fits, the rdata does not.
    Buffer buffer("example.", 80);
    MessageWriter writer = buffer.writer();
    ASSERT_FALSE(add(writer, "gone.example.", type::kTxt, Bytes(60)));
    ASSERT_TRUE(add(writer, "x.", type::kTxt, Bytes(5)));
    ASSERT_TRUE(add(writer, "gone.example.", type::kA, Bytes(4)));
    EXPECT_EQ(std::get<0>(read_back(buffer.octets, buffer.question_end, writer.size()).back()),
              "gone.example.");
}

TEST(MessageWriter, KeepsWhatIsReserved) {
    Buffer buffer(".", kHeaderOctets + 5 + 15 + 11);
    MessageWriter writer = buffer.writer();
    writer.reserve(11);
    EXPECT_FALSE(add(writer, ".", type::kTxt, Bytes(5)));
    EXPECT_TRUE(add(writer, ".", type::kTxt, Bytes(4)));
    EXPECT_FALSE(writer.opt(1232, Rcode::kNoError, false, {}));
    EXPECT_EQ(writer.count(Section::kAdditional), 0);
    writer.reserve(0);
    EXPECT_FALSE(writer.opt(1232, Rcode::kNoError, false, Bytes(1)));
    EXPECT_TRUE(writer.opt(1232, Rcode::kNoError, false, {}));
    EXPECT_EQ(writer.size(), buffer.octets.size());
    // More may be reserved than there is.
    writer.reserve(SIZE_MAX / 2);
    EXPECT_FALSE(add(writer, ".", type::kTxt, {}));
}

TEST(MessageWriter, WritesAnOpt) {
    Buffer buffer(".");
    MessageWriter writer = buffer.writer();
    ASSERT_TRUE(writer.opt(1232, Rcode::kBadVers, true, support::from_hex("00030000")));
    EXPECT_EQ(writer.count(Section::kAdditional), 1);
    const auto opt = base::Octets(buffer.octets).first(writer.size()).subspan(buffer.question_end);
    EXPECT_TRUE(std::ranges::equal(opt, support::from_hex("00 0029 04d0 01008000 0004 00030000")));
}

TEST(MessageWriter, WritesTheHeaderLast) {
    Buffer buffer("a.");
    MessageWriter writer = buffer.writer();
    ASSERT_TRUE(add(writer, "a.", type::kA, Bytes(4), Section::kAuthority));
    EXPECT_EQ(writer.finish(0xBEEF, 0x8583), writer.size());
    EXPECT_EQ(support::head_of(buffer.octets, kHeaderOctets),
              support::from_hex("beef 8583 0001 0000 0001 0000"));
    Bytes octets(kHeaderOctets, 0xEE);
    MessageWriter bare(octets, kHeaderOctets, octets.size());
    EXPECT_EQ(bare.finish(1, 0x8001), kHeaderOctets);
    EXPECT_EQ(octets, support::from_hex("0001 8001 0000 0000 0000 0000"));
}

TEST(MessageWriter, TakesTheLongestNames) {
    const std::string label(63, 'a');
    const std::string longest =
        label + "." + label + "." + label + "." + std::string(61, 'b') + ".";
    std::string deepest;
    for (std::size_t i = 0; i < kMaxLabels; ++i) {
        deepest += "x.";
    }
    Buffer buffer(longest);
    MessageWriter writer = buffer.writer();
    ASSERT_TRUE(add(writer, longest, type::kNs, name_octets(deepest)));
    ASSERT_TRUE(add(writer, deepest, type::kNs, name_octets(longest)));
    EXPECT_EQ(read_back(buffer.octets, buffer.question_end, writer.size()),
              (std::vector<Record>{{longest, type::kNs, name_octets(deepest)},
                                   {deepest, type::kNs, name_octets(longest)}}));
}

}  // namespace
}  // namespace understudy::wire
