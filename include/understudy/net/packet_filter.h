#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace understudy::net {

/// Which frames somebody wants to see, in the language of tcpdump (pcap-filter(7)): `udp port 53
/// and host 192.0.2.1`. Made of libpcap's compiler and interpreter: a program of a bounded number
/// of instructions that jumps forward only, so that it ends soon on any octets.
class PacketFilter {
  public:
    /// Of a program; more than any filter that a person writes.
    static constexpr std::size_t kMaxInstructions = 400;

    /// Lets everything pass.
    PacketFilter() = default;

    /// Fails with libpcap's words. An empty expression lets everything pass. May ask the resolver
    /// for a host's name, so not for a thread that others wait for.
    [[nodiscard]] static base::Expected<PacketFilter> compile(const std::string& expression);

    /// The program that `to_text` wrote, which may come from a stranger: it is checked.
    [[nodiscard]] static base::Expected<PacketFilter> from_text(std::string_view text);

    /// 16 hexadecimal digits for each instruction; empty for a filter that lets everything pass.
    [[nodiscard]] std::string to_text() const;

    /// Any thread; no allocation, lock or system call.
    [[nodiscard]] bool matches(base::Octets frame) const noexcept;

  private:
    struct Program;
    std::shared_ptr<const Program> program_;  // null: everything passes
};

}  // namespace understudy::net
