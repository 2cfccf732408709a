#pragma once

#include <understudy/answer/answer.h>
#include <understudy/stats/verdict.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/query.h>
#include <understudy/zone/snapshot.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "answer/owned_records.h"

namespace understudy::answer {

/// A response in the making, over its request: the question stays where it is, records follow, the
/// OPT comes last.
class Response {
  public:
    /// `question`: whether the request's question is well formed and echoed.
    Response(Request& request,
             const wire::Query& query,
             const Context& context,
             bool question) noexcept;

    /// Whether the client wants signatures and proofs.
    [[nodiscard]] bool dnssec_ok() const noexcept { return query_.edns && query_.edns->dnssec_ok; }

    /// Adds a whole RRset under `owner`. False where it does not fit: the message is as before. In
    /// the answer section its records take turns in being first, if the zone's answers rotate.
    [[nodiscard]] bool add(wire::Section section,
                           wire::NameView owner,
                           const zone::RRset& rrset,
                           std::uint32_t ttl_s) noexcept;
    [[nodiscard]] bool add(wire::Section section,
                           wire::NameView owner,
                           const zone::RRset& rrset) noexcept {
        return add(section, owner, rrset, rrset.ttl_s());
    }

    /// The same for an RRset of `node`, with its signatures if the client wants them: both or none
    /// (RFC 4035 §3.1.1). Signatures have the TTL of what they cover (RFC 4034 §3).
    [[nodiscard]] bool add_signed(wire::Section section,
                                  wire::NameView owner,
                                  const zone::Node& node,
                                  const zone::RRset& rrset,
                                  std::uint32_t ttl_s) noexcept;
    [[nodiscard]] bool add_signed(wire::Section section,
                                  wire::NameView owner,
                                  const zone::Node& node,
                                  const zone::RRset& rrset) noexcept {
        return add_signed(section, owner, node, rrset, rrset.ttl_s());
    }

    [[nodiscard]] bool add_record(wire::Section section,
                                  wire::NameView owner,
                                  wire::Type type,
                                  wire::Class klass,
                                  std::uint32_t ttl_s,
                                  base::Octets rdata) noexcept {
        return writer_.record(section, owner, type, klass, ttl_s, rdata);
    }

    /// Whether nothing stands behind the question yet: there a stored body may be copied.
    [[nodiscard]] bool is_empty() const noexcept { return writer_.size() == query_.question_end; }

    /// Adds `count` whole records of a body that is stored for a question shorter by `shift`
    /// octets; its first records stand right behind the question. False where they do not fit.
    [[nodiscard]] bool add_body(wire::Section section,
                                base::Octets records,
                                std::size_t count,
                                base::Octets fixups,
                                std::size_t shift) noexcept;

    /// Adds an RRset of the node that the question names, as it is stored, else as add_signed does.
    /// REQUIRES: is_empty().
    [[nodiscard]] bool add_stored(const zone::Node& node, const zone::RRset& rrset) noexcept;

    /// Adds records under an owner of their own. False where they do not fit.
    [[nodiscard]] bool add_owned(wire::Section section,
                                 const OwnedRecords& records,
                                 std::uint32_t ttl_s) noexcept;

    /// What stands in the message so far.
    [[nodiscard]] std::size_t octets() const noexcept { return writer_.size(); }

    /// Where the records begin. REQUIRES: the question is echoed.
    [[nodiscard]] std::size_t question_end() const noexcept { return query_.question_end; }

    /// Adds the SOA of a negative answer, signed, as it is stored. REQUIRES: is_empty().
    [[nodiscard]] bool add_stored_soa(const zone::Zone& zone) noexcept;

    [[nodiscard]] wire::NameView query_name() const noexcept { return query_.name; }

    void set_authoritative() noexcept { flags_ |= wire::flag::kAa; }
    void set_truncated() noexcept { flags_ |= wire::flag::kTc; }
    void set_rcode(wire::Rcode rcode) noexcept { rcode_ = rcode; }
    void set_extended_error(wire::ExtendedError error) noexcept { extended_error_ = error; }

    /// The zone that the response is made from, told to a client that asked (RFC 9660). REQUIRES:
    /// it has data.
    void set_zone(const zone::ServedZone& zone) noexcept {
        zone_ = zone.zone.get();
        rotates_ = zone.rotates_answers;
    }

    [[nodiscard]] bool is_truncated() const noexcept { return (flags_ & wire::flag::kTc) != 0; }

    /// Adds the OPT, writes the header and ends the request with `verdict`.
    void finish(stats::Verdict verdict) noexcept;

  private:
    /// The records of an RRset from one index up to another.
    [[nodiscard]] bool add_records(wire::Section section,
                                   wire::NameView owner,
                                   const zone::RRset& rrset,
                                   std::uint32_t ttl_s,
                                   std::size_t first,
                                   std::size_t end) noexcept;
    void add_opt() noexcept;

    Request& request_;
    const wire::Query& query_;
    const Context& context_;
    wire::MessageWriter writer_;
    std::uint16_t flags_;
    wire::Rcode rcode_ = wire::Rcode::kNoError;
    std::optional<wire::ExtendedError> extended_error_;
    const zone::Zone* zone_ = nullptr;
    bool rotates_ = false;
    bool wants_nsid_ = false;
    bool wants_zone_version_ = false;
};

}  // namespace understudy::answer
