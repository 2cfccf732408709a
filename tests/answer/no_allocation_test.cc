#include <gtest/gtest.h>
#include <understudy/answer/answer.h>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/failing_allocator.h"
#include "support/server.h"
#include "support/signed_zones.h"

namespace understudy::answer {
namespace {

using stats::Verdict;
using support::AllocationGuard;
using support::Bytes;
namespace type = wire::type;

/// What nobody uses a compiler need not allocate.
void use(const void* block) { asm volatile("" : : "g"(block) : "memory"); }

TEST(AllocationGuard, SeesEveryKindOfAllocation) {
    const auto allocations_of = [](auto allocate) {
        const AllocationGuard guard;
        allocate();
        return guard.count();
    };
    EXPECT_EQ(allocations_of([] {}), 0U);
    std::unique_ptr<int> one;
    EXPECT_EQ(allocations_of([&one] { use((one = std::make_unique<int>(1)).get()); }), 1U);
    EXPECT_EQ(allocations_of([&one] { one.reset(); }), 0U);
    std::vector<int> many;
    EXPECT_EQ(allocations_of([&many] {
                  many.resize(100);
                  use(many.data());
              }),
              1U);
    std::string text;
    EXPECT_EQ(allocations_of([&text] {
                  text.assign(100, 'x');
                  use(text.data());
              }),
              1U);
    struct alignas(64) Line {
        std::array<char, 64> octets;
    };
    std::unique_ptr<Line> line;
    EXPECT_EQ(allocations_of([&line] { use((line = std::make_unique<Line>()).get()); }), 1U);
    void* block = nullptr;
    EXPECT_EQ(allocations_of([&block] { use(block = std::malloc(10)); }), 1U);
    void* grown = nullptr;
    EXPECT_EQ(allocations_of([&] { use(grown = std::realloc(block, 1000)); }), 1U);
    std::free(grown != nullptr ? grown : block);
}

TEST(AllocationGuard, CountsItsOwnThreadWhileItLives) {
    std::thread other;
    {
        const AllocationGuard guard;
        const std::size_t before = guard.count();
        other = std::thread([] {
            for (int i = 0; i < 100; ++i) {
                const std::vector<int> many(1000, i);
            }
        });
        EXPECT_LT(guard.count() - before, 50U);
        other.join();
    }
    const auto unwatched = std::make_unique<int>(1);
    const AllocationGuard again;
    EXPECT_EQ(again.count(), 0U);
}

support::Server make_server() {
    support::Server server;
    server.context = {"id", "version", {'n'}, 1232};
    zone::QueryAccess access;
    access.grants.push_back({.addresses = {base::IpPrefix::parse("198.51.100.0/24").value()},
                             .keys = {support::name("key.")}});
    std::string chain;
    for (int i = 0; i < 30; ++i) {
        chain += "h" + std::to_string(i) + " CNAME h" + std::to_string(i + 1) + "\n";
    }
    server
        .serve("plain.",
               chain +
                   "@ A 192.0.2.1\n@ MX 10 mail.plain.\n*.w CNAME h28\nloop CNAME loop\n"
                   "d DNAME e\na.e TXT x\nlong DNAME " +
                   std::string(60, 'x') + "." + std::string(60, 'x') + "." + std::string(60, 'x') +
                   "\nsub NS ns.sub\nsub NS ns.other\nns.sub A 192.0.2.1\nother NS ns.other\n"
                   "ns.other AAAA ::1\nbig TYPE65280 \\# 2000 " +
                   std::string(4000, '0') + "\ns HTTPS 0 t\nt HTTPS 1 . alpn=h3\nt A 192.0.2.1\n")
        .serve(support::make_signed_zone("nsec.", support::kNsecZone))
        .serve(support::make_signed_zone("example.", support::kNsec3Zone))
        .serve("closed.", "", std::make_shared<const zone::QueryAccess>(access))
        .serve_nothing("new.", false)
        .serve_nothing("old.", true);
    return server;
}

/// Every name with every type, class, transport option that has a path of its own.
std::vector<Bytes> make_requests() {
    std::vector<std::string> names = {
        ".",          "plain.",       "PLAIN.",     "none.plain.",  "h0.plain.",  "h28.plain.",
        "x.w.plain.", "w.plain.",     "*.w.plain.", "loop.plain.",  "a.d.plain.", "d.plain.",
        "sub.plain.", "x.sub.plain.", "big.plain.", "s.plain.",     "closed.",    "new.",
        "x.old.",     "other.",       "id.server.", "version.bind."};
    names.push_back(std::string(60, 'y') + "." + std::string(60, 'y') + ".long.plain.");
    // One for each kind of proof.
    for (const char* name : {"",
                             "a.c.x.w.",
                             "ns1.",
                             "y.w.",
                             "e.",
                             "mc.a.",
                             "mc.b.",
                             "mc.c.",
                             "b.",
                             "c.",
                             "a.z.w.",
                             "x.e.",
                             "*.w.",
                             "2t7b4g4vsa5smi47k61mv5bv1a22bojr.",
                             "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom."}) {
        names.push_back(std::string(name) + "nsec.");
        names.push_back(std::string(name) + "example.");
    }
    const Bytes options =
        support::OctetBuilder().raw(support::edns_option(3)).raw(support::edns_option(19)).bytes();
    std::vector<Bytes> requests;
    for (const std::string& name : names) {
        for (const wire::Type query_type : {type::kA,
                                            type::kNs,
                                            type::kCname,
                                            type::kDs,
                                            type::kMx,
                                            type::kRrsig,
                                            type::kNsec,
                                            type::kHttps,
                                            type::kTxt,
                                            type::kAny,
                                            type::kAxfr,
                                            type::kOpt,
                                            wire::Type{65280}}) {
            for (const wire::Class klass : {wire::klass::kIn, wire::klass::kChaos}) {
                support::QueryFields query{.name = name, .type = query_type, .klass = klass};
                requests.push_back(support::make_query(query));
                query.edns = support::EdnsFields{
                    .payload_octets = 4096, .dnssec_ok = true, .options = options};
                requests.push_back(support::make_query(query));
                query.edns->version = 1;
                requests.push_back(support::make_query(query));
                query.flags = 3U << wire::flag::kOpcodeShift;
                requests.push_back(support::make_query(query));
            }
        }
    }
    std::mt19937 random(1);
    for (std::size_t i = requests.size(); i > 0; --i) {  // each once more, with a fault
        Bytes broken = requests[i - 1];
        broken[random() % broken.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
        broken.resize(broken.size() - (i % 7 == 0 ? random() % broken.size() : 0));
        requests.push_back(broken);
    }
    std::ranges::shuffle(requests, random);
    return requests;
}

void expect_no_allocation(bool rotates) {
    constexpr std::size_t kBatch = 32;
    support::Server server = make_server();
    if (rotates) {
        server.rotate_answers();
    }
    const zone::Snapshot snapshot = server.snapshot();
    const std::vector<Bytes> requests = make_requests();
    ASSERT_GT(requests.size(), 3000U);
    const Bytes source{192, 0, 2, 1};
    std::set<Verdict> verdicts;
    std::vector<Bytes> buffers(kBatch, Bytes(4096));
    for (const Transport transport : {Transport::kUdp, Transport::kStream}) {
        for (std::size_t at = 0; at < requests.size(); at += kBatch) {
            std::array<Request, kBatch> batch;
            const std::size_t count = std::min(kBatch, requests.size() - at);
            for (std::size_t i = 0; i < count; ++i) {
                std::ranges::copy(requests[at + i], buffers[i].begin());
                batch[i] = {.buffer = buffers[i],
                            .length_octets = requests[at + i].size(),
                            .source = source,
                            .transport = transport,
                            .key = nullptr};
            }
            const AllocationGuard guard;
            answer(std::span(batch).first(count), snapshot, server.context);
            ASSERT_EQ(guard.count(), 0U);
            for (std::size_t i = 0; i < count; ++i) {
                verdicts.insert(batch[i].verdict);
            }
        }
    }
    // The mix went everywhere.
    EXPECT_EQ(verdicts,
              (std::set{Verdict::kPositive,
                        Verdict::kNoData,
                        Verdict::kNxDomain,
                        Verdict::kReferral,
                        Verdict::kTruncated,
                        Verdict::kRefused,
                        Verdict::kServFail,
                        Verdict::kFormErr,
                        Verdict::kNotImp,
                        Verdict::kBadVers,
                        Verdict::kYxDomain,
                        Verdict::kServerInfo,
                        Verdict::kToControl,
                        Verdict::kShortMessage,
                        Verdict::kIsResponse}));
}

TEST(Answer, AllocatesNothing) {
    expect_no_allocation(false);
    expect_no_allocation(true);
}

}  // namespace
}  // namespace understudy::answer
