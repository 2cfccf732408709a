#include <understudy/wire/reader.h>
#include <algorithm>

namespace understudy::wire {

void NameBuffer::assign(NameView name) noexcept {
    std::ranges::copy(name.octets(), octets_.begin());
    size_ = name.size();
}

void NameBuffer::assign_lowered(NameView name) noexcept {
    std::ranges::transform(name.octets(), octets_.begin(), to_lower);
    size_ = name.size();
}

std::optional<std::uint16_t> Reader::u16() noexcept {
    if (remaining() < 2) {
        return std::nullopt;
    }
    const std::uint16_t value = base::load_be16(&message_[offset_]);
    offset_ += 2;
    return value;
}

std::optional<std::uint32_t> Reader::u32() noexcept {
    if (remaining() < 4) {
        return std::nullopt;
    }
    const std::uint32_t value = base::load_be32(&message_[offset_]);
    offset_ += 4;
    return value;
}

std::optional<base::Octets> Reader::octets(std::size_t count) noexcept {
    if (remaining() < count) {
        return std::nullopt;
    }
    const base::Octets found = message_.subspan(offset_, count);
    offset_ += count;
    return found;
}

std::size_t Reader::expand(NameBuffer& into) const noexcept {
    std::size_t at = offset_;
    std::size_t end = 0;  // where the name ends in place: known once a pointer or the root is met
    std::size_t pointers = 0;
    std::size_t earliest = message_.size();  // pointers must aim before this
    std::size_t size = 0;
    while (at < message_.size()) {
        const std::uint8_t length = message_[at];
        if (length >= kPointerStart) {
            if (message_.size() - at < 2 || ++pointers > kMaxPointers) {
                return 0;
            }
            const std::size_t target = base::load_be16(&message_[at]) & kMaxPointerTarget;
            if (target >= std::min(at, earliest)) {
                return 0;
            }
            end = end == 0 ? at + 2 : end;
            at = earliest = target;
            continue;
        }
        if (length > kMaxLabelOctets || size + length + 1U > kMaxNameOctets ||
            message_.size() - at < length + 1U) {
            return 0;
        }
        std::copy_n(&message_[at], length + 1U, &into.octets_[size]);
        size += length + 1U;
        at += length + 1U;
        if (length == 0) {
            into.size_ = size;
            return end == 0 ? at : end;
        }
    }
    return 0;
}

bool Reader::name(NameBuffer& into) noexcept {
    const std::size_t end = expand(into);
    if (end == 0) {
        into.octets_[0] = 0;
        into.size_ = 1;
        return false;
    }
    offset_ = end;
    return true;
}

std::optional<NameView> Reader::plain_name() noexcept {
    const std::size_t length = name_length(message_.subspan(offset_));
    if (length == 0) {
        return std::nullopt;
    }
    const NameView found(message_.subspan(offset_, length));
    offset_ += length;
    return found;
}

bool Reader::record(RecordHead& into) noexcept {
    constexpr std::size_t kFixedOctets = 10;  // type, class, TTL, rdata length
    const std::size_t start = offset_;
    if (!name(into.owner)) {
        return false;
    }
    const auto fixed = octets(kFixedOctets);
    if (!fixed || remaining() < base::load_be16(&(*fixed)[8])) {
        offset_ = start;
        return false;
    }
    into.type = base::load_be16(fixed->data());
    into.klass = base::load_be16(&(*fixed)[2]);
    into.ttl_s = base::load_be32(&(*fixed)[4]);
    into.rdata_offset = offset_;
    into.rdata_octets = base::load_be16(&(*fixed)[8]);
    offset_ += into.rdata_octets;
    return true;
}

}  // namespace understudy::wire
