#include "zone/body_names.h"

#include <understudy/wire/constants.h>
#include <algorithm>

namespace understudy::zone {
namespace {

constexpr std::uint8_t kPointerBits = 0xC0;
constexpr std::size_t kPointerTargetMask = 0x3FFF;
constexpr std::size_t kQuestionTailOctets = 4;  // type and class

}  // namespace

bool ExpandedName::append(base::Octets more) noexcept {
    if (more.size() > octets.size() - size) {
        return false;
    }
    std::ranges::copy(more, octets.begin() + static_cast<std::ptrdiff_t>(size));
    size += more.size();
    return true;
}

bool BodyNames::append_label(std::size_t at, ExpandedName& into) const noexcept {
    const std::size_t octets = 1U + (*this)[at];
    if (at + octets <= first_.size()) {
        return into.append(first_.subspan(at, octets));
    }
    if (octets > into.octets.size() - into.size) {
        return false;
    }
    for (std::size_t i = 0; i < octets; ++i) {
        into.octets[into.size++] = (*this)[at + i];
    }
    return true;
}

bool BodyNames::append_suffix(std::size_t of_question, ExpandedName& into) const noexcept {
    const base::Octets octets = question_.octets();
    std::size_t label = 0;
    while (label < of_question && octets[label] != 0) {
        label += 1U + octets[label];
    }
    return label == of_question && into.append(octets.subspan(label));
}

std::size_t BodyNames::read(std::size_t at, std::size_t end, ExpandedName& into) const noexcept {
    const std::size_t body_start = wire::kHeaderOctets + question_.size() + kQuestionTailOctets;
    std::size_t limit = end;  // of the labels at hand
    std::size_t came_from = at;
    std::size_t name_end = 0;
    into.size = 0;
    while (at < limit) {
        const std::uint8_t length = (*this)[at];
        if (length <= wire::kMaxLabelOctets) {
            if (length >= limit - at || !append_label(at, into)) {
                return 0;
            }
            at += 1U + length;
            if (length == 0) {
                return name_end != 0 ? name_end : at;
            }
            continue;
        }
        if (length < kPointerBits || limit - at < 2) {
            return 0;
        }
        const std::size_t target =
            (static_cast<std::size_t>(length) << 8U | (*this)[at + 1]) & kPointerTargetMask;
        name_end = name_end != 0 ? name_end : at + 2;
        if (target < wire::kHeaderOctets) {
            return 0;
        }
        if (target < body_start) {
            const std::size_t of_question = target - wire::kHeaderOctets;
            return of_question < question_.size() && append_suffix(of_question, into) ? name_end
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
