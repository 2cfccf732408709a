#include <gtest/gtest.h>
#include <understudy/zone/change.h>
#include <understudy/zone/image.h>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/images.h"
#include "support/octets.h"
#include "support/signed_zones.h"
#include "support/transfers.h"
#include "support/zone_views.h"
#include "support/zones.h"
#include "zone/image_format.h"
#include "zone/xxh64.h"

namespace understudy::zone {
namespace {

using support::Bytes;
using support::image_of;
using support::kHashKey;
using support::make_small_zone;
using support::Record;

constexpr std::string_view kApex = "example.";

std::size_t live_octets() { return BlockStore::process().usage().live_octets; }

std::unique_ptr<const Zone> reread(const Zone& zone) {
    auto read = support::reread(zone);
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return read ? *std::move(read) : nullptr;
}

/// Why this is no image of "example.", which must leave nothing behind.
std::string fault_of(base::Octets image, const HashKey& key = kHashKey) {
    const std::size_t before = live_octets();
    std::string fault = "none";
    {
        const auto zone = read_image(support::name(kApex), key, image);
        fault = zone ? "none" : zone.error().message;
    }
    EXPECT_EQ(live_octets(), before);
    return fault;
}

void expect_same(const Zone& zone, const Zone& original) {
    EXPECT_EQ(support::dump(zone), support::dump(original));
    EXPECT_EQ(support::view_of(zone), support::view_of(original));
    EXPECT_EQ(zone.apex().to_text(), original.apex().to_text());
    std::vector<wire::Name> names{wire::Name(zone.apex())};
    for (const Record& record : support::records_of(original)) {
        names.push_back(record.owner);
        for (wire::NameView name = record.owner; name.size() > zone.apex().size();
             name = name.parent()) {
            names.emplace_back(name);
        }
    }
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    for (const wire::Name& name : names) {
        ASSERT_EQ(support::view_of(zone, name), support::view_of(original, name));
        const Bytes child =
            support::OctetBuilder()
                .u8(1)
                .u8('b')
                .raw(Bytes(name.view().octets().begin(), name.view().octets().end()))
                .bytes();
        if (child.size() <= wire::kMaxNameOctets) {
            const wire::Name below{wire::NameView(child)};
            ASSERT_EQ(support::view_of(zone, below), support::view_of(original, below));
        }
    }
    for (unsigned first = 0; first < 256; first += 5) {
        const std::array<std::uint8_t, 20> hash{static_cast<std::uint8_t>(first)};
        EXPECT_EQ(support::nsec3_view_of(zone, hash), support::nsec3_view_of(original, hash));
    }
}

/// That an image gives the zone back, all of it and nothing more.
void expect_round_trip(const Zone& zone) {
    const std::size_t before = live_octets();
    {
        const Bytes image = image_of(zone);
        EXPECT_EQ(image.size(), image_octets(zone));
        const auto read = reread(zone);
        ASSERT_TRUE(read);
        expect_same(*read, zone);
        EXPECT_EQ(image_of(*read), image);
    }
    EXPECT_EQ(live_octets(), before);
}

constexpr std::string_view kSomeOfEverything =
    "www A 192.0.2.1\nwww A 192.0.2.2\nwww AAAA ::1\nMiXed.EXAMPLE. TXT x\n"
    "a.b.c.d.ent PTR www\n*.wild MX 10 www\na.*.wild TXT y\n"
    "cut NS ns.cut\ncut NS ns.other\ncut NS ns.example.net.\ncut DS 1 8 2 00\nns.cut A 192.0.2.3\n"
    "ns.cut AAAA ::3\ndeep.cut NS ns.cut\nother NS ns.other\nns.other A 192.0.2.4\n"
    "d DNAME www\nbelow.d TXT z\nalias CNAME www\n\\000\\255\\.\\200 TXT any\n"
    "srv SRV 1 2 3 www\nunknown TYPE65280 \\# 3 0102ff\n";

std::string large_rrsets() {
    std::string text;
    for (int i = 0; i < 400; ++i) {
        const std::string number = std::to_string(i);
        text += "many A 10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250) + "\n";
        text += "hosts NS ns" + number + ".hosts\nns" + number + ".hosts A 192.0.2.1\n";
        text += "mx MX " + number + " a-long-enough-host-name-" + number + ".many.hosts\n";
    }
    for (int type = 1000; type < 1200; ++type) {
        text += "types TYPE" + std::to_string(type) + " \\# 4 00000000\n";
    }
    return text;
}

/// Hosts one after the other, with names outside of pages among them.
std::string many_names(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        const std::string name = "h" + std::to_string(i);
        text += name + " A 192.0.2.1\n";
        if (i % 50 == 0) {
            text += name + " TXT " + std::string(250, 'x') + " " + std::string(250, 'y') + " " +
                    std::string(250, 'z') + "\n";
        }
    }
    return text;
}

TEST(Image, GivesBackZonesOfEveryKind) {
    expect_round_trip(*make_small_zone(kApex, ""));
    expect_round_trip(*make_small_zone(kApex, kSomeOfEverything));
    expect_round_trip(*make_small_zone(kApex, "@ DNAME other.\nocculted A 192.0.2.1\n"));
    expect_round_trip(*make_small_zone(kApex, large_rrsets()));
    expect_round_trip(*make_small_zone(kApex, many_names(20000)));
    expect_round_trip(*make_small_zone(".",
                                       "www.example A 192.0.2.1\nexample NS a.example\n"
                                       "a.example A 192.0.2.3\n"));
}

TEST(Image, GivesBackSignedZones) {
    expect_round_trip(*support::make_signed_zone("example.", support::kNsec3Zone));
    expect_round_trip(*support::make_signed_zone("o.", support::kNsecZone));
    std::string nsec = "@ NSEC a A\ncut NS ns.cut\nns.cut A 192.0.2.1\nns.cut NSEC cut A\n";
    std::string nsec3 = "@ NSEC3PARAM 1 0 0 -\n";
    for (int i = 0; i < 3000; ++i) {
        const std::string number = std::to_string(10000 + i * 7);
        nsec += "h" + number + " NSEC @ A\n";
        nsec3 += number + std::string(27, '0') + " NSEC3 1 0 0 - " + std::string(32, '0') + "\n";
    }
    expect_round_trip(*make_small_zone(kApex, nsec));
    expect_round_trip(*make_small_zone(kApex, nsec3));
}

TEST(Image, GivesBackTheLongestNamesAndTheDeepest) {
    std::string longest(53, 'x');
    for (int labels = 0; labels < 3; ++labels) {
        longest += "." + std::string(wire::kMaxLabelOctets, 'y');
    }
    std::string deepest = "a";
    for (int labels = 1; labels < 123; ++labels) {
        deepest += ".a";
    }
    expect_round_trip(
        *make_small_zone(kApex, longest + " A 192.0.2.1\n" + deepest + " NS " + longest + "\n"));
}

TEST(Image, OfAChangedZoneIsAFirstVersion) {
    std::shared_ptr<const Zone> zone = make_small_zone(kApex, many_names(3000));
    const auto change = [](const Zone& base, int i) {
        Change steps(base);
        const std::string name = "h" + std::to_string(i * 37 % 3000);
        for (const Record& record : support::records_of(kApex, name + " A 192.0.2.1\n")) {
            EXPECT_TRUE(steps.remove(record.owner, record.type, 0, record.rdata));
        }
        for (const Record& record : support::records_of(
                 kApex, name + " AAAA ::" + std::to_string(i) + "\nx" + name + ".y TXT x\n")) {
            EXPECT_TRUE(steps.add(record.owner, record.type, record.ttl_s, record.rdata));
        }
        auto next = apply(base, steps);
        EXPECT_TRUE(next) << next.error().message;
        return *std::move(next);
    };
    for (int i = 0; i < 40; ++i) {
        zone = change(*zone, i);
    }
    expect_round_trip(*zone);
    // The same changes of both.
    std::shared_ptr<const Zone> read = reread(*zone);
    for (int i = 40; i < 80; ++i) {
        zone = change(*zone, i);
        read = change(*read, i);
    }
    expect_same(*read, *zone);
    zone.reset();
    const std::size_t with_read = live_octets();
    const auto copy = reread(*read);
    const std::size_t of_copy = live_octets() - with_read;
    read.reset();
    EXPECT_EQ(live_octets(), of_copy);  // what versions had beside it is gone with them
}

TEST(Image, IsWrittenInParts) {
    const auto zone = make_small_zone(kApex, many_names(20000));
    std::size_t parts = 0;
    std::size_t octets = 0;
    ASSERT_TRUE(write_image(*zone, [&](base::Octets part) {
        ++parts;
        octets += part.size();
        EXPECT_LE(part.size(), 1U << 18U);
        return base::Expected<void>();
    }));
    EXPECT_GT(parts, 3U);
    EXPECT_EQ(octets, image_octets(*zone));
    int calls = 0;
    const auto full = write_image(*zone, [&](base::Octets) -> base::Expected<void> {
        return ++calls == 2 ? base::fail("the disk is full") : base::Expected<void>();
    });
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().message, "the disk is full");
    EXPECT_EQ(calls, 2);
}

TEST(Image, IsReadInParts) {
    const auto zone = make_small_zone(kApex, kSomeOfEverything);
    const Bytes image = image_of(*zone);
    std::size_t at = 0;
    const auto read = read_image(support::name(kApex),
                                 kHashKey,
                                 [&](base::MutableOctets into) -> base::Expected<std::size_t> {
                                     const std::size_t part =
                                         std::min(into.size(), image.size() - at);
                                     std::copy_n(&image[at], part, into.begin());
                                     at += part;
                                     return part;
                                 });
    ASSERT_TRUE(read) << read.error().message;
    expect_same(**read, *zone);
    const auto broken = read_image(
        support::name(kApex), kHashKey, [](base::MutableOctets) -> base::Expected<std::size_t> {
            return base::fail("the disk is broken");
        });
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().message, "the disk is broken");
}

// ---- Faults

TEST(ImageFault, NamesWhatIsOfAnotherZoneOrMachine) {
    const Bytes good = image_of(*make_small_zone(kApex, kSomeOfEverything));
    EXPECT_EQ(fault_of(good), "none");
    EXPECT_EQ(fault_of(good, {7, 9}), "the image was made with another hash key");
    EXPECT_EQ(fault_of(image_of(*make_small_zone("test.", ""))),
              "the image has a fault: it is of the zone test.");
    const auto changed = [&good](std::size_t at, std::uint32_t value) {
        Bytes image = good;
        std::memcpy(&image[at], &value, sizeof value);
        return fault_of(image);
    };
    EXPECT_EQ(changed(0, 0), "this is no image of a zone");
    EXPECT_EQ(changed(offsetof(ImageHeader, byte_order), 0x04030201),
              "the image has the byte order of another machine");
    EXPECT_EQ(changed(offsetof(ImageHeader, format), 2), "the image has format 2 instead of 1");
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_EQ(fault_of(longer), "the image has a fault: octets behind its end");
}

TEST(ImageFault, IsAnEarlyEndAnywhere) {
    for (const auto& zone : {make_small_zone(kApex, kSomeOfEverything),
                             support::make_signed_zone("example.", support::kNsec3Zone)}) {
        const Bytes image = image_of(*zone);
        for (std::size_t octets = 0; octets < image.size(); ++octets) {
            // On a heap block of its own, so that AddressSanitizer sees a step behind its end.
            const Bytes part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(octets));
            ASSERT_NE(fault_of(part).find("the image ends early"), std::string::npos) << octets;
        }
    }
}

TEST(ImageFault, IsDamageAnywhere) {
    const Bytes image = image_of(*make_small_zone(kApex, kSomeOfEverything));
    for (std::size_t at = 0; at < image.size(); ++at) {
        for (const unsigned bits : {0x01U, 0x80U, 0xFFU}) {
            Bytes damaged = image;
            damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ bits);
            const std::string fault = fault_of(damaged);
            ASSERT_NE(fault, "none") << at;
            if (at >= sizeof(ImageHeader)) {
                ASSERT_EQ(fault, "the image is damaged: its checksum does not match") << at;
            }
        }
    }
}

/// Uses a zone as a server does, and changes it.
void use(const Zone& zone) {
    static_cast<void>(support::dump(zone));
    static_cast<void>(support::view_of(zone));
    for (const Record& record : support::records_of(zone)) {
        static_cast<void>(support::view_of(zone, record.owner));
    }
    Change change(zone);
    const wire::Name name = support::name("new.example.");
    ASSERT_TRUE(change.add(name, wire::type::kTxt, 1, support::OctetBuilder().u8(0).bytes()));
    static_cast<void>(apply(zone, change, Strictness::kLenient));
}

/// With its checksum right again, any change of one octet is found, or makes another sound zone.
TEST(ImageFault, WithARightChecksumIsFoundOrHarmless) {
    for (const auto& zone : {make_small_zone(kApex, kSomeOfEverything),
                             support::make_signed_zone("example.", support::kNsec3Zone),
                             support::make_signed_zone("example.", support::kNsecZone)}) {
        const Bytes image = image_of(*zone);
        std::size_t found = 0;
        std::size_t harmless = 0;
        for (std::size_t at = sizeof(ImageHeader); at < image.size() - kImageSumOctets; ++at) {
            const unsigned bits = at % 2 == 0 ? 0x01U : 0x80U;
            Bytes changed = image;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ bits);
            ASSERT_TRUE(support::mend_image(changed));
            const std::size_t before = live_octets();
            {
                const auto read = read_image(zone->apex(), kHashKey, changed);
                read ? ++harmless : ++found;
                if (read) {
                    use(**read);
                }
            }
            ASSERT_EQ(live_octets(), before);
        }
        EXPECT_GT(found, 0U);
        EXPECT_GT(harmless, 0U);  // a TTL, an address
    }
}

// ---- Checksum

std::uint64_t sum_of(std::string_view text) {
    Xxh64 sum;
    sum.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return sum.digest();
}

TEST(Xxh64Of, IsTheWellKnownOne) {
    EXPECT_EQ(sum_of(""), 0xEF46DB3751D8E999);
    EXPECT_EQ(sum_of("a"), 0xD24EC4F1A98C6E5B);
    EXPECT_EQ(sum_of("abc"), 0x44BC2CF5AD770999);
    EXPECT_EQ(sum_of("Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1);
}

TEST(Xxh64Of, IsTheSameInParts) {
    std::string text;
    for (char octet = 0; text.size() < 150; ++octet) {
        text += octet;
    }
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (const std::size_t second : {std::size_t{0}, std::size_t{1}, std::size_t{31}}) {
            Xxh64 sum;
            const auto update = [&](std::size_t begin, std::size_t end) {
                sum.update({reinterpret_cast<const std::uint8_t*>(text.data()) + begin,
                            std::min(end, text.size()) - std::min(begin, text.size())});
            };
            update(0, first);
            update(first, first + second);
            update(first + second, text.size());
            ASSERT_EQ(sum.digest(), sum_of(text)) << first << " " << second;
        }
    }
}

}  // namespace
}  // namespace understudy::zone
