#include "ops/captures.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy::ops {
namespace {

using worker::CapturedPacket;

std::string hexadecimal(base::Octets octets) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * octets.size());
    for (const std::uint8_t octet : octets) {
        text += kDigits[octet >> 4];
        text += kDigits[octet & 0xF];
    }
    return text;
}

/// The ports of all threads, each once.
std::vector<std::string> ports_of(const CounterSources& sources) {
    std::vector<std::string> ports;
    for (const ThreadCounters& thread : sources.threads) {
        for (const PolledQueue& polled : thread.polled) {
            if (std::ranges::find(ports, polled.port) == ports.end()) {
                ports.push_back(polled.port);
            }
        }
    }
    return ports;
}

Json document_of(const CapturedPacket& packet,
                 const PolledQueue& polled,
                 const std::vector<std::string>& ports) {
    const auto port = std::ranges::find(ports, polled.port) - ports.begin();
    return {{"time_ns", packet.time_ns},
            {"direction", packet.direction == worker::Direction::kReceived ? "in" : "out"},
            {"port", port},
            {"queue", polled.queue},
            {"length", packet.length_octets},
            {"octets", hexadecimal(packet.kept())}};
}

tl::unexpected<base::Error> gone() {
    return base::fail("this capture is over: its client did not ask for packets in time");
}

}  // namespace

Captures::~Captures() { end(); }

bool Captures::is_of(const std::string& id) const { return lease_ && lease_->id == id; }

std::uint64_t Captures::skipped() const {
    const worker::Capture& capture = *sources_.captures->newest();
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < capture.size(); ++i) {
        sum += capture.ring(i).skipped();
    }
    return sum;
}

void Captures::end() {
    if (lease_) {
        lease_.reset();
        sources_.captures->publish(nullptr);
    }
}

void Captures::expire() {
    if (lease_ && clock_.now() > lease_->until) {
        end();
    }
}

base::Expected<Json> Captures::start(const std::string& filter) {
    expire();
    const auto polling = static_cast<std::size_t>(std::ranges::count_if(
        sources_.threads, [](const ThreadCounters& thread) { return !thread.polled.empty(); }));
    if (sources_.captures == nullptr || polling == 0) {
        return base::fail(
            "there are no ports to capture from: tcpdump sees what kernel sockets get");
    }
    if (lease_) {
        return base::fail("another capture is under way");
    }
    auto program = net::PacketFilter::from_text(filter);
    if (!program) {
        return base::fail(std::move(program.error().message));
    }
    sources_.captures->publish(
        std::make_unique<const worker::Capture>(*std::move(program), polling));
    lease_ = Lease{std::to_string(++started_), clock_.now() + kLease};
    return Json{{"id", lease_->id}, {"ports", ports_of(sources_)}};
}

base::Expected<Json> Captures::read(const std::string& id) {
    expire();
    if (!is_of(id)) {
        return gone();
    }
    lease_->until = clock_.now() + kLease;
    const worker::Capture& capture = *sources_.captures->newest();
    const std::vector<std::string> ports = ports_of(sources_);
    Json packets = Json::array();
    for (std::size_t i = 0; i < capture.size(); ++i) {
        std::size_t octets = 0;
        capture.ring(i).drain([&](const CapturedPacket& packet) {
            packets.push_back(
                document_of(packet, sources_.threads[i].polled[packet.port_index], ports));
            octets += packet.kept_octets;
            return octets < kPartOctets / capture.size();
        });
    }
    return Json{{"packets", std::move(packets)}, {"skipped", skipped()}};
}

base::Expected<Json> Captures::stop(const std::string& id) {
    if (!is_of(id)) {
        return gone();
    }
    Json document{{"skipped", skipped()}};
    end();
    return document;
}

}  // namespace understudy::ops
