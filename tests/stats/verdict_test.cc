#include <gtest/gtest.h>

#include <understudy/stats/counters.h>
#include <set>

namespace understudy::stats {
namespace {

TEST(Verdict, NamesAreDistinctAndFitForLabels) {
    std::set<std::string_view> names;
    for (const VerdictInfo& verdict : kVerdicts) {
        EXPECT_TRUE(names.insert(verdict.name).second) << verdict.name;
        EXPECT_EQ(verdict.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"),
                  std::string_view::npos)
            << verdict.name;
        EXPECT_FALSE(verdict.meaning.empty()) << verdict.name;
    }
}

TEST(WorkerCounters, SumsByOutcome) {
    WorkerCounters counters;
    counters.count(Verdict::kPositive);
    counters.count(Verdict::kNxDomain);
    counters.count(Verdict::kShortFrame);
    EXPECT_EQ(counters.read(Verdict::kPositive), 1U);
    EXPECT_EQ(counters.read(Outcome::kAnswered), 2U);
    EXPECT_EQ(counters.read(Outcome::kDropped), 1U);
    EXPECT_EQ(counters.read(Outcome::kReplied), 0U);
}

}  // namespace
}  // namespace understudy::stats
