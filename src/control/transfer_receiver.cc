#include "control/transfer_receiver.h"

#include <understudy/base/check.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/query.h>
#include <understudy/wire/rdata.h>
#include <algorithm>
#include <string>
#include <utility>

#include "control/rcode_text.h"
#include "control/zone_limits.h"

namespace understudy::control {
namespace {

/// Whether both are the same SOA. Letter case does not count: names may be pointed at a question or
/// an owner that is written otherwise, which stands in one message and not in another.
bool is_same_soa(base::Octets left, base::Octets right) {
    for (int names = 0; names < 2; ++names) {
        const wire::NameView left_name(left.first(wire::name_length(left)));
        const wire::NameView right_name(right.first(wire::name_length(right)));
        if (!(left_name == right_name)) {
            return false;
        }
        left = left.subspan(left_name.size());
        right = right.subspan(right_name.size());
    }
    return std::ranges::equal(left, right);
}

std::string serial_text(std::uint32_t serial) { return "serial " + std::to_string(serial); }

/// What a primary answers that does not do IXFR, or not with us, or not of this version.
bool may_do_axfr(wire::Rcode rcode) noexcept {
    return rcode == wire::Rcode::kFormErr || rcode == wire::Rcode::kNotImp ||
           rcode == wire::Rcode::kRefused || rcode == wire::Rcode::kServFail;
}

}  // namespace

TransferReceiver::TransferReceiver(wire::NameView apex,
                                   std::uint16_t id,
                                   const zone::HashKey& key,
                                   const TransferLimits& limits)
    : apex_(apex),
      id_(id),
      type_(wire::type::kAxfr),
      limits_(limits),
      target_(std::make_unique<zone::Builder>(apex, key, limits.zone_octets)) {}

TransferReceiver::TransferReceiver(std::shared_ptr<const zone::Zone> base,
                                   std::uint16_t id,
                                   wire::Type type,
                                   const TransferLimits& limits)
    : apex_(base->apex()),
      id_(id),
      type_(type),
      limits_(limits),
      base_(std::move(base)),
      target_(zone::Replacement(*base_, limits.zone_octets)) {}

std::uint32_t TransferReceiver::serial() const noexcept {
    return wire::Soa::from_rdata(first_soa_).serial;
}

tl::unexpected<base::Error> TransferReceiver::fall_back(std::string message) {
    wants_axfr_ = type_ == wire::type::kIxfr;
    return base::fail(std::move(message));
}

base::Expected<void> TransferReceiver::check_header(base::Octets message) {
    if (message.size() < wire::kHeaderOctets) {
        return base::fail("a message shorter than a header");
    }
    const wire::Header header = wire::Header::load(message.data());
    if (!header.is_response() || header.opcode() != wire::Opcode::kQuery) {
        return base::fail("a message that is no response to a query");
    }
    if (header.id != id_) {
        return base::fail("a message with another id than the query's");
    }
    if (header.rcode() != wire::Rcode::kNoError) {
        std::string answer = "the primary answered " + rcode_text(header.rcode());
        if (may_do_axfr(header.rcode())) {
            return fall_back(std::move(answer));
        }
        return base::fail(std::move(answer));
    }
    if ((header.flags & wire::flag::kTc) != 0) {
        return base::fail("a truncated message in a stream");
    }
    if (header.question_count > 1 || (messages_ == 0 && header.question_count == 0)) {
        return base::fail("a message with " + std::to_string(header.question_count) + " questions");
    }
    return {};
}

base::Expected<TransferReceiver::Progress> TransferReceiver::feed(base::Octets message) {
    UNDERSTUDY_CHECK(state_ != State::kDone && state_ != State::kNoNews);
    if (auto good = check_header(message); !good) {
        return base::fail(good.error().message);
    }
    const wire::Header header = wire::Header::load(message.data());
    wire::Reader in(message, wire::kHeaderOctets);
    if (header.question_count == 1) {
        wire::NameBuffer name;
        if (!in.name(name) || !(name.view() == apex_.view()) || in.u16() != type_ ||
            in.u16() != wire::klass::kIn) {
            return base::fail("an answer to another question");
        }
    }
    if (header.answer_count == 0) {  // or a primary could go on like that for ever
        return base::fail("a message without a record");
    }
    octets_ += message.size();
    ++messages_;
    for (unsigned left = header.answer_count; left > 0; --left) {
        wire::RecordHead record;
        if (!in.record(record)) {
            return base::fail("a message that ends inside a record");
        }
        if (state_ == State::kDone) {
            return base::fail("records behind the closing SOA");
        }
        if (auto taken = take_record(message, record); !taken) {
            return base::fail(taken.error().message);
        }
    }
    if (type_ == wire::type::kIxfr && state_ == State::kSecond) {
        if (auto settled = settle_lone_soa(); !settled) {
            return base::fail(settled.error().message);
        }
    }
    return state_ == State::kDone || state_ == State::kNoNews ? Progress::kDone : Progress::kMore;
}

/// An SOA alone in the first message of an IXFR's answer: the primary has no more to tell, or no
/// more than that.
base::Expected<void> TransferReceiver::settle_lone_soa() {
    if (wire::serial_is_newer(serial(), base_->serial())) {
        return fall_back("nothing but the SOA of " + serial_text(serial()));
    }
    state_ = State::kNoNews;
    return {};
}

base::Expected<void> TransferReceiver::take_record(base::Octets message,
                                                   const wire::RecordHead& record) {
    const wire::NameView owner = record.owner.view();
    if (record.klass != wire::klass::kIn) {
        return base::fail("a record of class " + std::to_string(record.klass) + " at " +
                          owner.to_text());
    }
    rdata_.clear();
    if (!wire::read_rdata(message, record, rdata_)) {
        return base::fail("malformed rdata of type " + std::to_string(record.type) + " at " +
                          owner.to_text());
    }
    if (record.type == wire::type::kSoa) {
        return take_soa(record);
    }
    if (state_ == State::kBegin) {
        return base::fail("a stream that does not begin with the SOA");
    }
    if (state_ == State::kSecond) {
        state_ = State::kWhole;
    }
    return put(record);
}

base::Expected<void> TransferReceiver::take_soa(const wire::RecordHead& record) {
    if (!(record.owner.view() == apex_.view())) {
        return base::fail("an SOA at " + record.owner.view().to_text());
    }
    switch (state_) {
        case State::kBegin:
            first_soa_ = rdata_;
            state_ = State::kSecond;
            return put(record);
        case State::kSecond:
            if (type_ == wire::type::kIxfr && !is_same_soa(first_soa_, rdata_)) {
                target_ = zone::Change(*base_);
                records_ = 0;
                reached_ = base_->serial();
                return begin_difference(record);
            }
            [[fallthrough]];
        case State::kWhole:
            return close();
        case State::kGone:
            return end_difference(record);
        case State::kCome:
            if (reached_ != serial()) {
                return begin_difference(record);
            }
            return close();
        case State::kDone:
        case State::kNoNews:
            break;
    }
    return base::fail("an SOA behind the closing one");
}

base::Expected<void> TransferReceiver::close() {
    if (!is_same_soa(first_soa_, rdata_)) {
        return base::fail("a closing SOA that differs from the first");
    }
    state_ = State::kDone;
    return {};
}

/// The SOA that a difference begins with is that of the version before it.
base::Expected<void> TransferReceiver::begin_difference(const wire::RecordHead& record) {
    const std::uint32_t from = wire::Soa::from_rdata(rdata_).serial;
    if (from != reached_) {
        return fall_back("a difference from " + serial_text(from) + " where " +
                         serial_text(reached_) + " was reached");
    }
    state_ = State::kGone;
    return put(record);
}

/// The SOA between what goes and what comes is that of the version after it.
base::Expected<void> TransferReceiver::end_difference(const wire::RecordHead& record) {
    const std::uint32_t to = wire::Soa::from_rdata(rdata_).serial;
    if (!wire::serial_is_newer(to, reached_)) {
        return fall_back("a difference that leads from " + serial_text(reached_) + " back to " +
                         serial_text(to));
    }
    reached_ = to;
    state_ = State::kCome;
    return put(record);
}

base::Expected<void> TransferReceiver::put(const wire::RecordHead& record) {
    ++records_;
    if (auto* const change = std::get_if<zone::Change>(&target_)) {
        return put_step(*change, record);
    }
    if (records_ > limits_.zone_records) {
        return base::fail("more than " + std::to_string(limits_.zone_records) + " records");
    }
    const wire::NameView owner = record.owner.view();
    if (auto* const replacement = std::get_if<zone::Replacement>(&target_)) {
        return replacement->add(owner, record.type, record.ttl_s, rdata_);
    }
    return std::get<std::unique_ptr<zone::Builder>>(target_)->add(
        owner, record.type, record.ttl_s, rdata_);
}

/// Differences beyond what a whole zone may have say nothing of what they lead to.
base::Expected<void> TransferReceiver::put_step(zone::Change& change,
                                                const wire::RecordHead& record) {
    const wire::NameView owner = record.owner.view();
    step_octets_ += owner.size() + rdata_.size();
    if (records_ > limits_.zone_records || step_octets_ > limits_.zone_octets) {
        return fall_back("differences of more than a zone may have");
    }
    return state_ == State::kGone ? change.remove(owner, record.type, record.ttl_s, rdata_)
                                  : change.add(owner, record.type, record.ttl_s, rdata_);
}

base::Expected<std::unique_ptr<const zone::Zone>> TransferReceiver::build() {
    if (auto* const builder = std::get_if<std::unique_ptr<zone::Builder>>(&target_)) {
        return (*builder)->build().and_then(
            [this](auto zone) { return within_limits(std::move(zone), nullptr, limits_); });
    }
    if (auto* const replacement = std::get_if<zone::Replacement>(&target_)) {
        return apply(replacement->finish(), zone::Strictness::kLenient);
    }
    return apply(std::get<zone::Change>(target_), zone::Strictness::kStrict);
}

base::Expected<std::unique_ptr<const zone::Zone>> TransferReceiver::apply(
    const zone::Change& change, zone::Strictness strictness) {
    auto zone = zone::apply(*base_, change, strictness);
    if (!zone) {
        return fall_back(zone.error().message);
    }
    return within_limits(*std::move(zone), &change, limits_);
}

}  // namespace understudy::control
