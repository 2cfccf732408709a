#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <understudy/wire/reader.h>
#include <understudy/zone/builder.h>
#include <cstdint>
#include <memory>
#include <vector>

namespace understudy::control {

/// Takes the messages that answer an AXFR, one by one (RFC 5936 §2.2, §3), and makes a zone of
/// them. Knows nothing of sockets, time or keys.
class TransferReceiver {
  public:
    TransferReceiver(wire::NameView apex, std::uint16_t id, const zone::HashKey& key);

    enum class Progress : std::uint8_t { kMore, kDone };

    /// Takes the next message. kDone: the closing SOA has come. REQUIRES: nothing was refused
    /// before, and the closing SOA has not come yet.
    [[nodiscard]] base::Expected<Progress> feed(base::Octets message);

    /// The zone. Takes long for a large one; any thread. REQUIRES: feed() returned kDone.
    [[nodiscard]] base::Expected<std::unique_ptr<const zone::Zone>> build() {
        return builder_.build();
    }

    [[nodiscard]] std::uint64_t octets() const noexcept { return octets_; }
    [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }
    [[nodiscard]] std::uint64_t records() const noexcept { return builder_.record_count(); }

  private:
    [[nodiscard]] base::Expected<void> check_header(base::Octets message) const;
    [[nodiscard]] base::Expected<void> take_record(base::Octets message,
                                                   const wire::RecordHead& record);
    [[nodiscard]] base::Expected<void> take_soa(const wire::RecordHead& record);

    wire::Name apex_;
    std::uint16_t id_;
    zone::Builder builder_;
    std::vector<std::uint8_t> rdata_;      // of the record at hand
    std::vector<std::uint8_t> first_soa_;  // rdata of the SOA that began it; empty before
    std::uint64_t octets_ = 0;
    std::uint64_t messages_ = 0;
    bool done_ = false;
};

}  // namespace understudy::control
