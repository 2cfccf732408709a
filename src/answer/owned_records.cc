#include "answer/owned_records.h"

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/zone/octet_words.h>
#include <understudy/zone/wire_record.h>
#include <cstring>

namespace understudy::answer {
namespace {

/// How many octets of `owner` stand before the labels that end the question too.
std::size_t own_octets(base::Octets owner,
                       const zone::NameKey& question,
                       std::size_t apex_labels,
                       std::size_t& common_labels) noexcept {
    std::size_t labels = apex_labels;
    for (std::size_t at = 0; at < owner.size(); at += 1U + owner[at]) {
        ++labels;
    }
    std::size_t at = 0;
    for (; at < owner.size(); at += 1U + owner[at], --labels) {
        if (labels > question.label_count()) {
            continue;
        }
        const base::Octets asked = question.between(apex_labels, labels);
        if (asked.size() == owner.size() - at &&
            zone::equal_lowered(&owner[at], asked.data(), asked.size())) {
            break;
        }
    }
    common_labels = labels;
    return at;
}

}  // namespace

std::uint8_t* OwnedRecords::End::write(std::uint8_t* at) const noexcept {
    if (pointer == 0) {
        *at = 0;
        return at + 1;
    }
    base::store_be16(at, pointer);
    return at + 2;
}

OwnedRecords::OwnedRecords(const zone::Node& node,
                           const zone::StoredRRset& rrset,
                           const zone::NameKey& question,
                           std::size_t apex_labels,
                           std::size_t offset) noexcept
    : rrset_(rrset), count_(rrset.count + zone::count_records(rrset.signatures)) {
    const base::Octets owner = node.stored().owner();
    std::size_t common_labels = 0;
    labels_ = owner.first(own_octets(owner, question, apex_labels, common_labels));
    end_.pointer =
        common_labels == 0
            ? std::uint16_t{0}
            : static_cast<std::uint16_t>(wire::kPointer |
                                         (wire::kHeaderOctets + question.begin(common_labels)));
    next_end_.pointer = labels_.empty() || offset > wire::kMaxPointerTarget
                            ? end_.pointer
                            : static_cast<std::uint16_t>(wire::kPointer | offset);
    measure();
}

OwnedRecords::OwnedRecords(const zone::StoredRRset& rrset, std::uint16_t owner) noexcept
    : rrset_(rrset),
      end_{owner},
      next_end_{owner},
      count_(rrset.count + zone::count_records(rrset.signatures)) {
    measure();
}

void OwnedRecords::measure() noexcept {
    const std::size_t stored_owner = zone::WireRecord::owner_octets(rrset_.records[0]);
    const std::size_t next = (repeats_labels() ? labels_.size() : 0) + next_end_.octets();
    octets_ = rrset_.records.size() + rrset_.signatures.size() - count_ * stored_owner +
              labels_.size() + end_.octets() + (count_ - 1) * next;
}

void OwnedRecords::write(std::uint8_t* at, std::uint32_t ttl_s) const noexcept {
    constexpr std::size_t kTtlAt = 4;
    bool has_labels = true;
    End end = end_;
    for (const base::Octets records : {rrset_.records, rrset_.signatures}) {
        const std::uint8_t* from = records.data();
        const std::uint8_t* const records_end = from + records.size();
        while (from != records_end) {
            if (has_labels && !labels_.empty()) {
                std::memcpy(at, labels_.data(), labels_.size());
                at += labels_.size();
            }
            at = end.write(at);
            const std::uint8_t* const fixed = from + zone::WireRecord::owner_octets(*from);
            const std::uint8_t* const next = zone::WireRecord(from).end();
            const auto octets = static_cast<std::size_t>(next - fixed);
            std::memcpy(at, fixed, octets);
            base::store_be32(at + kTtlAt, ttl_s);
            at += octets;
            from = next;
            end = next_end_;
            has_labels = repeats_labels();
        }
    }
}

}  // namespace understudy::answer
