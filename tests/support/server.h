#pragma once

#include <understudy/answer/answer.h>
#include <understudy/stats/verdict.h>
#include <understudy/zone/snapshot.h>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/messages.h"
#include "support/octets.h"

namespace understudy::support {

/// What came of one request.
struct Reply {
    stats::Verdict verdict = stats::Verdict::kShortMessage;
    Bytes octets;  // the response; of a request that is not answered the octets as they were

    [[nodiscard]] std::string text() const { return message_text(octets); }
};

/// The answering side alone: zones from text, octets in, octets out.
class Server {
  public:
    /// A zone with make_small_zone's apex records.
    Server& serve(std::string_view apex,
                  std::string_view text,
                  std::shared_ptr<const zone::QueryAccess> access = nullptr);
    Server& serve(std::shared_ptr<const zone::Zone> zone);

    /// A configured zone without data.
    Server& serve_nothing(std::string_view apex, bool expired);

    /// The zones that are served so far rotate their answers from now on.
    void rotate_answers();

    answer::Context context;

    /// How a request comes in.
    struct Way {
        answer::Transport transport = answer::Transport::kUdp;
        std::size_t buffer_octets = 65535;
        Bytes source = {192, 0, 2, 77};
        const wire::Name* key = nullptr;
    };

    [[nodiscard]] Reply reply(const Bytes& request, const Way& way) const;
    [[nodiscard]] Reply reply(const Bytes& request) const { return reply(request, Way{}); }

    /// The response's text. What every response to a well-formed query has in common is checked on
    /// the way: id, opcode, RD and CD as in the query, the question octet for octet, QR, no RA, an
    /// OPT exactly if the query has one.
    [[nodiscard]] std::string ask(const QueryFields& query, const Way& way) const;
    [[nodiscard]] std::string ask(const QueryFields& query) const { return ask(query, Way{}); }
    [[nodiscard]] std::string ask(std::string_view name, wire::Type type) const {
        return ask({.name = std::string(name), .type = type});
    }

    /// With DO and room enough.
    [[nodiscard]] std::string ask_signed(std::string_view name, wire::Type type) const;

    [[nodiscard]] zone::Snapshot snapshot() const;

  private:
    std::vector<zone::ServedZone> zones_;
};

}  // namespace understudy::support
