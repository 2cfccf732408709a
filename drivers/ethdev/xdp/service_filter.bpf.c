/* Decides on each received frame of an interface that we share with the kernel: what the workers
 * answer goes to their AF_XDP sockets, everything else to the kernel as if we were not there.
 *
 * Ours, for a service address: UDP to port 53; and where no local interface holds the address, ARP
 * requests and neighbour solicitations for it and echo requests to it. Not ours, among the rest:
 * fragments, IPv6 packets with extension headers, frames with another VLAN tag than the service's.
 *
 * Where we ask instead of answering (server_port): UDP between a server's port and a source of
 * ours, in either direction, since a forwarder in the server's place sends our own frames back; and
 * what it takes to find each other, ARP and neighbour discovery between the two.
 *
 * Until the loader has filled the maps, everything passes. */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "service_filter.h"

enum {
    DNS_PORT = 53,
    VLAN_ID_MASK = 0x0FFF,
    IPV4_FRAGMENT_MASK = 0x3FFF, /* more fragments, or an offset */
    ARP_ETHERNET = 1,
    ARP_REQUEST = 1,
    ARP_REPLY = 2,
    ICMP_ECHO_REQUEST = 8,
    ICMPV6_ECHO_REQUEST = 128,
    ICMPV6_NEIGHBOUR_SOLICITATION = 135,
    ICMPV6_NEIGHBOUR_ADVERTISEMENT = 136
};

/* Spelt out here where the kernel's own headers need a C library. */

struct vlan_tag {
    __be16 control;
    __be16 protocol; /* of what follows */
};

/* ARP for IPv4 over Ethernet, RFC 826. */
struct arp_packet {
    __be16 hardware;
    __be16 protocol;
    unsigned char hardware_octets;
    unsigned char protocol_octets;
    __be16 operation;
    unsigned char sender_mac[ETH_ALEN];
    struct understudy_address_v4 sender;
    unsigned char target_mac[ETH_ALEN];
    struct understudy_address_v4 target;
};

struct icmp_header {
    unsigned char type;
    unsigned char code;
    __be16 checksum;
    __be32 rest;
};

/* RFC 4861 section 4.3. */
struct neighbour_solicitation {
    struct icmp_header header;
    struct understudy_address_v6 target;
};

/* The driver that opens the sockets asks for this name. */
struct {
    __uint(type, BPF_MAP_TYPE_XSKMAP);
    __uint(max_entries, UNDERSTUDY_MAX_RX_QUEUES);
    __type(key, __u32);
    __type(value, __u32);
} xsks_map SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, UNDERSTUDY_MAX_SERVICE_ADDRESSES);
    __type(key, struct understudy_address_v4);
    __type(value, struct understudy_address_state);
} service_v4 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, UNDERSTUDY_MAX_SERVICE_ADDRESSES);
    __type(key, struct understudy_address_v6);
    __type(value, struct understudy_address_state);
} service_v6 SEC(".maps");

const volatile struct understudy_filter_options filter_options = {};

/* The address's state if the service has it and we answer for it below DNS too. */
static __always_inline int is_all_ours(void* map, const void* address) {
    const struct understudy_address_state* state = bpf_map_lookup_elem(map, address);
    return state && !state->kernel_answers;
}

static __always_inline int is_dns(const struct udphdr* udp, const void* end) {
    return (const void*)(udp + 1) <= end && udp->dest == bpf_htons(DNS_PORT);
}

static __always_inline int is_source_v4(const void* address) {
    const __u32 word = *(const __u32*)address;
    return (word & filter_options.source_mask[0]) == filter_options.source[0];
}

static __always_inline int is_source_v6(const void* address) {
    const __u32* words = address;
    __u32 other = 0;
    for (int i = 0; i < 4; ++i) {
        other |= (words[i] & filter_options.source_mask[i]) ^ filter_options.source[i];
    }
    return other == 0;
}

static __always_inline int udp_v4_is_for_asking(const struct iphdr* ip,
                                                const struct udphdr* udp,
                                                const void* end) {
    const __be16 port = bpf_htons(filter_options.server_port);
    if ((const void*)(udp + 1) > end) {
        return 0;
    }
    if (udp->source == port && is_source_v4(&ip->daddr)) {
        return bpf_map_lookup_elem(&service_v4, &ip->saddr) != 0;
    }
    return udp->dest == port && is_source_v4(&ip->saddr) &&
           bpf_map_lookup_elem(&service_v4, &ip->daddr);
}

static __always_inline int udp_v6_is_for_asking(const struct ipv6hdr* ip, const void* end) {
    const struct udphdr* udp = (const void*)(ip + 1);
    const __be16 port = bpf_htons(filter_options.server_port);
    if ((const void*)(udp + 1) > end) {
        return 0;
    }
    if (udp->source == port && is_source_v6(&ip->daddr)) {
        return bpf_map_lookup_elem(&service_v6, &ip->saddr) != 0;
    }
    return udp->dest == port && is_source_v6(&ip->saddr) &&
           bpf_map_lookup_elem(&service_v6, &ip->daddr);
}

/* Requests for one of our sources, and a server's replies to us. */
static __always_inline int arp_is_for_asking(const struct arp_packet* arp) {
    return is_source_v4(&arp->target) && (arp->operation == bpf_htons(ARP_REQUEST) ||
                                          (arp->operation == bpf_htons(ARP_REPLY) &&
                                           bpf_map_lookup_elem(&service_v4, &arp->sender)));
}

static __always_inline int arp_is_ours(const struct arp_packet* arp, const void* end) {
    if ((const void*)(arp + 1) > end || arp->hardware != bpf_htons(ARP_ETHERNET) ||
        arp->protocol != bpf_htons(ETH_P_IP)) {
        return 0;
    }
    if (filter_options.server_port) {
        return arp_is_for_asking(arp);
    }
    if (arp->operation != bpf_htons(ARP_REQUEST)) {
        return 0;
    }
    return is_all_ours(&service_v4, &arp->target);
}

static __always_inline int ipv4_is_ours(const struct iphdr* ip, const void* end) {
    if ((const void*)(ip + 1) > end || ip->version != 4 || ip->ihl < 5 ||
        (ip->frag_off & bpf_htons(IPV4_FRAGMENT_MASK))) {
        return 0;
    }
    const void* payload = (const unsigned char*)ip + ip->ihl * 4;
    if (filter_options.server_port) {
        return ip->protocol == IPPROTO_UDP && udp_v4_is_for_asking(ip, payload, end);
    }
    if (ip->protocol == IPPROTO_UDP) {
        return is_dns(payload, end) && bpf_map_lookup_elem(&service_v4, &ip->daddr);
    }
    const struct icmp_header* icmp = payload;
    return ip->protocol == IPPROTO_ICMP && (const void*)(icmp + 1) <= end &&
           icmp->type == ICMP_ECHO_REQUEST && is_all_ours(&service_v4, &ip->daddr);
}

/* Solicitations for one of our sources, and a server's advertisements to us. */
static __always_inline int icmpv6_is_for_asking(const struct ipv6hdr* ip, const void* end) {
    const struct neighbour_solicitation* message = (const void*)(ip + 1);
    if ((const void*)(message + 1) > end) {
        return 0;
    }
    if (message->header.type == ICMPV6_NEIGHBOUR_SOLICITATION) {
        return is_source_v6(&message->target);
    }
    return message->header.type == ICMPV6_NEIGHBOUR_ADVERTISEMENT && is_source_v6(&ip->daddr) &&
           bpf_map_lookup_elem(&service_v6, &message->target);
}

static __always_inline int icmpv6_is_ours(const struct ipv6hdr* ip, const void* end) {
    const struct icmp_header* icmp = (const void*)(ip + 1);
    if ((const void*)(icmp + 1) > end) {
        return 0;
    }
    if (icmp->type == ICMPV6_ECHO_REQUEST) {
        return is_all_ours(&service_v6, &ip->daddr);
    }
    /* Sent to the solicited-node multicast address, or to the address itself: the target counts. */
    const struct neighbour_solicitation* solicitation = (const void*)icmp;
    return icmp->type == ICMPV6_NEIGHBOUR_SOLICITATION && (const void*)(solicitation + 1) <= end &&
           is_all_ours(&service_v6, &solicitation->target);
}

static __always_inline int ipv6_is_ours(const struct ipv6hdr* ip, const void* end) {
    if ((const void*)(ip + 1) > end || ip->version != 6) {
        return 0;
    }
    if (filter_options.server_port) {
        if (ip->nexthdr == IPPROTO_UDP) {
            return udp_v6_is_for_asking(ip, end);
        }
        return ip->nexthdr == IPPROTO_ICMPV6 && icmpv6_is_for_asking(ip, end);
    }
    if (ip->nexthdr == IPPROTO_UDP) {
        return is_dns((const void*)(ip + 1), end) && bpf_map_lookup_elem(&service_v6, &ip->daddr);
    }
    return ip->nexthdr == IPPROTO_ICMPV6 && icmpv6_is_ours(ip, end);
}

static __always_inline int frame_is_ours(const void* frame, const void* end) {
    const struct ethhdr* ethernet = frame;
    if ((const void*)(ethernet + 1) > end) {
        return 0;
    }
    const void* packet = ethernet + 1;
    __be16 protocol = ethernet->h_proto;
    __u16 vlan = 0;
    if (protocol == bpf_htons(ETH_P_8021Q)) {
        const struct vlan_tag* tag = packet;
        if ((const void*)(tag + 1) > end) {
            return 0;
        }
        vlan = bpf_ntohs(tag->control) & VLAN_ID_MASK;
        protocol = tag->protocol;
        packet = tag + 1;
    }
    if (vlan != filter_options.vlan) {
        return 0;
    }
    switch (protocol) {
        case bpf_htons(ETH_P_IP):
            return ipv4_is_ours(packet, end);
        case bpf_htons(ETH_P_IPV6):
            return ipv6_is_ours(packet, end);
        case bpf_htons(ETH_P_ARP):
            return arp_is_ours(packet, end);
        default:
            return 0;
    }
}

SEC("xdp")
int understudy_xdp(struct xdp_md* context) {
    const void* frame = (const void*)(long)context->data;
    const void* end = (const void*)(long)context->data_end;
    if (!frame_is_ours(frame, end)) {
        return XDP_PASS;
    }
    /* A queue without a socket passes its frame to the kernel. */
    return bpf_redirect_map(&xsks_map, context->rx_queue_index, XDP_PASS);
}

const char kernel_license[] SEC("license") = "GPL";
