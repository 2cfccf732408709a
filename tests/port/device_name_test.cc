#include <gtest/gtest.h>

#include <understudy/port/device_name.h>

#include <string>

namespace understudy::port {
namespace {

template <typename Device>
Device parsed(std::string_view text) {
    auto name = parse_device_name(text);
    EXPECT_TRUE(name) << text;
    if (!name || !std::holds_alternative<Device>(*name)) {
        ADD_FAILURE() << text << " is of another kind";
        return {};
    }
    return std::get<Device>(*name);
}

TEST(DeviceName, TakesPciAddressesWithAndWithoutDomain) {
    EXPECT_EQ(parsed<PciDevice>("0000:3b:00.0").address, "0000:3b:00.0");
    EXPECT_EQ(parsed<PciDevice>("3b:00.0").address, "0000:3b:00.0");
    EXPECT_EQ(parsed<PciDevice>("10AF:FF:1f.7").address, "10af:ff:1f.7");
}

TEST(DeviceName, RefusesWhatIsNoPciAddress) {
    for (const char* text : {"",
                             "eth0",
                             "3b:00",
                             "3b:00.8",
                             "3b:20.0",
                             "3b:00.0 ",
                             "g0:00.0",
                             "000:3b:00.0",
                             "00000:3b:00.0",
                             "0000-3b:00.0",
                             ":3b:00.0",
                             "0000:3b.00.0"}) {
        EXPECT_FALSE(parse_device_name(text)) << text;
    }
}

TEST(DeviceName, TakesInterfacesUpToTheKernelsLimit) {
    EXPECT_EQ(parsed<AfXdpDevice>("af_xdp:eth0").interface, "eth0");
    EXPECT_EQ(parsed<AfXdpDevice>("af_xdp:eth0.53").interface, "eth0.53");
    EXPECT_EQ(parsed<TapDevice>("tap:d").interface, "d");
    EXPECT_EQ(parsed<TapDevice>("tap:abcdefghijklmno").interface, "abcdefghijklmno");
    EXPECT_FALSE(parse_device_name("tap:abcdefghijklmnop"));
}

TEST(DeviceName, RefusesWhatIsNoInterfaceName) {
    using namespace std::string_view_literals;
    for (const auto name : {""sv,
                            "."sv,
                            ".."sv,
                            "a/b"sv,
                            "a b"sv,
                            "a,b"sv,
                            "a:b"sv,
                            "a%d"sv,
                            "a\tb"sv,
                            "a\0b"sv,
                            "\xc3\xa4"sv}) {
        for (const std::string kind : {"af_xdp:", "tap:"}) {
            EXPECT_FALSE(parse_device_name(kind + std::string(name))) << kind << name;
        }
    }
}

TEST(DeviceName, TakesMemifSocketsAndRoles) {
    EXPECT_EQ(parsed<MemifDevice>("memif:/run/a.sock"),
              (MemifDevice{"/run/a.sock", MemifRole::kServer}));
    EXPECT_EQ(parsed<MemifDevice>("memif:/run/a.sock,server").role, MemifRole::kServer);
    EXPECT_EQ(parsed<MemifDevice>("memif:@a,client"), (MemifDevice{"@a", MemifRole::kClient}));
}

TEST(DeviceName, RefusesWhatIsNoMemif) {
    const std::string longest = "/" + std::string(kMaxSocketPathOctets - 1, 'a');
    EXPECT_TRUE(parse_device_name("memif:" + longest));
    EXPECT_FALSE(parse_device_name("memif:" + longest + "a"));
    for (const char* text : {"memif:",
                             "memif:/",
                             "memif:@",
                             "memif:a.sock",
                             "memif:/a b",
                             "memif:/a,",
                             "memif:/a,master",
                             "memif:/a,server,client"}) {
        EXPECT_FALSE(parse_device_name(text)) << text;
    }
}

TEST(DeviceName, TakesCaptureFiles) {
    EXPECT_EQ(parsed<PcapDevice>("pcap:in.pcap"), (PcapDevice{"in.pcap", ""}));
    EXPECT_EQ(parsed<PcapDevice>("pcap:/a/in,/a/out"), (PcapDevice{"/a/in", "/a/out"}));
    for (const char* text : {"pcap:", "pcap:,out", "pcap:in,", "pcap:in,out,more", "pcap:a b"}) {
        EXPECT_FALSE(parse_device_name(text)) << text;
    }
}

TEST(DeviceName, PrintsWhatItParses) {
    for (const char* text : {"0000:3b:00.0",
                             "af_xdp:eth0",
                             "tap:dns0",
                             "memif:/run/a.sock,server",
                             "memif:@a,client",
                             "pcap:in",
                             "pcap:in,out"}) {
        EXPECT_EQ(to_string(parse_device_name(text).value()), text);
    }
}

TEST(DeviceName, SaysWhatFormsThereAre) {
    const auto name = parse_device_name("xdp:eth0");
    ASSERT_FALSE(name);
    EXPECT_NE(name.error().message.find("af_xdp:IFACE"), std::string::npos);
}

}  // namespace
}  // namespace understudy::port
