#pragma once

namespace understudy::rcu {

/// The calling thread's registration as a reader of `Published` data, for as long as this lives.
///
/// The flavour is QSBR: reading costs nothing, and in return a reader says now and then that it
/// holds no pointer (`quiescent`, `offline`). A grace period ends when every reader has said so
/// since it began; only then is replaced data freed. So an online reader that neither calls
/// `quiescent` nor goes offline keeps all that is replaced from being freed, though it delays
/// nobody else: no reader ever waits, and the publishing thread does not either.
///
/// At most one for each thread, made, used and destroyed on that thread. It begins online.
class Reader {
  public:
    Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();

    /// "I hold no pointer now", once a burst: two fences, and a system call only when a grace
    /// period has already been waiting for this reader for so long that it went to sleep.
    /// REQUIRES: online.
    void quiescent() noexcept;

    /// Until `online`, grace periods do not wait for this thread and it must not load. Before
    /// anything that may sleep or take long. REQUIRES: online.
    void offline() noexcept;

    /// REQUIRES: offline.
    void online() noexcept;

    /// The calling thread is a reader, and online: it may load, but it must not wait for a grace
    /// period.
    [[nodiscard]] static bool thread_is_online() noexcept;

  private:
    bool online_ = true;
};

/// Offline for a scope: `{ const Offline resting(reader); port.wait(timeout); }`
class Offline {
  public:
    /// REQUIRES: `reader` is online and outlives this.
    explicit Offline(Reader& reader) noexcept : reader_(reader) { reader_.offline(); }
    Offline(const Offline&) = delete;
    Offline& operator=(const Offline&) = delete;
    ~Offline() { reader_.online(); }

  private:
    Reader& reader_;
};

/// Waits for a grace period: on return nobody holds what had been replaced before the call. Any
/// thread but an online reader, which would wait for itself.
void synchronize() noexcept;

}  // namespace understudy::rcu
