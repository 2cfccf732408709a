#include <gtest/gtest.h>
#include <understudy/wire/rdata.h>
#include <array>
#include <string>

#include "support/octets.h"

namespace understudy::wire {
namespace {

using support::Bytes;
using support::OctetBuilder;

/// What a type's rdata is made of, name by name, so that a test can write the names in its own way.
struct Form {
    Type type;
    std::size_t before;   // octets before the first name
    std::size_t strings;  // character-strings between these and the names
    std::size_t names;
    std::size_t after;  // octets behind the last name
    bool rest;          // any further octets may follow
    bool decompressible;
};

constexpr auto kForms = std::to_array<Form>({
    {type::kA, 4, 0, 0, 0, false, false},    {type::kAaaa, 16, 0, 0, 0, false, false},
    {type::kNs, 0, 0, 1, 0, false, true},    {type::kMd, 0, 0, 1, 0, false, true},
    {type::kMf, 0, 0, 1, 0, false, true},    {type::kCname, 0, 0, 1, 0, false, true},
    {type::kMb, 0, 0, 1, 0, false, true},    {type::kMg, 0, 0, 1, 0, false, true},
    {type::kMr, 0, 0, 1, 0, false, true},    {type::kPtr, 0, 0, 1, 0, false, true},
    {type::kMinfo, 0, 0, 2, 0, false, true}, {type::kSoa, 0, 0, 2, 20, false, true},
    {type::kMx, 2, 0, 1, 0, false, true},    {type::kRp, 0, 0, 2, 0, false, true},
    {type::kAfsdb, 2, 0, 1, 0, false, true}, {type::kRt, 2, 0, 1, 0, false, true},
    {type::kKx, 2, 0, 1, 0, false, true},    {type::kPx, 2, 0, 2, 0, false, true},
    {type::kSrv, 6, 0, 1, 0, false, true},   {type::kNaptr, 4, 3, 1, 0, false, true},
    {type::kDname, 0, 0, 1, 0, false, true}, {type::kSig, 18, 0, 1, 5, true, true},
    {type::kNxt, 0, 0, 1, 5, true, true},    {type::kRrsig, 18, 0, 1, 5, true, false},
    {type::kNsec, 0, 0, 1, 5, true, false},
});

/// A message with "b.example." at 0 and behind it a record's rdata; with pointers to the name or
/// with the name in full.
struct Message {
    Bytes octets;
    RecordHead record;
    Bytes plain;               // the rdata without pointers
    std::size_t optional = 0;  // octets at its end that it can do without
};

Message make(const Form& form, bool compressed) {
    OctetBuilder message;
    message.name("b.example.");
    const std::size_t start = message.size();
    OctetBuilder plain;
    for (OctetBuilder* out : {&message, &plain}) {
        out->raw(Bytes(form.before, 0xFF));
        for (std::size_t i = 0; i < form.strings; ++i) {
            out->label(std::string(i, 's'));
        }
        for (std::size_t i = 0; i < form.names; ++i) {
            out->label("A");
            compressed&& out == &message ? out->pointer(0) : out->name("b.example.");
        }
        out->raw(Bytes(form.after, 0xFF));
    }
    RecordHead record;
    record.type = form.type;
    record.rdata_offset = start;
    record.rdata_octets = message.size() - start;
    return {message.bytes(), record, plain.bytes(), form.rest ? form.after : 0};
}

/// Whether the record can be read; what a failed one leaves behind is checked on the way.
bool reads(const Bytes& message, const RecordHead& record, Bytes& rdata) {
    rdata = {1, 2, 3};
    const bool good = read_rdata(message, record, rdata);
    EXPECT_TRUE(good || rdata.size() == 3);
    rdata.erase(rdata.begin(), rdata.begin() + 3);
    return good;
}

TEST(Rdata, ReadsEveryLayoutAndGivesItsNamesWhole) {
    for (const Form& form : kForms) {
        for (const bool compressed : {false, true}) {
            const Message message = make(form, compressed);
            const bool legal = !compressed || form.names == 0 || form.decompressible;
            Bytes rdata;
            EXPECT_EQ(reads(message.octets, message.record, rdata), legal) << form.type;
            EXPECT_EQ(rdata, legal ? message.plain : Bytes()) << form.type;
            EXPECT_TRUE(is_valid_rdata(form.type, message.plain)) << form.type;
        }
    }
}

TEST(Rdata, RefusesEveryLayoutCutShortAnywhere) {
    for (const Form& form : kForms) {
        for (const bool compressed : {false, true}) {
            Message message = make(form, compressed && form.decompressible);
            const std::size_t whole = message.record.rdata_octets;
            for (std::size_t size = 0; size < whole; ++size) {
                const bool legal = size + message.optional >= whole;
                // The message goes on behind the rdata, and it ends with it.
                message.record.rdata_octets = size;
                Bytes rdata;
                EXPECT_EQ(reads(message.octets, message.record, rdata), legal)
                    << form.type << " " << size;
                const Bytes cut =
                    support::head_of(message.octets, message.record.rdata_offset + size);
                EXPECT_EQ(reads(cut, message.record, rdata), legal) << form.type << " " << size;
            }
            for (std::size_t size = 0; size < message.plain.size(); ++size) {
                EXPECT_EQ(is_valid_rdata(form.type, support::head_of(message.plain, size)),
                          size + message.optional >= message.plain.size())
                    << form.type << " " << size;
            }
        }
    }
}

TEST(Rdata, RefusesTrailingOctetsWhereTheLayoutEnds) {
    for (const Form& form : kForms) {
        Message message = make(form, false);
        message.octets.push_back(0);
        ++message.record.rdata_octets;
        Bytes rdata;
        EXPECT_EQ(reads(message.octets, message.record, rdata), form.rest) << form.type;
        message.plain.push_back(0);
        EXPECT_EQ(is_valid_rdata(form.type, message.plain), form.rest) << form.type;
    }
}

TEST(Rdata, RefusesPointersInUncompressedRdata) {
    for (const Form& form : kForms) {
        if (form.names == 0) {
            continue;
        }
        const Message message = make(form, true);
        const auto rdata = base::Octets(message.octets).subspan(message.record.rdata_offset);
        EXPECT_FALSE(is_valid_rdata(form.type, rdata)) << form.type;
    }
}

TEST(Rdata, RefusesPointersIntoTheRdataBehindAndLoops) {
    for (const std::size_t target : {5U, 6U, 7U, 0x3FFFU}) {
        const Bytes message = OctetBuilder().raw(Bytes(5)).pointer(target).u8(0).bytes();
        RecordHead record;
        record.type = type::kNs;
        record.rdata_offset = 5;
        record.rdata_octets = 2;
        Bytes rdata;
        EXPECT_FALSE(reads(message, record, rdata)) << target;
    }
}

TEST(Rdata, TextIsOneOrMoreStrings) {
    const auto valid = [](const char* hex) {
        return is_valid_rdata(type::kTxt, support::from_hex(hex));
    };
    EXPECT_TRUE(valid("00"));
    EXPECT_TRUE(valid("0000"));
    EXPECT_TRUE(valid("0141 0242FF 00"));
    EXPECT_FALSE(valid(""));
    EXPECT_FALSE(valid("01"));
    EXPECT_FALSE(valid("0141 02 42"));
    EXPECT_FALSE(valid("FF"));
    Bytes longest(256, 'a');
    longest[0] = 255;
    EXPECT_TRUE(is_valid_rdata(type::kTxt, longest));
    longest.pop_back();
    EXPECT_FALSE(is_valid_rdata(type::kTxt, longest));
    const Bytes message = support::from_hex("0141 0142");
    RecordHead record;
    record.type = type::kTxt;
    record.rdata_octets = 4;
    Bytes rdata;
    EXPECT_TRUE(reads(message, record, rdata));
    EXPECT_EQ(rdata, message);
    record.rdata_octets = 3;
    EXPECT_FALSE(reads(message, record, rdata));
}

TEST(Rdata, UnknownTypesAreOpaque) {
    for (const Type type : {Type{65280}, type::kDs, Type{64}, Type{0}}) {
        EXPECT_TRUE(is_valid_rdata(type, {}));
        EXPECT_TRUE(is_valid_rdata(type, Bytes(65535, 0xC0)));
        EXPECT_FALSE(is_valid_rdata(type, Bytes(65536, 0)));
        EXPECT_FALSE(rdata_layout(type).compressible);
        const Bytes message(40, 0xC0);
        RecordHead record;
        record.type = type;
        record.rdata_octets = 40;
        Bytes rdata;
        EXPECT_TRUE(reads(message, record, rdata));
        EXPECT_EQ(rdata, message);
    }
}

TEST(Rdata, RefusesNamesThatGrowItBeyond65535Octets) {
    // An RRSIG-like tail cannot be compressed, so SIG it is: a short pointer becomes 255 octets.
    OctetBuilder message;
    const std::string label(63, 'a');
    message.label(label).label(label).label(label).label(std::string(61, 'b')).u8(0);
    RecordHead record;
    record.type = type::kSig;
    record.rdata_offset = message.size();
    message.raw(Bytes(18)).pointer(0);
    const std::size_t longest_tail = 65535 - 18 - kMaxNameOctets;
    message.raw(Bytes(longest_tail + 1));
    record.rdata_octets = 20 + longest_tail;
    Bytes rdata;
    EXPECT_TRUE(reads(message.bytes(), record, rdata));
    EXPECT_EQ(rdata.size(), 65535U);
    ++record.rdata_octets;
    EXPECT_FALSE(reads(message.bytes(), record, rdata));
}

TEST(Rdata, OnlyTypesOfRfc1035AreCompressed) {
    for (unsigned type = 0; type <= 65535; ++type) {
        const bool expected = (type >= 2 && type <= 9) || type == 12 || type == 14 || type == 15;
        EXPECT_EQ(rdata_layout(static_cast<Type>(type)).compressible, expected) << type;
    }
}

TEST(Soa, ReadsTheNumbersBehindTheNames) {
    const Bytes rdata =
        OctetBuilder().name("a.").name("b.c.").u32(1).u32(2).u32(3).u32(4).u32(0xFFFFFFFF).bytes();
    const Soa soa = Soa::from_rdata(rdata);
    EXPECT_EQ(soa.serial, 1U);
    EXPECT_EQ(soa.refresh_s, 2U);
    EXPECT_EQ(soa.retry_s, 3U);
    EXPECT_EQ(soa.expire_s, 4U);
    EXPECT_EQ(soa.minimum_s, 0xFFFFFFFFU);
}

TEST(Serial, ComparesInSerialSpace) {
    EXPECT_TRUE(serial_is_newer(1, 0));
    EXPECT_TRUE(serial_is_newer(0, 0xFFFFFFFF));
    EXPECT_TRUE(serial_is_newer(0x7FFFFFFF, 0));
    EXPECT_FALSE(serial_is_newer(0, 0));
    EXPECT_FALSE(serial_is_newer(0, 1));
    EXPECT_FALSE(serial_is_newer(0x80000000, 0));  // undefined: neither is newer
    EXPECT_FALSE(serial_is_newer(0, 0x80000000));
}

}  // namespace
}  // namespace understudy::wire
