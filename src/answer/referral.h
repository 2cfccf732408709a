#pragma once

#include <understudy/zone/zone.h>
#include <cstdint>

#include "answer/response.h"

namespace understudy::answer {

/// The delegation at a cut, on its way into a response.
class Delegation {
  public:
    Delegation(const zone::Zone& zone, const zone::Node& cut) noexcept : zone_(zone), cut_(cut) {}

    /// Adds its NS records and, if the client wants DNSSEC, the DS records that secure it (RFC 4035
    /// §3.1.4). False where they do not all fit.
    [[nodiscard]] bool add_authority(Response& response) noexcept;

    /// Adds the addresses that a resolver needs to follow it (RFC 9471): all of name servers below
    /// the cut, and of others in the zone while they fit. False where one of the former does not
    /// fit.
    [[nodiscard]] bool add_glue(Response& response) const noexcept;

  private:
    [[nodiscard]] bool add_hosts(bool below_cut, Response& response) const noexcept;
    [[nodiscard]] bool add_host(wire::NameView host,
                                bool below_cut,
                                Response& response) const noexcept;

    void add_sibling(wire::NameView host, std::uint16_t owner, Response& response) const noexcept;

    const zone::Zone& zone_;
    zone::Node cut_;
    bool is_stored_body_ = false;  // NS records that the stored glue may point at
};

}  // namespace understudy::answer
