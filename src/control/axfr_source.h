#pragma once

#include <understudy/base/clock.h>
#include <understudy/base/octets.h>
#include <understudy/control/tsig.h>
#include <understudy/port/stream_handler.h>
#include <understudy/wire/query.h>
#include <understudy/zone/zone.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "control/difference_book.h"

namespace understudy::control {

/// The messages of an AXFR or IXFR out (RFC 5936 §2.2, RFC 1995 §4): the SOA, every record or those
/// of the differences, the SOA again, packed into large messages, each signed if the request was.
/// It holds the version that it began with, so later changes do not concern it.
class AxfrSource final : public port::MessageSource {
  public:
    /// `request`: without TSIG, `query` being what it says; its id, question and RD are echoed, and
    /// an OPT of it is answered with one in the first message (RFC 5936 §2.2.5), which tells of
    /// `own_payload_octets`. `differences`: what leads to the zone; none: all of it is sent.
    AxfrSource(std::shared_ptr<const zone::Zone> zone,
               DifferenceBook::Chain differences,
               base::Octets request,
               const wire::Query& query,
               std::uint16_t own_payload_octets,
               std::optional<TsigSigner> signer,
               const base::Clock& clock);

    [[nodiscard]] bool next(std::vector<std::uint8_t>& message) override;

  private:
    enum class Stage : std::uint8_t { kOpeningSoa, kRecords, kClosingSoa, kDone };

    /// The record to be sent next.
    [[nodiscard]] zone::RecordCursor::Record record() const noexcept;
    void step() noexcept;
    [[nodiscard]] std::optional<zone::RecordCursor::Record> next_record() noexcept;
    [[nodiscard]] std::size_t write(std::vector<std::uint8_t>& message, std::size_t limit_octets);

    struct Opt {
        std::uint16_t payload_octets;
        bool dnssec_ok;
    };

    std::shared_ptr<const zone::Zone> zone_;
    std::vector<std::uint8_t> question_;  // the header and the question of the first message
    std::optional<Opt> opt_;              // of the first message
    std::uint16_t id_;
    std::uint16_t flags_;
    std::optional<TsigSigner> signer_;
    const base::Clock& clock_;
    std::vector<std::uint8_t> soa_rdata_;
    std::uint32_t soa_ttl_s_ = 0;
    zone::RecordCursor cursor_;
    DifferenceBook::Chain differences_;
    std::size_t differences_begun_ = 0;
    DifferenceReader difference_{{}};  // the one that is sent
    std::optional<zone::RecordCursor::Record> record_;
    Stage stage_ = Stage::kOpeningSoa;
};

}  // namespace understudy::control
