#pragma once

#include <understudy/load/run.h>
#include <string>
#include <vector>

#include "app/load_options.h"

namespace understudy::app {

/// The report for people: several lines.
[[nodiscard]] std::string load_report_text(const load::Report& report, const LoadOptions& options);

/// The report as one JSON document. Its keys: sent, answered, lost, qps (answers a second), rcodes
/// {NAME: count}, latency_us {min mean p50 p90 p99 p99.9 p99.99 max}, answer_octets {min mean max},
/// wrong {malformed wrong_question bad_checksum unexpected_rcodes}, unmatched, truncated, late,
/// seconds, rate (as asked for, null: max), latency_histogram [[most_us, count]], over_time
/// [{seconds sent answered}].
[[nodiscard]] std::string load_report_json(const load::Report& report,
                                           const LoadOptions& options,
                                           const std::vector<load::Sample>& samples);

/// What was wrong with answers, for the last line; empty: nothing.
[[nodiscard]] std::string load_faults_text(const load::Totals& totals);

/// `12.0 s: 1,234,567 sent/s, 1,234,560 answered/s, 7 lost` from two moments of a run.
[[nodiscard]] std::string progress_text(const load::Sample& before, const load::Sample& now);

}  // namespace understudy::app
