#include "app/pcapng.h"

#include <string_view>
#include <type_traits>

namespace understudy::app {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kInterfaceStatistics = 5;
constexpr std::uint32_t kEnhancedPacket = 6;

constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr std::uint16_t kMajorVersion = 1;
constexpr std::uint16_t kMinorVersion = 0;
constexpr std::uint64_t kUnknownLength = ~std::uint64_t{0};
constexpr std::uint16_t kEthernet = 1;
constexpr std::uint32_t kNoLimit = 0;                // of what is kept of a frame
constexpr std::string_view kNanoseconds("\x09", 1);  // ten to the power of minus that

constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kInterfaceName = 2;
constexpr std::uint16_t kPacketFlags = 2;
constexpr std::uint16_t kUserApplication = 4;
constexpr std::uint16_t kPacketQueue = 6;
constexpr std::uint16_t kTimeResolution = 9;

constexpr std::uint32_t kInbound = 1;
constexpr std::uint32_t kOutbound = 2;

/// A block's body as it grows.
class Block {
  public:
    template <typename Number>
    Block& number(Number value) {
        static_assert(std::is_integral_v<Number>);
        for (std::size_t i = 0; i < sizeof value; ++i) {
            body_ += static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xFFU);
        }
        return *this;
    }

    /// Padded to whole words.
    Block& octets(std::string_view octets) {
        body_ += octets;
        body_.append((4 - octets.size() % 4) % 4, '\0');
        return *this;
    }

    Block& option(std::uint16_t code, std::string_view value) {
        return number(code).number(static_cast<std::uint16_t>(value.size())).octets(value);
    }
    Block& option(std::uint16_t code, std::uint32_t value) {
        return number(code).number(static_cast<std::uint16_t>(sizeof value)).number(value);
    }

    /// Time in two halves, the higher one first.
    Block& time(std::uint64_t time_ns) {
        return number(static_cast<std::uint32_t>(time_ns >> 32U))
            .number(static_cast<std::uint32_t>(time_ns));
    }

    /// The whole block, its options ended.
    [[nodiscard]] std::string finish(std::uint32_t type) {
        number(kEndOfOptions).number(std::uint16_t{0});
        const auto length = static_cast<std::uint32_t>(body_.size() + 3 * sizeof type);
        return Block().number(type).number(length).body_ + body_ + Block().number(length).body_;
    }

  private:
    std::string body_;
};

}  // namespace

std::string pcapng_header(std::span<const std::string> interfaces) {
    std::string text = Block()
                           .number(kByteOrderMagic)
                           .number(kMajorVersion)
                           .number(kMinorVersion)
                           .number(kUnknownLength)
                           .option(kUserApplication, "understudyctl")
                           .finish(kSectionHeader);
    for (const std::string& interface : interfaces) {
        text += Block()
                    .number(kEthernet)
                    .number(std::uint16_t{0})
                    .number(kNoLimit)
                    .option(kInterfaceName, interface)
                    .option(kTimeResolution, kNanoseconds)
                    .finish(kInterfaceDescription);
    }
    return text;
}

std::string pcapng_packet(const PcapngPacket& packet) {
    return Block()
        .number(packet.interface)
        .time(packet.time_ns)
        .number(static_cast<std::uint32_t>(packet.octets.size()))
        .number(packet.length_octets)
        .octets(packet.octets)
        .option(kPacketFlags, packet.is_sent ? kOutbound : kInbound)
        .option(kPacketQueue, packet.queue)
        .finish(kEnhancedPacket);
}

std::string pcapng_remark(std::uint64_t time_ns, std::string_view remark) {
    return Block()
        .number(std::uint32_t{0})
        .time(time_ns)
        .option(kComment, remark)
        .finish(kInterfaceStatistics);
}

}  // namespace understudy::app
