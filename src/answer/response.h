#pragma once

#include <understudy/answer/answer.h>
#include <understudy/stats/verdict.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/query.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <optional>

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

    /// Adds a whole RRset under `owner`. False where it does not fit: the message is as before.
    [[nodiscard]] bool add(wire::Section section,
                           wire::NameView owner,
                           const zone::RRset& rrset,
                           std::uint32_t ttl_s) noexcept;
    [[nodiscard]] bool add(wire::Section section,
                           wire::NameView owner,
                           const zone::RRset& rrset) noexcept {
        return add(section, owner, rrset, rrset.ttl_s());
    }

    [[nodiscard]] bool add_record(wire::Section section,
                                  wire::NameView owner,
                                  wire::Type type,
                                  wire::Class klass,
                                  std::uint32_t ttl_s,
                                  base::Octets rdata) noexcept {
        return writer_.record(section, owner, type, klass, ttl_s, rdata);
    }

    void set_authoritative() noexcept { flags_ |= wire::flag::kAa; }
    void set_truncated() noexcept { flags_ |= wire::flag::kTc; }
    void set_rcode(wire::Rcode rcode) noexcept { rcode_ = rcode; }
    void set_extended_error(wire::ExtendedError error) noexcept { extended_error_ = error; }

    [[nodiscard]] bool is_truncated() const noexcept { return (flags_ & wire::flag::kTc) != 0; }
    [[nodiscard]] bool has_answers() const noexcept {
        return writer_.count(wire::Section::kAnswer) > 0;
    }

    /// Adds the OPT, writes the header and ends the request with `verdict`.
    void finish(stats::Verdict verdict) noexcept;

  private:
    void add_opt() noexcept;

    Request& request_;
    const wire::Query& query_;
    const Context& context_;
    wire::MessageWriter writer_;
    std::uint16_t flags_;
    wire::Rcode rcode_ = wire::Rcode::kNoError;
    std::optional<wire::ExtendedError> extended_error_;
    bool wants_nsid_ = false;
};

}  // namespace understudy::answer
