#include "app/load_report.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "app/quantity.h"
#include "app/rcode_names.h"

namespace understudy::app {
namespace {

using Json = nlohmann::ordered_json;

struct Percentile {
    const char* name;
    double share;
};
constexpr auto kPercentiles = std::to_array<Percentile>(
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}});

std::string rcode_name(std::size_t rcode) {
    return rcode < kRcodeNames.size() ? std::string(kRcodeNames[rcode])
                                      : "RCODE" + std::to_string(rcode);
}

double in_us(const load::Report& report, double cycles) {
    constexpr double kNanoseconds = 1000;
    // To the nanosecond: what a cycle counter tells.
    return std::round(cycles * report.nanoseconds_a_cycle) / kNanoseconds;
}

double in_us(const load::Report& report, std::uint64_t cycles) {
    return in_us(report, static_cast<double>(cycles));
}

std::uint64_t a_second(std::uint64_t count, double seconds) {
    return seconds > 0
               ? static_cast<std::uint64_t>(std::llround(static_cast<double>(count) / seconds))
               : 0;
}

Json rcodes_json(const load::Totals& totals) {
    Json rcodes = Json::object();
    for (std::size_t i = 0; i < totals.rcodes.size(); ++i) {
        if (totals.rcodes[i] > 0) {
            rcodes[rcode_name(i)] = totals.rcodes[i];
        }
    }
    return rcodes;
}

Json latency_json(const load::Report& report) {
    const load::Histogram& cycles = report.latency_cycles;
    if (cycles.count() == 0) {
        return Json::object();
    }
    Json latency = {{"min", in_us(report, cycles.least())}, {"mean", in_us(report, cycles.mean())}};
    for (const Percentile& percentile : kPercentiles) {
        latency[percentile.name] = in_us(report, cycles.percentile(percentile.share));
    }
    latency["max"] = in_us(report, cycles.most());
    return latency;
}

Json histogram_json(const load::Report& report) {
    Json buckets = Json::array();
    for (const load::Histogram::Bucket& bucket : report.latency_cycles.buckets()) {
        buckets.push_back({in_us(report, bucket.most), bucket.count});
    }
    return buckets;
}

std::string latency_text(const load::Report& report) {
    if (report.latency_cycles.count() == 0) {
        return "latency    no answers\n";
    }
    std::string text = "latency   ";
    for (const Percentile& percentile : kPercentiles) {
        text += fmt::format(" {} {:.1f}",
                            percentile.name,
                            in_us(report, report.latency_cycles.percentile(percentile.share)));
    }
    return text + fmt::format(" max {:.1f} us\n", in_us(report, report.latency_cycles.most()));
}

std::string rcodes_text(const load::Totals& totals) {
    std::string text;
    for (std::size_t i = 0; i < totals.rcodes.size(); ++i) {
        if (totals.rcodes[i] > 0) {
            text += (text.empty() ? "" : ", ") + rcode_name(i) + " " + count_text(totals.rcodes[i]);
        }
    }
    return text.empty() ? "none" : text;
}

}  // namespace

std::string load_report_text(const load::Report& report, const LoadOptions& options) {
    const load::Totals& totals = report.totals;
    const double lost_percent = totals.sent == 0 ? 0
                                                 : 100 * static_cast<double>(totals.lost()) /
                                                       static_cast<double>(totals.sent);
    std::string text = fmt::format("sent       {} in {:.2f} s, {} a second\n",
                                   count_text(totals.sent),
                                   report.seconds,
                                   count_text(a_second(totals.sent, report.seconds)));
    text += fmt::format("answered   {}, {} a second\n",
                        count_text(totals.answered),
                        count_text(a_second(totals.answered, report.seconds)));
    text += fmt::format("lost       {} ({:.4f} %)\n", count_text(totals.lost()), lost_percent);
    text += "rcodes     " + rcodes_text(totals) + "\n";
    text += fmt::format("answers    {} to {} octets, {:.1f} in the mean, {} truncated\n",
                        report.answer_octets.least(),
                        report.answer_octets.most(),
                        report.answer_octets.mean(),
                        count_text(totals.truncated));
    text += latency_text(report);
    if (options.rate && totals.late > 0) {
        text += fmt::format(
            "late       {} queries were due but not sent: this machine, or the device, was busy\n",
            count_text(totals.late));
    }
    if (totals.unmatched > 0) {
        text += fmt::format("unmatched  {} answers to no query that waited\n",
                            count_text(totals.unmatched));
    }
    return text;
}

std::string load_report_json(const load::Report& report,
                             const LoadOptions& options,
                             const std::vector<load::Sample>& samples) {
    const load::Totals& totals = report.totals;
    Json over_time = Json::array();
    for (const load::Sample& sample : samples) {
        over_time.push_back({{"seconds", std::round(sample.seconds * 1000) / 1000},
                             {"sent", sample.sent},
                             {"answered", sample.answered}});
    }
    const Json document = {
        {"sent", totals.sent},
        {"answered", totals.answered},
        {"lost", totals.lost()},
        {"qps", a_second(totals.answered, report.seconds)},
        {"rcodes", rcodes_json(totals)},
        {"latency_us", latency_json(report)},
        {"answer_octets",
         {{"min", report.answer_octets.least()},
          {"mean", report.answer_octets.mean()},
          {"max", report.answer_octets.most()}}},
        {"wrong",
         {{"malformed", totals.malformed},
          {"wrong_question", totals.wrong_question},
          {"bad_checksum", totals.bad_checksum},
          {"unexpected_rcodes", totals.unexpected_rcodes}}},
        {"unmatched", totals.unmatched},
        {"truncated", totals.truncated},
        {"late", totals.late},
        {"seconds", report.seconds},
        {"rate", options.rate ? Json(*options.rate) : Json()},
        {"latency_histogram", histogram_json(report)},
        {"over_time", over_time},
    };
    return document.dump(1) + "\n";
}

std::string load_faults_text(const load::Totals& totals) {
    std::string text;
    const auto add = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) {
            text += (text.empty() ? "" : ", ") + count_text(count) + " " + std::string(what);
        }
    };
    add(totals.malformed, "that are no answers");
    add(totals.wrong_question, "to another question than was asked");
    add(totals.bad_checksum, "with a wrong checksum or length");
    add(totals.unexpected_rcodes, "with another rcode than --expect names");
    return text;
}

std::string progress_text(const load::Sample& before, const load::Sample& now) {
    const double seconds = now.seconds - before.seconds;
    return fmt::format("{:.1f} s: {} sent/s, {} answered/s, {} not answered",
                       now.seconds,
                       count_text(a_second(now.sent - before.sent, seconds)),
                       count_text(a_second(now.answered - before.answered, seconds)),
                       count_text(now.sent - std::min(now.sent, now.answered)));
}

}  // namespace understudy::app
