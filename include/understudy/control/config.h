#pragma once

#include <understudy/base/fault.h>
#include <understudy/base/ip_address.h>
#include <understudy/port/device_name.h>
#include <understudy/wire/name.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The configuration as the rest of the program sees it: checked, with every default filled in,
/// every relative path made absolute and every reference resolved to an index. Plain values; a
/// reload makes a new one.
namespace understudy::control {

using Seconds = std::chrono::seconds;

/// CHAOS and NSID answers hold one character-string of these.
inline constexpr std::size_t kMaxIdentityOctets = 255;

struct ServerConfig {
    std::string identity;            // id.server, hostname.bind; empty: hidden
    std::string version;             // version.server, version.bind; empty: hidden
    std::vector<std::uint8_t> nsid;  // empty: none
    std::string user;                // dropped to after opening; empty: stay
    std::string state;               // folder
    std::string control;             // Unix socket's path
    enum class Log : std::uint8_t { kError, kWarning, kInfo, kDebug } log = Log::kInfo;
    std::uint16_t max_udp_payload_octets = 1232;
};

struct WorkersConfig {
    std::vector<unsigned> cores;  // one worker on each; with `auto` already chosen
    enum class Idle : std::uint8_t { kBusy, kAdaptive } idle = Idle::kAdaptive;
    enum class HugePages : std::uint8_t { kAuto, kOn, kOff } huge_pages = HugePages::kAuto;
};

struct PortConfig {
    port::DeviceName device;
    std::vector<base::IpPrefix> addresses;
    unsigned queues = 0;  // 0: auto
    std::string twin;     // PCI: the kernel's interface for what is not ours; else empty
    std::uint16_t mtu = 1500;
    std::uint16_t vlan = 0;        // 0: none
    std::uint16_t outer_vlan = 0;  // of two tags the outer one's; 0: there is one tag, or none
};

struct KeyConfig {
    wire::Name name;
    enum class Algorithm : std::uint8_t {
        kSha1,
        kSha224,
        kSha256,
        kSha384,
        kSha512
    } algorithm = Algorithm::kSha256;
    std::vector<std::uint8_t> secret;
};

struct RemoteConfig {
    std::string name;
    std::vector<base::Endpoint> addresses;
    std::optional<base::IpAddress> source;
    std::optional<std::size_t> key;  // index into Config::keys
};

struct AclConfig {
    std::string name;
    std::vector<base::IpPrefix> addresses;  // empty: any
    std::vector<std::size_t> keys;          // indices into Config::keys; empty: none needed
    bool query = false;
    bool notify = false;
    bool transfer = false;
    bool update = false;
};

/// What a transfer may bring and take at the most. Past one it is given up, and the version before
/// stays. A zone of the largest registries fits the defaults; what fills a disk or never ends does
/// not.
struct TransferLimits {
    /// Of names and rdata as they come, and of the memory of the version that they make.
    std::uint64_t zone_octets = std::uint64_t{16} << 30U;
    std::uint64_t zone_records = 500'000'000;
    /// Records of one type at a name: more addresses than that fit no message.
    std::size_t rrset_records = 4096;
    /// Types at a name, RRSIGs aside.
    std::size_t name_types = 100;
    Seconds time{2 * 3600};  // from the query to the last message
    /// For each message; absent: Timeouts::message.
    std::optional<Seconds> idle = {};
    std::uint64_t octets_a_second = 1024;  // on average, see Timeouts::pace; 0: any

    bool operator==(const TransferLimits&) const = default;
};

/// A zone with what its template gives already merged in.
struct ZoneConfig {
    wire::Name name;   // as written; compare without case
    std::string file;  // a primary zone's; empty for a secondary
    std::vector<std::size_t>
        primaries;  // indices into Config::remotes, in order; empty for a primary zone
    std::vector<std::size_t> notify;  // indices into Config::remotes
    std::vector<std::size_t> acls;    // indices into Config::acls
    Seconds refresh_min{2};
    Seconds refresh_max{24 * 3600};
    Seconds retry_min{1};
    Seconds expire_max{28 * 24 * 3600};
    TransferLimits transfer;
    bool answer_rotation = false;  // records of an answered RRset take turns in being first

    [[nodiscard]] bool is_primary() const noexcept { return !file.empty(); }
};

struct Config {
    std::string file;  // where it was read
    ServerConfig server;
    WorkersConfig workers;
    std::vector<PortConfig> ports;
    std::vector<base::Endpoint> listen;
    std::vector<KeyConfig> keys;
    std::vector<RemoteConfig> remotes;
    std::vector<AclConfig> acls;
    std::vector<ZoneConfig> zones;
};

using Fault = base::Fault;

/// What came of reading a configuration: usable exactly if there are no faults.
struct ConfigResult {
    Config config;
    std::vector<Fault> faults;
    std::vector<Fault> warnings;
};

/// Reads and cross-checks the file at `path`, and collects every fault that can be told from it
/// alone, not only the first. Zone files and secret files are read by their owners: a secret file
/// here, a zone file not.
[[nodiscard]] ConfigResult load_config(const std::string& path);

/// The same for text in memory; relative paths are relative to the folder of `path`.
[[nodiscard]] ConfigResult parse_config(const std::string& text, const std::string& path);

}  // namespace understudy::control
