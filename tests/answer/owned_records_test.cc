#include <gtest/gtest.h>
#include <understudy/wire/name.h>
#include <understudy/wire/reader.h>
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "answer/owned_records.h"
#include "support/octets.h"
#include "support/zones.h"

namespace understudy::answer {
namespace {

using support::Bytes;
namespace type = wire::type;

constexpr std::uint32_t kTtl = 77;

/// The owners and sizes of the records under `owner` when they stand at `offset` behind a question
/// for `asked`: "ns.example. 16" for each.
std::vector<std::string> written(std::string_view apex,
                                 std::string_view zone_text,
                                 std::string_view owner,
                                 std::string_view asked,
                                 std::size_t offset) {
    const auto zone = support::make_small_zone(apex, zone_text);
    const wire::Name question = support::name(asked);
    const auto node = zone->find(zone::NameKey(support::name(owner), support::kHashKey));
    const auto rrset = node->stored().find(type::kTxt);
    const OwnedRecords records(
        *node, *rrset, zone::NameKey(question, support::kHashKey), zone->apex_labels(), offset);
    Bytes message(offset + records.octets());
    std::ranges::copy(question.view().octets(), message.begin() + wire::kHeaderOctets);
    records.write(&message[offset], kTtl);

    std::vector<std::string> seen;
    wire::Reader reader(message, offset);
    for (std::size_t i = 0; i < records.count(); ++i) {
        const std::size_t begin = reader.offset();
        wire::RecordHead head;
        EXPECT_TRUE(reader.record(head));
        EXPECT_EQ(head.ttl_s, kTtl);
        seen.push_back(head.owner.view().to_text() + ' ' +
                       std::to_string(head.rdata_offset - begin));
    }
    EXPECT_EQ(reader.remaining(), 0U);
    return seen;
}

using Owners = std::vector<std::string>;

constexpr const char* kTwo = "a.b TXT x\na.b TXT y\n";

TEST(OwnedRecords, PointAtWhatTheQuestionHas) {
    // A pointer and the fixed fields are 12 octets.
    EXPECT_EQ(written("example.", kTwo, "a.b.example.", "A.B.example.", 100),
              (Owners{"A.B.example. 12", "A.B.example. 12"}));
    EXPECT_EQ(written("example.", kTwo, "a.b.example.", "x.a.b.example.", 100),
              (Owners{"a.b.example. 12", "a.b.example. 12"}));
    EXPECT_EQ(written("example.", kTwo, "a.b.example.", "x.b.example.", 100),
              (Owners{"a.b.example. 14", "a.b.example. 12"}));
    EXPECT_EQ(written("example.", kTwo, "a.b.example.", "a.c.example.", 100),
              (Owners{"a.b.example. 16", "a.b.example. 12"}));
    EXPECT_EQ(written("example.", kTwo, "a.b.example.", "example.", 100),
              (Owners{"a.b.example. 16", "a.b.example. 12"}));
}

TEST(OwnedRecords, ComparesWholeLabels) {
    EXPECT_EQ(written("example.", "ab TXT x\n", "ab.example.", "b.example.", 100),
              Owners{"ab.example. 15"});
    EXPECT_EQ(written("example.", "b.b TXT x\n", "b.b.example.", "x.b.b.b.example.", 100),
              Owners{"b.b.example. 12"});
}

TEST(OwnedRecords, RepeatTheOwnerOutOfReach) {
    EXPECT_EQ(written("example.", kTwo, "a.b.example.", "x.example.", 0x3FFF),
              (Owners{"a.b.example. 16", "a.b.example. 12"}));
    EXPECT_EQ(written("example.", kTwo, "a.b.example.", "x.example.", 0x4000),
              (Owners{"a.b.example. 16", "a.b.example. 16"}));
}

TEST(OwnedRecords, EndInTheRootsOctet) {
    EXPECT_EQ(written(".", kTwo, "a.b.", "x.c.", 100), (Owners{"a.b. 15", "a.b. 12"}));
    EXPECT_EQ(written(".", "@ TXT x\n@ TXT y\n", ".", "x.c.", 100), (Owners{". 11", ". 11"}));
    EXPECT_EQ(written(".", "@ TXT x\n", ".", ".", 100), Owners{". 11"});
}

}  // namespace
}  // namespace understudy::answer
