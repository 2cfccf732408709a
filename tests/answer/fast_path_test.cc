#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "answer/fast_path.h"
#include "support/messages.h"
#include "support/server.h"
#include "support/signed_zones.h"

// Which queries it takes; that it answers them as the general path does, the property tests say.
namespace understudy::answer {
namespace {

using support::Bytes;
using support::Server;
namespace type = wire::type;

struct Question {
    std::string name;
    wire::Type type = type::kA;
    bool dnssec_ok = true;
};

/// What FastPath leaves of these, as a mask.
std::uint32_t left_of(const Server& server, const std::vector<Question>& questions) {
    static const Bytes kSource{192, 0, 2, 77};
    std::vector<std::array<std::uint8_t, 4096>> buffers(questions.size());
    std::vector<Request> requests(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const Bytes query =
            support::make_query({.name = questions[i].name,
                                 .type = questions[i].type,
                                 .edns = support::EdnsFields{.dnssec_ok = questions[i].dnssec_ok}});
        std::ranges::copy(query, buffers[i].begin());
        requests[i].buffer = buffers[i];
        requests[i].length_octets = query.size();
        requests[i].source = kSource;
    }
    const zone::Snapshot snapshot = server.snapshot();
    FastPath fast_path(snapshot, server.context);
    return fast_path.answer(requests);
}

class FastPathOf : public testing::Test {
  protected:
    explicit FastPathOf(std::string_view text) {
        server_.serve(support::make_signed_zone("example.", text));
    }

    void expect_takes(const Question& question) const {
        EXPECT_EQ(left_of(server_, {question}), 0U) << question.name << ' ' << question.type;
    }
    void expect_leaves(const Question& question) const {
        EXPECT_EQ(left_of(server_, {question}), 1U) << question.name << ' ' << question.type;
    }

    Server server_;
};

class FastPathOfNsec : public FastPathOf {
  protected:
    FastPathOfNsec() : FastPathOf(support::kNsecZone) {}
};

class FastPathOfNsec3 : public FastPathOf {
  protected:
    FastPathOfNsec3() : FastPathOf(support::kNsec3Zone) {}
};

TEST_F(FastPathOfNsec, TakesWhatTheUsualProofsAnswer) {
    expect_takes({"x.w.example.", type::kMx});
    expect_takes({"ml.example."});               // does not exist
    expect_takes({"ns1.example.", type::kMx});   // lacks the type
    expect_takes({"y.w.example."});              // an empty non-terminal
    expect_takes({"mc.a.example.", type::kMx});  // a secure delegation
    expect_takes({"mc.b.example.", type::kMx});  // an insecure one
    expect_takes({"a.example."});                // at the cut
    expect_takes({"a.example.", type::kDs});     // the parent's side of it
    expect_takes({"b.example.", type::kDs});
    expect_takes({"mc.a.example.", type::kDs});
    expect_takes({"ns1.example.", type::kHttps});
}

TEST_F(FastPathOfNsec, LeavesTheOthers) {
    expect_leaves({"zz.xx.example."});                    // a deeper encloser
    expect_leaves({"a.z.w.example.", type::kMx});         // a wildcard
    expect_leaves({"example.", type::kDs});               // may be another zone's
    expect_leaves({"ns1.example.", type::kAny});          // more than one RRset
    expect_leaves({"example.org."});                      // no zone of ours
    expect_leaves({std::string(32, 'a') + ".example."});  // may be a hash
}

TEST_F(FastPathOfNsec3, TakesWhatTheUsualProofsAnswer) {
    expect_takes({"ml.example."});               // does not exist
    expect_takes({"ns1.example.", type::kMx});   // lacks the type
    expect_takes({"y.w.example."});              // an empty non-terminal
    expect_takes({"mc.a.example.", type::kMx});  // a secure delegation
    expect_takes({"mc.c.example.", type::kMx});  // one that opts out
}

TEST_F(FastPathOfNsec3, LeavesTheOthers) {
    expect_leaves({"a.c.x.w.example."});           // a deeper encloser
    expect_leaves({"a.z.w.example.", type::kMx});  // a wildcard
}

TEST(FastPath, TakesAliasesThatLeadOutOfTheZone) {
    Server server;
    server.serve("example.", "away CNAME www.example.org.\nhere CNAME www\nwww A 192.0.2.1\n");
    const bool dnssec_ok = false;
    EXPECT_EQ(left_of(server, {{"away.example.", type::kA, dnssec_ok}}), 0U);
    EXPECT_EQ(left_of(server, {{"here.example.", type::kA, dnssec_ok}}), 1U);
    EXPECT_EQ(left_of(server, {{"here.example.", type::kCname, dnssec_ok}}), 0U);
}

TEST(FastPath, TakesReferralsWithSiblingGlue) {
    Server server;
    std::string zone = "sub NS ns.sibling\nsibling NS ns.sibling\nns.sibling A 192.0.2.1\n";
    for (int i = 0; i < 200; ++i) {
        zone += "wide NS ns" + std::to_string(i) + "\n";
    }
    server.serve("example.", zone);
    const bool dnssec_ok = false;
    const Question sub{"www.sub.example.", type::kA, dnssec_ok};
    const Question wide{"www.wide.example.", type::kA, dnssec_ok};
    EXPECT_EQ(left_of(server, {sub}), 0U);
    EXPECT_EQ(left_of(server, {sub, wide, sub}), 2U);  // more servers than there is room for
}

TEST(FastPath, LeavesRecordsThatReferToOthers) {
    Server server;
    server.serve("example.", "svc HTTPS 1 www\nwww A 192.0.2.1\n");
    EXPECT_EQ(left_of(server, {{"svc.example.", type::kHttps, false}}), 1U);
    EXPECT_EQ(left_of(server, {{"www.example.", type::kHttps, false}}), 0U);
}

TEST_F(FastPathOfNsec3, ProvesSeveralInOneBatch) {
    std::vector<Question> questions;
    std::uint32_t left = 0;
    for (std::size_t i = 0; i < FastPath::kBatch; ++i) {
        switch (i % 4) {
            case 0:
                questions.push_back({"ml" + std::to_string(i) + ".example."});
                break;
            case 1:
                questions.push_back({"ns1.example.", type::kMx});
                break;
            case 2:
                questions.push_back({"a.c.x.w.example."});
                left |= std::uint32_t{1} << i;
                break;
            default:
                questions.push_back({"mc.c.example.", type::kMx, i % 8 == 3});
                break;
        }
    }
    EXPECT_EQ(left_of(server_, questions), left);
}

}  // namespace
}  // namespace understudy::answer
