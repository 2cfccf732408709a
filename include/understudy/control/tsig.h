#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/control/config.h>
#include <understudy/control/tsig_chain.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/wire/tsig.h>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Transaction signatures (RFC 8945) for both ends of an exchange: a server verifies a request and
/// signs what answers it, a client signs a query and verifies what answers that. Either answer may
/// be one message or a stream of them (AXFR, IXFR).
///
/// Nothing here is shared: each exchange has its own objects, on any thread, and time is passed in
/// as wall seconds.
namespace understudy::control {

/// A stream may go unsigned for so many messages in a row (RFC 8945 §5.3.1).
inline constexpr unsigned kMaxUnsignedInARow = 99;

enum class TsigStatus : std::uint8_t {
    kGood,
    kPending,          // client: an unsigned message of a stream; a later one must vouch for it
    kUnsigned,         // server: no TSIG record; client: none where one has to be
    kMalformed,        // the record or its place is against the rules
    kBadKey,           // no such key, or not the one of this exchange
    kBadSig,           // the code does not match
    kBadTime,          // the code matches, but clocks or a replay are too far apart
    kTooManyUnsigned,  // client: more than kMaxUnsignedInARow
    // Client: the server's answer says that it took our signature so.
    kRefusedBadKey,
    kRefusedBadSig,
    kRefusedBadTime,
    kRefused,  // for another reason
};

/// A few words for logs.
[[nodiscard]] std::string_view to_text(TsigStatus status) noexcept;

/// Signs the response to one request: a single message, or each one of a stream in order.
class TsigSigner {
  public:
    /// For a response that only says what was wrong with the request's key or code: its record is
    /// empty, for nobody is known to verify one (RFC 8945 §5.3.2).
    TsigSigner(const wire::Tsig& request, wire::TsigError error);

    /// For one under `chain`, which has verified the request's code. With kBadTime, the record
    /// tells the server's time and bears the client's, or the client could not verify it (§5.2.3).
    TsigSigner(const wire::Tsig& request, wire::TsigError error, TsigChain chain);

    /// How many octets `sign` adds to a message.
    [[nodiscard]] std::size_t record_octets() const noexcept;

    /// Appends the TSIG record. False, with message and signer as they were, where there is no room
    /// for it.
    [[nodiscard]] bool sign(std::vector<std::uint8_t>& message, std::int64_t now_s);

  private:
    [[nodiscard]] std::size_t other_octets() const noexcept;

    wire::Name key_;
    wire::Name algorithm_;
    wire::TsigError error_;
    std::uint64_t request_time_s_;
    std::uint16_t request_fudge_s_;
    std::optional<TsigChain> chain_;                                  // none: not signed
    TsigChain::Covering covering_ = TsigChain::Covering::kVariables;  // by the next code
};

/// What a server made of a request's TSIG record.
struct TsigRequest {
    TsigStatus status = TsigStatus::kUnsigned;
    std::optional<std::size_t> key;    // kGood: which of the keys
    std::optional<TsigSigner> signer;  // for the response; none: it has no TSIG record

    /// NOERROR, or what the response must be since the request may go no further: FORMERR for
    /// kMalformed, NOTAUTH for a bad key, code or time.
    [[nodiscard]] wire::Rcode rcode() const noexcept;
};

/// Verifies a request and takes its TSIG record off, whatever came out of it; a malformed one stays
/// as it is.
[[nodiscard]] TsigRequest verify_request(std::vector<std::uint8_t>& message,
                                         std::span<const KeyConfig> keys,
                                         std::int64_t now_s);

/// The client's side of one exchange: `sign` a query, then `verify` each message that answers it in
/// order. After the first refusal the exchange is lost: every later call says the same.
class TsigClient {
  public:
    /// Fails where OpenSSL does not offer the key's algorithm.
    [[nodiscard]] static base::Expected<TsigClient> make(const KeyConfig& key);

    /// Appends the TSIG record. False, with the query as it was, where there is no room for it.
    /// REQUIRES: not signed yet.
    [[nodiscard]] bool sign(std::vector<std::uint8_t>& query, std::int64_t now_s);

    /// Verifies the next message and takes its TSIG record off. kGood: it is the peer's, and so are
    /// those before it. kPending: believe it once a later one is good. Else refuse the answer; the
    /// message is left as it is. REQUIRES: the query is signed.
    [[nodiscard]] TsigStatus verify(std::vector<std::uint8_t>& message, std::int64_t now_s);

    /// The whole answer's outcome, after its last message: kGood if that one was.
    [[nodiscard]] TsigStatus finish() const noexcept;

  private:
    TsigClient(const KeyConfig& key, TsigChain chain);

    [[nodiscard]] TsigStatus check(std::vector<std::uint8_t>& message, std::int64_t now_s);
    [[nodiscard]] TsigStatus check_unsigned(base::Octets message) noexcept;
    [[nodiscard]] TsigStatus check_record(base::Octets message,
                                          const wire::Tsig& tsig,
                                          std::int64_t now_s);

    wire::Name key_;
    wire::Name algorithm_;
    TsigChain chain_;
    TsigChain::Covering covering_ = TsigChain::Covering::kVariables;  // by the next code
    bool query_is_signed_ = false;
    bool any_good_ = false;           // of the messages so far
    unsigned unsigned_count_ = 0;     // messages since the last good one
    std::optional<TsigStatus> lost_;  // why, once one was refused
};

}  // namespace understudy::control
