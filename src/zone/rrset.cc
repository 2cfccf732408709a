#include <understudy/zone/rrset.h>

#include <understudy/wire/rdata.h>
#include <algorithm>

namespace understudy::zone {
/// Writes the name at `at` out whole, moves `at` behind it and returns its length.
std::size_t RRset::expand_name(const std::uint8_t*& at, base::MutableOctets into) const noexcept {
    std::size_t size = 0;
    const auto put = [&](base::Octets octets) {
        std::ranges::copy(octets, into.begin() + static_cast<std::ptrdiff_t>(size));
        size += octets.size();
    };
    const std::uint8_t* from = at;
    bool jumped = false;
    while (true) {
        if (*from < wire::kPointerStart) {
            const std::uint8_t length = *from;
            put({from, 1U + length});
            from += 1U + length;
            if (length != 0) {
                continue;
            }
            at = jumped ? at : from;
            return size;
        }
        const std::size_t target =
            (base::load_be16(from) & wire::kMaxPointerTarget) - wire::kHeaderOctets;
        at = jumped ? at : from + 2;
        jumped = true;
        if (target >= owner_.size()) {
            from = records_.data() + (target - owner_.size() - wire::kQuestionTailOctets);
            continue;
        }
        if (target < owner_.relative.size()) {
            put(owner_.relative.subspan(target));
            put(owner_.apex.octets());
        } else {
            put(owner_.apex.octets().subspan(target - owner_.relative.size()));
        }
        return size;
    }
}

base::Octets RRset::expand(base::Octets rdata, base::MutableOctets into) const noexcept {
    const std::uint8_t* at = rdata.data();
    std::size_t size = 0;
    for (const wire::RdataField field : wire::rdata_layout(type_).fields) {
        if (field == wire::RdataField::kEnd) {
            break;
        }
        if (field == wire::RdataField::kName) {
            size += expand_name(at, into.subspan(size));
            continue;
        }
        const auto count = static_cast<std::size_t>(field);
        std::copy_n(at, count, into.begin() + static_cast<std::ptrdiff_t>(size));
        at += count;
        size += count;
    }
    return into.first(size);
}

base::Octets RRset::Iterator::operator*() const noexcept {
    const base::Octets rdata = WireRecord(at_).rdata();
    return wire::rdata_layout(rrset_->type_).compressible ? rrset_->expand(rdata, expanded_)
                                                          : rdata;
}

}  // namespace understudy::zone
