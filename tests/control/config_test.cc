#include <gtest/gtest.h>
#include <sched.h>
#include <understudy/control/config.h>
#include <unistd.h>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace understudy::control {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;
using Indices = std::vector<std::size_t>;

Texts texts_of(const std::vector<Fault>& faults) {
    Texts texts;
    for (const auto& fault : faults) {
        texts.push_back(fault.to_string());
    }
    return texts;
}

std::string available_core() {
    cpu_set_t set;
    CPU_ZERO(&set);
    EXPECT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
    for (int core = CPU_SETSIZE - 1; core > 0; --core) {
        if (CPU_ISSET(core, &set)) {
            return std::to_string(core);
        }
    }
    return "0";
}

/// A configuration that has no faults and, unless the test says so, no warnings.
Config read(const std::string& text, const Texts& warnings = {}) {
    const auto result = parse_config(text, "/etc/understudy/u.yaml");
    EXPECT_EQ(texts_of(result.faults), Texts{});
    EXPECT_EQ(texts_of(result.warnings), warnings);
    return result.config;
}

const std::string kWhole = R"(server:
  identity: ams1.example
  version: ""
  nsid: ams1
  user: understudy
  state: state
  control: /run/understudy/control.sock
  log: debug
  max-udp-payload: 1400
  cookies: off
  cookie-secrets: []
workers:
  cores: CORE
  idle: busy
  huge-pages: no
ports:
  - device: 0000:3B:00.0
    addresses: [192.0.2.53/24, "2001:db8::53/64"]
    queues: auto
    twin:
    mtu: 9000
    vlan: 7
  - device: pcap:in.pcap
    addresses: [198.51.100.1]
    queues: 2
    vlan: 100.10
listen:
  - 127.0.0.1@5300
  - ::1
rate-limit:
metrics: {}
keys:
  - name: transfer.example
    algorithm: hmac-sha512
    secret: Zm9vYmFy
remotes:
  - name: hidden-primary
    addresses: [192.0.2.1@5353, "2001:db8::1"]
    source: 192.0.2.53
    key: Transfer.Example.
  - name: some-remote
    addresses: [203.0.113.1]
acls:
  - name: our-primaries
    addresses: [192.0.2.1, 198.51.100.0/24]
    keys: [transfer.example]
    allow: [notify]
  - name: friends
    allow: [query, transfer]
templates:
  - name: default
    refresh-min: 3s
    refresh-max: 1d
    retry-min: 2m
    expire-max: 28h
    zone-size-max: 3G
    zone-records-max: 1000
    rrset-records-max: 50
    name-types-max: 20
    transfer-time-max: 1h
    transfer-idle-max: 20s
    transfer-rate-min: 4K
    answer-rotation: on
  - name: fast
    primaries: [hidden-primary]
    acls: [our-primaries]
    notify: [some-remote]
    refresh-min: 1s
zones:
  - name: example.com
    primaries: [hidden-primary]
    notify: []
    acls: [our-primaries]
  - name: example.net
    file: example.net.zone
    notify: [some-remote]
    acls: [friends]
    answer-rotation: off
    name-types-max: 30
  - name: example.org
    template: fast
    refresh-max: 9s
    notify:
  - name: .
    template: fast
    file: /zones/root
)";

Config whole() {
    std::string text = kWhole;
    return read(text.replace(text.find("CORE"), 4, available_core()));
}

TEST(Config, ReadsServerAndWorkers) {
    const Config config = whole();
    EXPECT_EQ(config.file, "/etc/understudy/u.yaml");
    EXPECT_EQ(config.server.identity, "ams1.example");
    EXPECT_EQ(config.server.version, "");
    EXPECT_EQ(config.server.nsid, (std::vector<std::uint8_t>{'a', 'm', 's', '1'}));
    EXPECT_EQ(config.server.user, "understudy");
    EXPECT_EQ(config.server.state, "/etc/understudy/state");
    EXPECT_EQ(config.server.control, "/run/understudy/control.sock");
    EXPECT_EQ(config.server.log, ServerConfig::Log::kDebug);
    EXPECT_EQ(config.server.max_udp_payload_octets, 1400);
    ASSERT_EQ(config.workers.cores.size(), 1U);
    EXPECT_EQ(std::to_string(config.workers.cores[0]), available_core());
    EXPECT_EQ(config.workers.idle, WorkersConfig::Idle::kBusy);
    EXPECT_EQ(config.workers.huge_pages, WorkersConfig::HugePages::kOff);
}

TEST(Config, ReadsPortsAndListen) {
    const Config config = whole();
    ASSERT_EQ(config.ports.size(), 2U);
    EXPECT_EQ(port::to_string(config.ports[0].device), "0000:3b:00.0");
    ASSERT_EQ(config.ports[0].addresses.size(), 2U);
    EXPECT_EQ(config.ports[0].addresses[1].to_string(), "2001:db8::53/64");
    EXPECT_EQ(config.ports[0].queues, 0U);
    EXPECT_EQ(config.ports[0].twin, "dns0");
    EXPECT_EQ(config.ports[0].mtu, 9000);
    EXPECT_EQ(config.ports[0].vlan, 7);
    EXPECT_EQ(config.ports[0].outer_vlan, 0);
    EXPECT_EQ(config.ports[1].vlan, 10);
    EXPECT_EQ(config.ports[1].outer_vlan, 100);
    EXPECT_EQ(port::to_string(config.ports[1].device), "pcap:/etc/understudy/in.pcap");
    EXPECT_EQ(config.ports[1].queues, 2U);
    EXPECT_EQ(config.ports[1].twin, "");
    EXPECT_EQ(config.ports[1].mtu, 1500);
    ASSERT_EQ(config.listen.size(), 2U);
    EXPECT_EQ(config.listen[0].to_string(), "127.0.0.1@5300");
    EXPECT_EQ(config.listen[1].to_string(), "::1@53");
}

TEST(Config, NamesTheTwinsOfPciPorts) {
    const auto port = [](const std::string& device, const std::string& more) {
        return "- {device: '" + device + "', addresses: [192.0.2.1]" + more + "}\n";
    };
    const Config config = read("ports:\n" + port("0000:01:00.0", ", twin: dns1") +
                               port("0000:02:00.0", "") + port("0000:03:00.0", ", twin: lan"));
    ASSERT_EQ(config.ports.size(), 3U);
    EXPECT_EQ(config.ports[0].twin, "dns1");
    EXPECT_EQ(config.ports[1].twin, "dns2");
    EXPECT_EQ(config.ports[2].twin, "lan");
}

TEST(Config, ResolvesKeysRemotesAndAcls) {
    const Config config = whole();
    ASSERT_EQ(config.keys.size(), 1U);
    EXPECT_EQ(config.keys[0].algorithm, KeyConfig::Algorithm::kSha512);
    EXPECT_EQ(std::string(config.keys[0].secret.begin(), config.keys[0].secret.end()), "foobar");
    ASSERT_EQ(config.remotes.size(), 2U);
    EXPECT_EQ(config.remotes[0].addresses[1].to_string(), "2001:db8::1@53");
    EXPECT_EQ(config.remotes[0].source->to_string(), "192.0.2.53");
    EXPECT_EQ(config.remotes[0].key, std::size_t{0});
    EXPECT_EQ(config.remotes[1].key, std::nullopt);
    ASSERT_EQ(config.acls.size(), 2U);
    EXPECT_EQ(config.acls[0].addresses.size(), 2U);
    EXPECT_EQ(config.acls[0].keys, Indices{0});
    EXPECT_TRUE(config.acls[0].notify && !config.acls[0].query && !config.acls[0].transfer);
    EXPECT_TRUE(!config.acls[1].notify && config.acls[1].query && config.acls[1].transfer);
}

TEST(Config, MergesTemplatesIntoZones) {
    const Config config = whole();
    ASSERT_EQ(config.zones.size(), 4U);
    const ZoneConfig& com = config.zones[0];
    EXPECT_EQ(com.name.to_text(), "example.com.");
    EXPECT_FALSE(com.is_primary());
    EXPECT_EQ(com.primaries, Indices{0});
    EXPECT_EQ(com.notify, Indices{});
    EXPECT_EQ(com.acls, Indices{0});
    EXPECT_EQ(com.refresh_min, Seconds(3));
    EXPECT_EQ(com.refresh_max, Seconds(86400));
    EXPECT_EQ(com.retry_min, Seconds(120));
    EXPECT_EQ(com.expire_max, Seconds(28 * 3600));
    EXPECT_TRUE(com.answer_rotation);
    EXPECT_EQ(com.transfer,
              (TransferLimits{.zone_octets = 3UL << 30U,
                              .zone_records = 1000,
                              .rrset_records = 50,
                              .name_types = 20,
                              .time = Seconds(3600),
                              .idle = Seconds(20),
                              .octets_a_second = 4096}));
    const ZoneConfig& net = config.zones[1];
    EXPECT_TRUE(net.is_primary());
    EXPECT_EQ(net.file, "/etc/understudy/example.net.zone");
    EXPECT_EQ(net.notify, Indices{1});
    EXPECT_EQ(net.acls, Indices{1});
    EXPECT_EQ(net.transfer.name_types, 30U);
    EXPECT_EQ(net.transfer.rrset_records, 50U);
    EXPECT_FALSE(net.answer_rotation) << "the zone's own word outweighs the template's";
    const ZoneConfig& org = config.zones[2];
    EXPECT_EQ(org.primaries, Indices{0});
    EXPECT_EQ(org.notify, Indices{}) << "the zone's own empty list replaces the template's";
    EXPECT_EQ(org.refresh_min, Seconds(1));
    EXPECT_EQ(org.refresh_max, Seconds(9));
    EXPECT_FALSE(org.answer_rotation);
    EXPECT_EQ(org.transfer, TransferLimits());
    EXPECT_EQ(org.retry_min, Seconds(1)) << "the default template is for zones that name no other";
    const ZoneConfig& root = config.zones[3];
    EXPECT_EQ(root.file, "/zones/root");
    EXPECT_EQ(root.primaries, Indices{}) << "a file outweighs primaries of the template";
}

TEST(Config, FillsInDefaults) {
    const Config config = read("listen: [127.0.0.1]");
    std::array<char, 256> host{};
    ASSERT_EQ(::gethostname(host.data(), host.size() - 1), 0);
    EXPECT_EQ(config.server.identity, host.data());
    EXPECT_TRUE(config.server.version.starts_with("understudy 0.")) << config.server.version;
    EXPECT_TRUE(config.server.nsid.empty());
    EXPECT_EQ(config.server.user, "");
    EXPECT_EQ(config.server.state, "/var/lib/understudy");
    EXPECT_EQ(config.server.control, "/run/understudy/control.sock");
    EXPECT_EQ(config.server.log, ServerConfig::Log::kInfo);
    EXPECT_EQ(config.server.max_udp_payload_octets, 1232);
    EXPECT_FALSE(config.workers.cores.empty());
    EXPECT_EQ(config.workers.idle, WorkersConfig::Idle::kAdaptive);
    EXPECT_EQ(config.workers.huge_pages, WorkersConfig::HugePages::kAuto);
}

TEST(Config, TakesNothingForAnEmptySection) {
    const Config config = read(
        "listen: [127.0.0.1]\nserver:\nworkers:\nports:\nkeys:\nremotes:\nacls:\ntemplates:\n"
        "zones:\nhealth:\n");
    EXPECT_TRUE(config.zones.empty());
    EXPECT_EQ(config.server.log, ServerConfig::Log::kInfo);
}

TEST(Config, ReadsSwitchesAlike) {
    for (const auto* word : {"on", "true", "yes"}) {
        const auto text = std::string("listen: [::1]\nworkers: {huge-pages: ") + word + "}";
        EXPECT_EQ(read(text).workers.huge_pages, WorkersConfig::HugePages::kOn) << word;
    }
    for (const auto* word : {"off", "false", "no"}) {
        const auto text = std::string("listen: [::1]\nserver: {cookies: ") + word +
                          "}\nworkers: {huge-pages: " + word + "}";
        EXPECT_EQ(read(text).workers.huge_pages, WorkersConfig::HugePages::kOff) << word;
    }
}

TEST(Config, ReadsCoresInEveryForm) {
    const std::string core = available_core();
    for (const auto& form :
         {core, core + "-" + core, "[" + core + "]", "[" + core + "-" + core + "]"}) {
        const Config config = read("listen: [::1]\nworkers: {cores: " + form + "}");
        ASSERT_EQ(config.workers.cores.size(), 1U) << form;
        EXPECT_EQ(std::to_string(config.workers.cores[0]), core);
    }
    const Config config = read("listen: [::1]\nworkers: {cores: auto}");
    cpu_set_t set;
    CPU_ZERO(&set);
    ASSERT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
    ASSERT_FALSE(config.workers.cores.empty());
    for (const unsigned chosen : config.workers.cores) {
        EXPECT_TRUE(CPU_ISSET(chosen, &set));
        EXPECT_TRUE(chosen != 0 || CPU_COUNT(&set) == 1);
    }
}

TEST(Config, ReadsNsidInHexadecimal) {
    const Config config = read("listen: [::1]\nserver: {nsid: 0x00fFa1}");
    EXPECT_EQ(config.server.nsid, (std::vector<std::uint8_t>{0x00, 0xFF, 0xA1}));
}

TEST(Config, WarnsOfPortsWithoutTcp) {
    const std::string ports = R"(ports:
  - {device: "tap:u0", addresses: [192.0.2.1]}
  - {device: "memif:/run/m", addresses: [192.0.2.1]}
  - {device: "af_xdp:eth0", addresses: [192.0.2.1]}
  - {device: "3b:00.0", addresses: [192.0.2.1]}
)";
    read(ports,
         {"/etc/understudy/u.yaml:2:5: port 'tap:u0' serves UDP only, and without 'listen' nothing "
          "serves TCP",
          "/etc/understudy/u.yaml:3:5: port 'memif:/run/m,server' serves UDP only, and without "
          "'listen' nothing serves TCP"});
    read(ports + "listen: [127.0.0.1]\n");
}

TEST(Config, WarnsOfPrimariesThatMayNotNotify) {
    const auto text = [](const std::string& zone) {
        return R"(listen: [::1]
keys: [{name: k, secret: Zm9v}, {name: other, secret: Zm9v}]
remotes: [{name: p, addresses: [192.0.2.1, "2001:db8::1"], key: k}]
acls:
- {name: query, allow: [query]}
- {name: anyone, allow: [notify]}
- {name: address, addresses: ["2001:db8::/32"], allow: [notify]}
- {name: else, addresses: [192.0.2.2], allow: [notify]}
- {name: key, keys: [k], allow: [notify]}
- {name: other, keys: [other], allow: [notify]}
zones: [{name: z, primaries: [p])" +
               zone + "}]\n";
    };
    const Texts deaf{
        "/etc/understudy/u.yaml:11:9: primary 'p' holds no 'notify' grant in the zone's ACLs: "
        "changes are found by refresh alone"};
    read(text(""), deaf);
    read(text(", acls: [query]"), deaf);
    read(text(", acls: [else]"), deaf);
    read(text(", acls: [other]"), deaf);
    read(text(", acls: [anyone]"));
    read(text(", acls: [address]"));
    read(text(", acls: [key]"));
    read(text(", acls: [other, else, key]"));
}

class ConfigFile : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "config_test.XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string path(const std::string& name) const {
        return (folder_ / name).string();
    }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path(name), std::ios::binary) << text;
    }

  private:
    fs::path folder_;
};

TEST_F(ConfigFile, LoadsWithSecretsBesideIt) {
    write("u.yaml", "listen: [::1]\nkeys: [{name: k, secret-file: k.secret}]\n");
    write("k.secret", "\n Zm9v \r\n");
    const auto result = load_config(path("u.yaml"));
    EXPECT_EQ(texts_of(result.faults), Texts{});
    ASSERT_EQ(result.config.keys.size(), 1U);
    EXPECT_EQ(result.config.keys[0].secret, (std::vector<std::uint8_t>{'f', 'o', 'o'}));
}

TEST_F(ConfigFile, NamesSecretFilesThatAreNone) {
    write("u.yaml", R"(listen: [::1]
keys:
- {name: a, secret-file: missing}
- {name: b, secret-file: bad}
- {name: c, secret-file: blank}
- {name: d, secret-file: large}
)");
    write("bad", "se!ret");
    write("blank", "\n");
    write("large", std::string(5000, 'A'));
    const auto at = [&](const std::string& place) { return path("u.yaml") + place; };
    EXPECT_EQ(
        texts_of(load_config(path("u.yaml")).faults),
        (Texts{at(":3:26: ") + path("missing") + ": No such file or directory",
               at(":4:26: ") + path("bad") +
                   ": expected a secret in base64: base64 comes in groups of four "
                   "characters, here are 6",
               at(":5:26: ") + path("blank") + ": expected a secret in base64, found an empty one",
               at(":6:26: ") + path("large") + ": larger than 4096 octets"}));
}

TEST_F(ConfigFile, SaysWhyItCannotBeRead) {
    EXPECT_EQ(texts_of(load_config(path("missing")).faults),
              Texts{path("missing") + ": No such file or directory"});
}

}  // namespace
}  // namespace understudy::control
