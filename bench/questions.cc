#include "questions.h"

#include <understudy/base/check.h>
#include <algorithm>
#include <random>

#include "answers.h"
#include "support/messages.h"

namespace understudy::bench {
namespace {

constexpr unsigned kMissesInTen = 1;

void mix_case(support::Bytes& message, std::mt19937_64& random) {
    std::uint64_t coins = random();
    for (std::size_t at = wire::kHeaderOctets; message[at] != 0; at += 1U + message[at]) {
        for (std::size_t i = 1; i <= message[at]; ++i, coins = coins >> 1U | coins << 63U) {
            std::uint8_t& octet = message[at + i];
            if (octet >= 'a' && octet <= 'z' && coins % 2 == 0) {
                octet = static_cast<std::uint8_t>(octet - 'a' + 'A');
            }
        }
    }
}

support::Bytes make_question(const Workload& workload,
                             std::size_t number,
                             std::mt19937_64& random) {
    support::OctetBuilder octets = support::make_header(0, 1, 0, 0, 1);
    octets.raw(workload.question(number).view().octets())
        .u16(workload.question_type(number))
        .u16(wire::klass::kIn);
    support::Bytes message =
        add_opt(octets, {.dnssec_ok = workload.chain() != Chain::kNone}).bytes();
    base::store_be16(message.data(), static_cast<std::uint16_t>(random()));
    mix_case(message, random);
    return message;
}

}  // namespace

Questions::Questions(const Workload& workload, Mix mix, std::size_t count) : workload_(workload) {
    std::mt19937_64 random(1);
    const auto draw = [&] {
        const bool misses =
            mix == Mix::kMisses || (mix == Mix::kMixed && random() % 10 < kMissesInTen);
        return random() % workload.names() + (misses ? workload.names() : 0);
    };
    std::size_t longest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        numbers_.push_back(static_cast<std::uint32_t>(draw()));
        longest = std::max(longest, workload.question(numbers_.back()).view().size());
    }
    lines_each_ = (wire::kHeaderOctets + longest + 4 + 11 + kLineOctets - 1) / kLineOctets;
    lines_.resize(count * lines_each_);
    for (std::size_t i = 0; i < count; ++i) {
        const support::Bytes message = make_question(workload, numbers_[i], random);
        UNDERSTUDY_CHECK(message.size() <= lines_each_ * kLineOctets);
        std::memcpy(lines_[i * lines_each_].data(), message.data(), message.size());
        lengths_.push_back(static_cast<std::uint16_t>(message.size()));
    }
}

std::string Questions::fault(std::size_t index, base::Octets answer) const {
    return answer_fault(workload_, numbers_[index], (*this)[index], answer);
}

}  // namespace understudy::bench
