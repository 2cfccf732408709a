#include "ops/documents.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace understudy::ops {
namespace {

using control::ZoneState;
using control::ZoneStatus;

constexpr auto kZoneStates = std::to_array({ZoneState::kBootstrapping,
                                            ZoneState::kCurrent,
                                            ZoneState::kRefreshing,
                                            ZoneState::kRetrying,
                                            ZoneState::kExpired,
                                            ZoneState::kFailed});

std::string_view to_string(DaemonState state) {
    switch (state) {
        case DaemonState::kStarting:
            return "starting";
        case DaemonState::kServing:
            return "serving";
        case DaemonState::kDraining:
            return "draining";
    }
    return "";
}

/// Null for what is absent or empty.
template <typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}
Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json rounded(double value) { return std::llround(value); }

/// To one decimal; null for what is absent.
Json tenths(std::optional<double> value) {
    constexpr double kTenths = 10;
    return value ? Json(std::round(*value * kTenths) / kTenths) : Json();
}

bool has_data(const ZoneStatus& zone) {
    return zone.state == ZoneState::kCurrent || zone.state == ZoneState::kRefreshing ||
           zone.state == ZoneState::kRetrying;
}

/// The zones by name as RFC 4034 §6.1 orders them: whatever belongs together stands together.
std::vector<const ZoneStatus*> in_order(const std::vector<ZoneStatus>& zones) {
    std::vector<std::pair<wire::Name, const ZoneStatus*>> named;
    named.reserve(zones.size());
    for (const ZoneStatus& zone : zones) {
        named.emplace_back(wire::Name::from_text(zone.name).value_or(wire::Name()), &zone);
    }
    std::ranges::sort(
        named, {}, [](const auto& entry) -> const wire::Name& { return entry.first; });
    std::vector<const ZoneStatus*> ordered;
    ordered.reserve(named.size());
    for (const auto& entry : named) {
        ordered.push_back(entry.second);
    }
    return ordered;
}

Json transfer_document(const std::optional<control::TransferStatus>& transfer) {
    if (!transfer) {
        return {};
    }
    return {{"kind", transfer->kind},
            {"octets", transfer->octets},
            {"duration_ms", transfer->duration_ms},
            {"messages", transfer->messages},
            {"records", transfer->records}};
}

Json drops_document(const stats::WorkerCounters& counters) {
    Json drops = Json::object();
    for (std::size_t i = 0; i < stats::kVerdictCount; ++i) {
        if (stats::kVerdicts[i].outcome == stats::Outcome::kDropped) {
            drops[std::string(stats::kVerdicts[i].name)] = counters.verdicts[i].read();
        }
    }
    return drops;
}

/// `port` and `queue` of a worker's row.
std::pair<Json, Json> polled_documents(const std::vector<PolledQueue>& polled) {
    std::string ports = polled[0].port;
    std::string queues = std::to_string(polled[0].queue);
    for (std::size_t i = 1; i < polled.size(); ++i) {
        if (polled[i].port != polled[i - 1].port) {
            ports += "," + polled[i].port;
        }
        queues += "," + std::to_string(polled[i].queue);
    }
    return {Json(ports), polled.size() == 1 ? Json(polled[0].queue) : Json(queues)};
}

std::string_view to_string(stats::Outcome outcome) {
    switch (outcome) {
        case stats::Outcome::kAnswered:
            return "answered";
        case stats::Outcome::kReplied:
            return "replied";
        case stats::Outcome::kPassed:
            return "passed";
        case stats::Outcome::kDropped:
            return "dropped";
    }
    return "";
}

/// `52:54:00:00:00:01`.
std::string text_of(const base::MacAddress& mac) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t octet : mac) {
        text += text.empty() ? "" : ":";
        text += kDigits[octet >> 4U];
        text += kDigits[octet & 0xFU];
    }
    return text;
}

std::string_view link_text(const PortStatus& status) { return status.link_up ? "up" : "down"; }

/// Of the ports that a worker polls: down if one of them is.
std::string_view link_of(const std::vector<PolledQueue>& polled,
                         const std::vector<PortSource>& ports) {
    const auto is_down = [&](const PortSource& port) {
        const bool is_polled = std::ranges::any_of(
            polled, [&](const PolledQueue& queue) { return queue.port == port.port; });
        return is_polled && !port.read().link_up;
    };
    return std::ranges::any_of(ports, is_down) ? "down" : "up";
}

Json ports_document(const std::vector<PortSource>& ports) {
    Json rows = Json::array();
    for (const PortSource& port : ports) {
        const PortStatus now = port.read();
        rows.push_back({{"port", port.port},
                        {"driver", port.driver},
                        {"mac", text_of(port.mac)},
                        {"queues", port.queues},
                        {"link", link_text(now)},
                        {"speed_mbps", now.speed_mbps == 0 ? Json() : Json(now.speed_mbps)},
                        {"twin", port.twin.empty() ? Json() : Json(port.twin)}});
    }
    return rows;
}

}  // namespace

Json status_document(DaemonState state,
                     std::chrono::seconds uptime,
                     const std::vector<ZoneStatus>& zones,
                     const Rates& rates,
                     const zone::MemoryUsage& memory,
                     const std::vector<PortSource>& ports) {
    Json counts = Json::object();
    for (const ZoneState zone_state : kZoneStates) {
        counts[to_string(zone_state)] = std::ranges::count(
            zones, zone_state, [](const ZoneStatus& zone) { return zone.state; });
    }
    return {{"state", to_string(state)},
            {"uptime_s", uptime.count()},
            {"zones", counts},
            {"qps", rounded(rates.answers_per_s())},
            {"announced", true},  // nothing here ever withdraws a route
            {"zone_memory",
             {{"live_octets", memory.live},
              {"retired_octets", memory.retired},
              {"reserved_octets", memory.reserved}}},
            {"ports", ports_document(ports)}};
}

Json zone_row(const ZoneStatus& zone) {
    return {{"name", zone.name},
            {"role", zone.role},
            {"serial", or_null(zone.serial)},
            {"state", to_string(zone.state)},
            {"next_event", or_null(zone.next_event)},
            {"next_event_s", or_null(zone.next_event_s)}};
}

Json zones_document(const std::vector<ZoneStatus>& zones) {
    Json rows = Json::array();
    for (const ZoneStatus* zone : in_order(zones)) {
        rows.push_back(zone_row(*zone));
    }
    return rows;
}

Json zone_document(const ZoneStatus& zone) {
    Json document = zone_row(zone);
    Json& primaries = document["primaries"] = Json::array();
    for (const control::PrimaryStatus& primary : zone.primaries) {
        primaries.push_back({{"name", primary.name},
                             {"address", primary.address},
                             {"last_result", primary.last_result},
                             {"last_reason", or_null(primary.last_reason)}});
    }
    document["timers"] = {{"refresh_s", or_null(zone.refresh_s)},
                          {"retry_s", or_null(zone.retry_s)},
                          {"expire_s", or_null(zone.expire_s)}};
    document["last_transfer"] = transfer_document(zone.last_transfer);
    document["key"] = or_null(zone.key);
    document["image_octets"] = zone.image_octets;
    document["journal_octets"] = zone.journal_octets;
    document["file"] = or_null(zone.file);
    document["fault"] = or_null(zone.fault);
    document["records"] = zone.records;
    document["memory_octets"] = zone.memory_octets;
    return document;
}

Json missing_document(const std::vector<ZoneStatus>& zones) {
    Json missing = Json::array();
    for (const ZoneStatus* zone : in_order(zones)) {
        if (!has_data(*zone)) {
            missing.push_back(zone->name);
        }
    }
    return {{"missing", missing}};
}

Json workers_document(const CounterSources& sources, const Rates& rates) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < sources.threads.size(); ++i) {
        const ThreadCounters& thread = sources.threads[i];
        if (thread.polled.empty()) {
            continue;
        }
        const Rates::Rate rate = rates.of(i);
        const auto [port, queue] = polled_documents(thread.polled);
        rows.push_back({{"worker", rows.size()},
                        {"core", or_null(thread.core)},
                        {"port", port},
                        {"queue", queue},
                        {"link", link_of(thread.polled, sources.ports)},
                        {"busy_percent", tenths(rate.busy_percent)},
                        {"qps", rounded(rate.answers_per_s)},
                        {"cycles_per_query",
                         rate.cycles_per_answer ? rounded(*rate.cycles_per_answer) : Json()},
                        {"empty_polls_percent", tenths(rate.empty_polls_percent)},
                        {"mean_burst", tenths(rate.mean_burst)},
                        {"naps_per_s", rounded(rate.naps_per_s)},
                        {"drops", drops_document(*thread.counters)}});
    }
    return rows;
}

Json stats_document(const CounterSources& sources) {
    Json document = Json::object();
    const auto sum = [&](std::string_view name, auto counter_of) {
        std::uint64_t value = 0;
        for (const ThreadCounters& thread : sources.threads) {
            value += counter_of(*thread.counters).read();
        }
        document[std::string(name)] = value;
    };
    using Counters = stats::WorkerCounters;
    for (std::size_t i = 0; i < stats::kVerdictCount; ++i) {
        sum(
            stats::kVerdicts[i].name, [i](const Counters& counters) -> auto& {
                return counters.verdicts[i];
            });
    }
    sum(
        "polls", [](const Counters& counters) -> auto& { return counters.polls; });
    sum(
        "empty_polls", [](const Counters& counters) -> auto& { return counters.empty_polls; });
    sum(
        "naps", [](const Counters& counters) -> auto& { return counters.naps; });
    sum(
        "packets", [](const Counters& counters) -> auto& { return counters.packets; });
    sum(
        "sent", [](const Counters& counters) -> auto& { return counters.sent; });
    sum(
        "busy_cycles", [](const Counters& counters) -> auto& { return counters.busy_cycles; });
    sum(
        "total_cycles", [](const Counters& counters) -> auto& { return counters.total_cycles; });
    for (const NamedCounter& other : sources.others) {
        document[other.name] = other.counter->read();
    }
    for (const PortSource& port : sources.ports) {
        for (const auto& [name, value] : port.read().counters) {
            Json& total = document["port_" + name];
            total = (total.is_null() ? 0 : total.get<std::uint64_t>()) + value;
        }
    }
    return document;
}

Json verdicts_document() {
    Json rows = Json::array();
    for (const stats::VerdictInfo& verdict : stats::kVerdicts) {
        rows.push_back({{"name", verdict.name},
                        {"outcome", to_string(verdict.outcome)},
                        {"meaning", verdict.meaning}});
    }
    return rows;
}

Json reload_document(const control::ReloadReport& report) {
    return {{"changes", report.changes}, {"needs_restart", report.needs_restart}};
}

}  // namespace understudy::ops
