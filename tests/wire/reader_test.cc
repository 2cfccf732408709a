#include <gtest/gtest.h>
#include <understudy/wire/reader.h>
#include <algorithm>
#include <string>

#include "support/octets.h"

namespace understudy::wire {
namespace {

using support::Bytes;
using support::OctetBuilder;

/// The name at `offset` as text and where it ends, or "fault". A failed step must move nothing and
/// leave a well-formed name.
std::string read_name(const Bytes& message, std::size_t offset) {
    Reader in(message, offset);
    NameBuffer name;
    name.assign(support::name("left.over."));
    if (!in.name(name)) {
        EXPECT_EQ(in.offset(), offset);
        EXPECT_TRUE(name.view().is_root());
        return "fault";
    }
    return name.view().to_text() + " " + std::to_string(in.offset());
}

TEST(Reader, ReadsNumbersAndOctets) {
    const Bytes message = support::from_hex("0102 03040506 0708");
    Reader in(message);
    EXPECT_EQ(in.u16(), 0x0102);
    EXPECT_EQ(in.u32(), 0x03040506U);
    EXPECT_TRUE(std::ranges::equal(in.octets(2).value(), Bytes{7, 8}));
    EXPECT_EQ(in.remaining(), 0U);
    EXPECT_TRUE(in.octets(0).has_value());
}

TEST(Reader, RefusesEveryStepBeyondTheEndAndStays) {
    for (std::size_t size = 0; size < 4; ++size) {
        const Bytes message(size, 1);
        Reader in(message);
        EXPECT_EQ(in.u16().has_value(), size >= 2);
        Reader again(message);
        EXPECT_FALSE(again.u32());
        EXPECT_FALSE(again.octets(size + 1));
        EXPECT_FALSE(again.octets(SIZE_MAX));
        EXPECT_EQ(again.offset(), 0U);
        EXPECT_TRUE(again.octets(size).has_value());
    }
}

TEST(Reader, FollowsPointers) {
    // 0: "c.", 3: "b" -> 0, 7: "a" -> 3, 11: -> 7
    const Bytes message =
        OctetBuilder().name("c.").label("b").pointer(0).label("a").pointer(3).pointer(7).bytes();
    EXPECT_EQ(read_name(message, 0), "c. 3");
    EXPECT_EQ(read_name(message, 3), "b.c. 7");
    EXPECT_EQ(read_name(message, 7), "a.b.c. 11");
    EXPECT_EQ(read_name(message, 11), "a.b.c. 13");
}

TEST(Reader, RefusesNamesCutShortAnywhere) {
    const Bytes message = OctetBuilder().name("c.").label("bb").label("a").pointer(0).bytes();
    ASSERT_EQ(read_name(message, 3), "bb.a.c. 10");
    for (std::size_t size = 3; size < message.size(); ++size) {
        EXPECT_EQ(read_name(support::head_of(message, size), 3), "fault") << size;
    }
}

TEST(Reader, RefusesPointersThatDoNotAimBackwards) {
    EXPECT_EQ(read_name(OctetBuilder().pointer(0).bytes(), 0), "fault");             // itself
    EXPECT_EQ(read_name(OctetBuilder().pointer(2).u8(0).bytes(), 0), "fault");       // forward
    EXPECT_EQ(read_name(OctetBuilder().pointer(0x3FFF).bytes(), 0), "fault");        // nowhere
    EXPECT_EQ(read_name(OctetBuilder().pointer(2).pointer(0).bytes(), 2), "fault");  // each other
    // A loop through a label, and one that each turn enters further left: never below the start.
    EXPECT_EQ(read_name(OctetBuilder().label("a").pointer(0).bytes(), 0), "fault");
    EXPECT_EQ(read_name(OctetBuilder().label("a").pointer(0).pointer(0).bytes(), 4), "fault");
    EXPECT_EQ(read_name(OctetBuilder().u8(0).label("a").pointer(1).bytes(), 1), "fault");
}

TEST(Reader, RefusesReservedLabelTypes) {
    for (const unsigned length : {0x40U, 0x7FU, 0x80U, 0xBFU}) {
        EXPECT_EQ(read_name(Bytes(300, static_cast<std::uint8_t>(length)), 0), "fault") << length;
    }
}

TEST(Reader, TakesNamesOf255OctetsAndNotOf256) {
    const std::string label(63, 'a');
    for (const bool compressed : {false, true}) {
        for (const std::size_t last : {60U, 61U, 62U, 63U}) {  // 254, 255, 256, 257 octets
            OctetBuilder message;
            if (compressed) {
                message.label(label).label(label).u8(0);
            }
            const std::size_t start = message.size();
            message.label(std::string(last, 'b')).label(label);
            compressed ? message.pointer(0) : message.label(label).label(label).u8(0);
            EXPECT_EQ(read_name(message.bytes(), start) != "fault", last <= 61) << last;
        }
    }
}

TEST(Reader, FollowsSoManyPointersAndNoMore) {
    OctetBuilder message;
    message.u8(0);
    for (std::size_t i = 0; i <= kMaxPointers; ++i) {
        message.pointer(i == 0 ? 0 : message.size() - 2);
    }
    EXPECT_EQ(read_name(message.bytes(), message.size() - 4), ". 255");
    EXPECT_EQ(read_name(message.bytes(), message.size() - 2), "fault");
}

TEST(Reader, TakesTheNameWithTheMostPointers) {
    OctetBuilder message;
    message.u8(0);
    std::size_t last = 0;
    for (std::size_t i = 0; i < kMaxLabels; ++i) {
        const std::size_t here = message.size();
        message.label("a").pointer(last);
        last = here;
    }
    const Bytes octets = message.bytes();
    Reader reader(octets, last);
    NameBuffer name;
    ASSERT_TRUE(reader.name(name));
    EXPECT_EQ(name.view().size(), kMaxNameOctets);
    EXPECT_EQ(name.view().label_count(), kMaxLabels);
}

TEST(Reader, PlainNamesHaveNoPointers) {
    const Bytes message = OctetBuilder().name("a.b.").pointer(0).bytes();
    Reader in(message);
    EXPECT_EQ(in.plain_name().value().to_text(), "a.b.");
    EXPECT_EQ(in.offset(), 5U);
    EXPECT_FALSE(in.plain_name());
    EXPECT_EQ(in.offset(), 5U);
}

TEST(Reader, ReadsRecordsAndRefusesThemCutShortAnywhere) {
    const Bytes message = OctetBuilder()
                              .name("x.")
                              .label("a")
                              .pointer(0)
                              .record_fields(16, 1, 300, 3)
                              .text("\2hi")
                              .bytes();
    Reader in(message, 3);
    RecordHead record;
    ASSERT_TRUE(in.record(record));
    EXPECT_EQ(record.owner.view().to_text(), "a.x.");
    EXPECT_EQ(record.type, 16);
    EXPECT_EQ(record.klass, 1);
    EXPECT_EQ(record.ttl_s, 300U);
    EXPECT_EQ(record.rdata_offset, 17U);
    EXPECT_EQ(record.rdata_octets, 3U);
    EXPECT_EQ(in.remaining(), 0U);
    for (std::size_t size = 3; size < message.size(); ++size) {
        const Bytes cut = support::head_of(message, size);
        Reader short_in(cut, 3);
        EXPECT_FALSE(short_in.record(record)) << size;
        EXPECT_EQ(short_in.offset(), 3U);
    }
}

TEST(NameBuffer, KeepsOrLowersTheCase) {
    NameBuffer name;
    EXPECT_TRUE(name.view().is_root());
    name.assign(support::name("AbC.[x]."));
    EXPECT_EQ(name.view().to_text(), "AbC.[x].");
    name.assign_lowered(support::name("AbC.[x]."));
    EXPECT_EQ(name.view().to_text(), "abc.[x].");
}

}  // namespace
}  // namespace understudy::wire
