#include "signer.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "support/octets.h"

namespace understudy::bench {
namespace {

using support::Bytes;
using support::OctetBuilder;

constexpr wire::Type kDnskey = 48;
constexpr wire::Type kNsec3Param = 51;
constexpr unsigned kEcdsaP256 = 13;
constexpr std::size_t kSignatureOctets = 64;
constexpr std::size_t kPublicKeyOctets = 64;
constexpr unsigned kKeyTag = 12345;
constexpr std::uint32_t kInception = 1'700'000'000;
constexpr std::uint32_t kExpiration = 2'000'000'000;
constexpr std::uint32_t kKeyTtl = 3600;

std::uint64_t bit_of(wire::Type type) { return std::uint64_t{1} << type; }

/// Octets in lower case: names and rdata alike, which only makes the digest miss a change of case.
std::uint64_t digest(std::uint64_t seed, base::Octets octets) {
    for (const std::uint8_t octet : octets) {
        seed = (seed ^ wire::to_lower(octet)) * 0x100000001B3;  // FNV-1a
    }
    return mixed(seed);
}

/// Types below 64 as NSEC and NSEC3 list them (RFC 4034 §4.1.2).
Bytes type_bitmap(std::uint64_t types) {
    Bytes octets;
    for (; types != 0; types >>= 8U) {
        std::uint8_t octet = 0;
        for (unsigned bit = 0; bit < 8; ++bit) {
            octet = static_cast<std::uint8_t>(octet | (types >> bit & 1U) << (7 - bit));
        }
        octets.push_back(octet);
    }
    return OctetBuilder().u8(0).u8(static_cast<unsigned>(octets.size())).raw(octets).bytes();
}

base::Octets octets_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::vector<std::uint8_t> rrsig_rdata(wire::NameView owner,
                                      wire::NameView apex,
                                      wire::Type type,
                                      std::uint32_t original_ttl_s,
                                      base::Octets rdata) {
    OctetBuilder octets;
    octets.u16(type)
        .u8(kEcdsaP256)
        .u8(static_cast<unsigned>(owner.label_count()))
        .u32(original_ttl_s)
        .u32(kExpiration)
        .u32(kInception)
        .u16(kKeyTag)
        .raw(apex.octets());
    std::uint64_t word = digest(digest(type, owner.octets()), rdata);
    for (std::size_t i = 0; i < kSignatureOctets; i += sizeof(std::uint32_t), word = mixed(word)) {
        octets.u32(static_cast<std::uint32_t>(word));
    }
    return octets.bytes();
}

std::string nsec3_hash(wire::NameView name) {
    const wire::Name lowered = wire::Name(name).lowered();
    std::string hash(SHA_DIGEST_LENGTH, '\0');
    SHA1(lowered.view().octets().data(),
         lowered.view().size(),
         reinterpret_cast<unsigned char*>(hash.data()));
    return hash;
}

std::string nsec3_label(std::string_view hash) {
    static constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuv";
    std::string label;
    unsigned bits = 0;
    unsigned pending = 0;  // bits of them not written yet
    for (const std::uint8_t octet : octets_of(hash)) {
        bits = (bits << 8U | octet) & 0xFFFU;
        for (pending += 8; pending >= 5; pending -= 5) {
            label += kAlphabet[bits >> (pending - 5) & 31U];
        }
    }
    return label;
}

Signer::Signer(RecordSink& into, wire::NameView apex, Chain chain)
    : into_(into), apex_(apex), chain_(chain) {}

void Signer::sign(wire::NameView owner, wire::Type type, std::uint32_t ttl_s, base::Octets rdata) {
    into_.add(owner, type, ttl_s, rdata);
    into_.add(owner, wire::type::kRrsig, ttl_s, rrsig_rdata(owner, apex_, type, ttl_s, rdata));
}

void Signer::join(wire::NameView owner, wire::Type type) {
    if (links_.empty() || last_owner_.view() != owner) {
        const base::Octets label = owner == apex_.view() ? base::Octets() : owner.first_label();
        links_.push_back({chain_ == Chain::kNsec3 ? nsec3_hash(owner)
                                                  : std::string(label.begin(), label.end())});
        last_owner_ = wire::Name(owner);
    }
    links_.back().types |= bit_of(type) | bit_of(wire::type::kRrsig);
}

void Signer::add(wire::NameView owner, wire::Type type, std::uint32_t ttl_s, base::Octets rdata) {
    sign(owner, type, ttl_s, rdata);
    join(owner, type);
}

void Signer::write_nsec(const Link& link, const Link& next, std::uint32_t ttl_s) {
    const auto name_of = [this](const std::string& label, NameMaker& maker) {
        return label.empty() ? apex_.view() : maker.label(label).below(apex_);
    };
    NameMaker owner;
    NameMaker next_owner;
    sign(name_of(link.key, owner),
         wire::type::kNsec,
         ttl_s,
         OctetBuilder()
             .raw(name_of(next.key, next_owner).octets())
             .raw(type_bitmap(link.types | bit_of(wire::type::kNsec)))
             .bytes());
}

void Signer::write_nsec3(const Link& link, const Link& next, std::uint32_t ttl_s) {
    NameMaker owner;
    sign(owner.label(nsec3_label(link.key)).below(apex_),
         wire::type::kNsec3,
         ttl_s,
         OctetBuilder()
             .u8(1)   // SHA-1
             .u8(0)   // flags
             .u16(0)  // iterations
             .u8(0)   // salt
             .u8(static_cast<unsigned>(next.key.size()))
             .text(next.key)
             .raw(type_bitmap(link.types))
             .bytes());
}

void Signer::finish(std::uint32_t negative_ttl_s) {
    const Bytes public_key(kPublicKeyOctets, 0x53);
    last_owner_ = apex_;
    const auto at_apex = [this](wire::Type type, const Bytes& rdata) {
        sign(apex_, type, kKeyTtl, rdata);
        links_.front().types |= bit_of(type);  // the apex came first: its SOA
    };
    at_apex(kDnskey, OctetBuilder().u16(256).u8(3).u8(kEcdsaP256).raw(public_key).bytes());
    if (chain_ == Chain::kNsec3) {
        at_apex(kNsec3Param, OctetBuilder().u8(1).u8(0).u16(0).u8(0).bytes());
    }
    std::ranges::sort(links_, {}, &Link::key);
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const Link& next = links_[(i + 1) % links_.size()];
        if (chain_ == Chain::kNsec3) {
            write_nsec3(links_[i], next, negative_ttl_s);
        } else {
            write_nsec(links_[i], next, negative_ttl_s);
        }
    }
}

}  // namespace understudy::bench
