#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/socket/descriptor.h>
#include <span>
#include <vector>

namespace understudy::socket {

/// The addresses that the interfaces of this network namespace hold, of both families.
[[nodiscard]] base::Expected<std::vector<base::IpAddress>> local_addresses();

/// Gives the kernel the service addresses that none of its interfaces holds, so that it serves TCP
/// on them: each on `lo` as /32 or /128, over rtnetlink. Exactly those that it has added it removes
/// at the end of its life; what a killed predecessor left behind counts as held and stays.
///
/// Needs CAP_NET_ADMIN in the thread that adds, and again in the one that destroys: a process that
/// drops privileges in between has to keep it.
class LoopbackAddresses {
  public:
    /// Brings `lo` up if it is down (and leaves it up). All or nothing: after an error none is
    /// added. The error says what to do.
    [[nodiscard]] static base::Expected<LoopbackAddresses> add(
        std::span<const base::IpAddress> service);

    LoopbackAddresses(LoopbackAddresses&& other) noexcept = default;
    LoopbackAddresses& operator=(LoopbackAddresses&& other) = delete;
    ~LoopbackAddresses();

    [[nodiscard]] std::span<const base::IpAddress> added() const noexcept { return added_; }

  private:
    LoopbackAddresses(Descriptor netlink, unsigned interface) noexcept;

    [[nodiscard]] base::Expected<void> add(const base::IpAddress& address);

    Descriptor netlink_;  // of the namespace in which it was opened, wherever the thread is later
    unsigned interface_;
    std::vector<base::IpAddress> added_;
};

}  // namespace understudy::socket
