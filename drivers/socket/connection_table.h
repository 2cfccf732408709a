#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/socket/stream_server.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>

namespace understudy::socket {

/// A connection as the table sees it.
class TableEntry {
  public:
    explicit TableEntry(const base::IpAddress& client) : client_(client) {}
    TableEntry(const TableEntry&) = delete;
    TableEntry& operator=(const TableEntry&) = delete;
    virtual ~TableEntry() = default;

    /// Ends whatever the connection waits for; its life ends soon after.
    virtual void close() noexcept = 0;

    [[nodiscard]] const base::IpAddress& client() const noexcept { return client_; }

  private:
    friend class ConnectionTable;
    using TimePoint = std::chrono::steady_clock::time_point;

    enum class Phase : std::uint8_t {
        kIdle,     // waits for a request
        kSending,  // waits for the client to take an answer
        kClosed,   // waits for its end
    };

    base::IpAddress client_;
    Phase phase_ = Phase::kIdle;
    TimePoint since_;  // of the phase, or of its last message
    std::list<TableEntry*>::iterator place_;
};

/// All connections of a server, and the limits on their number and patience. Each phase keeps its
/// connections in the order in which they entered it, so the first one is the longest idle, and the
/// first to run out of time.
///
/// Streams' thread only.
class ConnectionTable {
  public:
    using TimePoint = TableEntry::TimePoint;

    ConnectionTable(const StreamLimits& limits, StreamCounters& counters)
        : limits_(limits), counters_(counters) {}

    /// Takes a connection in as idle, and closes others where that passes a limit. The entry lives
    /// until remove().
    void add(TableEntry& entry, TimePoint now);

    /// The entry's connection has ended; `cause` counts unless the table closed it itself.
    void remove(TableEntry& entry, CloseCause cause);

    /// The entry begins to wait for a request, or for the client to take a message. No effect on a
    /// closed one.
    void idle(TableEntry& entry, TimePoint now) { enter(entry, TableEntry::Phase::kIdle, now); }
    void sending(TableEntry& entry, TimePoint now) {
        enter(entry, TableEntry::Phase::kSending, now);
    }

    [[nodiscard]] static bool is_closed(const TableEntry& entry) noexcept {
        return entry.phase_ == TableEntry::Phase::kClosed;
    }

    /// Closes those that have run out of time.
    void close_expired(TimePoint now);

    /// When close_expired is due next; at the latest after the shorter limit, so that what enters
    /// meanwhile is not late.
    [[nodiscard]] TimePoint next_deadline(TimePoint now) const;

    void close_idle(CloseCause cause);
    void close_all(CloseCause cause);

    [[nodiscard]] bool empty() const noexcept {
        return idle_.empty() && sending_.empty() && closed_.empty();
    }

  private:
    using Entries = std::list<TableEntry*>;

    [[nodiscard]] Entries& entries(TableEntry::Phase phase) noexcept;
    void enter(TableEntry& entry, TableEntry::Phase phase, TimePoint now);
    void close(TableEntry& entry, CloseCause cause);
    void forget_client(const base::IpAddress& client);
    void make_room(const base::IpAddress& client);
    [[nodiscard]] TableEntry* longest_idle_of(const base::IpAddress& client) const;

    StreamLimits limits_;
    StreamCounters& counters_;
    Entries idle_;
    Entries sending_;
    Entries closed_;
    std::map<base::IpAddress, std::size_t> clients_;  // connections that are not closed
};

}  // namespace understudy::socket
