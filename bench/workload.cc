#include "workload.h"

#include <understudy/base/check.h>
#include <understudy/zone/builder.h>
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "support/octets.h"

namespace understudy::bench {
namespace {

using support::OctetBuilder;

constexpr zone::HashKey kHashKey{0x243F6A8885A308D3, 0x13198A2E03707345};
constexpr std::size_t kFewestNames = 100;

class AddressRdata {
  public:
    explicit AddressRdata(std::size_t number) {
        octets_.fill(0x20);
        base::store_be32(&octets_[kV6Octets - kV4Octets],
                         0x0A000000U + static_cast<std::uint32_t>(number));
    }

    [[nodiscard]] base::Octets v4() const { return base::Octets(octets_).last(kV4Octets); }
    [[nodiscard]] base::Octets v6() const { return octets_; }

  private:
    static constexpr std::size_t kV4Octets = 4;
    static constexpr std::size_t kV6Octets = 16;
    std::array<std::uint8_t, kV6Octets> octets_;
};

/// Names one label below an apex with an address each; several apexes stand below `example.`.
class Hosts final : public Workload {
  public:
    /// `aaaa_every`: one name in so many has an AAAA in place of the A; 0: none.
    Hosts(std::size_t names, std::size_t zones, std::size_t aaaa_every, Chain chain = Chain::kNone)
        : Workload(names, zones, chain), aaaa_every_(aaaa_every) {}

    [[nodiscard]] wire::Name apex(std::size_t zone) const override {
        return zones() == 1 ? above_ : wire::Name(NameMaker().label(Label(zone)).below(above_));
    }

    [[nodiscard]] wire::Name question(std::size_t number) const override {
        return wire::Name(NameMaker().label(Label(number)).below(apex(zone_of(number))));
    }

    [[nodiscard]] wire::Type question_type(std::size_t number) const override {
        return aaaa_every_ != 0 && number % aaaa_every_ == 1 ? wire::type::kAaaa : wire::type::kA;
    }

  private:
    void write_plain_name(std::size_t number, RecordSink& into) const override {
        const AddressRdata address(number);
        const wire::Type type = question_type(number);
        NameMaker maker;
        maker.label(Label(number));
        if (zones() > 1) {
            maker.label(Label(zone_of(number)));
        }
        into.add(
            maker.below(above_), type, kTtl, type == wire::type::kA ? address.v4() : address.v6());
    }

    std::size_t aaaa_every_;
    wire::Name above_ = support::name("example.");
};

/// A zone of delegations.
class Delegations final : public Workload {
  public:
    struct Shape {
        std::string_view apex;
        std::size_t servers;
        std::size_t inside_every;  // one delegation in so many has its servers inside, with an A
        bool aaaa;                 // and an AAAA
        std::size_t ds_every;      // 0: none
    };

    Delegations(std::size_t names, const Shape& shape)
        : Workload(names, 1, Chain::kNone), shape_(shape), apex_(support::name(shape.apex)) {}

    [[nodiscard]] wire::Name apex(std::size_t /*zone*/) const override { return apex_; }

    [[nodiscard]] wire::Name question(std::size_t number) const override {
        const std::string_view prefix = std::string_view("www").substr(mixed(number) % 3);
        return wire::Name(NameMaker().label(prefix).label(Label(number)).below(apex_));
    }

    [[nodiscard]] wire::Type question_type(std::size_t /*number*/) const override {
        return wire::type::kA;
    }

    [[nodiscard]] bool refers() const noexcept override { return true; }

  private:
    static constexpr std::size_t kProviders = 10'000;  // that outside servers belong to
    static constexpr std::size_t kDsOctets = 4 + 32;   // a SHA-256 digest

    void write_plain_name(std::size_t number, RecordSink& into) const override {
        NameMaker cut_maker;
        const wire::NameView cut = cut_maker.label(Label(number)).below(apex_);
        const std::size_t provider = mixed(number) % kProviders;
        NameMaker provider_maker;
        const wire::NameView outside = provider_maker.label(Label(provider)).below(providers_);
        const bool inside = number % shape_.inside_every == 0;
        for (std::size_t server = 0; server < shape_.servers; ++server) {
            NameMaker maker;
            const char letter = static_cast<char>('a' + server);
            const wire::NameView host =
                maker.label({&letter, 1}).label("nic").below(inside ? cut : outside);
            into.add(cut, wire::type::kNs, kTtl, host.octets());
            if (inside) {
                write_addresses(host, number * shape_.servers + server, into);
            }
        }
        if (shape_.ds_every != 0 && number % shape_.ds_every == 1) {
            const support::Bytes ds(kDsOctets, static_cast<std::uint8_t>(number));
            into.add(cut, wire::type::kDs, kTtl, ds);
        }
    }

    void write_addresses(wire::NameView host, std::size_t number, RecordSink& into) const {
        const AddressRdata address(number);
        into.add(host, wire::type::kA, kTtl, address.v4());
        if (shape_.aaaa) {
            into.add(host, wire::type::kAaaa, kTtl, address.v6());
        }
    }

    Shape shape_;
    wire::Name apex_;
    wire::Name providers_ = support::name("test.");
};

/// PTR records of hosts that chose the lower half of their addresses at random.
class Reverse final : public Workload {
  public:
    explicit Reverse(std::size_t names) : Workload(names, 1, Chain::kNone) {}

    [[nodiscard]] wire::Name apex(std::size_t /*zone*/) const override { return apex_; }

    [[nodiscard]] wire::Name question(std::size_t number) const override {
        NameMaker maker;
        return wire::Name(owner(number, maker));
    }

    [[nodiscard]] wire::Type question_type(std::size_t /*number*/) const override {
        return wire::type::kPtr;
    }

  private:
    static constexpr std::size_t kSubnets = 1'000;

    wire::NameView owner(std::size_t number, NameMaker& maker) const {
        return maker.nibbles(mixed(number), 16).nibbles(number % kSubnets, 8).below(apex_);
    }

    void write_plain_name(std::size_t number, RecordSink& into) const override {
        NameMaker owner_maker;
        NameMaker host;
        into.add(owner(number, owner_maker),
                 wire::type::kPtr,
                 kTtl,
                 host.label(Label(number)).below(hosts_).octets());
    }

    wire::Name apex_ = support::name("8.b.d.0.1.0.0.2.ip6.arpa.");
    wire::Name hosts_ = support::name("hosts.example.");
};

/// Builds a zone of what it is given, all of which must be well formed.
class BuilderSink final : public RecordSink {
  public:
    explicit BuilderSink(wire::NameView apex) : builder_(apex, kHashKey) {}

    void add(wire::NameView owner,
             wire::Type type,
             std::uint32_t ttl_s,
             base::Octets rdata) override {
        UNDERSTUDY_CHECK(builder_.add(owner, type, ttl_s, rdata).has_value());
    }

    [[nodiscard]] std::unique_ptr<const zone::Zone> zone() {
        auto zone = builder_.build();
        UNDERSTUDY_CHECK(zone.has_value());
        return *std::move(zone);
    }

  private:
    zone::Builder builder_;
};

}  // namespace

Workload::Workload(std::size_t names, std::size_t zones, Chain chain)
    : names_(names), zones_(zones), chain_(chain) {
    UNDERSTUDY_CHECK(names % zones == 0 && names * 2 <= kMostNumbers);
}

void Workload::write_name(std::size_t number, RecordSink& into) const {
    if (chain_ == Chain::kNone) {
        write_plain_name(number, into);
        return;
    }
    Signer signer(into, apex(zone_of(number)), chain_);
    write_plain_name(number, signer);
}

void Workload::write_zone(std::size_t zone, RecordSink& into) const {
    const wire::Name owner = apex(zone);
    const auto write_all = [&](RecordSink& sink) {
        static const wire::Name kServer = support::name("ns.test.");
        sink.add(owner, wire::type::kSoa, kTtl, soa_rdata());
        sink.add(owner, wire::type::kNs, kTtl, kServer.view().octets());
        const std::size_t names = names_ / zones_;
        for (std::size_t i = 0; i < names; ++i) {
            write_plain_name(zone * names + i, sink);
        }
    };
    if (chain_ == Chain::kNone) {
        write_all(into);
        return;
    }
    Signer signer(into, owner, chain_);
    write_all(signer);
    signer.finish(kNegativeTtl);
}

base::Octets soa_rdata() {
    static const support::Bytes kRdata = OctetBuilder()
                                             .name("ns.test.")
                                             .name("admin.test.")
                                             .u32(1)
                                             .u32(3600)
                                             .u32(600)
                                             .u32(86400)
                                             .u32(kNegativeTtl)
                                             .bytes();
    return kRdata;
}

std::unique_ptr<const Workload> make_workload(std::string_view name, double scale) {
    constexpr std::size_t kMillion = 1'000'000;
    constexpr std::size_t kNamesAZone = 10;
    constexpr Delegations::Shape kRoot{".", 4, 1, true, 0};
    constexpr Delegations::Shape kTld{"example.", 2, 10, false, 10};
    const auto scaled = [scale](std::size_t names) {
        const auto wanted = static_cast<std::size_t>(static_cast<double>(names) * scale);
        return std::max(kFewestNames, wanted / kNamesAZone * kNamesAZone);
    };
    const auto one_a = [&scaled](std::size_t millions) {
        return std::make_unique<Hosts>(scaled(millions * kMillion), 1, 0);
    };
    if (name == "root") {
        return std::make_unique<Delegations>(scaled(1'500), kRoot);
    }
    if (name == "tld") {
        return std::make_unique<Delegations>(scaled(kMillion), kTld);
    }
    if (name == "com") {
        return std::make_unique<Delegations>(scaled(150 * kMillion), kTld);
    }
    if (name == "hosts" || name == "hosts10m") {
        return std::make_unique<Hosts>(scaled(name == "hosts" ? kMillion : 10 * kMillion), 1, 2);
    }
    if (name == "one_a") {
        return one_a(1);
    }
    if (name == "one_a10m") {
        return one_a(10);
    }
    if (name == "one_a100m") {
        return one_a(100);
    }
    if (name == "many") {
        const std::size_t names = scaled(kMillion);
        return std::make_unique<Hosts>(names, names / kNamesAZone, 2);
    }
    if (name == "ip6") {
        return std::make_unique<Reverse>(scaled(kMillion / 2));
    }
    if (name == "nsec" || name == "nsec3") {
        const Chain chain = name == "nsec" ? Chain::kNsec : Chain::kNsec3;
        return std::make_unique<Hosts>(scaled(kMillion), 1, 0, chain);
    }
    return nullptr;
}

std::unique_ptr<const zone::Zone> build_zone(const Workload& workload, std::size_t zone) {
    BuilderSink sink(workload.apex(zone));
    workload.write_zone(zone, sink);
    return sink.zone();
}

zone::Snapshot build(const Workload& workload) {
    std::vector<zone::ServedZone> zones;
    zones.reserve(workload.zones());
    for (std::size_t i = 0; i < workload.zones(); ++i) {
        zones.push_back({workload.apex(i), build_zone(workload, i), nullptr, false});
    }
    return {std::move(zones), kHashKey};
}

std::size_t memory_octets(const zone::Snapshot& snapshot) {
    std::size_t octets = 0;
    snapshot.for_each(
        [&octets](const zone::ServedZone& served) { octets += served.zone->memory_octets(); });
    return octets;
}

}  // namespace understudy::bench
