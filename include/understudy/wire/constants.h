#pragma once

#include <cstddef>
#include <cstdint>

/// The numbers of the DNS message format that this server acts on (IANA "DNS Parameters"). Plain
/// integers on purpose: any value may arrive, and one that has no name here is served all the same
/// (RFC 3597).
namespace understudy::wire {

using Type = std::uint16_t;
using Class = std::uint16_t;

namespace type {
inline constexpr Type kA = 1;
inline constexpr Type kNs = 2;
inline constexpr Type kMd = 3;
inline constexpr Type kMf = 4;
inline constexpr Type kCname = 5;
inline constexpr Type kSoa = 6;
inline constexpr Type kMb = 7;
inline constexpr Type kMg = 8;
inline constexpr Type kMr = 9;
inline constexpr Type kPtr = 12;
inline constexpr Type kMinfo = 14;
inline constexpr Type kMx = 15;
inline constexpr Type kTxt = 16;
inline constexpr Type kRp = 17;
inline constexpr Type kAfsdb = 18;
inline constexpr Type kRt = 21;
inline constexpr Type kSig = 24;
inline constexpr Type kPx = 26;
inline constexpr Type kAaaa = 28;
inline constexpr Type kNxt = 30;
inline constexpr Type kSrv = 33;
inline constexpr Type kNaptr = 35;
inline constexpr Type kKx = 36;
inline constexpr Type kDname = 39;
inline constexpr Type kOpt = 41;
inline constexpr Type kDs = 43;
inline constexpr Type kRrsig = 46;
inline constexpr Type kNsec = 47;
inline constexpr Type kNsec3 = 50;
inline constexpr Type kNsec3Param = 51;
inline constexpr Type kSvcb = 64;
inline constexpr Type kHttps = 65;
inline constexpr Type kFirstMeta = 128;  // 128-255 are question and meta types (RFC 6895 §3.1)
inline constexpr Type kTsig = 250;
inline constexpr Type kIxfr = 251;
inline constexpr Type kAxfr = 252;
inline constexpr Type kAny = 255;
inline constexpr Type kLastMeta = 255;
}  // namespace type

namespace klass {
inline constexpr Class kIn = 1;
inline constexpr Class kChaos = 3;
inline constexpr Class kNone = 254;
inline constexpr Class kAny = 255;
}  // namespace klass

enum class Opcode : std::uint8_t { kQuery = 0, kNotify = 4, kUpdate = 5 };

enum class Rcode : std::uint16_t {
    kNoError = 0,
    kFormErr = 1,
    kServFail = 2,
    kNxDomain = 3,
    kNotImp = 4,
    kRefused = 5,
    kYxDomain = 6,
    kNotAuth = 9,
    kBadVers = 16,
};

/// The second 16 bits of a header (RFC 1035 §4.1.1, RFC 4035 §3).
namespace flag {
inline constexpr std::uint16_t kQr = 0x8000;
inline constexpr std::uint16_t kOpcodeMask = 0x7800;
inline constexpr unsigned kOpcodeShift = 11;
inline constexpr std::uint16_t kAa = 0x0400;
inline constexpr std::uint16_t kTc = 0x0200;
inline constexpr std::uint16_t kRd = 0x0100;
inline constexpr std::uint16_t kCd = 0x0010;
inline constexpr std::uint16_t kRcodeMask = 0x000F;
}  // namespace flag

namespace edns {
inline constexpr std::uint16_t kDo = 0x8000;  // in the lower half of the OPT's TTL
// Option codes.
inline constexpr std::uint16_t kNsid = 3;          // RFC 5001
inline constexpr std::uint16_t kEde = 15;          // RFC 8914
inline constexpr std::uint16_t kZoneVersion = 19;  // RFC 9660
}  // namespace edns

/// EDE codes (RFC 8914 §4).
enum class ExtendedError : std::uint16_t {
    kNotReady = 14,
    kProhibited = 18,
    kNotAuthoritative = 20,
    kInvalidData = 24,
};

inline constexpr std::size_t kHeaderOctets = 12;
inline constexpr std::size_t kMaxMessageOctets = 65535;
inline constexpr std::size_t kMinUdpPayloadOctets =
    512;  // what every client takes (RFC 1035 §4.2.1, RFC 6891 §6.2.3)
inline constexpr std::size_t kQuestionTailOctets = 4;  // type and class, behind the name
inline constexpr std::size_t kOptOctets = 11;          // an OPT record without options

// A compression pointer (RFC 1035 §4.1.4): two octets that begin with two bits set.
inline constexpr std::uint16_t kPointer = 0xC000;
inline constexpr std::uint8_t kPointerStart = kPointer >> 8U;  // the least that its first octet is
inline constexpr std::uint16_t kMaxPointerTarget = 0x3FFF;

}  // namespace understudy::wire
