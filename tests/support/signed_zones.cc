#include "support/signed_zones.h"

#include <understudy/zone/builder.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "support/octets.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::support {
namespace {

namespace type = wire::type;

constexpr std::size_t kHashLabelCharacters = 32;
constexpr std::size_t kShownCharacters = 4;

bool is_signed(const Record& record, const std::vector<Record>& zone, const wire::Name& apex) {
    return record.type != type::kRrsig && std::ranges::none_of(zone, [&](const Record& other) {
               const bool is_cut = other.type == type::kNs && other.owner != apex;
               const bool is_at = record.owner == other.owner;
               return is_cut && record.owner.view().is_at_or_below(other.owner) &&
                      (!is_at || (record.type != type::kDs && record.type != type::kNsec));
           });
}

Bytes signature_of(const Record& record, const wire::Name& apex) {
    const bool is_wildcard = record.owner.view().is_wildcard();
    return OctetBuilder()
        .u16(record.type)
        .u8(8)
        .u8(static_cast<unsigned>(record.owner.view().label_count() - (is_wildcard ? 1 : 0)))
        .u32(record.ttl_s)
        .u32(2000000000)
        .u32(1000000000)
        .u16(4711)
        .raw(apex.view().octets())
        .text("signature")
        .bytes();
}

void require(const base::Expected<void>& added) {
    if (!added) {
        (void)std::fprintf(stderr, "no zone: %s\n", added.error().message.c_str());
        std::abort();
    }
}

std::string shortened(std::string owner) {
    std::ranges::transform(owner, owner.begin(), [](char letter) {
        return static_cast<char>(wire::to_lower(static_cast<std::uint8_t>(letter)));
    });
    const bool is_hash = owner.find('.') == kHashLabelCharacters;
    return is_hash ? owner.substr(0, kShownCharacters) + owner.substr(kHashLabelCharacters) : owner;
}

}  // namespace

std::shared_ptr<const zone::Zone> make_signed_zone(std::string_view apex, std::string_view text) {
    const wire::Name origin = name(apex);
    const std::vector<Record> records = records_of(apex, text);
    zone::Builder builder(origin, kHashKey);
    std::set<std::pair<wire::Name, wire::Type>> done;
    for (const Record& record : records) {
        require(builder.add(record.owner, record.type, record.ttl_s, record.rdata));
        if (is_signed(record, records, origin) && done.emplace(record.owner, record.type).second) {
            require(builder.add(
                record.owner, type::kRrsig, record.ttl_s, signature_of(record, origin)));
        }
    }
    auto zone = builder.build();
    if (!zone) {
        (void)std::fprintf(stderr, "no zone: %s\n", zone.error().message.c_str());
        std::abort();
    }
    return *std::move(zone);
}

std::string brief(std::string_view message_text) {
    std::istringstream lines{std::string(message_text)};
    std::string line;
    std::getline(lines, line);
    std::vector<std::string> rrsets{line};
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string section;
        std::string owner;
        std::string ttl;
        std::string klass;
        std::string type;
        std::string covered;
        words >> section >> owner >> ttl >> klass >> type >> covered;
        if (section == "edns") {
            continue;
        }
        const std::string start = section + " " + shortened(owner) + " ";
        if (type != "RRSIG") {
            if (rrsets.back() != start + type) {
                rrsets.push_back(start + type);
            }
        } else if (rrsets.back() == start + covered) {
            rrsets.back() += " signed";
        } else {
            rrsets.push_back(start + "RRSIG(" + covered + ")");
        }
    }
    std::string text;
    for (const std::string& rrset : rrsets) {
        text += rrset + "\n";
    }
    return text;
}

const std::string_view kNsecZone = R"(
@       SOA   ns1 bugs.x.w 1081539377 3600 300 3600000 3600
@       NS    ns1
@       NS    ns2
@       MX    1 xx
@       NSEC  a NS SOA MX RRSIG NSEC DNSKEY
a       NS    ns1.a
a       NS    ns2.a
a       DS    57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B
a       NSEC  ai NS DS RRSIG NSEC
ns1.a   A     192.0.2.5
ns2.a   A     192.0.2.6
ai      A     192.0.2.9
ai      HINFO "KLH-10" "ITS"
ai      AAAA  2001:db8::f00:baa9
ai      NSEC  b A HINFO AAAA RRSIG NSEC
b       NS    ns1.b
b       NS    ns2.b
b       NSEC  x.*.e NS RRSIG NSEC
ns1.b   A     192.0.2.7
ns2.b   A     192.0.2.8
x.*.e   A     192.0.2.10
x.*.e   NSEC  ns1 A RRSIG NSEC
ns1     A     192.0.2.1
ns1     NSEC  ns2 A RRSIG NSEC
ns2     A     192.0.2.2
ns2     NSEC  *.w A RRSIG NSEC
*.w     MX    1 ai
*.w     NSEC  x.w MX RRSIG NSEC
x.w     MX    1 xx
x.w     NSEC  x.y.w MX RRSIG NSEC
x.y.w   MX    1 xx
x.y.w   NSEC  xx MX RRSIG NSEC
xx      A     192.0.2.10
xx      HINFO "KLH-10" "TOPS-20"
xx      AAAA  2001:db8::f00:baaa
xx      NSEC  @ A HINFO AAAA RRSIG NSEC
)";

const std::string_view kNsec3Zone = R"(
@       SOA   ns1 bugs.x.w 1 3600 300 3600000 3600
@       NS    ns1
@       NS    ns2
@       MX    1 xx
@       NSEC3PARAM 1 0 12 aabbccdd
a       NS    ns1.a
a       NS    ns2.a
a       DS    58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
ns1.a   A     192.0.2.5
ns2.a   A     192.0.2.6
ai      A     192.0.2.9
ai      HINFO "KLH-10" "ITS"
ai      AAAA  2001:db8::f00:baa9
c       NS    ns1.c
c       NS    ns2.c
ns1.c   A     192.0.2.7
ns2.c   A     192.0.2.8
ns1     A     192.0.2.1
ns2     A     192.0.2.2
*.w     MX    1 ai
x.w     MX    1 xx
x.y.w   MX    1 xx
xx      A     192.0.2.10
xx      HINFO "KLH-10" "TOPS-20"
xx      AAAA  2001:db8::f00:baaa
2t7b4g4vsa5smi47k61mv5bv1a22bojr A 192.0.2.127
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG
2t7b4g4vsa5smi47k61mv5bv1a22bojr NSEC3 1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG
2vptu5timamqttgl4luu9kg21e0aor3s NSEC3 1 1 12 aabbccdd 35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG
35mthgpgcu1qg68fab165klnsnk3dpvl NSEC3 1 1 12 aabbccdd b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG
b4um86eghhds6nea196smvmlo4ors995 NSEC3 1 1 12 aabbccdd gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG
gjeqe526plbf1g8mklp59enfd789njgi NSEC3 1 1 12 aabbccdd ji6neoaepv8b5o6k4ev33abha8ht9fgc A HINFO AAAA RRSIG
ji6neoaepv8b5o6k4ev33abha8ht9fgc NSEC3 1 1 12 aabbccdd k8udemvp1j2f7eg6jebps17vp3n8i58h
k8udemvp1j2f7eg6jebps17vp3n8i58h NSEC3 1 1 12 aabbccdd kohar7mbb8dc2ce8a9qvl8hon4k53uhi
kohar7mbb8dc2ce8a9qvl8hon4k53uhi NSEC3 1 1 12 aabbccdd q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG
q04jkcevqvmu85r014c7dkba38o0ji5r NSEC3 1 1 12 aabbccdd r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG
r53bq7cc2uvmubfu5ocmm6pers9tk9en NSEC3 1 1 12 aabbccdd t644ebqk9bibcna874givr6joj62mlhv MX RRSIG
t644ebqk9bibcna874givr6joj62mlhv NSEC3 1 1 12 aabbccdd 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A HINFO AAAA RRSIG
)";

}  // namespace understudy::support
