#include "ethdev/tap_interface.h"

#include "ethdev/system_message.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace understudy::ethdev {
namespace {

using base::Expected;
using base::fail;

constexpr const char* kTunFile = "/dev/net/tun";

std::string advice(int error) {
    switch (error) {
        case ENOENT:
        case ENODEV:
            return ": modprobe tun";
        case EPERM:
        case EACCES:
            return ": start as root, or with AmbientCapabilities=CAP_NET_ADMIN";
        case EBUSY:
            return ": another process has an interface of this name, choose another by 'twin:'";
        case EINVAL:
            return ": there is an interface of this name that is no TAP, choose another by 'twin:'";
        default:
            return "";
    }
}

Expected<void> failed(const std::string& what) {
    const int error = errno;
    return fail(what + ": " + system_message(error) + advice(error));
}

ifreq request_for(const std::string& name) {
    ifreq request{};
    std::ranges::copy(name, request.ifr_name);  // no longer than parse_device_name and the
                                                // configuration allow
    return request;
}

/// The interface's own settings, by a socket of its namespace.
Expected<void> set_up(const std::string& name, const base::MacAddress& mac, std::uint16_t mtu) {
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = request_for(name);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::ranges::copy(mac, request.ifr_hwaddr.sa_data);
    if (::ioctl(socket.get(), SIOCSIFHWADDR, &request) != 0) {
        return failed("it takes no MAC address");
    }
    request = request_for(name);
    request.ifr_mtu = mtu;
    if (::ioctl(socket.get(), SIOCSIFMTU, &request) != 0) {
        return failed("it takes no MTU of " + std::to_string(mtu));
    }
    request = request_for(name);
    if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) {
        return failed("it has no flags");
    }
    request.ifr_flags = static_cast<std::int16_t>(request.ifr_flags | IFF_UP);
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) {
        return failed("it cannot be brought up");
    }
    return {};
}

}  // namespace

Expected<Descriptor> open_tap(const std::string& name,
                              const base::MacAddress& mac,
                              std::uint16_t mtu) {
    Descriptor tap(::open(kTunFile, O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!tap) {
        return tl::unexpected(failed(kTunFile).error());
    }
    ifreq request = request_for(name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (::ioctl(tap.get(), TUNSETIFF, &request) != 0) {
        return tl::unexpected(failed("interface " + name).error());
    }
    if (const auto done = set_up(name, mac, mtu); !done) {
        return fail("interface " + name + ": " + done.error().message);
    }
    return tap;
}

void set_carrier(const Descriptor& tap, bool up) noexcept {
    int carrier = up ? 1 : 0;
    (void)::ioctl(tap.get(), TUNSETCARRIER, &carrier);
}

}  // namespace understudy::ethdev
