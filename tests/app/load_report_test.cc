#include "app/load_report.h"

#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace understudy::app {
namespace {

/// 1,000 queries in half a second, 990 of which were answered after 1 to 990 µs.
std::unique_ptr<load::Report> report() {
    auto report = std::make_unique<load::Report>();
    report->totals.sent = 1000;
    report->totals.answered = 990;
    report->totals.rcodes[0] = 900;
    report->totals.rcodes[3] = 80;
    report->totals.rcodes[15] = 10;
    report->seconds = 0.5;
    report->nanoseconds_a_cycle = 0.5;
    for (std::uint64_t us = 1; us <= 990; ++us) {
        report->latency_cycles.add(us * 2000);
        report->answer_octets.add(us % 2 == 0 ? 50 : 60);
    }
    return report;
}

TEST(LoadReport, JsonHasTheFigures) {
    LoadOptions options;
    options.rate = 2000;
    const auto document = nlohmann::json::parse(load_report_json(
        *report(), options, {{}, {.seconds = 0.5, .sent = 1000, .answered = 990}}));
    EXPECT_EQ(document["sent"], 1000);
    EXPECT_EQ(document["answered"], 990);
    EXPECT_EQ(document["lost"], 10);
    EXPECT_EQ(document["qps"], 1980);
    EXPECT_EQ(document["rcodes"],
              nlohmann::json({{"NOERROR", 900}, {"NXDOMAIN", 80}, {"RCODE15", 10}}));
    EXPECT_NEAR(document["latency_us"]["p50"].get<double>(), 495, 5);
    EXPECT_NEAR(document["latency_us"]["p99.9"].get<double>(), 990, 1);
    EXPECT_EQ(document["latency_us"]["max"], 990);
    EXPECT_EQ(document["latency_us"]["min"], 1);
    EXPECT_EQ(document["answer_octets"]["max"], 60);
    EXPECT_EQ(document["rate"], 2000);
    EXPECT_EQ(document["over_time"].size(), 2U);
    std::uint64_t sum = 0;
    for (const auto& bucket : document["latency_histogram"]) {
        sum += bucket[1].get<std::uint64_t>();
    }
    EXPECT_EQ(sum, 990U);
}

TEST(LoadReport, ARunWithoutAnswersIsAReportToo) {
    const auto empty = std::make_unique<load::Report>();
    const auto document = nlohmann::json::parse(load_report_json(*empty, {}, {}));
    EXPECT_EQ(document["qps"], 0);
    EXPECT_TRUE(document["latency_us"].empty());
    EXPECT_TRUE(document["rate"].is_null());
    EXPECT_NE(load_report_text(*empty, {}).find("no answers"), std::string::npos);
}

TEST(LoadReport, TextHasThemToo) {
    const std::string text = load_report_text(*report(), {});
    for (const char* words : {"1,000 in 0.50 s, 2,000 a second",
                              "990, 1,980 a second",
                              "10 (1.0000 %)",
                              "NOERROR 900, NXDOMAIN 80",
                              "50 to 60 octets",
                              "max 990.0 us"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << " in\n" << text;
    }
    EXPECT_EQ(text.find("late "), std::string::npos);
}

TEST(LoadReport, NamesFaults) {
    load::Totals totals;
    EXPECT_EQ(load_faults_text(totals), "");
    totals.wrong_question = 2;
    totals.unexpected_rcodes = 1000;
    EXPECT_EQ(load_faults_text(totals),
              "2 to another question than was asked, 1,000 with another rcode than --expect names");
}

TEST(LoadReport, ProgressIsOfTheTimeSinceTheLastLine) {
    EXPECT_EQ(progress_text({.seconds = 1, .sent = 100, .answered = 90},
                            {.seconds = 3, .sent = 2100, .answered = 2090}),
              "3.0 s: 1,000 sent/s, 1,000 answered/s, 10 not answered");
}

}  // namespace
}  // namespace understudy::app
