#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <understudy/net/checksum.h>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::net {

/// The asking side's frames: queries with prepared headers, and what their answers look like.

/// What changes from query to query in the headers.
struct QuerySource {
    std::uint64_t tail = 0;  // last four (IPv4) or eight (IPv6) octets of our address, as a number
    std::uint16_t port = 0;
};

/// The last four or eight octets of an address, as a number.
[[nodiscard]] std::uint64_t address_tail(const base::IpAddress& address) noexcept;

/// Ethernet, IP and UDP headers of queries to one server, all but a few octets of which are written
/// beforehand and copied: a frame costs a copy of 42 or 62 octets and a handful of additions. No
/// VLAN tag, no IP options; IPv4 is never to be fragmented; hop limit 64.
class QueryFrame {
  public:
    static constexpr std::size_t kMaxHeaderOctets = 14 + 40 + 8;

    /// `network`: an address of ours; its first eight octets are those of every IPv6 source.
    /// REQUIRES: both addresses of one family.
    QueryFrame(const base::MacAddress& ours,
               const base::MacAddress& servers,
               const base::IpAddress& network,
               const base::Endpoint& server) noexcept;

    /// In front of the DNS message.
    [[nodiscard]] std::size_t header_octets() const noexcept { return header_octets_; }

    /// Writes the headers of a query whose message of `payload_octets`, of the sum `payload_sum`,
    /// stands or will stand at `frame` + header_octets().
    void write(std::uint8_t* frame,
               const QuerySource& source,
               std::size_t payload_octets,
               InternetSum payload_sum) const noexcept;

  private:
    void write_v4(std::uint8_t* frame, std::uint32_t source, std::uint16_t udp_octets) const;
    void write_v6(std::uint8_t* frame, std::uint64_t source, std::uint16_t udp_octets) const;

    std::array<std::uint8_t, kMaxHeaderOctets> headers_{};
    std::size_t header_octets_;
    std::size_t source_tail_offset_;
    bool v6_;
    InternetSum ip_sum_;   // IPv4: of the header without length, source and checksum
    InternetSum udp_sum_;  // of pseudo header and ports without lengths, source's tail and port
};

/// How frames come back.
enum class Returning : std::uint8_t {
    kAnswered,   // from the server, addresses and ports exchanged
    kReflected,  // as they were sent but for the MAC addresses: a forwarder's, not a name server's
};

enum class AnswerFrameKind : std::uint8_t {
    kAnswer,
    kForeign,      // not UDP from the server's address and port; ARP and NDP among them
    kBadChecksum,  // IPv4 header or UDP, or lengths that contradict each other
};

struct AnswerFrame {
    AnswerFrameKind kind = AnswerFrameKind::kForeign;
    QuerySource source;  // of the query that it answers
    base::Octets payload;
};

/// Looks at received frames: which are answers of one server, and to what.
class AnswerInspector {
  public:
    AnswerInspector(const base::Endpoint& server, Returning returning) noexcept;

    /// Any octets will do. IPv4 options and IPv6 extension headers are not expected of a server:
    /// kForeign. `ip` and `udp`: as for `inspect`.
    [[nodiscard]] AnswerFrame inspect(base::Octets frame,
                                      base::ChecksumState ip,
                                      base::ChecksumState udp) const noexcept;

  private:
    std::array<std::uint8_t, 16> address_{};
    std::uint16_t port_;
    bool v6_;
    bool reflected_;
};

}  // namespace understudy::net
