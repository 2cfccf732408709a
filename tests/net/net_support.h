#pragma once

#include <gtest/gtest.h>

#include <understudy/net/frame.h>
#include <understudy/net/service.h>
#include <algorithm>
#include <memory>

#include "support/frames.h"
#include "support/slow_frame.h"

namespace understudy::net {

/// The service that support::frames' builders send to.
inline Service test_service(std::uint16_t vlan = 0, std::uint16_t outer_vlan = 0) {
    Service::Settings settings;
    settings.mac = support::kOurMac;
    settings.vlan = vlan;
    settings.outer_vlan = outer_vlan;
    settings.addresses = {{base::IpPrefix::parse("192.0.2.53/24").value()},
                          {base::IpPrefix::parse("2001:db8::53/64").value()},
                          {base::IpPrefix::parse("192.0.2.54/24").value(), false},
                          {base::IpPrefix::parse("2001:db8::54/64").value(), false}};
    return Service::make(settings).value();
}

/// Inspects a copy that ends exactly where the frame does.
inline Inspection inspect_exactly(const support::Bytes& frame,
                                  const Service& service,
                                  base::ChecksumState ip = base::ChecksumState::kUnknown,
                                  base::ChecksumState udp = base::ChecksumState::kUnknown) {
    const auto exact = std::make_unique<std::uint8_t[]>(frame.size());
    std::ranges::copy(frame, exact.get());
    return inspect({exact.get(), frame.size()}, ip, udp, service);
}

/// What a reply maker left: the frame as sent, taken apart.
inline support::SlowFrame parse_reply(base::Octets buffer,
                                      const ReplyFrame& reply,
                                      bool device_checksum = false) {
    EXPECT_LE(reply.offset + reply.length_octets, buffer.size());
    return support::parse_slowly(buffer.subspan(reply.offset, reply.length_octets),
                                 device_checksum);
}

/// A buffer that begins with the frame and has room behind it.
inline support::Bytes buffer_of(const support::Bytes& frame, std::size_t octets = 2048) {
    support::Bytes buffer = frame;
    buffer.resize(octets, 0xCC);
    return buffer;
}

}  // namespace understudy::net
