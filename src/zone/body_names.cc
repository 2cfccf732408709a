#include "zone/body_names.h"

#include <understudy/wire/constants.h>
#include <algorithm>

namespace understudy::zone {
bool ExpandedRdata::append(base::Octets more, std::size_t limit) noexcept {
    if (more.size() > limit - size) {
        return false;
    }
    std::ranges::copy(more, octets.begin() + static_cast<std::ptrdiff_t>(size));
    size += more.size();
    return true;
}

bool BodyNames::append_label(std::size_t at,
                             ExpandedRdata& into,
                             std::size_t limit) const noexcept {
    const std::size_t octets = 1U + (*this)[at];
    if (at + octets <= first_.size()) {
        return into.append(first_.subspan(at, octets), limit);
    }
    for (std::size_t i = 0; i < octets; ++i) {
        const std::uint8_t octet = (*this)[at + i];
        if (!into.append({&octet, 1}, limit)) {
            return false;
        }
    }
    return true;
}

bool BodyNames::append_suffix(std::size_t of_question,
                              ExpandedRdata& into,
                              std::size_t limit) const noexcept {
    const base::Octets octets = question_.octets();
    std::size_t label = 0;
    while (label < of_question && octets[label] != 0) {
        label += 1U + octets[label];
    }
    return label == of_question && into.append(octets.subspan(label), limit);
}

std::size_t BodyNames::read(std::size_t at, std::size_t end, ExpandedRdata& into) const noexcept {
    const std::size_t body_start =
        wire::kHeaderOctets + question_.size() + wire::kQuestionTailOctets;
    std::size_t limit = end;  // of the labels at hand
    std::size_t came_from = at;
    std::size_t name_end = 0;
    const std::size_t most = std::min(into.size + wire::kMaxNameOctets, kMaxExpandedOctets);
    while (at < limit) {
        const std::uint8_t length = (*this)[at];
        if (length <= wire::kMaxLabelOctets) {
            if (length >= limit - at || !append_label(at, into, most)) {
                return 0;
            }
            at += 1U + length;
            if (length == 0) {
                return name_end != 0 ? name_end : at;
            }
            continue;
        }
        if (length < wire::kPointerStart || limit - at < 2) {
            return 0;
        }
        const std::size_t target =
            (static_cast<std::size_t>(length) << 8U | (*this)[at + 1]) & wire::kMaxPointerTarget;
        name_end = name_end != 0 ? name_end : at + 2;
        if (target < wire::kHeaderOctets) {
            return 0;
        }
        if (target < body_start) {
            const std::size_t of_question = target - wire::kHeaderOctets;
            return of_question < question_.size() && append_suffix(of_question, into, most)
                       ? name_end
                       : 0;
        }
        // Ever further ahead, and each time to a label: so it ends.
        at = target - body_start;
        if (at >= came_from || (*this)[at] == 0 || (*this)[at] > wire::kMaxLabelOctets) {
            return 0;
        }
        came_from = at;
        limit = size();
    }
    return 0;
}

}  // namespace understudy::zone
