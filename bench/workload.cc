#include "workload.h"

#include <understudy/base/check.h>
#include <understudy/wire/name.h>
#include <understudy/zone/builder.h>
#include <array>
#include <functional>
#include <memory>
#include <random>
#include <utility>

#include "support/messages.h"
#include "support/octets.h"

namespace understudy::bench {
namespace {

using support::Bytes;
using support::OctetBuilder;

constexpr zone::HashKey kHashKey{0x243F6A8885A308D3, 0x13198A2E03707345};
constexpr std::uint32_t kTtl = 300;
constexpr unsigned kNameServers = 4;
constexpr unsigned kMissesInTen = 1;

class Zone {
  public:
    explicit Zone(const std::string& apex)
        : apex_(support::name(apex)), builder_(apex_.view(), kHashKey) {
        const Bytes numbers(20, 1);
        add(apex,
            wire::type::kSoa,
            OctetBuilder().name("ns.example.").name("admin.example.").raw(numbers).bytes());
        add(apex, wire::type::kNs, support::name("ns.example.").view().octets());
    }

    void add(const std::string& owner, wire::Type type, base::Octets rdata) {
        UNDERSTUDY_CHECK(builder_.add(support::name(owner).view(), type, kTtl, rdata).has_value());
    }

    [[nodiscard]] zone::Snapshot snapshot() {
        auto zone = builder_.build();
        UNDERSTUDY_CHECK(zone.has_value());
        return {{{apex_, *std::move(zone), nullptr, false}}, kHashKey};
    }

  private:
    wire::Name apex_;
    zone::Builder builder_;
};

/// Five to eleven letters that no other number has, in no order.
std::string label(std::size_t number) {
    constexpr std::size_t kFewest = 5;
    std::uint64_t mixed = (number + 1) * 0x9E3779B97F4A7C15;
    mixed ^= mixed >> 29U;
    std::string text;
    for (std::size_t left = kFewest + mixed % 3; left > 0; --left, mixed /= 26) {
        text += static_cast<char>('a' + mixed % 26);
    }
    for (; number > 0; number /= 10) {
        text += static_cast<char>('0' + number % 10);
    }
    return text;
}

Bytes address(std::size_t number) {
    return OctetBuilder().u32(0x0A000000U + static_cast<std::uint32_t>(number)).bytes();
}

std::string in_mixed_case(std::string name, std::mt19937_64& random) {
    for (char& letter : name) {
        if (letter >= 'a' && letter <= 'z' && random() % 2 == 0) {
            letter = static_cast<char>(letter - 'a' + 'A');
        }
    }
    return name;
}

/// `ask`: name and expected text of the name with that number; beyond `names` it does not exist.
std::vector<Question> make_questions(
    std::size_t count,
    std::size_t names,
    const std::function<std::pair<std::string, std::string>(std::size_t)>& ask) {
    std::mt19937_64 random(1);
    std::vector<Question> questions;
    for (std::size_t i = 0; i < count; ++i) {
        const bool misses = random() % 10 < kMissesInTen;
        const auto [name, expected] = ask(random() % names + (misses ? names : 0));
        support::FrameFields fields;
        const std::string source = "198.51.100." + std::to_string(1 + random() % 250);
        fields.ipv4.source = source;
        fields.udp.source_port = static_cast<std::uint16_t>(1024 + random() % 60'000);
        fields.payload = support::make_query({.name = in_mixed_case(name, random),
                                              .id = static_cast<std::uint16_t>(random()),
                                              .edns = support::EdnsFields{}});
        questions.push_back({udp_frame_v4(fields), expected});
    }
    return questions;
}

}  // namespace

Workload make_root(std::size_t delegations, std::size_t questions) {
    Zone root(".");
    for (std::size_t i = 0; i < delegations; ++i) {
        const std::string cut = label(i) + ".";
        for (unsigned server = 0; server < kNameServers; ++server) {
            const std::string host =
                std::string(1, static_cast<char>('a' + server)) + ".nic." + cut;
            const Bytes v4 = address(i * kNameServers + server);
            root.add(cut, wire::type::kNs, support::name(host).view().octets());
            root.add(host, wire::type::kA, v4);
            root.add(host, wire::type::kAaaa, support::join({Bytes(12, 0x20), v4}));
        }
    }
    return {root.snapshot(),
            make_questions(questions,
                           delegations,
                           [delegations](std::size_t i) -> std::pair<std::string, std::string> {
                               const std::string cut = label(i) + ".";
                               return {"www." + cut,
                                       i < delegations ? "authority " + cut + " 300 in ns d.nic."
                                                       : "nxdomain aa\nauthority . "};
                           }),
            delegations};
}

Workload make_hosts(std::size_t names, std::size_t questions) {
    Zone hosts("example.");
    for (std::size_t i = 0; i < names; ++i) {
        hosts.add(label(i) + ".example.", wire::type::kA, address(i));
    }
    return {hosts.snapshot(),
            make_questions(questions,
                           names,
                           [names](std::size_t i) -> std::pair<std::string, std::string> {
                               const std::string name = label(i) + ".example.";
                               const Bytes octets = address(i);
                               const std::string text =
                                   base::IpAddress::v4(base::Octets(octets).first<4>()).to_string();
                               return {name,
                                       i < names ? "noerror aa\nanswer " + name + " 300 in a " +
                                                       text + "\n"
                                                 : "nxdomain aa\nauthority example. "};
                           }),
            names};
}

}  // namespace understudy::bench
