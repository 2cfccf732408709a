#pragma once

#include <understudy/base/check.h>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace understudy::load {

/// What an answer is recognised by.
struct Identity {
    std::uint16_t id = 0;    // of the DNS message
    std::uint16_t port = 0;  // ours
};

/// Which id and source port the queries of one core have: a one-to-one mapping between numbers and
/// identities, so that an answer leads to its query without a search.
class Numbering {
  public:
    static constexpr unsigned kIdBits = 16;

    /// 2^port_bits ports from `first_port` on. `run_bits`: as many neighbouring numbers
    /// (2^run_bits) have one port, which lets kernel sockets send them by one system call; with 0,
    /// ports and ids wander. REQUIRES: the ports end at 65,535 or before; run_bits <= kIdBits.
    Numbering(std::uint16_t first_port, unsigned port_bits, unsigned run_bits) noexcept
        : first_port_(first_port), port_bits_(port_bits), run_bits_(run_bits) {
        UNDERSTUDY_CHECK(first_port + ports() <= 65536U && run_bits <= kIdBits);
    }

    [[nodiscard]] std::uint32_t ports() const noexcept { return std::uint32_t{1} << port_bits_; }

    /// Numbers are below it; a power of two.
    [[nodiscard]] std::uint32_t count() const noexcept { return ports() << kIdBits; }

    /// How many blocks of as many ports lie between ours and the one that has `port`: which core's
    /// it is, if each has the next block. Ports before ours are in a block far beyond them all.
    [[nodiscard]] std::size_t block_of(std::uint16_t port) const noexcept {
        return (std::uint32_t{port} - first_port_) >> port_bits_;
    }

    /// REQUIRES: number < count().
    [[nodiscard]] Identity identity(std::uint32_t number) const noexcept {
        if (run_bits_ == 0) {
            const std::uint32_t mixed = number * kFactor & (count() - 1);
            return {static_cast<std::uint16_t>(mixed), port(mixed >> kIdBits)};
        }
        const std::uint32_t in_run = number & low(run_bits_);
        const std::uint32_t turn = number >> (run_bits_ + port_bits_) << run_bits_;
        return {static_cast<std::uint16_t>((turn | in_run) * kFactor),
                port(number >> run_bits_ & low(port_bits_))};
    }

    /// The reverse. Absent: the port is none of ours.
    [[nodiscard]] std::optional<std::uint32_t> number(const Identity& identity) const noexcept {
        const auto port_index = static_cast<std::uint32_t>(identity.port) - first_port_;
        if (port_index >= ports()) {
            return std::nullopt;
        }
        if (run_bits_ == 0) {
            return (port_index << kIdBits | identity.id) * kInverse & (count() - 1);
        }
        const std::uint32_t unmixed = identity.id * kInverse & low(kIdBits);
        const std::uint32_t in_run = unmixed & low(run_bits_);
        return unmixed >> run_bits_ << (run_bits_ + port_bits_) | port_index << run_bits_ | in_run;
    }

  private:
    // Odd, so that multiplying by it has an inverse modulo each power of two.
    static constexpr std::uint32_t kFactor = 0x9E37'79B1;
    static constexpr std::uint32_t kInverse = 0x0E8B'2F51;  // modulo 2^32 and so all smaller
    static_assert(kFactor * kInverse == 1);

    static constexpr std::uint32_t low(unsigned bits) noexcept {
        return (std::uint32_t{1} << bits) - 1;
    }
    [[nodiscard]] std::uint16_t port(std::uint32_t index) const noexcept {
        return static_cast<std::uint16_t>(first_port_ + index);
    }

    std::uint32_t first_port_;
    unsigned port_bits_;
    unsigned run_bits_;
};

/// The queries of one core that wait for their answers.
///
/// One thread, the owner, sends; any thread may find the answer, since a network card spreads
/// answers over cores as it likes. Nothing locks: where two copies of one answer meet on two
/// threads in the same moment, both may count.
///
/// A query waits until its place is taken by a later one, kMaxSlots further on.
class InFlight {
  public:
    static constexpr std::size_t kMaxSlots = std::size_t{1} << 21;

    explicit InFlight(const Numbering& numbering);

    [[nodiscard]] const Numbering& numbering() const noexcept { return numbering_; }

    // The owner.

    /// The number of the next query.
    [[nodiscard]] std::uint32_t next_number() const noexcept {
        return static_cast<std::uint32_t>(next_) & (numbering_.count() - 1);
    }

    /// The query of next_number() is about to be sent.
    void add(std::uint64_t sent_cycles, std::uint32_t query) noexcept;

    /// The last `count` queries were not sent after all.
    void take_back(std::size_t count) noexcept;

    /// Queries whose answer may still come. Those older than `given_up_cycles` do not count any
    /// more, but are answered all the same if their answer does come.
    [[nodiscard]] std::uint64_t waiting(std::uint64_t now_cycles,
                                        std::uint64_t given_up_cycles) noexcept;

    // Any thread.

    struct Query {
        std::uint32_t number;
        std::uint64_t sent_cycles;
        std::uint32_t index;  // in the QuerySet
    };

    enum class Claimer : std::uint8_t { kOwner, kOther };

    /// The query that the identity belongs to, which from now on waits no more. Absent: there is
    /// none, its answer has come before, or it is too long ago. The owner's own claim, the usual
    /// case, takes no locked instruction.
    [[nodiscard]] std::optional<Query> claim(const Identity& identity, Claimer claimer) noexcept {
        const auto number = numbering_.number(identity);
        if (!number) {
            return std::nullopt;
        }
        Slot& slot = slots_[*number & (slot_count_ - 1)];
        const std::uint32_t mark = slot.mark.load(std::memory_order_acquire);
        if ((mark & ~kGivenUp) != (*number | kPresent)) {
            return std::nullopt;
        }
        const Query query{*number,
                          slot.sent_cycles.load(std::memory_order_relaxed),
                          slot.query.load(std::memory_order_relaxed)};
        if (claimer == Claimer::kOwner) {
            slot.mark.store(0, std::memory_order_relaxed);
            own_claims_ += (mark & kGivenUp) == 0 ? 1U : 0U;
        } else if (const auto last = slot.mark.exchange(0, std::memory_order_relaxed); last == 0) {
            return std::nullopt;
        } else if ((last & kGivenUp) == 0) {
            others_claims_.fetch_add(1, std::memory_order_relaxed);
        }
        return query;
    }

  private:
    // Above a number, which has kIdBits and at most 14 bits of port.
    static constexpr std::uint32_t kPresent = std::uint32_t{1} << 31U;
    static constexpr std::uint32_t kGivenUp = std::uint32_t{1} << 30U;

    struct Slot {
        std::atomic<std::uint64_t> sent_cycles;
        std::atomic<std::uint32_t> query;
        std::atomic<std::uint32_t> mark;  // 0: empty; else its number and the bits above
    };

    [[nodiscard]] Slot& slot(std::uint64_t sequence) noexcept {
        return slots_[sequence & (slot_count_ - 1)];
    }
    void give_up(std::uint64_t sequence) noexcept;

    Numbering numbering_;
    std::size_t slot_count_;
    std::unique_ptr<Slot[]> slots_;
    std::uint64_t next_ = 0;        // owner
    std::uint64_t oldest_ = 0;      // owner: what is before it is claimed or given up
    std::uint64_t given_up_ = 0;    // owner
    std::uint64_t own_claims_ = 0;  // owner; of queries that were not given up
    alignas(64) std::atomic<std::uint64_t> others_claims_{0};  // the same, the other threads'
};

}  // namespace understudy::load
