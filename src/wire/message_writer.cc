#include <understudy/base/check.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/rdata.h>
#include <algorithm>

namespace understudy::wire {
namespace {

/// The hash of every suffix of a name, by where in the name it begins: one pass from the root's
/// side.
class SuffixHashes {
  public:
    explicit SuffixHashes(NameView name) noexcept {
        std::array<std::uint8_t, kMaxLabels> starts;
        std::size_t count = 0;
        for (std::size_t at = 0; name.octets()[at] != 0; at += 1U + name.octets()[at]) {
            starts[count++] = static_cast<std::uint8_t>(at);
        }
        std::uint32_t hash = 0;
        while (count > 0) {
            const std::size_t at = starts[--count];
            for (const std::uint8_t octet : name.octets().subspan(at, 1U + name.octets()[at])) {
                hash = (hash ^ to_lower(octet)) * 0x01000193U;  // FNV
            }
            hashes_[at] = static_cast<std::uint16_t>(hash ^ (hash >> 16U));
        }
    }

    [[nodiscard]] std::uint16_t at(std::size_t offset) const noexcept { return hashes_[offset]; }

  private:
    std::array<std::uint16_t, kMaxNameOctets> hashes_;  // set where a label begins
};

}  // namespace

MessageWriter::MessageWriter(base::MutableOctets buffer,
                             std::size_t question_end,
                             std::size_t limit_octets,
                             CompressionCase compression) noexcept
    : buffer_(buffer),
      size_(question_end),
      limit_(limit_octets),
      compression_(compression),
      has_question_(question_end > kHeaderOctets) {
    UNDERSTUDY_CHECK(question_end >= kHeaderOctets && question_end <= limit_octets &&
                     limit_octets <= buffer.size());
    if (has_question_) {
        learn(NameView(buffer_.subspan(kHeaderOctets, question_end - kHeaderOctets - 4)),
              kHeaderOctets);
    }
}

bool MessageWriter::put(base::Octets octets) noexcept {
    if (octets.size() > room()) {
        return false;
    }
    std::ranges::copy(octets, buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += octets.size();
    return true;
}

bool MessageWriter::stands_at(std::size_t offset, NameView name) const noexcept {
    const base::Octets wanted = name.octets();
    std::size_t matched = 0;
    while (true) {
        const std::uint8_t length = buffer_[offset];
        if (length > kMaxLabelOctets) {  // a pointer of ours: it aims backwards at a whole name
            offset = base::load_be16(&buffer_[offset]) & kMaxPointerTarget;
            continue;
        }
        if (length != wanted[matched]) {
            return false;
        }
        if (length == 0) {
            return true;
        }
        const auto ours = base::Octets(buffer_).subspan(offset + 1, length);
        const auto theirs = wanted.subspan(matched + 1, length);
        const bool equal = compression_ == CompressionCase::kExact
                               ? std::ranges::equal(ours, theirs)
                               : std::ranges::equal(ours, theirs, {}, to_lower, to_lower);
        if (!equal) {
            return false;
        }
        offset += 1U + length;
        matched += 1U + length;
    }
}

std::size_t MessageWriter::find(NameView name, std::uint16_t hash) const noexcept {
    for (std::size_t i = 0; i < name_count_; ++i) {
        if (names_[i].hash == hash && stands_at(names_[i].offset, name)) {
            return names_[i].offset;
        }
    }
    return 0;
}

void MessageWriter::learn(NameView name, std::size_t offset) noexcept {
    const SuffixHashes hashes(name);
    for (std::size_t at = 0; name.octets()[at] != 0; at += 1U + name.octets()[at]) {
        if (offset + at > kMaxPointerTarget || name_count_ == kMaxKnownNames) {
            return;
        }
        names_[name_count_++] = {static_cast<std::uint16_t>(offset + at), hashes.at(at)};
    }
}

bool MessageWriter::put_name(NameView name, bool compress) noexcept {
    if (!compress) {
        return put(name.octets());
    }
    const SuffixHashes hashes(name);
    const std::size_t start = size_;
    std::size_t at = 0;  // the labels before it are new to the message
    std::size_t target = 0;
    while (name.octets()[at] != 0) {
        target = find(NameView(name.octets().subspan(at)), hashes.at(at));
        if (target != 0) {
            break;
        }
        at += 1U + name.octets()[at];
    }
    std::array<std::uint8_t, 2> end{0, 0};
    base::store_be16(end.data(), static_cast<std::uint16_t>(kPointer | target));
    const base::Octets tail = target != 0 ? base::Octets(end) : name.octets().subspan(at);
    if (at + tail.size() > room() || !put(name.octets().first(at)) || !put(tail)) {
        return false;
    }
    for (std::size_t label = 0; label < at; label += 1U + name.octets()[label]) {
        if (start + label > kMaxPointerTarget || name_count_ == kMaxKnownNames) {
            break;
        }
        names_[name_count_++] = {static_cast<std::uint16_t>(start + label), hashes.at(label)};
    }
    return true;
}

bool MessageWriter::put_rdata(Type type, base::Octets rdata) noexcept {
    const RdataLayout& layout = rdata_layout(type);
    if (!layout.compressible) {
        return put(rdata);
    }
    for (const RdataField field : layout.fields) {
        if (field == RdataField::kEnd) {
            break;
        }
        // The compressible types consist of names and fixed fields alone.
        const std::size_t count =
            field == RdataField::kName ? name_length(rdata) : static_cast<std::size_t>(field);
        const base::Octets part = rdata.first(count);
        if (field == RdataField::kName ? !put_name(NameView(part), true) : !put(part)) {
            return false;
        }
        rdata = rdata.subspan(count);
    }
    return true;
}

bool MessageWriter::record(Section section,
                           NameView owner,
                           Type type,
                           Class klass,
                           std::uint32_t ttl_s,
                           base::Octets rdata) noexcept {
    const Mark before = mark();
    std::array<std::uint8_t, 10> fixed{};
    base::store_be16(fixed.data(), type);
    base::store_be16(&fixed[2], klass);
    base::store_be32(&fixed[4], ttl_s);
    if (put_name(owner, true) && put(fixed)) {
        const std::size_t rdata_at = size_;
        if (put_rdata(type, rdata)) {
            base::store_be16(&buffer_[rdata_at - 2], static_cast<std::uint16_t>(size_ - rdata_at));
            ++counts_[static_cast<std::size_t>(section)];
            return true;
        }
    }
    rollback(before);
    return false;
}

std::uint8_t* MessageWriter::append(Section section,
                                    std::size_t octets,
                                    std::size_t count) noexcept {
    if (octets > room()) {
        return nullptr;
    }
    std::uint8_t* const at = &buffer_[size_];
    size_ += octets;
    std::uint16_t& counted = counts_[static_cast<std::size_t>(section)];
    counted = static_cast<std::uint16_t>(counted + count);
    return at;
}

std::uint8_t* MessageWriter::records(Section section,
                                     base::Octets octets,
                                     std::size_t count) noexcept {
    std::uint8_t* const at = append(section, octets.size(), count);
    if (at != nullptr) {
        std::ranges::copy(octets, at);
    }
    return at;
}

bool MessageWriter::opt(std::uint16_t payload_octets,
                        Rcode rcode,
                        bool dnssec_ok,
                        base::Octets options) noexcept {
    std::array<std::uint8_t, 11>
        fixed{};  // the root, type, size, extended rcode, version, flags, length
    base::store_be16(&fixed[1], type::kOpt);
    base::store_be16(&fixed[3], payload_octets);
    fixed[5] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(rcode) >> 4U);
    base::store_be16(&fixed[7], dnssec_ok ? edns::kDo : std::uint16_t{0});
    base::store_be16(&fixed[9], static_cast<std::uint16_t>(options.size()));
    if (fixed.size() + options.size() > room() || !put(fixed) || !put(options)) {
        return false;
    }
    ++counts_[static_cast<std::size_t>(Section::kAdditional)];
    return true;
}

void MessageWriter::rollback(const Mark& mark) noexcept {
    size_ = mark.size_octets;
    name_count_ = mark.names;
    counts_ = mark.counts;
}

std::size_t MessageWriter::finish(std::uint16_t id, std::uint16_t flags) noexcept {
    const Header header{id,
                        flags,
                        static_cast<std::uint16_t>(has_question_ ? 1 : 0),
                        counts_[0],
                        counts_[1],
                        counts_[2]};
    header.store(buffer_.data());
    return size_;
}

}  // namespace understudy::wire
