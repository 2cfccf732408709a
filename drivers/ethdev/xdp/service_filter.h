#pragma once

/* What the XDP program and the code that loads it agree on. C, for both compilers. */

/* NOLINTNEXTLINE(performance-enum-size): C enumerations have no base type */
enum {
    UNDERSTUDY_MAX_RX_QUEUES = 256,        /* places in xsks_map */
    UNDERSTUDY_MAX_SERVICE_ADDRESSES = 256 /* of each family */
};

/* Keys of the address maps: addresses in network order. */
struct understudy_address_v4 {
    unsigned char octets[4];
};

struct understudy_address_v6 {
    unsigned char octets[16];
};

/* Value of the address maps. */
struct understudy_address_state {
    /* A local interface holds the address: ARP, neighbour solicitations and echo are the kernel's
     * to answer. */
    unsigned char kernel_answers;
};

/* The program's .rodata. */
struct understudy_filter_options {
    unsigned short vlan; /* 802.1Q tag of the service, 0: none */

    /* Not 0: we ask. The address maps hold the servers, this is their port, and the rest is the
     * network that we ask from, in network order: IPv4's in the first four octets. */
    unsigned short server_port;
    unsigned int source[4];
    unsigned int source_mask[4];
};
