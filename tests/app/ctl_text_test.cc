#include "app/ctl_text.h"

#include <gtest/gtest.h>

namespace understudy::app {
namespace {

using ops::Json;

std::string text(const std::vector<std::string>& words, const char* json) {
    return document_text(words, Json::parse(json));
}

TEST(CtlText, Status) {
    EXPECT_EQ(text({"status"}, R"({"state": "serving", "uptime_s": 7980,
                "zones": {"bootstrapping": 0, "current": 1204, "retrying": 1},
                "qps": 12345, "announced": true,
                "zone_memory": {"live_octets": 45000000, "retired_octets": 6000}})"),
              "state   serving\n"
              "uptime  2h 13m\n"
              "zones   1,204 current, 1 retrying\n"
              "qps     12,345\n"
              "route   announced\n"
              "memory  43 MiB, 5.9 KiB of it for older versions\n");
}

TEST(CtlText, StatusWithoutZones) {
    EXPECT_EQ(text({"status"}, R"({"state": "starting", "uptime_s": 0, "zones": {"current": 0},
                "qps": 0, "announced": false})"),
              "state   starting\n"
              "uptime  0s\n"
              "zones   -\n"
              "qps     0\n"
              "route   withdrawn\n"
              "memory  -\n");
}

TEST(CtlText, Zones) {
    EXPECT_EQ(text({"zones"}, R"([
        {"name": "a.example.", "role": "secondary", "serial": 2024010101, "state": "current",
         "next_event": "refresh", "next_event_s": 42},
        {"name": "b.", "role": "primary", "serial": null, "state": "failed", "next_event": null,
         "next_event_s": null},
        {"name": "c.", "role": "secondary", "serial": 1, "state": "retrying",
         "next_event": "retry", "next_event_s": 0}])"),
              "zone        role           serial  state     next\n"
              "a.example.  secondary  2024010101  current   refresh in 42s\n"
              "b.          primary             -  failed    -\n"
              "c.          secondary           1  retrying  retry now\n");
    EXPECT_EQ(text({"zones"}, "[]"), "zone  role  serial  state  next\n");
}

TEST(CtlText, SecondaryZone) {
    EXPECT_EQ(text({"zone", "a"}, R"({"name": "a.", "role": "secondary", "serial": 7,
        "state": "current", "next_event": "refresh", "next_event_s": 125,
        "primaries": [
            {"name": "hidden", "address": "192.0.2.1@53", "last_result": "failed",
             "last_reason": "timed out"},
            {"name": "other", "address": "2001:db8::1@5353", "last_result": "ok",
             "last_reason": null}],
        "timers": {"refresh_s": 3600, "retry_s": 900, "expire_s": 604800},
        "last_transfer": {"kind": "axfr", "octets": 1258291, "duration_ms": 340, "messages": 12,
                          "records": 1234},
        "key": "transfer.example.", "image_octets": 0, "journal_octets": 0, "file": null,
        "fault": null, "records": 1234, "memory_octets": 2097152})"),
              "zone           a.\n"
              "role           secondary\n"
              "serial         7\n"
              "state          current\n"
              "next           refresh in 2m 5s\n"
              "timers         refresh 1h, retry 15m, expire 7d\n"
              "last transfer  axfr, 1.2 MiB in 340 ms, 1,234 records in 12 messages\n"
              "key            transfer.example.\n"
              "records        1,234\n"
              "memory         2.0 MiB\n"
              "image          0 B\n"
              "journal        0 B\n"
              "\n"
              "primary  address           last result  reason\n"
              "hidden   192.0.2.1@53      failed       timed out\n"
              "other    2001:db8::1@5353  ok           -\n");
}

TEST(CtlText, PrimaryZoneWithAFault) {
    EXPECT_EQ(text({"zone", "a"}, R"({"name": "a.", "role": "primary", "serial": null,
        "state": "failed", "next_event": null, "next_event_s": null, "primaries": [],
        "timers": {"refresh_s": null, "retry_s": null, "expire_s": null}, "last_transfer": null,
        "key": null, "image_octets": 0, "journal_octets": 0, "file": "/zones/a",
        "fault": "/zones/a:3: bad", "records": 0, "memory_octets": 0})"),
              "zone     a.\n"
              "role     primary\n"
              "serial   -\n"
              "state    failed\n"
              "next     -\n"
              "fault    /zones/a:3: bad\n"
              "file     /zones/a\n"
              "records  0\n"
              "memory   0 B\n"
              "image    0 B\n"
              "journal  0 B\n");
}

TEST(CtlText, Workers) {
    EXPECT_EQ(text({"workers"}, R"([
        {"worker": 0, "core": 2, "port": "af_xdp:eth0", "queue": 0, "busy_percent": 33.3,
         "qps": 1234567, "cycles_per_query": 250, "empty_polls_percent": 75.0, "mean_burst": 2.5,
         "naps_per_s": 1999, "drops": {"foreign_port": 1200, "fragment": 0, "bad_udp_checksum": 3}},
        {"worker": 1, "core": 3, "port": "af_xdp:eth0", "queue": "1,2", "busy_percent": 0.0,
         "qps": 0, "cycles_per_query": null, "drops": {"foreign_port": 0}}])"),
              "worker  core  port         queue  busy %        qps  cycles a query  empty polls %  "
              "burst  naps/s  drops\n"
              "     0     2  af_xdp:eth0      0    33.3  1,234,567             250           75.0  "
              "  2.5   1,999  foreign_port 1,200, bad_udp_checksum 3\n"
              "     1     3  af_xdp:eth0    1,2     0.0          0               -              -  "
              "    -       -  -\n");
    EXPECT_EQ(text({"workers"}, "[]"),
              "worker  core  port  queue  busy %  qps  cycles a query  empty polls %  burst  "
              "naps/s  drops\n");
}

TEST(CtlText, Stats) {
    EXPECT_EQ(text({"stats"}, R"({"positive": 1234, "nodata": 0})"),
              "counter   count\n"
              "positive  1,234\n"
              "nodata        0\n");
    EXPECT_EQ(text({"stats", "--names"},
                   R"([{"name": "nodata", "outcome": "answered", "meaning": "no such type"}])"),
              "counter  outcome   meaning\n"
              "nodata   answered  no such type\n");
}

TEST(CtlText, Reload) {
    EXPECT_EQ(text({"reload"}, R"({"changes": ["zone a. added", "zone b. removed"],
                                   "needs_restart": ["listen", "ports"]})"),
              "zone a. added\n"
              "zone b. removed\n"
              "listen: needs a restart\n"
              "ports: needs a restart\n");
    EXPECT_EQ(text({"reload"}, R"({"changes": [], "needs_restart": []})"), "nothing has changed\n");
}

TEST(CtlText, Actions) {
    constexpr const char* kDone = R"({"name": "a.", "serial": 8})";
    EXPECT_EQ(text({"zone", "a", "refresh"}, kDone), "a.: asking its primaries\n");
    EXPECT_EQ(text({"zone", "a", "retransfer"}, kDone), "a.: transferring it anew\n");
    EXPECT_EQ(text({"zone", "a", "notify"}, kDone), "a.: notifying its remotes\n");
    EXPECT_EQ(text({"zone", "a", "reload"}, kDone), "a.: serial 8 is served\n");
    EXPECT_EQ(text({"stop"}, R"({"state": "draining"})"), "draining\n");
    EXPECT_EQ(text({"wait"}, R"({"missing": []})"), "");
}

TEST(CtlText, DocumentsOfAnotherVersionAreShownAsFarAsTheyGo) {
    for (const auto& words : std::vector<std::vector<std::string>>{{"status"},
                                                                   {"zones"},
                                                                   {"zone", "a"},
                                                                   {"zone", "a", "reload"},
                                                                   {"workers"},
                                                                   {"stats"},
                                                                   {"stats", "--names"},
                                                                   {"reload"},
                                                                   {"stop"}}) {
        for (const char* document : {"null",
                                     "{}",
                                     "[]",
                                     "7",
                                     "\"x\"",
                                     "[7, null, {}]",
                                     R"({"zones": 3, "name": [], "timers": "x", "changes": {}})"}) {
            (void)text(words, document);  // neither throws nor crashes
        }
    }
    EXPECT_EQ(text({"zones"}, R"([{"name": "a.", "state": "dormant"}])"),
              "zone  role  serial  state    next\n"
              "a.    -          -  dormant  -\n");
}

}  // namespace
}  // namespace understudy::app
