#include <gtest/gtest.h>
#include <understudy/control/config.h>
#include <string>
#include <vector>

namespace understudy::control {
namespace {

using Texts = std::vector<std::string>;

/// A configuration and the faults that it has, all of them, without the file's name.
struct Case {
    std::string text;
    Texts faults;
};

Texts faults_of(const std::string& text) {
    Texts texts;
    for (const auto& fault : parse_config(text, "f").faults) {
        const std::string line = fault.to_string();
        EXPECT_TRUE(line.starts_with("f:")) << line;
        texts.push_back(line.substr(2));
    }
    return texts;
}

void expect_faults(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        EXPECT_EQ(faults_of(c.text), c.faults) << c.text;
    }
}

/// Cases in a configuration that is otherwise good: it has a first line.
void expect_faults_below_listen(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        EXPECT_EQ(faults_of("listen: [::1]\n" + c.text), c.faults) << c.text;
    }
}

TEST(ConfigFaults, OfTheYaml) {
    expect_faults({
        {"", {" expected 'ports' or 'listen': without, nobody is answered"}},
        {"listen: [::1", {"1:1: end of sequence flow not found"}},
        {"listen: [::1]\n  x: y", {"2:3: end of map not found"}},
        {"listen: [::1]\n---\nx: y", {"3:1: only one YAML document is read"}},
        {"listen: &a [::1]", {"1:9: anchors and aliases are not read here, use templates"}},
        {"listen: [!!str x]", {"1:10: tags are not read here"}},
    });
}

TEST(ConfigFaults, OfKeysAndKinds) {
    expect_faults({
        {"[1]", {"1:1: expected a map, found a list"}},
        {"listen: ::1", {"1:9: expected a list, found '::1'"}},
        {"listen: {a: b}", {"1:9: expected a list, found a map"}},
    });
    expect_faults_below_listen({
        {"liste: []", {"2:1: unknown key 'liste', did you mean 'listen'?"}},
        {"quux: []", {"2:1: unknown key 'quux'"}},
        {"[a]: b", {"2:1: unknown key a list"}},
        {"listen: []", {"2:1: key 'listen' stands twice"}},
        {"server: []", {"2:9: expected a map, found a list"}},
        {"server: {log: [info], user: {}, state: ,\n control: c}",
         {"2:15: expected a single value, found a list",
          "2:29: expected a single value, found a map",
          "2:33: expected a single value, found nothing"}},
        {"zones: {}", {"2:8: expected a list, found a map"}},
        {"zones: [a]", {"2:9: expected a map, found 'a'"}},
    });
}

TEST(ConfigFaults, OfTheServer) {
    expect_faults_below_listen({
        {"server: {identity: " + std::string(256, 'x') + "}",
         {"2:20: expected a text of at most 255 octets, found '" + std::string(60, 'x') + "...'"}},
        {"server: {nsid: 0x1}",
         {"2:16: expected 0x and two hexadecimal digits for each octet, found '0x1'"}},
        {"server: {nsid: 0xxx}",
         {"2:16: expected 0x and two hexadecimal digits for each octet, found '0xxx'"}},
        {"server: {user: ''}", {"2:16: expected a text that is not empty, found ''"}},
        {"server: {state: ''}", {"2:17: expected a text that is not empty, found ''"}},
        {"server: {control: ''}", {"2:19: expected the path of a socket, found ''"}},
        {"server: {log: loud}", {"2:15: expected error, warning, info or debug, found 'loud'"}},
        {"server: {max-udp-payload: 511}",
         {"2:27: expected a number from 512 to 4096, found '511'"}},
        {"server: {max-udp-payload: 1232 octets}",
         {"2:27: expected a number from 512 to 4096, found '1232 octets'"}},
        {"server: {cookies: on}", {"2:19: 'cookies' is not supported by this version"}},
        {"server: {cookies: maybe}", {"2:19: expected on or off, found 'maybe'"}},
        {"server: {cookie-secrets: [0x00]}",
         {"2:26: 'cookie-secrets' is not supported by this version"}},
    });
    const auto long_path =
        faults_of("listen: [::1]\nserver: {control: /" + std::string(107, 'x') + "}");
    ASSERT_EQ(long_path.size(), 1U);
    EXPECT_TRUE(long_path[0].starts_with("2:19: expected a path of at most 107 octets"))
        << long_path[0];
}

TEST(ConfigFaults, OfTheWorkers) {
    const std::string forms = "expected cores such as 2-3 or 2,4,6, or auto, found ";
    expect_faults_below_listen({
        {"workers: {cores: all}", {"2:18: " + forms + "'all'"}},
        {"workers: {cores: 3-2}", {"2:18: " + forms + "'3-2'"}},
        {"workers: {cores: '1,'}", {"2:18: " + forms + "'1,'"}},
        {"workers: {cores: 99999999999}", {"2:18: " + forms + "'99999999999'"}},
        {"workers: {cores: []}", {"2:18: expected at least one core, found an empty list"}},
        {"workers: {cores: {}}", {"2:18: expected a single value, found a map"}},
        {"workers: {idle: lazy}", {"2:17: expected busy or adaptive, found 'lazy'"}},
        {"workers: {huge-pages: 1}", {"2:23: expected auto, on or off, found '1'"}},
    });
    const auto missing = faults_of("listen: [::1]\nworkers: {cores: 1023}");
    ASSERT_EQ(missing.size(), 1U);
    EXPECT_TRUE(missing[0].starts_with("2:18: core 1023 does not exist: this machine has "))
        << missing[0];
}

TEST(ConfigFaults, OfPortsAndListen) {
    expect_faults({
        {"ports: [{device: 'tap:u0', addresses: []}]",
         {"1:9: expected at least one service address in 'addresses'"}},
        {"ports: [{addresses: [192.0.2.1]}]", {"1:9: expected a device"}},
        {"ports:\n- {device: 'tap:u', addresses: [192.0.2.1]}\n- {device: 'tap:u', addresses: "
         "[192.0.2.2]}",
         {"3:12: device 'tap:u' is a port already"}},
        {"listen: [127.0.0.1, 127.0.0.1@53, 127.0.0.1@54]",
         {"1:21: '127.0.0.1@53' stands twice in the list"}},
        {"listen: [127.0.0.1@0]", {"1:10: '127.0.0.1@0' has no port from 1 to 65535"}},
    });
    const auto port = [](const std::string& more) {
        return "ports: [{device: 'tap:u', addresses: [192.0.2.1], " + more + "}]";
    };
    expect_faults({
        {port("queues: 0"), {"1:59: expected auto or a number from 1 to 1024, found '0'"}},
        {port("mtu: 100"), {"1:56: expected a number from 576 to 9216, found '100'"}},
        {port("vlan: 4095"), {"1:57: expected a number from 0 to 4094, found '4095'"}},
        {port("vlan: 7.4095"),
         {"1:57: expected a VLAN or OUTER.INNER, each up to 4094, found '7.4095'"}},
        {port("vlan: 0.7"), {"1:57: expected a VLAN or OUTER.INNER, each up to 4094, found '0.7'"}},
        {"ports: [{device: 'af_xdp:u', addresses: [192.0.2.1], vlan: 100.7}]",
         {"1:60: two tags are not supported on af_xdp: the kernel keeps such frames"}},
        {port("twin: dns0"), {"1:57: only a PCI device has a twin: the others share the kernel's"}},
    });
    expect_faults({
        {"ports: [{device: '01:00.0', addresses: [192.0.2.1], twin: 'dns 0'}]",
         {"1:59: expected the name of an interface, found 'dns 0'"}},
        {"ports:\n- {device: '01:00.0', addresses: [192.0.2.1]}\n- {device: '02:00.0', addresses: "
         "[192.0.2.2], twin: dns0}",
         {"3:53: 'dns0' is another port's twin already"}},
    });
    for (const auto* address : {"0.0.0.0", "224.0.0.1/4", "ff02::1", "::/0"}) {
        EXPECT_EQ(
            faults_of(std::string("ports: [{device: 'tap:u', addresses: ['") + address + "']}]"),
            Texts{std::string("1:39: expected the unicast address of a service, found '") +
                  address + "'"});
    }
    for (const auto* bad : {"192.0.2.1/33", "192.0.2", "x", "'::1/129'", "''"}) {
        EXPECT_EQ(
            faults_of(std::string("listen: [::1]\nacls: [{name: a, allow: [query], addresses: [") +
                      bad + "]}]")
                .size(),
            1U)
            << bad;
        EXPECT_EQ(faults_of(std::string("ports: [{device: ") + bad + ", addresses: [::1]}]").size(),
                  1U)
            << bad;
    }
}

TEST(ConfigFaults, OfKeysThatSign) {
    expect_faults_below_listen({
        {"keys: [{secret: Zm9v}]", {"2:8: expected a 'name'"}},
        {"keys: [{name: a..b, secret: Zm9v}]", {"2:15: 'a..b' has an empty label"}},
        {"keys: [{name: a}]", {"2:8: expected 'secret' or 'secret-file'"}},
        {"keys: [{name: a, secret: Zm9}]",
         {"2:26: expected a secret in base64: base64 comes in groups of four characters, here are "
          "3"}},
        {"keys: [{name: a, secret: ''}]",
         {"2:26: expected a secret in base64, found an empty one"}},
        {"keys: [{name: a, secret: Zm9v, algorithm: hmac-md5}]",
         {"2:43: expected hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384 or hmac-sha512, found "
          "'hmac-md5'"}},
        {"keys:\n- {name: a.b, secret: Zm9v}\n- {name: A.B., secret: Zm9v}",
         {"4:10: key 'a.b.' is defined already in line 3"}},
    });
    const auto both =
        faults_of("listen: [::1]\nkeys: [{name: a, secret: Zm9v, secret-file: /none}]");
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0], "2:8: expected either 'secret' or 'secret-file', found both");
}

TEST(ConfigFaults, NeverQuoteASecret) {
    for (const auto& fault : faults_of("listen: [::1]\nkeys: [{name: a, secret: hunter!2}]")) {
        EXPECT_EQ(fault.find("hunter"), std::string::npos) << fault;
    }
}

TEST(ConfigFaults, OfRemotesAndAcls) {
    expect_faults_below_listen({
        {"remotes: [{name: r}]", {"2:11: expected at least one address in 'addresses'"}},
        {"remotes: [{name: r, addresses: [::1], key: k}]", {"2:44: unknown key 'k.'"}},
        {"remotes: [{name: r, addresses: [::1], key: k..k}]",
         {"2:44: expected the name of a key, found 'k..k'"}},
        {"remotes: [{name: r, addresses: [::1], source: 192.0.2.1}]",
         {"2:47: no address of the remote is of the family of 'source'"}},
        {"remotes:\n- {name: r, addresses: [::1]}\n- {name: r, addresses: [::1]}",
         {"4:10: remote 'r' is defined already in line 3"}},
        {"acls: [{name: a}]", {"2:8: expected query, notify or transfer in 'allow'"}},
        {"acls: [{name: a, allow: []}]", {"2:8: expected query, notify or transfer in 'allow'"}},
        {"acls: [{name: a, allow: [query, query]}]", {"2:33: 'query' stands twice in the list"}},
        {"acls: [{name: a, allow: [update]}]", {"2:26: 'update' is not supported by this version"}},
        {"acls: [{name: a, allow: [write]}]",
         {"2:26: expected query, notify, transfer or update, found 'write'"}},
        {"acls: [{name: a, allow: query}]", {"2:25: expected a list, found 'query'"}},
        {"acls: [{name: a, allow: [query], addresses: [], keys: []}]",
         {"2:45: expected at least one item in 'addresses'; without the key there is no such "
          "condition",
          "2:55: expected at least one item in 'keys'; without the key there is no such "
          "condition"}},
    });
}

TEST(ConfigFaults, OfZones) {
    expect_faults_below_listen({
        {"zones: [{name: a}]", {"2:9: expected 'file' or 'primaries'"}},
        {"zones: [{name: a, primaries: []}]", {"2:9: expected 'file' or 'primaries'"}},
        {"zones: [{name: a, file: ''}]", {"2:25: expected a text that is not empty, found ''"}},
        {"zones: [{name: '', file: f}]", {"2:16: an empty text is not a domain name"}},
        {"zones: [{file: f}]", {"2:9: expected a 'name'"}},
        {"zones: [{name: a, primaries: [p]}]", {"2:31: unknown remote 'p'"}},
        {"remotes: [{name: primary, addresses: [::1]}]\nzones: [{name: a, primaries: [primery]}]",
         {"3:31: unknown remote 'primery', did you mean 'primary'?"}},
        {"remotes: [{name: p, addresses: [::1]}]\nzones: [{name: a, file: f, primaries: [p]}]",
         {"3:39: expected either 'file' or 'primaries', found both"}},
        {"remotes: [{name: p, addresses: [::1]}]\nzones: [{name: a, primaries: [p, p]}]",
         {"3:34: 'p' stands twice in the list"}},
        {"zones: [{name: a, file: f, acls: [x], notify: [y], template: t}]",
         {"2:35: unknown acl 'x'", "2:48: unknown remote 'y'", "2:62: unknown template 't'"}},
        {"zones:\n- {name: a.b, file: f}\n- {name: A.B., file: g}",
         {"4:10: zone 'A.B.' is defined already in line 3"}},
        {"zones: [{name: a, file: f, answer-rotation: 3}]",
         {"2:45: expected on or off, found '3'"}},
    });
}

TEST(ConfigFaults, OfTimers) {
    const std::string form = "expected a duration such as 30s, 15m, 12h or 7d, found ";
    const auto zone = [](const std::string& value) {
        return "zones: [{name: a, file: f, retry-min: " + value + "}]";
    };
    expect_faults_below_listen({
        {zone("x"), {"2:39: " + form + "'x'"}},
        {zone("''"), {"2:39: " + form + "''"}},
        {zone("5"), {"2:39: " + form + "'5'"}},
        {zone("s"), {"2:39: " + form + "'s'"}},
        {zone("1w"), {"2:39: " + form + "'1w'"}},
        {zone("1.5h"), {"2:39: " + form + "'1.5h'"}},
        {zone("-1s"), {"2:39: " + form + "'-1s'"}},
        {zone("99999999999999999999s"), {"2:39: " + form + "'99999999999999999999s'"}},
        {zone("0s"), {"2:39: expected a duration from 1s to 2147483647s, found '0s'"}},
        {zone("24856d"), {"2:39: expected a duration from 1s to 2147483647s, found '24856d'"}},
        {zone("24855d"), {}},
        {"zones: [{name: a, file: f, refresh-min: 3s, refresh-max: 2s}]",
         {"2:41: 'refresh-min' (3s) is longer than 'refresh-max' (2s)"}},
        {"zones: [{name: a, file: f, refresh-max: 1s}]",
         {"2:41: 'refresh-min' (2s) is longer than 'refresh-max' (1s)"}},
        {"zones: [{name: a, file: f, refresh-min: 2s, refresh-max: 2s}]", {}},
        {"templates: [{name: default, refresh-min: 2d}]\nzones: [{name: a, file: f}]",
         {"3:9: 'refresh-min' (172800s) is longer than 'refresh-max' (86400s)"}},
        {"templates: [{name: default, refresh-min: 2d}]\n"
         "zones: [{name: a, file: f, refresh-max: 2d}]",
         {}},
        {"templates: [{name: default, refresh-min: 2s, refresh-max: 1s}]\n"
         "zones: [{name: a, file: f}, {name: b, file: f, refresh-min: 1s}]",
         {"2:42: 'refresh-min' (2s) is longer than 'refresh-max' (1s)"}},
    });
}

TEST(ConfigFaults, OfTransferLimits) {
    const auto zone = [](const std::string& option) {
        return "zones: [{name: a, file: f, " + option + "}]";
    };
    const std::string size = "expected a size such as 64K, 16M or 4G, found ";
    expect_faults_below_listen({
        {zone("zone-size-max: x"), {"2:43: " + size + "'x'"}},
        {zone("zone-size-max: ''"), {"2:43: " + size + "''"}},
        {zone("zone-size-max: K"), {"2:43: " + size + "'K'"}},
        {zone("zone-size-max: -1K"), {"2:43: " + size + "'-1K'"}},
        {zone("zone-size-max: 1T"), {"2:43: " + size + "'1T'"}},
        {zone("zone-size-max: 63K"),
         {"2:43: expected a size from 65536 to 1125899906842624, found '63K'"}},
        {zone("zone-size-max: 1048577G"),
         {"2:43: expected a size from 65536 to 1125899906842624, found '1048577G'"}},
        {zone("zone-size-max: 65536"), {}},
        {zone("zone-size-max: 1048576G"), {}},
        {zone("zone-records-max: 1"),
         {"2:46: expected a number from 2 to 9223372036854775807, found '1'"}},
        {zone("rrset-records-max: 0"), {"2:47: expected a number from 1 to 65535, found '0'"}},
        {zone("name-types-max: 256"), {"2:44: expected a number from 2 to 255, found '256'"}},
        {zone("transfer-time-max: 0s"),
         {"2:47: expected a duration from 1s to 2147483647s, found '0s'"}},
        {zone("transfer-idle-max: 5"),
         {"2:47: expected a duration such as 30s, 15m, 12h or 7d, found '5'"}},
        {zone("transfer-rate-min: fast"), {"2:47: " + size + "'fast'"}},
        {zone("transfer-rate-min: 0"), {}},
        {"templates: [{name: t, name-types-max: 1}]",
         {"2:39: expected a number from 2 to 255, found '1'"}},
    });
}

TEST(ConfigFaults, OfTemplates) {
    expect_faults_below_listen({
        {"templates: [{refresh-min: 2s}]", {"2:13: expected a 'name'"}},
        {"templates: [{name: t, file: f}]", {"2:23: unknown key 'file'"}},
        {"templates: [{name: t, answer-rotation: maybe}]",
         {"2:40: expected on or off, found 'maybe'"}},
        {"templates:\n- {name: t}\n- {name: t}",
         {"4:10: template 't' is defined already in line 3"}},
        {"templates: [{name: t, primaries: [x]}]", {"2:35: unknown remote 'x'"}},
    });
}

TEST(ConfigFaults, OfWhatThisVersionDoesNotDo) {
    expect_faults_below_listen({
        {"rate-limit: {slip: 2}", {"2:13: 'rate-limit' is not supported by this version"}},
        {"metrics: {listen: 127.0.0.1@9153}", {"2:10: 'metrics' is not supported by this version"}},
        {"health: {announce: x}", {"2:9: 'health' is not supported by this version"}},
        {"health: on", {"2:9: 'health' is not supported by this version"}},
        {"rate-limit: off\nmetrics: {}\nhealth:\n", {}},
    });
}

TEST(ConfigFaults, AreAllFoundInOnePassInTheOrderOfTheFile) {
    expect_faults({{R"(zones:
- {name: a, primaries: [p], retry-min: x}
remotes:
- {name: p, addresses: [bad]}
listen: [x]
serve: {}
)",
                    {"2:40: expected a duration such as 30s, 15m, 12h or 7d, found 'x'",
                     "4:25: 'bad' is not an IPv4 or IPv6 address",
                     "5:10: 'x' is not an IPv4 or IPv6 address",
                     "6:1: unknown key 'serve', did you mean 'server'?"}}});
}

TEST(ConfigFaults, QuoteUnprintableTextPrintably) {
    expect_faults_below_listen({{R"(server: {log: "a\nb\e"})",
                                 {"2:15: expected error, warning, info or debug, found 'a?b?'"}}});
}

}  // namespace
}  // namespace understudy::control
