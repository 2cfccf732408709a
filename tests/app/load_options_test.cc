#include "app/load_options.h"

#include <gtest/gtest.h>

namespace understudy::app {
namespace {

using Arguments = std::vector<const char*>;

const std::vector<unsigned> kAvailable{0, 1, 2, 3};

tl::expected<LoadOptions, LoadUsage> parse(Arguments arguments) {
    arguments.insert(arguments.begin(), "understudy-load");
    return parse_load_options(static_cast<int>(arguments.size()), arguments.data(), kAvailable);
}

/// With what every call needs before `more`.
tl::expected<LoadOptions, LoadUsage> parse_with(const Arguments& more) {
    Arguments all{"--device", "tap:dns0", "--target", "192.0.2.53", "--queries", "q"};
    all.insert(all.end(), more.begin(), more.end());
    return parse(all);
}

TEST(LoadOptions, HasDefaults) {
    const auto options = parse_with({});
    ASSERT_TRUE(options) << options.error().text;
    EXPECT_EQ(to_string(*options->device), "tap:dns0");
    EXPECT_EQ(options->target.to_string(), "192.0.2.53@53");
    EXPECT_EQ(options->queries, "q");
    EXPECT_FALSE(options->rate);
    EXPECT_EQ(options->cores, (std::vector<unsigned>{3}));
    EXPECT_EQ(options->expected_rcodes, 0b1001);
    EXPECT_FALSE(options->source || options->target_mac || options->query.edns_octets != 0);
}

TEST(LoadOptions, TakesAll) {
    const auto options =
        parse({"--device", "socket",   "--target", "2001:db8::53@5300", "--queries",
               "q",        "--rate",   "1.5e6",    "--duration",        "2.5",
               "--cores",  "1-2",      "--source", "2001:db8:1::/64",   "--edns",
               "4096",     "--dnssec", "--expect", "REFUSED",           "--json",
               "r.json",   "--plot",   "p.png",    "--window",          "64",
               "--quiet"});
    ASSERT_TRUE(options) << options.error().text;
    EXPECT_FALSE(options->device);
    EXPECT_EQ(options->target.port, 5300);
    EXPECT_EQ(options->rate, 1.5e6);
    EXPECT_EQ(options->duration_s, 2.5);
    EXPECT_EQ(options->cores, (std::vector<unsigned>{1, 2}));
    EXPECT_EQ(options->source->to_string(), "2001:db8:1::/64");
    EXPECT_EQ(options->query.edns_octets, 4096);
    EXPECT_TRUE(options->query.dnssec_ok);
    EXPECT_EQ(options->expected_rcodes, 1U << 5U);
    EXPECT_EQ(options->window, 64U);
    EXPECT_EQ(parse_with({"--target-mac", "02:00:5E:00:00:53"})->target_mac,
              (base::MacAddress{2, 0, 0x5E, 0, 0, 0x53}));
    EXPECT_TRUE(parse_with({"--reflected"})->reflected);
}

TEST(LoadOptions, NamesWhatIsWrong) {
    const std::vector<std::pair<Arguments, const char*>> cases{
        {{"--rate", "0"}, "--rate"},
        {{"--rate", "-1"}, "--rate"},
        {{"--rate", "fast"}, "or max"},
        {{"--rate", "1e10"}, "--rate"},
        {{"--duration", "0"}, "--duration"},
        {{"--cores", "4"}, "--cores"},
        {{"--cores", "x"}, "--cores"},
        {{"--source", "192.0.2.0/33"}, "--source"},
        {{"--target-mac", "02:00:5e:00:00"}, "MAC address"},
        {{"--target-mac", "02:00:5e:00:00:5x"}, "MAC address"},
        {{"--edns", "100"}, "--edns"},
        {{"--expect", "NOERROR,WHAT"}, "--expect"},
        {{"--window", "0"}, "--window"},
        {{"--burst", "65"}, "--burst"},
        {{"--nonsense"}, "nonsense"},
    };
    for (const auto& [arguments, words] : cases) {
        const auto options = parse_with(arguments);
        ASSERT_FALSE(options) << arguments[0] << ' ' << arguments.back();
        EXPECT_EQ(options.error().exit_code, 2);
        EXPECT_NE(options.error().text.find(words), std::string::npos) << options.error().text;
    }
    EXPECT_FALSE(parse({"--target", "192.0.2.53", "--queries", "q"}));
    EXPECT_FALSE(parse({"--device", "what", "--target", "192.0.2.53", "--queries", "q"}));
    EXPECT_FALSE(parse({"--device", "tap:x", "--target", "example.com", "--queries", "q"}));
    for (const char* option : {"--reflected", "--target-mac=02:00:5e:00:00:53"}) {
        EXPECT_FALSE(
            parse({"--device", "socket", "--target", "192.0.2.53", "--queries", "q", option}));
    }
}

TEST(LoadOptions, HelpAndVersionAreNoFaults) {
    EXPECT_EQ(parse({"--help"}).error().exit_code, 0);
    EXPECT_EQ(parse({"--version"}).error().exit_code, 0);
}

}  // namespace
}  // namespace understudy::app
