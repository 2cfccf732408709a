#pragma once

#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What operators see of the control plane: plain values, copied out on its thread.
namespace understudy::control {

enum class ZoneState : std::uint8_t {
    kBootstrapping,  // a secondary that never had data
    kCurrent,
    kRefreshing,  // asking a primary or transferring, with valid data
    kRetrying,    // no primary could be used last time; the data is still valid
    kExpired,     // no primary could be used for the SOA's expire time: SERVFAIL
    kFailed,      // a primary zone whose file is missing or faulty and that has no data: SERVFAIL
};

/// `bootstrapping`, `current`, … as INTERFACE users see them.
[[nodiscard]] std::string to_string(ZoneState state);

/// How one address of one primary did when it was last used.
struct PrimaryStatus {
    std::string name;         // of the remote
    std::string address;      // ADDR@PORT
    std::string last_result;  // none | ok | unchanged | older | failed
    std::string last_reason;  // why it failed or is older, in words
};

struct TransferStatus {
    std::string kind;  // axfr | ixfr
    std::uint64_t octets = 0;
    std::uint64_t messages = 0;
    std::uint64_t records = 0;     // that came, those that go too
    std::int64_t duration_ms = 0;  // from connecting to published
};

struct ZoneStatus {
    std::string name;  // ends in a dot
    std::string role;  // primary | secondary
    std::optional<std::uint32_t> serial;
    ZoneState state = ZoneState::kBootstrapping;
    std::string next_event;  // refresh | retry | expire, or empty
    std::optional<std::int64_t> next_event_s;
    std::vector<PrimaryStatus> primaries;
    // The timers in force, within the template's bounds; absent without data.
    std::optional<std::uint32_t> refresh_s;
    std::optional<std::uint32_t> retry_s;
    std::optional<std::uint32_t> expire_s;
    std::optional<TransferStatus> last_transfer;
    std::string key;    // that transfers are signed with, or empty
    std::string file;   // a primary zone's
    std::string fault;  // why the newest file or transfer was refused, or empty
    std::uint64_t records = 0;
    std::uint64_t memory_octets = 0;
    std::uint64_t image_octets = 0;    // in the state folder
    std::uint64_t journal_octets = 0;  // differences there, those kept for IXFR too
};

/// What a reload did.
struct ReloadReport {
    bool done = false;
    std::vector<std::string> faults;         // with done == false: nothing was changed
    std::vector<std::string> changes;        // `zone example.com. added`
    std::vector<std::string> needs_restart;  // sections that differ but cannot change while running
};

}  // namespace understudy::control
