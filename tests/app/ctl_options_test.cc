#include "app/ctl_options.h"

#include <gtest/gtest.h>

#include <understudy/net/packet_filter.h>

namespace understudy::app {
namespace {

using Words = std::vector<std::string>;

tl::expected<CtlOptions, CtlUsage> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "understudyctl");
    return parse_ctl_options(static_cast<int>(arguments.size()), arguments.data());
}

Words words(const std::vector<const char*>& arguments) {
    const auto options = parse(arguments);
    EXPECT_TRUE(options) << options.error().text;
    return options ? options->words : Words();
}

TEST(CtlOptions, CommandsBecomeTheDaemonsWords) {
    EXPECT_EQ(words({"status"}), Words{"status"});
    EXPECT_EQ(words({"zones"}), Words{"zones"});
    EXPECT_EQ(words({"workers"}), Words{"workers"});
    EXPECT_EQ(words({"reload"}), Words{"reload"});
    EXPECT_EQ(words({"stop"}), Words{"stop"});
    EXPECT_EQ(words({"stats"}), Words{"stats"});
    EXPECT_EQ(words({"stats", "--names"}), (Words{"stats", "--names"}));
    EXPECT_EQ(words({"zone", "a.example"}), (Words{"zone", "a.example"}));
    EXPECT_EQ(words({"zone", "."}), (Words{"zone", "."}));
    for (const char* action : {"refresh", "retransfer", "notify", "reload", "dump"}) {
        EXPECT_EQ(words({"zone", "a\\.b.example.", action}),
                  (Words{"zone", "a\\.b.example.", action}));
    }
}

TEST(CtlOptions, WordsOfLaterVersionsAreForTheDaemonToRefuse) {
    EXPECT_EQ(words({"drain"}), Words{"drain"});
    EXPECT_EQ(words({"undrain"}), Words{"undrain"});
    EXPECT_EQ(words({"health"}), Words{"health"});
    EXPECT_EQ(words({"health", "file", "3", "--json"}), Words{"health"});
    EXPECT_EQ(words({"zone", "a.example", "promote", "file"}),
              (Words{"zone", "a.example", "promote"}));
    EXPECT_EQ(words({"zone", "a.example", "demote"}), (Words{"zone", "a.example", "demote"}));
    EXPECT_TRUE(parse({"health", "--json"})->json);
}

TEST(CtlOptions, Defaults) {
    const auto options = parse({"wait"}).value();
    EXPECT_EQ(options.socket, "/run/understudy/control.sock");
    EXPECT_FALSE(options.json);
    EXPECT_EQ(options.patience, std::chrono::seconds(60));
    EXPECT_EQ(options.dump_file, "");
}

TEST(CtlOptions, OptionsMayStandBeforeAndBehindTheCommand) {
    for (const auto& arguments : std::vector<std::vector<const char*>>{
             {"--json", "--socket", "/s", "zone", "a", "dump", "f"},
             {"zone", "a", "dump", "f", "--socket=/s", "--json"},
             {"zone", "--json", "a", "dump", "--socket", "/s", "f"}}) {
        const auto options = parse(arguments).value();
        EXPECT_TRUE(options.json);
        EXPECT_EQ(options.socket, "/s");
        EXPECT_EQ(options.words, (Words{"zone", "a", "dump"}));
        EXPECT_EQ(options.dump_file, "f");
    }
    EXPECT_EQ(parse({"wait", "--timeout", "5"})->patience, std::chrono::seconds(5));
    EXPECT_EQ(parse({"wait", "--timeout", "0"})->patience, std::chrono::seconds(0));
}

TEST(CtlOptions, WrongUsageSaysWhatIsWrongAndWhatIsRight) {
    for (const auto& arguments :
         std::vector<std::vector<const char*>>{{},
                                               {"nonsense"},
                                               {"--nonsense", "status"},
                                               {"status", "too", "much"},
                                               {"status", "zones"},
                                               {"zone"},
                                               {"zone", "a", "nonsense"},
                                               {"zone", "a", "refresh", "file"},
                                               {"zone", "a", "refresh", "notify"},
                                               {"zone", "a", "dump", "f", "g"},
                                               {"stats", "--nonsense"},
                                               {"wait", "--timeout"},
                                               {"wait", "--timeout", "soon"},
                                               {"wait", "--timeout", "-1"},
                                               {"wait", "--timeout", "99999999"},
                                               {"--socket"}}) {
        const auto options = parse(arguments);
        ASSERT_FALSE(options) << testing::PrintToString(options->words);
        EXPECT_EQ(options.error().exit_code, 2);
        EXPECT_TRUE(options.error().text.starts_with("understudyctl: ")) << options.error().text;
        EXPECT_NE(options.error().text.find("Usage: understudyctl"), std::string::npos);
    }
}

TEST(CtlOptions, HelpAndVersionAreNoErrors) {
    const auto help = parse({"--help"});
    ASSERT_FALSE(help);
    EXPECT_EQ(help.error().exit_code, 0);
    EXPECT_NE(help.error().text.find("status"), std::string::npos);
    EXPECT_EQ(help.error().text.find("undrain"), std::string::npos);
    const auto zone_help = parse({"zone", "--help"});
    EXPECT_EQ(zone_help.error().exit_code, 0);
    EXPECT_NE(zone_help.error().text.find("retransfer"), std::string::npos);
    const auto version = parse({"--version"});
    EXPECT_EQ(version.error().exit_code, 0);
    EXPECT_TRUE(version.error().text.starts_with("understudyctl 0."));
}

TEST(CtlOptions, OfACapture) {
    const auto options = parse({"capture",
                                "--filter",
                                "udp port 53",
                                "--count",
                                "7",
                                "--out",
                                "x.pcapng",
                                "--seconds",
                                "3"});
    ASSERT_TRUE(options) << options.error().text;
    EXPECT_EQ(options->words, Words{"capture"});
    EXPECT_EQ(options->capture.count, 7U);
    EXPECT_EQ(options->capture.file, "x.pcapng");
    EXPECT_EQ(options->capture.duration, std::chrono::seconds(3));
    EXPECT_EQ(options->capture.filter, net::PacketFilter::compile("udp port 53").value().to_text());
    const auto refused = parse({"capture", "--filter", "udp port"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().exit_code, 2);
    EXPECT_NE(refused.error().text.find("udp port"), std::string::npos);
    EXPECT_FALSE(parse({"capture", "--count", "0"}));
    EXPECT_FALSE(parse({"capture", "--seconds", "soon"}));
}

}  // namespace
}  // namespace understudy::app
