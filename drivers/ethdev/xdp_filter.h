#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/ethdev/device.h>

#include "ethdev/descriptor.h"
#include "ethdev/interface.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct bpf_link;
struct bpf_object;

namespace understudy::ethdev {

/// Our XDP program (xdp/service_filter.bpf.c) on one interface.
///
/// DPDK's AF_XDP driver loads and attaches a program by itself, once for each device of its own,
/// and an interface whose queues it cannot count (veth) takes one such device for each queue. So
/// the driver gets copies (object_file) with empty maps, which pass everything to the kernel; each
/// is taken off again (remove_copy), and at the end one program that knows all sockets takes their
/// place (attach). That one hangs on a BPF link, not on the interface: the kernel removes it when
/// the process ends, however that happens, and two processes cannot take it from each other.
///
/// Control thread only, in the interface's network namespace.
class XdpFilter {
  public:
    /// Loads the program and fills in the addresses: ours, or with `asking` the servers'. Removes a
    /// copy of ours that a crash left on the interface; any other program there is an error that
    /// names it.
    [[nodiscard]] static base::Expected<std::unique_ptr<XdpFilter>> load(
        const Interface& interface,
        std::span<const base::IpPrefix> addresses,
        std::uint16_t vlan,
        const std::optional<AskingSide>& asking);

    XdpFilter(const XdpFilter&) = delete;
    XdpFilter& operator=(const XdpFilter&) = delete;
    ~XdpFilter();

    /// A file with the program, valid while the filter lives.
    [[nodiscard]] std::string object_file() const;

    /// Takes the driver's copy off the interface.
    [[nodiscard]] base::Expected<void> remove_copy();

    /// Frames of RX queue `queue` that are ours go to this AF_XDP socket.
    [[nodiscard]] base::Expected<void> add_socket(std::uint32_t queue, int socket);

    /// From now on frames are sorted.
    [[nodiscard]] base::Expected<void> attach();

  private:
    struct CloseObject {
        void operator()(bpf_object* object) const noexcept;
    };
    struct DestroyLink {
        void operator()(bpf_link* link) const noexcept;
    };

    XdpFilter(const Interface& interface, Descriptor file, bpf_object* object)
        : interface_name_(interface.name),
          interface_index_(static_cast<int>(interface.index)),
          file_(std::move(file)),
          object_(object) {}

    [[nodiscard]] base::Expected<void> add_address(const base::IpAddress& address,
                                                   bool kernel_answers);
    [[nodiscard]] int map(const char* name) const;

    std::string interface_name_;
    int interface_index_;
    Descriptor file_;  // in memory
    std::unique_ptr<bpf_object, CloseObject> object_;
    std::unique_ptr<bpf_link, DestroyLink> link_;
};

}  // namespace understudy::ethdev
