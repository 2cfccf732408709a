#include "app/ctl_text.h"

#include <fmt/format.h>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "app/quantity.h"
#include "app/text_table.h"

namespace understudy::app {
namespace {

using ops::Json;
using enum TextTable::Align;

constexpr std::string_view kNothing = "-";

/// A member, or null.
const Json& member(const Json& document, std::string_view key) {
    static const Json kNull;
    const auto found = document.find(key);
    return found == document.end() ? kNull : *found;
}

/// A scalar as it is.
std::string plain(const Json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    return value.is_primitive() && !value.is_null() ? value.dump() : std::string(kNothing);
}
std::string plain(const Json& document, std::string_view key) {
    return plain(member(document, key));
}

/// A number in a form of its own.
template <typename Number>
std::string number(const Json& document, std::string_view key, std::string (*to_text)(Number)) {
    const Json& value = member(document, key);
    return value.is_number() ? to_text(value.get<Number>()) : std::string(kNothing);
}
std::string count(const Json& document, std::string_view key) {
    return number<std::uint64_t>(document, key, count_text);
}
std::string octets(const Json& document, std::string_view key) {
    return number<std::uint64_t>(document, key, octets_text);
}
std::string duration(const Json& document, std::string_view key) {
    return number<std::int64_t>(document, key, duration_text);
}

/// `3 current, 1 retrying`: members that are not zero.
std::string counts(const Json& document, std::string_view format) {
    std::string text;
    for (const auto& [key, value] : document.items()) {
        if (value.is_number_unsigned() && value.get<std::uint64_t>() > 0) {
            text += text.empty() ? "" : ", ";
            text += fmt::format(fmt::runtime(format), key, count_text(value.get<std::uint64_t>()));
        }
    }
    return text.empty() ? std::string(kNothing) : text;
}

std::string next_event(const Json& zone) {
    const Json& in = member(zone, "next_event_s");
    if (!member(zone, "next_event").is_string() || !in.is_number()) {
        return std::string(kNothing);
    }
    const auto in_s = in.get<std::int64_t>();
    return plain(zone, "next_event") + (in_s > 0 ? " in " + duration_text(in_s) : " now");
}

/// `announced`: a boolean; anything else says nothing of the route.
std::string route(const Json& announced) {
    if (!announced.is_boolean()) {
        return std::string(kNothing);
    }
    return announced.get<bool>() ? "announced" : "withdrawn";
}

/// What the zones take, and what of it is kept for readers of older versions.
std::string zone_memory(const Json& memory) {
    const Json& live = member(memory, "live_octets");
    const Json& retired = member(memory, "retired_octets");
    if (!live.is_number_unsigned() || !retired.is_number_unsigned()) {
        return std::string(kNothing);
    }
    const auto kept = retired.get<std::uint64_t>();
    return octets_text(live.get<std::uint64_t>()) +
           (kept > 0 ? ", " + octets_text(kept) + " of it for older versions" : "");
}

/// `up at 10000 Mbit/s, twin dns0`.
std::string port_text(const Json& port) {
    const Json& speed = member(port, "speed_mbps");
    const Json& twin = member(port, "twin");
    return plain(port, "link") +
           (speed.is_number() ? " at " + std::to_string(speed.get<std::uint64_t>()) + " Mbit/s"
                              : "") +
           (twin.is_string() ? ", twin " + plain(port, "twin") : "");
}

std::string status_text(const Json& status) {
    TextTable table({{}, {}});
    table.add_row({"state", plain(status, "state")});
    table.add_row({"uptime", duration(status, "uptime_s")});
    table.add_row({"zones", counts(member(status, "zones"), "{1} {0}")});
    table.add_row({"qps", count(status, "qps")});
    table.add_row({"route", route(member(status, "announced"))});
    table.add_row({"memory", zone_memory(member(status, "zone_memory"))});
    for (const Json& port : member(status, "ports")) {
        table.add_row({"port " + plain(port, "port"), port_text(port)});
    }
    return table.to_text();
}

std::string zones_text(const Json& zones) {
    TextTable table({{"zone"}, {"role"}, {"serial", kRight}, {"state"}, {"next"}});
    for (const Json& zone : zones) {
        table.add_row({plain(zone, "name"),
                       plain(zone, "role"),
                       plain(zone, "serial"),
                       plain(zone, "state"),
                       next_event(zone)});
    }
    return table.to_text();
}

std::string transfer_text(const Json& transfer) {
    if (!transfer.is_object()) {
        return std::string(kNothing);
    }
    return fmt::format("{}, {} in {}, {} records in {} messages",
                       plain(transfer, "kind"),
                       octets(transfer, "octets"),
                       number<std::int64_t>(transfer, "duration_ms", milliseconds_text),
                       count(transfer, "records"),
                       count(transfer, "messages"));
}

std::string primaries_text(const Json& primaries) {
    if (!primaries.is_array() || primaries.empty()) {
        return {};
    }
    TextTable table({{"primary"}, {"address"}, {"last result"}, {"reason"}});
    for (const Json& primary : primaries) {
        table.add_row({plain(primary, "name"),
                       plain(primary, "address"),
                       plain(primary, "last_result"),
                       plain(primary, "last_reason")});
    }
    return "\n" + table.to_text();
}

std::string zone_text(const Json& zone) {
    const Json& timers = member(zone, "timers");
    TextTable table({{}, {}});
    table.add_row({"zone", plain(zone, "name")});
    table.add_row({"role", plain(zone, "role")});
    table.add_row({"serial", plain(zone, "serial")});
    table.add_row({"state", plain(zone, "state")});
    table.add_row({"next", next_event(zone)});
    if (member(zone, "fault").is_string()) {
        table.add_row({"fault", plain(zone, "fault")});
    }
    if (member(zone, "file").is_string()) {
        table.add_row({"file", plain(zone, "file")});
    } else {
        table.add_row({"timers",
                       fmt::format("refresh {}, retry {}, expire {}",
                                   duration(timers, "refresh_s"),
                                   duration(timers, "retry_s"),
                                   duration(timers, "expire_s"))});
        table.add_row({"last transfer", transfer_text(member(zone, "last_transfer"))});
        table.add_row({"key", plain(zone, "key")});
    }
    table.add_row({"records", count(zone, "records")});
    table.add_row({"memory", octets(zone, "memory_octets")});
    table.add_row({"image", octets(zone, "image_octets")});
    table.add_row({"journal", octets(zone, "journal_octets")});
    return table.to_text() + primaries_text(member(zone, "primaries"));
}

std::string workers_text(const Json& workers) {
    TextTable table({{"worker", kRight},
                     {"core", kRight},
                     {"port"},
                     {"queue", kRight},
                     {"busy %", kRight},
                     {"qps", kRight},
                     {"cycles a query", kRight},
                     {"empty polls %", kRight},
                     {"burst", kRight},
                     {"naps/s", kRight},
                     {"drops"}});
    for (const Json& worker : workers) {
        table.add_row({plain(worker, "worker"),
                       plain(worker, "core"),
                       plain(worker, "port"),
                       plain(worker, "queue"),
                       plain(worker, "busy_percent"),
                       count(worker, "qps"),
                       count(worker, "cycles_per_query"),
                       plain(worker, "empty_polls_percent"),
                       plain(worker, "mean_burst"),
                       count(worker, "naps_per_s"),
                       counts(member(worker, "drops"), "{0} {1}")});
    }
    return table.to_text();
}

std::string stats_text(const Json& stats) {
    TextTable table({{"counter"}, {"count", kRight}});
    for (const auto& [name, value] : stats.items()) {
        table.add_row({name, count(stats, name)});
    }
    return table.to_text();
}

std::string verdicts_text(const Json& verdicts) {
    TextTable table({{"counter"}, {"outcome"}, {"meaning"}});
    for (const Json& verdict : verdicts) {
        table.add_row(
            {plain(verdict, "name"), plain(verdict, "outcome"), plain(verdict, "meaning")});
    }
    return table.to_text();
}

std::string reload_text(const Json& report) {
    std::string text;
    for (const Json& change : member(report, "changes")) {
        text += plain(change) + "\n";
    }
    for (const Json& section : member(report, "needs_restart")) {
        text += plain(section) + ": needs a restart\n";
    }
    return text.empty() ? "nothing has changed\n" : text;
}

std::string action_text(std::string_view action, const Json& result) {
    const std::string zone = plain(result, "name");
    if (action == "refresh") {
        return zone + ": asking its primaries\n";
    }
    if (action == "retransfer") {
        return zone + ": transferring it anew\n";
    }
    if (action == "notify") {
        return zone + ": notifying its remotes\n";
    }
    return zone + ": serial " + plain(result, "serial") + " is served\n";  // reload
}

}  // namespace

std::string document_text(std::span<const std::string> words, const Json& document) {
    const std::string& command = words[0];
    if (command == "status") {
        return status_text(document);
    }
    if (command == "zones") {
        return zones_text(document);
    }
    if (command == "zone") {
        return words.size() == 2 ? zone_text(document) : action_text(words[2], document);
    }
    if (command == "workers") {
        return workers_text(document);
    }
    if (command == "stats") {
        return words.size() == 1 ? stats_text(document) : verdicts_text(document);
    }
    if (command == "reload") {
        return reload_text(document);
    }
    if (command == "capture") {
        return count(document, "captured") + " packets in " + plain(document, "file") + ", " +
               count(document, "skipped") + " more that matched were skipped\n";
    }
    return command == "stop" ? "draining\n" : "";
}

}  // namespace understudy::app
