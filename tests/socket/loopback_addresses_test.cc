#include <gtest/gtest.h>

#include <sys/capability.h>
#include <understudy/socket/loopback_addresses.h>
#include <understudy/socket/udp_port.h>
#include <algorithm>

#include "socket/clients.h"

namespace understudy::socket {
namespace {

bool held(const base::IpAddress& address) {
    const auto addresses = local_addresses();
    return addresses && std::ranges::find(*addresses, address) != addresses->end();
}

class LoopbackAddressesTest : public testing::Test {
  protected:
    static void run(const std::function<void()>& body) {
        if (!in_network_namespace(body)) {
            GTEST_SKIP() << "needs CAP_SYS_ADMIN for a network namespace";
        }
    }
};

TEST_F(LoopbackAddressesTest, AddsAndRemovesThem) {
    run([] {
        const std::vector service{ip("192.0.2.53"), ip("198.51.100.53"), ip("192.0.2.53")};
        {
            const auto addresses = LoopbackAddresses::add(service);
            ASSERT_TRUE(addresses) << addresses.error().message;
            EXPECT_EQ(addresses->added().size(), 2U);
            EXPECT_TRUE(held(service[0]));
            EXPECT_TRUE(held(service[1]));
            EXPECT_TRUE(UdpPort::open(std::vector{base::Endpoint{service[0], 53}}));
        }
        EXPECT_FALSE(held(service[0]));
        EXPECT_FALSE(held(service[1]));
    });
}

TEST_F(LoopbackAddressesTest, LeavesAloneWhatWasThere) {
    run([] {
        const std::vector before{ip("192.0.2.1")};
        const auto owner = LoopbackAddresses::add(before);
        ASSERT_TRUE(owner);
        {
            const auto addresses =
                LoopbackAddresses::add(std::vector{ip("192.0.2.1"), ip("192.0.2.2")});
            ASSERT_TRUE(addresses);
            ASSERT_EQ(addresses->added().size(), 1U);
            EXPECT_EQ(addresses->added()[0], ip("192.0.2.2"));
        }
        EXPECT_TRUE(held(ip("192.0.2.1")));
        EXPECT_FALSE(held(ip("192.0.2.2")));
    });
}

TEST_F(LoopbackAddressesTest, MovesWithItsOwner) {
    run([] {
        auto first = LoopbackAddresses::add(std::vector{ip("192.0.2.1")});
        ASSERT_TRUE(first);
        {
            const LoopbackAddresses second(std::move(*first));
            EXPECT_EQ(second.added().size(), 1U);
            EXPECT_TRUE(held(ip("192.0.2.1")));
        }
        EXPECT_FALSE(held(ip("192.0.2.1")));
    });
}

TEST_F(LoopbackAddressesTest, Ipv6CanBeBoundAtOnce) {
    if (!has_ipv6()) {
        GTEST_SKIP() << "no IPv6 here";
    }
    run([] {
        const auto address = ip("2001:db8::53");
        {
            const auto addresses = LoopbackAddresses::add(std::vector{address});
            ASSERT_TRUE(addresses) << addresses.error().message;
            EXPECT_TRUE(UdpPort::open(std::vector{base::Endpoint{address, 53}}));
        }
        EXPECT_FALSE(held(address));
    });
}

TEST_F(LoopbackAddressesTest, TakesNoneWhereOneFails) {
    run([] {
        // A multicast address cannot be held.
        const auto addresses = LoopbackAddresses::add(std::vector{ip("192.0.2.1"), ip("ff02::1")});
        ASSERT_FALSE(addresses);
        EXPECT_NE(addresses.error().message.find("ff02::1/128"), std::string::npos);
        EXPECT_FALSE(held(ip("192.0.2.1")));
    });
}

TEST_F(LoopbackAddressesTest, SaysWhatToDoWithoutThePrivilege) {
    run([] {
        cap_t none = ::cap_init();  // of this thread alone
        ASSERT_EQ(::cap_set_proc(none), 0);
        ::cap_free(none);
        const auto addresses = LoopbackAddresses::add(std::vector{ip("192.0.2.1")});
        ASSERT_FALSE(addresses);
        EXPECT_NE(addresses.error().message.find("CAP_NET_ADMIN"), std::string::npos);
        EXPECT_NE(addresses.error().message.find("ip address add 192.0.2.1/32 dev lo"),
                  std::string::npos);
    });
}

TEST(LocalAddresses, ContainTheLoopbacks) { EXPECT_TRUE(held(ip("127.0.0.1"))); }

}  // namespace
}  // namespace understudy::socket
