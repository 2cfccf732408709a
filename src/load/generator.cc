#include <understudy/load/generator.h>

#include <understudy/base/check.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/query.h>
#include <algorithm>
#include <cstring>

namespace understudy::load {
namespace {

using port::Framing;
using port::Packet;

std::uint32_t header_octets(bool ethernet, const net::QueryFrame& frame) noexcept {
    return ethernet ? static_cast<std::uint32_t>(frame.header_octets()) : 0;
}

/// Rcodes with which a server may leave the question out: it could not read it.
bool may_lack_question(wire::Rcode rcode) noexcept {
    return rcode == wire::Rcode::kFormErr || rcode == wire::Rcode::kNotImp;
}

}  // namespace

Generator::Generator(const Plan& plan,
                     std::size_t core,
                     std::span<port::PacketPort* const> ports,
                     std::span<const std::unique_ptr<InFlight>> in_flight,
                     CoreCounters& counters,
                     CoreResults& results)
    : plan_(plan),
      inspector_(plan.server, plan.returning),
      ethernet_(ports.front()->framing() == Framing::kEthernet),
      core_(core),
      in_flight_(in_flight),
      ours_(*in_flight[core]),
      counters_(counters),
      results_(results),
      // Cores begin at different places, or they would ask the same at the same time.
      next_query_(plan.queries->size() * core / in_flight.size()) {
    UNDERSTUDY_CHECK(plan.burst >= 1 && plan.burst <= port::kMaxBurst);
    for (port::PacketPort* port : ports) {
        UNDERSTUDY_CHECK((port->framing() == Framing::kEthernet) == ethernet_);
        // A port of datagrams has no headers of ours; any network of the family will do.
        const base::IpAddress& network =
            ethernet_ ? plan.sources.network().address : plan.server.address;
        ports_.push_back(
            {.port = port,
             .frame = net::QueryFrame(port->mac(), plan.server_mac, network, plan.server),
             .link = Link(port->mac(), plan.sources, plan.server.address)});
    }
}

Generator::~Generator() {
    for (Port& port : ports_) {
        port.port->free(std::span(port.spare).first(port.spare_count));
    }
}

void Generator::begin(std::uint64_t now_cycles, std::uint64_t cycles_per_second) noexcept {
    const auto frequency = static_cast<double>(cycles_per_second);
    begin_cycles_ = now_cycles;
    give_up_cycles_ = static_cast<std::uint64_t>(kGiveUpSeconds * frequency);
    if (plan_.rate_a_core) {
        queries_a_cycle_ = *plan_.rate_a_core / frequency;
        max_catch_up_ =
            std::max(kMaxCatchUpSeconds * *plan_.rate_a_core, static_cast<double>(plan_.burst));
    }
}

/// How many queries are to be sent now.
std::size_t Generator::due(std::uint64_t now_cycles) noexcept {
    if (!plan_.rate_a_core) {
        const std::uint64_t waiting = ours_.waiting(now_cycles, give_up_cycles_);
        return plan_.window - std::min<std::uint64_t>(plan_.window, waiting);
    }
    const double wanted = static_cast<double>(now_cycles - begin_cycles_) * queries_a_cycle_;
    const double behind = wanted - static_cast<double>(scheduled_);
    if (behind > max_catch_up_) [[unlikely]] {
        const auto late = static_cast<std::uint64_t>(behind - max_catch_up_);
        counters_.late.add(late);
        scheduled_ += late;
    }
    return behind < 1 ? 0 : static_cast<std::size_t>(behind);
}

std::size_t Generator::take_buffers(Port& port, std::span<Packet> packets) noexcept {
    const std::size_t spare = std::min(port.spare_count, packets.size());
    port.spare_count -= spare;
    std::copy_n(
        port.spare.begin() + static_cast<std::ptrdiff_t>(port.spare_count), spare, packets.begin());
    return spare + port.port->allocate(packets.subspan(spare));
}

void Generator::keep_or_free(Port& port, std::span<Packet> packets) noexcept {
    const std::size_t kept = std::min(packets.size(), port.spare.size() - port.spare_count);
    std::copy_n(
        packets.begin(), kept, port.spare.begin() + static_cast<std::ptrdiff_t>(port.spare_count));
    port.spare_count += kept;
    if (kept < packets.size()) {
        port.port->free(packets.subspan(kept));
    }
}

void Generator::write(const Port& port, Packet& packet, const QuerySet::Query& query) noexcept {
    const std::uint32_t number = ours_.next_number();
    const Identity identity = ours_.numbering().identity(number);
    const std::uint32_t headers = header_octets(ethernet_, port.frame);
    std::uint8_t* message = packet.data + headers;
    std::memcpy(message, query.message.data(), query.message.size());
    base::store_be16(message, identity.id);
    packet.length_octets = headers + static_cast<std::uint32_t>(query.message.size());
    if (ethernet_) {
        port.frame.write(packet.data,
                         {plan_.sources.tail(number), identity.port},
                         query.message.size(),
                         query.sum + net::InternetSum::of_word(identity.id));
    } else {
        packet.path->peer = plan_.server;
        packet.path->local = {plan_.sources.network().address, identity.port};
    }
}

std::size_t Generator::send(std::uint64_t now_cycles) noexcept {
    std::array<Packet, port::kMaxBurst> packets;
    Port& port = ports_[next_port_];
    const std::size_t wanted = std::min<std::size_t>(due(now_cycles), plan_.burst);
    const std::size_t count = take_buffers(port, std::span(packets).first(wanted));
    if (count == 0) {
        return 0;
    }
    next_port_ = next_port_ + 1 < ports_.size() ? next_port_ + 1 : 0;
    const std::size_t first_query = next_query_;
    for (Packet& packet : std::span(packets).first(count)) {
        write(port, packet, (*plan_.queries)[next_query_]);
        ours_.add(now_cycles, static_cast<std::uint32_t>(next_query_));
        next_query_ = next_query_ + 1 < plan_.queries->size() ? next_query_ + 1 : 0;
    }
    const std::size_t sent = port.port->tx_burst(std::span(packets).first(count));
    if (sent < count) [[unlikely]] {
        keep_or_free(port, std::span(packets).subspan(sent, count - sent));
        ours_.take_back(count - sent);
        next_query_ = (first_query + sent) % plan_.queries->size();
    }
    counters_.sent.add(sent);
    scheduled_ += sent;
    return sent;
}

std::size_t Generator::receive(std::uint64_t now_cycles) noexcept {
    std::size_t received = 0;
    for (Port& port : ports_) {
        std::array<Packet, port::kMaxBurst> packets;
        const std::size_t count = port.port->rx_burst(packets);
        std::size_t left = 0;
        for (Packet& packet : std::span(packets).first(count)) {
            if (take(port, packet, now_cycles)) {
                packets[left++] = packet;
            }
        }
        keep_or_free(port, std::span(packets).first(left));
        received += count;
    }
    return received;
}

/// False: the packet went out again.
bool Generator::take(Port& port, Packet& packet, std::uint64_t now_cycles) noexcept {
    const base::Octets octets(packet.data, packet.length_octets);
    if (!ethernet_) {
        if (packet.path->peer == plan_.server) {
            const Identity identity{0, packet.path->local.port};
            take_message(octets, identity, nullptr, now_cycles);
        } else {
            counters_.foreign.add(1);
        }
        return true;
    }
    const net::AnswerFrame answer =
        inspector_.inspect(octets, packet.ip_checksum, packet.udp_checksum);
    switch (answer.kind) {
        case net::AnswerFrameKind::kAnswer:
            take_message(answer.payload, {0, answer.source.port}, &answer.source.tail, now_cycles);
            break;
        case net::AnswerFrameKind::kBadChecksum:
            counters_.bad_checksum.add(1);
            break;
        case net::AnswerFrameKind::kForeign:
            counters_.foreign.add(1);
            return !answer_neighbour(port, packet);
    }
    return true;
}

/// True: the frame asked for one of our sources, and its buffer has gone out as the answer.
bool Generator::answer_neighbour(Port& port, Packet& packet) noexcept {
    const std::size_t length =
        port.link.answer({packet.data, packet.capacity_octets}, packet.length_octets);
    packet.length_octets = static_cast<std::uint32_t>(length);
    return length != 0 && port.port->tx_burst({&packet, 1}) == 1;
}

/// `identity`: without the id, which is in the message.
void Generator::take_message(base::Octets message,
                             const Identity& identity,
                             const std::uint64_t* source_tail,
                             std::uint64_t now_cycles) noexcept {
    if (message.size() < wire::kHeaderOctets) {
        counters_.malformed.add(1);
        return;
    }
    const Identity whole{base::load_be16(message.data()), identity.port};
    // Cores have equally many ports, one after the other.
    const Numbering& first = in_flight_.front()->numbering();
    const std::size_t owner = first.block_of(whole.port);
    const auto query =
        owner < in_flight_.size()
            ? in_flight_[owner]->claim(
                  whole, owner == core_ ? InFlight::Claimer::kOwner : InFlight::Claimer::kOther)
            : std::nullopt;
    if (!query || (source_tail != nullptr && *source_tail != plan_.sources.tail(query->number))) {
        counters_.unmatched.add(1);
        return;
    }
    if (!is_answer_to(message, (*plan_.queries)[query->index].question)) {
        return;
    }
    const auto flags = base::load_be16(message.data() + 2);
    const unsigned rcode = flags & wire::flag::kRcodeMask;
    counters_.answered.add(1);
    counters_.rcodes[rcode].add(1);
    if ((plan_.expected_rcodes >> rcode & 1U) == 0) {
        counters_.unexpected_rcodes.add(1);
    }
    if ((flags & wire::flag::kTc) != 0) {
        counters_.truncated.add(1);
    }
    // Reading and sending cores are different ones sometimes, and clocks never quite agree.
    results_.latency_cycles.add(now_cycles - std::min(now_cycles, query->sent_cycles));
    results_.answer_octets.add(message.size());
}

/// Counts what is wrong with it.
bool Generator::is_answer_to(base::Octets message, base::Octets question) noexcept {
    const wire::Header header = wire::Header::load(message.data());
    const bool is_reflected = plan_.returning == net::Returning::kReflected;
    if (header.is_response() == is_reflected || header.opcode() != wire::Opcode::kQuery) {
        counters_.malformed.add(1);
        return false;
    }
    if (header.question_count == 0 && may_lack_question(header.rcode())) {
        return true;
    }
    const base::Octets body = message.subspan(wire::kHeaderOctets);
    if (header.question_count != 1 || body.size() < question.size() ||
        std::memcmp(body.data(), question.data(), question.size()) != 0) {
        counters_.wrong_question.add(1);
        return false;
    }
    return true;
}

}  // namespace understudy::load
