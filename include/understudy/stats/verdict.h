#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace understudy::stats {

/// How a packet's or message's life ended. Every one ends in exactly one verdict, which is also its
/// counter's name and what a test expects of it. `kDropped` verdicts are the drop causes that
/// operators see.
enum class Outcome : std::uint8_t {
    kAnswered,  // a DNS response was sent
    kReplied,   // a reply below DNS was sent (ARP, NDP, echo)
    kPassed,    // handed on: to the control plane or to the kernel
    kDropped,
};

// clang-format off
//                      verdict                   outcome    meaning
#define UNDERSTUDY_VERDICTS(X)                                                                                        \
    X(Positive,             "positive",             kAnswered, "answer with records of the queried type")               \
    X(NoData,               "nodata",               kAnswered, "the name exists without the queried type")              \
    X(NxDomain,             "nxdomain",             kAnswered, "the name does not exist")                               \
    X(Referral,             "referral",             kAnswered, "the name lies below a zone cut")                        \
    X(Truncated,            "truncated",            kAnswered, "answer cut short with TC, the client asks over TCP")    \
    X(Refused,              "refused",              kAnswered, "no zone here, class not served, or not allowed")        \
    X(ServFail,             "servfail",             kAnswered, "a configured zone has no valid data")                   \
    X(FormErr,              "formerr",              kAnswered, "the query breaks the message format")                   \
    X(NotImp,               "notimp",               kAnswered, "an operation code that is not served")                  \
    X(BadVers,              "badvers",              kAnswered, "an EDNS version above 0")                               \
    X(YxDomain,             "yxdomain",             kAnswered, "a DNAME substitution would exceed 255 octets")          \
    X(ServerInfo,           "server_info",          kAnswered, "a CHAOS question about this server")                    \
    X(ControlReply,         "control_reply",        kAnswered, "reply made by the control plane")                       \
    X(ArpReply,             "arp_reply",            kReplied,  "ARP request for a service address answered")            \
    X(NdpReply,             "ndp_reply",            kReplied,  "neighbour solicitation for a service address answered") \
    X(EchoReply,            "echo_reply",           kReplied,  "ICMP or ICMPv6 echo request answered")                  \
    X(ToControl,            "to_control",           kPassed,   "handed to the control plane (NOTIFY, TSIG, transfer)")  \
    X(ControlRingFull,      "control_ring_full",    kDropped,  "the control plane is behind: its ring is full")         \
    X(ControlTooLong,       "control_too_long",     kDropped,  "for the control plane, but longer than its ring takes") \
    X(ToTwin,               "to_twin",              kPassed,   "handed to the kernel's twin of the port")               \
    X(FragmentToTwin,       "fragment_to_twin",     kPassed,   "IP fragment handed to the kernel's twin of the port")   \
    X(FromTwin,             "from_twin",            kPassed,   "frame of the kernel's twin sent")                       \
    X(TwinRingFull,         "twin_ring_full",       kDropped,  "the kernel's twin is behind: its ring is full")         \
    X(TwinTooLong,          "twin_too_long",        kDropped,  "for the kernel's twin, but longer than the MTU")        \
    X(TransmitFull,         "transmit_full",        kDropped,  "the port took no more packets to send")                 \
    X(ShortFrame,           "short_frame",          kDropped,  "frame ends before its headers do")                      \
    X(ForeignMac,           "foreign_mac",          kDropped,  "destination MAC address is not this port's")            \
    X(ForeignVlan,          "foreign_vlan",         kDropped,  "802.1Q tags are not the service's")                     \
    X(ForeignEthertype,     "foreign_ethertype",    kDropped,  "neither IPv4, IPv6 nor ARP")                            \
    X(BadArp,               "bad_arp",              kDropped,  "ARP packet malformed or of an unknown operation")       \
    X(ForeignArp,           "foreign_arp",          kDropped,  "ARP reply: nothing that we have asked for")            \
    X(BadIpHeader,          "bad_ip_header",        kDropped,  "IP version, header length or total length is wrong")    \
    X(BadIpChecksum,        "bad_ip_checksum",      kDropped,  "IPv4 header checksum is wrong")                         \
    X(ForeignAddress,       "foreign_address",      kDropped,  "destination is not a service address")                  \
    X(Fragment,             "fragment",             kDropped,  "IP fragment")                                           \
    X(BadIpOptions,         "bad_ip_options",       kDropped,  "IPv4 options malformed, beyond the cap or a source route") \
    X(TooManyExtensions,    "too_many_extensions",  kDropped,  "IPv6 extension headers beyond the cap or not skippable") \
    X(ForeignProtocol,      "foreign_protocol",     kDropped,  "neither UDP nor a served ICMP message")                 \
    X(BadUdpLength,         "bad_udp_length",       kDropped,  "UDP length is below 8 or beyond the packet")            \
    X(ForeignPort,          "foreign_port",         kDropped,  "UDP destination port is not 53")                        \
    X(BadSourceAddress,     "bad_source_address",   kDropped,  "source is multicast, broadcast, loopback, ours or none") \
    X(BadSourcePort,        "bad_source_port",      kDropped,  "UDP source port is 0")                                  \
    X(BadUdpChecksum,       "bad_udp_checksum",     kDropped,  "UDP checksum is wrong, or 0 over IPv6")                 \
    X(BadIcmpChecksum,      "bad_icmp_checksum",    kDropped,  "ICMP or ICMPv6 checksum is wrong")                      \
    X(EchoLimited,          "echo_limited",         kDropped,  "echo request beyond what a worker answers a second")    \
    X(BadNdp,               "bad_ndp",              kDropped,  "neighbour solicitation malformed (RFC 4861)")           \
    X(ShortMessage,         "short_message",        kDropped,  "shorter than a DNS header")                             \
    X(IsResponse,           "is_response",          kDropped,  "the QR bit is set")
// clang-format on

enum class Verdict : std::uint8_t {
#define UNDERSTUDY_X(name, text, outcome, meaning) k##name,
    UNDERSTUDY_VERDICTS(UNDERSTUDY_X)
#undef UNDERSTUDY_X
};

/// What operators see of a verdict.
struct VerdictInfo {
    std::string_view name;  // snake_case: the counter's label
    Outcome outcome;
    std::string_view meaning;
};

inline constexpr auto kVerdicts = std::to_array<VerdictInfo>({
#define UNDERSTUDY_X(name, text, outcome, meaning) {text, Outcome::outcome, meaning},
    UNDERSTUDY_VERDICTS(UNDERSTUDY_X)
#undef UNDERSTUDY_X
});

inline constexpr std::size_t kVerdictCount = kVerdicts.size();

[[nodiscard]] constexpr const VerdictInfo& info(Verdict verdict) noexcept {
    return kVerdicts[static_cast<std::size_t>(verdict)];
}

[[nodiscard]] constexpr Outcome outcome(Verdict verdict) noexcept { return info(verdict).outcome; }

}  // namespace understudy::stats

#undef UNDERSTUDY_VERDICTS
