#include "ethdev/xdp_filter.h"

#include <understudy/base/check.h>
#include <understudy/ethdev/device.h>

#include "ethdev/library_log.h"
#include "ethdev/system_message.h"
#include "ethdev/xdp/service_filter.h"
#include "ethdev/xdp/service_filter_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace understudy::ethdev {
namespace {

using base::Expected;
using base::fail;
using base::IpAddress;

/// What the kernel lists our program as, whoever loaded it.
constexpr const char* kProgramName = "understudy_xdp";

static_assert(kMaxServiceAddresses == UNDERSTUDY_MAX_SERVICE_ADDRESSES);

Expected<Descriptor> object_in_memory() {
    Descriptor file(::memfd_create("understudy_xdp", MFD_CLOEXEC));
    const auto octets = service_filter_object();
    if (!file ||
        ::write(file.get(), octets.data(), octets.size()) != static_cast<ssize_t>(octets.size())) {
        return fail(std::string("no memory for the XDP program: ") + system_message(errno));
    }
    return file;
}

/// The program that the interface runs, 0: none.
std::uint32_t attached_program(int interface_index) {
    std::uint32_t id = 0;
    return bpf_xdp_query_id(interface_index, 0, &id) == 0 ? id : 0;
}

/// Empty: only CAP_SYS_ADMIN may know.
std::string program_name(std::uint32_t id) {
    const Descriptor program(bpf_prog_get_fd_by_id(id));
    bpf_prog_info info{};
    __u32 size = sizeof info;
    if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0) {
        return {};
    }
    return {info.name, strnlen(info.name, sizeof info.name)};
}

/// What hangs on a link of a living process stays: the kernel refuses.
bool detach(int interface_index) {
    const LibraryLog silence;
    return bpf_xdp_detach(interface_index, 0, nullptr) == 0 ||
           attached_program(interface_index) == 0;
}

/// Takes a program of ours off that a crash has left; refuses any other.
Expected<void> clear_interface(const std::string& name, int index) {
    const std::uint32_t id = attached_program(index);
    if (id == 0) {
        return {};
    }
    const std::string number = " (id " + std::to_string(id) + ")";
    const std::string program = program_name(id);
    if (program != kProgramName) {
        return fail((program.empty() ? "an XDP program" : "the XDP program '" + program + "'") +
                    number + " is on the interface: ip link set " + name + " xdp off");
    }
    if (!detach(index)) {
        return fail("another process of understudy" + number +
                    " serves on the interface: bpftool prog show");
    }
    return {};
}

/// A mask of `bits` ones from the first octet on, and the network below it.
void put_network(const base::IpPrefix& network, understudy_filter_options& options) {
    constexpr unsigned kOctetBits = 8;
    std::array<std::uint8_t, sizeof options.source> address{};
    std::array<std::uint8_t, sizeof options.source_mask> mask{};
    std::ranges::copy(network.address.octets(), address.begin());
    for (unsigned bit = 0; bit < network.length_bits; ++bit) {
        mask[bit / kOctetBits] |= static_cast<std::uint8_t>(0x80U >> bit % kOctetBits);
    }
    std::ranges::transform(
        address, mask, address.begin(), [](std::uint8_t octet, std::uint8_t ones) {
            return static_cast<std::uint8_t>(octet & ones);
        });
    std::memcpy(options.source, address.data(), address.size());
    std::memcpy(options.source_mask, mask.data(), mask.size());
}

understudy_filter_options filter_options(std::uint16_t vlan,
                                         const std::optional<AskingSide>& asking) {
    understudy_filter_options options{};
    options.vlan = vlan;
    if (asking) {
        options.server_port = asking->server_port;
        put_network(asking->sources, options);
    }
    return options;
}

Expected<void> failed(const std::string& what, LibraryLog& log) {
    const int error = errno;
    return fail(what + ": " + log.first_line(system_message(error).c_str()));
}

}  // namespace

void XdpFilter::CloseObject::operator()(bpf_object* object) const noexcept {
    bpf_object__close(object);
}

void XdpFilter::DestroyLink::operator()(bpf_link* link) const noexcept {
    (void)bpf_link__destroy(link);
}

XdpFilter::~XdpFilter() = default;

Expected<std::unique_ptr<XdpFilter>> XdpFilter::load(const Interface& interface,
                                                     std::span<const base::IpPrefix> addresses,
                                                     std::uint16_t vlan,
                                                     const std::optional<AskingSide>& asking) {
    const auto cleared = clear_interface(interface.name, static_cast<int>(interface.index));
    if (!cleared) {
        return tl::unexpected(cleared.error());
    }
    auto file = object_in_memory();
    if (!file) {
        return tl::unexpected(file.error());
    }
    const auto local = local_addresses();
    if (!local) {
        return tl::unexpected(local.error());
    }
    LibraryLog log;
    const auto octets = service_filter_object();
    bpf_object* object = bpf_object__open_mem(octets.data(), octets.size(), nullptr);
    UNDERSTUDY_CHECK(object != nullptr);  // its octets are part of this library
    std::unique_ptr<XdpFilter> filter(new XdpFilter(interface, *std::move(file), object));

    const understudy_filter_options options = filter_options(vlan, asking);
    bpf_map* constants = bpf_object__find_map_by_name(object, ".rodata");
    UNDERSTUDY_CHECK(bpf_map__set_initial_value(constants, &options, sizeof options) == 0);
    if (bpf_object__load(object) != 0) {
        return tl::unexpected(failed("the kernel refuses the XDP program", log).error());
    }
    for (const auto& prefix : addresses) {
        const bool held = std::ranges::find(*local, prefix.address) != local->end();
        const auto added = filter->add_address(prefix.address, held);
        if (!added) {
            return tl::unexpected(added.error());
        }
    }
    return filter;
}

std::string XdpFilter::object_file() const {
    return "/proc/self/fd/" + std::to_string(file_.get());
}

Expected<void> XdpFilter::remove_copy() {
    if (!detach(interface_index_)) {
        return fail("another XDP program came onto the interface: ip link set " + interface_name_ +
                    " xdp off");
    }
    return {};
}

Expected<void> XdpFilter::add_socket(std::uint32_t queue, int socket) {
    if (bpf_map_update_elem(map("xsks_map"), &queue, &socket, BPF_ANY) != 0) {
        return fail("queue " + std::to_string(queue) +
                    " cannot join the XDP program: " + system_message(errno));
    }
    return {};
}

Expected<void> XdpFilter::attach() {
    LibraryLog log;
    link_.reset(bpf_program__attach_xdp(
        bpf_object__find_program_by_name(object_.get(), kProgramName), interface_index_));
    if (!link_) {
        return failed("the XDP program cannot be put on the interface", log);
    }
    return {};
}

Expected<void> XdpFilter::add_address(const IpAddress& address, bool kernel_answers) {
    const understudy_address_state state{kernel_answers};
    const int fd = map(address.is_v6() ? "service_v6" : "service_v4");
    if (bpf_map_update_elem(fd, address.octets().data(), &state, BPF_ANY) != 0) {
        return fail("service address " + address.to_string() + ": " +
                    (errno == E2BIG
                         ? "at most " + std::to_string(kMaxServiceAddresses) + " of each family"
                         : system_message(errno)));
    }
    return {};
}

int XdpFilter::map(const char* name) const {
    return bpf_map__fd(bpf_object__find_map_by_name(object_.get(), name));
}

}  // namespace understudy::ethdev
