#pragma once

#include <understudy/control/status.h>
#include <understudy/ops/counter_sources.h>
#include <understudy/ops/operations.h>
#include <understudy/ops/protocol.h>
#include <understudy/zone/memory_usage.h>
#include <chrono>
#include <string>
#include <vector>

#include "ops/rates.h"

/// The documents that commands answer with, as users and their scripts rely on them: keys are never
/// renamed or taken away, and are there even where they have no value (null).
namespace understudy::ops {

/// `{state, uptime_s, zones: {STATE: count}, qps, announced, zone_memory: {live_octets,
/// retired_octets, reserved_octets}, ports: [{port, driver, mac, queues, link, speed_mbps,
/// twin}]}`; every zone state has its count; `link` is `up` or `down`.
[[nodiscard]] Json status_document(DaemonState state,
                                   std::chrono::seconds uptime,
                                   const std::vector<control::ZoneStatus>& zones,
                                   const Rates& rates,
                                   const zone::MemoryUsage& memory,
                                   const std::vector<PortSource>& ports);

/// `[{name, role, serial, state, next_event, next_event_s}]`, in canonical order of the names.
[[nodiscard]] Json zones_document(const std::vector<control::ZoneStatus>& zones);

/// One row of the zones.
[[nodiscard]] Json zone_row(const control::ZoneStatus& zone);

/// All of one zone.
[[nodiscard]] Json zone_document(const control::ZoneStatus& zone);

/// The names of zones without valid data, in canonical order.
[[nodiscard]] Json missing_document(const std::vector<control::ZoneStatus>& zones);

/// `[{worker, core, port, queue, link, busy_percent, qps, cycles_per_query, empty_polls_percent,
/// mean_burst, naps_per_s, drops: {CAUSE: count}}]`, a row for each polling thread, every cause
/// with its count. All but the link and the drops are of the last second. Busy are the cycles of
/// turns that brought packets; they, over the answers, are the cycles of a query; a burst is what a
/// poll brought that was not empty. A worker of several queues names all of them in `port` and
/// `queue`, which is a text then; `link` is `down` if one of its ports has none.
[[nodiscard]] Json workers_document(const CounterSources& sources, const Rates& rates);

/// `{VERDICT: count, …, COUNTER: count, …}`, summed over all threads; what ports count themselves,
/// summed over the ports, is called `port_COUNTER`.
[[nodiscard]] Json stats_document(const CounterSources& sources);

/// `[{name, outcome, meaning}]` for each verdict.
[[nodiscard]] Json verdicts_document();

/// `{changes, needs_restart}` of a reload that was done.
[[nodiscard]] Json reload_document(const control::ReloadReport& report);

}  // namespace understudy::ops
