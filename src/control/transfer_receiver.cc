#include "control/transfer_receiver.h"

#include <understudy/base/check.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/query.h>
#include <understudy/wire/rdata.h>
#include <algorithm>
#include <string>

#include "control/rcode_text.h"

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

}  // namespace

TransferReceiver::TransferReceiver(wire::NameView apex, std::uint16_t id, const zone::HashKey& key)
    : apex_(apex), id_(id), builder_(apex, key) {}

base::Expected<void> TransferReceiver::check_header(base::Octets message) const {
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
        return base::fail("the primary answered " + rcode_text(header.rcode()));
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
    UNDERSTUDY_CHECK(!done_);
    if (auto good = check_header(message); !good) {
        return base::fail(good.error().message);
    }
    const wire::Header header = wire::Header::load(message.data());
    wire::Reader in(message, wire::kHeaderOctets);
    if (header.question_count == 1) {
        wire::NameBuffer name;
        if (!in.name(name) || !(name.view() == apex_.view()) || in.u16() != wire::type::kAxfr ||
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
        if (done_) {
            return base::fail("records behind the closing SOA");
        }
        if (auto taken = take_record(message, record); !taken) {
            return base::fail(taken.error().message);
        }
    }
    return done_ ? Progress::kDone : Progress::kMore;
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
        if (auto taken = take_soa(record); !taken || done_) {
            return taken;
        }
    } else if (first_soa_.empty()) {
        return base::fail("a stream that does not begin with the SOA");
    }
    return builder_.add(owner, record.type, record.ttl_s, rdata_);
}

base::Expected<void> TransferReceiver::take_soa(const wire::RecordHead& record) {
    if (!(record.owner.view() == apex_.view())) {
        return base::fail("an SOA at " + record.owner.view().to_text());
    }
    if (first_soa_.empty()) {
        first_soa_ = rdata_;
        return {};
    }
    if (!is_same_soa(first_soa_, rdata_)) {
        return base::fail("a closing SOA that differs from the first");
    }
    done_ = true;
    return {};
}

}  // namespace understudy::control
