#include <understudy/base/file.h>
#include <understudy/text/base64.h>
#include <algorithm>
#include <array>
#include "control/config_scalars.h"
#include "control/config_sections.h"

namespace understudy::control {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kMaxSecretFileOctets = 4096;  // far beyond the block of any HMAC
constexpr std::string_view kBlanks = " \t\r\n";

using AlgorithmParser = WordParser<KeyConfig::Algorithm, 5>;
constexpr AlgorithmParser kAlgorithmParser({{{"hmac-sha1", KeyConfig::Algorithm::kSha1},
                                             {"hmac-sha224", KeyConfig::Algorithm::kSha224},
                                             {"hmac-sha256", KeyConfig::Algorithm::kSha256},
                                             {"hmac-sha384", KeyConfig::Algorithm::kSha384},
                                             {"hmac-sha512", KeyConfig::Algorithm::kSha512}}});

using Secret = std::vector<std::uint8_t>;

/// Never says what it found: faults are logged, secrets are not.
base::Expected<Secret> parse_secret(std::string_view text) {
    auto secret = text::decode_base64(text);
    if (!secret) {
        return base::fail("expected a secret in base64: " + secret.error().message);
    }
    if (secret->empty()) {
        return base::fail("expected a secret in base64, found an empty one");
    }
    return secret;
}

base::Expected<Secret> read_secret_file(const std::string& path) {
    const auto file = base::read_file(path, kMaxSecretFileOctets);
    if (!file) {
        return base::fail(file.error().message);
    }
    std::string_view text = file->view();
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));  // npos + 1: all
    auto secret = parse_secret(text);
    if (!secret) {
        return base::fail(path + ": " + secret.error().message);
    }
    return secret;
}

/// Keys are named by domain names, so case and a final dot make no difference.
base::Expected<std::size_t> find_key(std::string_view text, const ConfigReading& reading) {
    const auto name = wire::Name::from_text(text);
    if (!name) {
        return expected("the name of a key", text);
    }
    return reading.keys.find(name->lowered().to_text());
}

void read_key_name(const Section& section, KeyConfig& key, ConfigReading& reading) {
    const YamlNode* const node = section.find("name");
    if (node == nullptr) {
        reading.log.fault(section.node(), "expected a 'name'");
    } else if (auto name = read_value(*node, reading.log, wire::Name::from_text)) {
        reading.keys.add(name->lowered().to_text(), reading.config.keys.size(), *node, reading.log);
        key.name = *std::move(name);
    }
}

void read_one_key(const YamlNode& node, ConfigReading& reading) {
    static constexpr std::array<std::string_view, 4> kKeys{
        "name", "algorithm", "secret", "secret-file"};
    const Section section(node, kKeys, reading.log);
    KeyConfig key;
    read_key_name(section, key, reading);
    read_key(section, "algorithm", key.algorithm, kAlgorithmParser);
    const bool has_secret = section.find("secret") != nullptr;
    if (has_secret == (section.find("secret-file") != nullptr)) {
        reading.log.fault(node,
                          has_secret ? "expected either 'secret' or 'secret-file', found both"
                                     : "expected 'secret' or 'secret-file'");
    }
    read_key(section, "secret", key.secret, parse_secret);
    read_key(section, "secret-file", key.secret, [&](std::string_view path) {
        return read_secret_file(reading.absolute(path));
    });
    reading.config.keys.push_back(std::move(key));
}

void check_source(const Section& section, const RemoteConfig& remote) {
    const auto is_reachable = [&](const base::Endpoint& endpoint) {
        return endpoint.address.is_v6() == remote.source->is_v6();
    };
    if (remote.source && !remote.addresses.empty() &&
        std::ranges::none_of(remote.addresses, is_reachable)) {
        section.log().fault(*section.find("source"),
                            "no address of the remote is of the family of 'source'");
    }
}

void read_remote(const YamlNode& node, ConfigReading& reading) {
    static constexpr std::array<std::string_view, 4> kKeys{"name", "addresses", "source", "key"};
    const Section section(node, kKeys, reading.log);
    RemoteConfig remote;
    remote.name = read_name(section, reading.remotes, reading.config.remotes.size());
    const YamlNode* const addresses = section.find("addresses");
    if (addresses != nullptr) {
        read_list(*addresses, reading.log, remote.addresses, [](std::string_view text) {
            return base::Endpoint::parse(text, kDnsPort);
        });
    }
    if (addresses == nullptr || addresses->is_empty()) {
        reading.log.fault(node, "expected at least one address in 'addresses'");
    }
    read_key(section, "source", remote.source, base::IpAddress::parse);
    read_key(
        section, "key", remote.key, [&](std::string_view text) { return find_key(text, reading); });
    check_source(section, remote);
    reading.config.remotes.push_back(std::move(remote));
}

void allow(const YamlNode& item, AclConfig& acl, FaultLog& log) {
    static constexpr WordParser<bool AclConfig::*, 4> kGrantParser(
        {{{"query", &AclConfig::query},
          {"notify", &AclConfig::notify},
          {"transfer", &AclConfig::transfer},
          {"update", &AclConfig::update}}});
    const auto grant = read_value(item, log, kGrantParser);
    if (!grant) {
        return;
    }
    if (acl.*(*grant)) {
        log.fault(item, in_quotes(item.text) + " stands twice in the list");
    }
    acl.*(*grant) = true;
    if (*grant == &AclConfig::update) {
        log.fault(item, "'update' is not supported by this version");
    }
}

/// A condition that is there but empty would match nobody or anybody: a guess that none should
/// make.
void refuse_empty_condition(const Section& section, std::string_view key) {
    const YamlNode* const list = section.find(key);
    if (list != nullptr && list->is_empty()) {
        section.log().fault(*list,
                            "expected at least one item in " + in_quotes(key) +
                                "; without the key there is no such condition");
    }
}

void read_acl(const YamlNode& node, ConfigReading& reading) {
    static constexpr std::array<std::string_view, 4> kKeys{"name", "addresses", "keys", "allow"};
    const Section section(node, kKeys, reading.log);
    AclConfig acl;
    acl.name = read_name(section, reading.acls, reading.config.acls.size());
    if (const YamlNode* const addresses = section.find("addresses")) {
        read_list(*addresses, reading.log, acl.addresses, base::IpPrefix::parse);
    }
    if (const YamlNode* const keys = section.find("keys")) {
        read_list(*keys, reading.log, acl.keys, [&](std::string_view text) {
            return find_key(text, reading);
        });
    }
    refuse_empty_condition(section, "addresses");
    refuse_empty_condition(section, "keys");
    const YamlNode* const grants = section.find("allow");
    if (grants == nullptr || grants->is_empty()) {
        reading.log.fault(node, "expected query, notify or transfer in 'allow'");
    } else {
        for_each_item(
            *grants, reading.log, [&](const YamlNode& item) { allow(item, acl, reading.log); });
    }
    reading.config.acls.push_back(std::move(acl));
}

}  // namespace

void read_keys(const YamlNode& node, ConfigReading& reading) {
    for_each_map(node, reading.log, [&](const YamlNode& item) { read_one_key(item, reading); });
}

void read_remotes(const YamlNode& node, ConfigReading& reading) {
    for_each_map(node, reading.log, [&](const YamlNode& item) { read_remote(item, reading); });
}

void read_acls(const YamlNode& node, ConfigReading& reading) {
    for_each_map(node, reading.log, [&](const YamlNode& item) { read_acl(item, reading); });
}

}  // namespace understudy::control
