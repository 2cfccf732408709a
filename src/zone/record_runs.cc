#include "zone/record_runs.h"

#include <understudy/zone/stored_node.h>
#include <algorithm>
#include <cstring>

namespace understudy::zone {
namespace {

// Chunks double, so that a change of one record takes little and a zone few of them.
constexpr std::size_t kFirstChunkOctets = 4096;
constexpr std::size_t kMaxChunkOctets = std::size_t{1} << 20U;

/// A quarter at a time: a list that doubles would take as much as many of its names' records.
void append(std::vector<RecordRuns::Run>& runs, RecordRuns::Run run) {
    if (runs.size() == runs.capacity()) {
        runs.reserve(runs.size() + runs.size() / 4 + 1);
    }
    runs.push_back(run);
}

// A record in a run: type 2, TTL 4, octets of rdata 2, rdata. Type 0 ends the run.
constexpr std::size_t kRecordOctets = 8;
constexpr wire::Type kEnd = 0;

}  // namespace

void RecordRuns::Run::append_records(std::vector<RecordRef>& into) const {
    const std::uint8_t* at = own_apex().data() + own_apex().size();
    while (true) {
        const auto type = load_field<wire::Type>(at);
        if (type == kEnd) {
            return;
        }
        const base::Octets rdata(at + kRecordOctets, load_field<std::uint16_t>(at + 6));
        into.push_back(RecordRef::of(type, load_field<std::uint32_t>(at + 2), rdata));
        at += kRecordOctets + rdata.size();
    }
}

base::Octets RecordRuns::Run::octets() const noexcept {
    const std::uint8_t* at = own_apex().data() + own_apex().size();
    while (load_field<wire::Type>(at) != kEnd) {
        at += kRecordOctets + load_field<std::uint16_t>(at + 6);
    }
    return {at_, at + sizeof kEnd};
}

RecordRuns::RecordRuns(wire::NameView apex, const HashKey& key)
    : key_(key), apex_(apex), apex_hash_(NameKey(apex, key).hash(apex.label_count())) {}

bool RecordRuns::continues(wire::NameView owner, Operation operation) const noexcept {
    return has_run_ && operation == last_operation_ &&
           std::ranges::equal(owner.octets(), last_owner_.view().octets());
}

void RecordRuns::reserve(std::size_t octets) {
    if (octets > room_) {
        chunk_octets_ = std::clamp(2 * chunk_octets_, kFirstChunkOctets, kMaxChunkOctets);
        chunk_octets_ = std::max(chunk_octets_, octets);
        at_ = chunks_.emplace_back(chunk_octets_).data();
        room_ = chunk_octets_;
    }
}

void RecordRuns::put(base::Octets octets) {
    std::ranges::copy(octets, at_);
    at_ += octets.size();
    room_ -= octets.size();
}

void RecordRuns::begin(wire::NameView owner, Operation operation) {
    const base::Octets relative = owner.octets().first(owner.size() - apex_.view().size());
    append(relative.empty() ? apex_runs_ : runs_, {last_hash_, at_});
    const base::Octets rest = owner.octets().subspan(relative.size());
    const base::Octets own_apex =
        std::ranges::equal(rest, apex_.view().octets()) ? base::Octets() : rest;
    std::array<std::uint8_t, Run::kHeadOctets> head{static_cast<std::uint8_t>(relative.size()),
                                                    static_cast<std::uint8_t>(own_apex.size()),
                                                    static_cast<std::uint8_t>(operation)};
    std::memcpy(&head[3], &next_number_, sizeof next_number_);
    ++next_number_;
    put(head);
    put(relative);
    put(own_apex);
    last_owner_ = wire::Name(owner);
    last_operation_ = operation;
    has_run_ = true;
}

void RecordRuns::add(const Run& run) {
    const base::Octets octets = run.octets();
    reserve(octets.size());
    append(runs_, {run.hash(), at_});
    put(octets);
    next_number_ = run.number() + 1;
    has_run_ = false;
}

void RecordRuns::add(wire::NameView owner,
                     std::uint64_t hash,
                     wire::Type type,
                     std::uint32_t ttl_s,
                     base::Octets rdata,
                     Operation operation) {
    const std::size_t record_octets = kRecordOctets + rdata.size() + sizeof kEnd;
    const bool is_next = continues(owner, operation);
    last_hash_ = is_next ? last_hash_ : hash;
    const bool joins = is_next && record_octets <= room_ + sizeof kEnd;
    if (joins) {
        at_ -= sizeof kEnd;  // over the end of the run so far
        room_ += sizeof kEnd;
    } else {
        reserve(Run::kHeadOctets + owner.size() + record_octets);
        begin(owner, operation);
    }
    std::array<std::uint8_t, kRecordOctets> head;
    const auto size = static_cast<std::uint16_t>(rdata.size());
    std::memcpy(head.data(), &type, sizeof type);
    std::memcpy(&head[2], &ttl_s, sizeof ttl_s);
    std::memcpy(&head[6], &size, sizeof size);
    put(head);
    put(rdata);
    put({reinterpret_cast<const std::uint8_t*>(&kEnd), sizeof kEnd});
}

void RecordRuns::sort_runs(std::vector<Run>& runs) {
    std::ranges::sort(runs, [](const Run& left, const Run& right) {
        return left.hash() != right.hash() ? left.hash() < right.hash()
                                           : left.number() < right.number();
    });
}

}  // namespace understudy::zone
