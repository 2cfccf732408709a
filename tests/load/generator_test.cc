#include <understudy/load/generator.h>

#include <gtest/gtest.h>
#include <understudy/load/run.h>
#include <understudy/memory/memory_port.h>
#include <functional>

#include "support/frames.h"
#include "support/slow_frame.h"

namespace understudy::load {
namespace {

using memory::MemoryPort;
using memory::SentPacket;
using support::Bytes;
using support::SlowFrame;

constexpr base::MacAddress kSourceMac{0x02, 0, 0, 0, 0, 0x99};
constexpr std::uint64_t kCyclesPerSecond = 1'000'000'000;
constexpr std::uint16_t kAnswered = 0x8400;  // QR AA

/// One core's generator over a port whose other end is the test.
class World {
  public:
    explicit World(port::Framing framing = port::Framing::kEthernet,
                   std::string_view server = support::kOurV4,
                   std::string_view network = "198.51.100.0/24")
        : port_({.framing = framing, .mac = kSourceMac}) {
        plan.queries = &queries_;
        plan.server = {support::ip(server), 53};
        plan.server_mac = support::kOurMac;
        plan.sources =
            Sources::make(base::IpPrefix::parse(network).value(), plan.server.address).value();
        plan.expected_rcodes = 0b1001;
        in_flight_.push_back(std::make_unique<InFlight>(Numbering(40000, 4, 0)));
    }

    void start() {
        generator_ = std::make_unique<Generator>(plan, 0, ports_, in_flight_, counters, *results);
        generator_->begin(0, kCyclesPerSecond);
    }

    std::size_t send(std::uint64_t now = 0) { return generator_->send(now); }
    std::vector<SentPacket> sent() { return port_.sent(); }

    void receive(const Bytes& octets, std::uint64_t now = 0, const port::DatagramPath& path = {}) {
        ASSERT_TRUE(port_.inject(octets, path));
        (void)generator_->receive(now);
    }

    Plan plan;
    CoreCounters counters;
    std::unique_ptr<CoreResults> results = std::make_unique<CoreResults>();
    MemoryPort& port() { return port_; }
    void end() { generator_.reset(); }

  private:
    MemoryPort port_;
    std::vector<port::PacketPort*> ports_{&port_};
    QuerySet queries_ = QuerySet::parse("www.Example A\nb.example AAAA\n", "q", {}).value();
    std::vector<std::unique_ptr<InFlight>> in_flight_;
    std::unique_ptr<Generator> generator_;
};

/// The frame of an answer with `payload` to the query that `frame` holds.
Bytes reply_frame(const SlowFrame& query, const Bytes& payload) {
    const std::string source = query.destination.to_string();
    const std::string destination = query.source.to_string();
    support::FrameFields fields;
    fields.ethernet = {.destination = kSourceMac, .source = support::kOurMac};
    fields.ipv4.source = source;
    fields.ipv4.destination = destination;
    fields.ipv6.source = source;
    fields.ipv6.destination = destination;
    fields.udp.source_port = query.destination_port;
    fields.udp.destination_port = query.source_port;
    fields.payload = payload;
    return query.source.is_v6() ? support::udp_frame_v6(fields) : support::udp_frame_v4(fields);
}

Bytes with_flags(Bytes message, std::uint16_t flags) {
    base::store_be16(&message[2], flags);
    return message;
}

TEST(Generator, SendsWholeQueriesOfTheFileInTurn) {
    for (const auto& [server, network] : std::vector<std::pair<const char*, const char*>>{
             {"192.0.2.53", "198.51.100.0/24"}, {"2001:db8::53", "2001:db8:1::/64"}}) {
        World world(port::Framing::kEthernet, server, network);
        world.start();
        ASSERT_EQ(world.send(), Plan::kDefaultBurst);
        const auto sent = world.sent();
        ASSERT_EQ(sent.size(), Plan::kDefaultBurst);
        std::set<std::string> sources;
        std::set<std::uint16_t> ports;
        for (std::size_t i = 0; i < sent.size(); ++i) {
            const SlowFrame frame = support::parse_slowly(sent[i].octets);
            ASSERT_EQ(frame.fault, "") << i;
            EXPECT_EQ(frame.source_mac, kSourceMac);
            EXPECT_EQ(frame.destination_mac, support::kOurMac);
            EXPECT_EQ(frame.destination.to_string(), server);
            EXPECT_TRUE(base::IpPrefix::parse(network)->contains(frame.source));
            EXPECT_EQ(frame.destination_port, 53);
            EXPECT_NE(frame.udp_checksum, 0);
            Bytes question = (*world.plan.queries)[i % 2].message.size() == frame.payload.size()
                                 ? frame.payload
                                 : Bytes();
            ASSERT_FALSE(question.empty());
            base::store_be16(question.data(), 0);
            EXPECT_TRUE(std::ranges::equal(question, (*world.plan.queries)[i % 2].message));
            sources.insert(frame.source.to_string());
            ports.insert(frame.source_port);
        }
        EXPECT_GT(sources.size(), 20U);
        EXPECT_GT(ports.size(), 8U);
    }
}

TEST(Generator, CountsARightAnswerWithItsTimeAndSize) {
    for (const char* server : {"192.0.2.53", "2001:db8::53"}) {
        World world(port::Framing::kEthernet,
                    server,
                    std::string_view(server).find(':') == std::string_view::npos
                        ? "198.51.100.0/24"
                        : "2001:db8:1::/64");
        world.start();
        (void)world.send(1000);
        const SlowFrame query = support::parse_slowly(world.sent()[1].octets);
        world.receive(reply_frame(query, with_flags(query.payload, kAnswered)), 5000);
        EXPECT_EQ(world.counters.answered.read(), 1U);
        EXPECT_EQ(world.counters.rcodes[0].read(), 1U);
        EXPECT_EQ(world.counters.unexpected_rcodes.read(), 0U);
        EXPECT_EQ(world.results->latency_cycles.most(), 4000U);
        EXPECT_EQ(world.results->answer_octets.most(), query.payload.size());
        world.receive(reply_frame(query, with_flags(query.payload, kAnswered)), 6000);
        EXPECT_EQ(world.counters.answered.read(), 1U) << "a copy counts once";
        EXPECT_EQ(world.counters.unmatched.read(), 1U);
    }
}

/// What a wrong answer is counted as. `change` spoils the payload of a right one.
struct Wrong {
    const char* what;
    std::function<void(Bytes&)> change;
    stats::Counter CoreCounters::*counter;
};

TEST(Generator, CatchesWrongAnswers) {
    const std::vector<Wrong> cases{
        {"another id", [](Bytes& m) { m[1] ^= 1U; }, &CoreCounters::unmatched},
        {"no response", [](Bytes& m) { m[2] = 0; }, &CoreCounters::malformed},
        {"another opcode", [](Bytes& m) { m[2] |= 0x28; }, &CoreCounters::malformed},
        {"no header", [](Bytes& m) { m.resize(11); }, &CoreCounters::malformed},
        {"another name", [](Bytes& m) { m[13] ^= 2U; }, &CoreCounters::wrong_question},
        {"another letter case", [](Bytes& m) { m[13] ^= 0x20U; }, &CoreCounters::wrong_question},
        {"another type", [](Bytes& m) { m[m.size() - 3] = 16; }, &CoreCounters::wrong_question},
        {"cut short", [](Bytes& m) { m.pop_back(); }, &CoreCounters::wrong_question},
        {"no question", [](Bytes& m) { m[5] = 0; }, &CoreCounters::wrong_question},
        {"two questions", [](Bytes& m) { m[5] = 2; }, &CoreCounters::wrong_question},
    };
    for (const Wrong& wrong : cases) {
        World world;
        world.start();
        (void)world.send();
        const SlowFrame query = support::parse_slowly(world.sent().front().octets);
        Bytes payload = with_flags(query.payload, kAnswered);
        wrong.change(payload);
        world.receive(reply_frame(query, payload));
        EXPECT_EQ((world.counters.*wrong.counter).read(), 1U) << wrong.what;
        EXPECT_EQ(world.counters.answered.read(), 0U) << wrong.what;
    }
}

TEST(Generator, CatchesWrongFrames) {
    World world;
    world.start();
    (void)world.send();
    const SlowFrame query = support::parse_slowly(world.sent().front().octets);
    const Bytes right = reply_frame(query, with_flags(query.payload, kAnswered));

    Bytes spoiled = right;
    spoiled.back() ^= 1U;
    world.receive(spoiled);
    EXPECT_EQ(world.counters.bad_checksum.read(), 1U);
    spoiled = right;
    spoiled[14 + 10] ^= 1U;  // the IPv4 header's
    world.receive(spoiled);
    EXPECT_EQ(world.counters.bad_checksum.read(), 2U);

    SlowFrame other = query;
    other.source = support::ip("198.51.100.250");
    if (other.source == query.source) {
        other.source = support::ip("198.51.100.249");
    }
    world.receive(reply_frame(other, with_flags(query.payload, kAnswered)));
    EXPECT_EQ(world.counters.unmatched.read(), 1U) << "to another address than that which asked";

    other = query;
    other.destination_port = 54;
    world.receive(reply_frame(other, query.payload));
    other = query;
    other.destination = support::ip("192.0.2.54");
    world.receive(reply_frame(other, query.payload));
    EXPECT_EQ(world.counters.foreign.read(), 2U) << "not from the server";
    for (std::size_t octets = 1; octets < right.size(); ++octets) {
        world.receive(Bytes(right.begin(), right.begin() + static_cast<long>(octets)));
    }
    EXPECT_EQ(world.counters.answered.read(), 0U);
}

TEST(Generator, TellsRcodesApart) {
    World world;
    world.start();
    (void)world.send();
    const auto sent = world.sent();
    const std::vector<std::uint16_t> flags{0x8403, 0x8005, 0x8602};
    for (std::size_t i = 0; i < flags.size(); ++i) {
        const SlowFrame query = support::parse_slowly(sent[i].octets);
        world.receive(reply_frame(query, with_flags(query.payload, flags[i])));
    }
    EXPECT_EQ(world.counters.answered.read(), 3U);
    EXPECT_EQ(world.counters.rcodes[3].read(), 1U);
    EXPECT_EQ(world.counters.rcodes[5].read(), 1U);
    EXPECT_EQ(world.counters.unexpected_rcodes.read(), 2U) << "REFUSED and SERVFAIL";
    EXPECT_EQ(world.counters.truncated.read(), 1U);
    // A server that cannot read the question need not repeat it.
    const SlowFrame query = support::parse_slowly(sent[5].octets);
    Bytes header(query.payload.begin(), query.payload.begin() + 12);
    header[5] = 0;
    world.receive(reply_frame(query, with_flags(header, 0x8001)));
    EXPECT_EQ(world.counters.rcodes[1].read(), 1U);
}

TEST(Generator, TakesReflectedFramesOnlyWhereAsked) {
    for (const auto returning : {net::Returning::kAnswered, net::Returning::kReflected}) {
        World world;
        world.plan.returning = returning;
        world.start();
        (void)world.send();
        Bytes frame = world.sent().front().octets;
        std::swap_ranges(frame.begin(), frame.begin() + 6, frame.begin() + 6);
        world.receive(frame);
        const bool reflected = returning == net::Returning::kReflected;
        EXPECT_EQ(world.counters.answered.read(), reflected ? 1U : 0U);
        EXPECT_EQ(world.counters.foreign.read(), reflected ? 0U : 1U);
    }
}

TEST(Generator, KeepsTheWindow) {
    World world;
    world.plan.window = 40;
    world.start();
    EXPECT_EQ(world.send(0), 32U);
    EXPECT_EQ(world.send(1), 8U);
    EXPECT_EQ(world.send(2), 0U);
    const SlowFrame query = support::parse_slowly(world.sent()[3].octets);
    world.receive(reply_frame(query, with_flags(query.payload, kAnswered)), 3);
    EXPECT_EQ(world.send(4), 1U);
    // What is lost frees its place after a while.
    EXPECT_EQ(world.send(static_cast<std::uint64_t>(Generator::kGiveUpSeconds * kCyclesPerSecond)),
              31U);
}

TEST(Generator, KeepsTheRateAndSaysWhatWasLate) {
    World world;
    world.plan.rate_a_core = 10'000;  // one each 100 µs
    world.start();
    std::size_t sent = 0;
    for (std::uint64_t now = 0; now <= kCyclesPerSecond / 10; now += 10'000) {
        sent += world.send(now);
        (void)world.sent();
    }
    EXPECT_EQ(sent, 1000U);
    EXPECT_EQ(world.counters.late.read(), 0U);
    // After a pause of 100 ms, 1,000 are due; a burst is caught up on.
    for (int i = 0; i < 10; ++i) {
        sent += world.send(kCyclesPerSecond / 5);
    }
    EXPECT_EQ(sent, 1000U + Plan::kDefaultBurst);
    EXPECT_EQ(world.counters.late.read(), 1000U - Plan::kDefaultBurst);
}

TEST(Generator, ARefusedPacketIsSentLater) {
    World world;
    world.port().limit_tx(5);
    world.start();
    EXPECT_EQ(world.send(), 5U);
    world.port().limit_tx(MemoryPort::kNoLimit);
    EXPECT_EQ(world.send(), Plan::kDefaultBurst);
    EXPECT_EQ(world.counters.sent.read(), 5 + Plan::kDefaultBurst);
    const auto sent = world.sent();
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const SlowFrame frame = support::parse_slowly(sent[i].octets);
        EXPECT_EQ(frame.fault, "");
        EXPECT_EQ(frame.payload.size(), (*world.plan.queries)[i % 2].message.size()) << i;
        world.receive(reply_frame(frame, with_flags(frame.payload, kAnswered)));
    }
    EXPECT_EQ(world.counters.answered.read(), sent.size());
    world.end();
    EXPECT_EQ(world.port().outstanding(), 0U);
}

TEST(Generator, AsksThroughDatagramsToo) {
    World world(port::Framing::kDatagram);
    world.plan.sources = Sources::fixed(support::ip("198.51.100.7"));
    world.start();
    ASSERT_EQ(world.send(), Plan::kDefaultBurst);
    const SentPacket query = world.sent()[1];
    EXPECT_EQ(query.path.peer, world.plan.server);
    EXPECT_EQ(query.path.local.address, support::ip("198.51.100.7"));
    world.receive(with_flags(query.octets, kAnswered), 1, query.path);
    EXPECT_EQ(world.counters.answered.read(), 1U);
    port::DatagramPath other = query.path;
    other.peer.port = 54;
    world.receive(with_flags(query.octets, kAnswered), 1, other);
    EXPECT_EQ(world.counters.foreign.read(), 1U);
}

TEST(Generator, AnswersForItsSourcesMeanwhile) {
    World world;
    world.start();
    support::ArpFields request;
    request.sender = support::kOurV4;
    request.target = "198.51.100.9";
    world.receive(support::arp_frame(request));
    const auto sent = world.sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(support::parse_slowly(sent[0].octets).arp_operation, 2);
    world.end();
    EXPECT_EQ(world.port().outstanding(), 0U);
}

/// Two cores whose answers come in by each other's ports, on threads of their own.
TEST(LoadRun, FindsAnswersOnAnyCore) {
    const QuerySet queries = QuerySet::parse("a.example A\nb.example A\n", "q", {}).value();
    Plan plan;
    plan.queries = &queries;
    plan.server = {support::ip(support::kOurV4), 53};
    plan.sources =
        Sources::make(base::IpPrefix::parse("10.0.0.0/8").value(), plan.server.address).value();
    plan.server_mac = support::kOurMac;
    plan.expected_rcodes = 1;
    plan.rate_a_core = 2000;
    MemoryPort first({.mac = kSourceMac});
    MemoryPort second({.mac = kSourceMac});
    const std::vector<CoreShare> shares{{.core = std::nullopt, .ports = {&first}},
                                        {.core = std::nullopt, .ports = {&second}}};
    load::Run run(plan, PortPlan::for_frames(shares.size()), shares);
    run.start(std::chrono::milliseconds(300));
    while (run.is_running()) {
        for (auto [from, to] : {std::pair{&first, &second}, std::pair{&second, &first}}) {
            for (const SentPacket& packet : from->sent()) {
                const SlowFrame query = support::parse_slowly(packet.octets);
                (void)to->inject(reply_frame(query, with_flags(query.payload, kAnswered)));
            }
        }
    }
    const auto report = run.finish();
    EXPECT_GT(report->totals.sent, 0U);
    EXPECT_EQ(report->totals.answered, report->totals.sent);
    EXPECT_EQ(report->totals.lost(), 0U);
    EXPECT_EQ(report->totals.wrong(), 0U);
    EXPECT_EQ(report->latency_cycles.count(), report->totals.sent);
    EXPECT_NEAR(report->seconds, 0.3, 0.2);
}

}  // namespace
}  // namespace understudy::load
