#include "control/difference.h"

#include <understudy/wire/rdata.h>
#include <algorithm>
#include <array>
#include <utility>

namespace understudy::control {
namespace {

class DifferenceWriter {
  public:
    explicit DifferenceWriter(std::size_t most_octets) : most_octets_(most_octets) {}

    void put(const zone::Change::Step& step) {
        if (is_full()) {
            return;
        }
        if (!octets_.empty() && std::ranges::equal(step.owner.octets(), owner_.view().octets())) {
            octets_.push_back(0);
        } else {
            octets_.push_back(static_cast<std::uint8_t>(step.owner.size()));
            append(step.owner.octets());
            owner_.assign(step.owner);
        }
        std::array<std::uint8_t, 8> fixed{};
        base::store_be16(fixed.data(), step.type);
        base::store_be32(&fixed[2], step.ttl_s);
        base::store_be16(&fixed[6], static_cast<std::uint16_t>(step.rdata.size()));
        append(fixed);
        append(step.rdata);
    }

    [[nodiscard]] bool is_full() const noexcept { return octets_.size() > most_octets_; }
    [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(octets_); }

  private:
    void append(base::Octets octets) {
        octets_.insert(octets_.end(), octets.begin(), octets.end());
    }

    std::size_t most_octets_;
    std::vector<std::uint8_t> octets_;
    wire::NameBuffer owner_;
};

}  // namespace

std::shared_ptr<const Difference> make_difference(const zone::Zone& from,
                                                  const zone::Zone& to,
                                                  std::size_t most_octets) {
    if (!wire::serial_is_newer(to.serial(), from.serial())) {
        return nullptr;
    }
    const zone::Change change = zone::diff(from, to);
    DifferenceWriter writer(most_octets);
    for (const bool removes : {true, false}) {
        for (const bool soa : {true, false}) {
            change.for_each([&](const zone::Change::Step& step) {
                if (step.removes == removes && (step.type == wire::type::kSoa) == soa) {
                    writer.put(step);
                }
            });
        }
    }
    if (writer.is_full()) {
        return nullptr;
    }
    return std::make_shared<const Difference>(
        Difference{from.serial(), to.serial(), writer.take()});
}

std::optional<DifferenceReader::Record> DifferenceReader::next() noexcept {
    const auto head = in_.octets(1);
    if (!head) {
        return std::nullopt;
    }
    if ((*head)[0] != 0) {
        const auto owner = in_.octets((*head)[0]);
        wire::Reader name(owner.value_or(base::Octets()));
        const auto read = name.plain_name();
        if (!owner || !read || name.remaining() != 0) {
            return std::nullopt;
        }
        owner_.assign(*read);
    }
    const auto type = in_.u16();
    const auto ttl_s = in_.u32();
    const auto size = in_.u16();
    const auto rdata = size ? in_.octets(*size) : std::nullopt;
    if (!type || !ttl_s || !rdata) {
        return std::nullopt;
    }
    soas_ += *type == wire::type::kSoa ? 1 : 0;
    if (soas_ == 0 || soas_ > 2) {
        return std::nullopt;
    }
    return Record{soas_ == 1, owner_.view(), *type, *ttl_s, *rdata};
}

base::Expected<void> append(base::Octets difference, zone::Change& change) {
    DifferenceReader reader(difference);
    while (const auto record = reader.next()) {
        const auto put = record->removes ? &zone::Change::remove : &zone::Change::add;
        if (auto good = (change.*put)(record->owner, record->type, record->ttl_s, record->rdata);
            !good) {
            return good;
        }
    }
    if (!reader.is_at_end()) {
        return base::fail("a malformed difference");
    }
    return {};
}

}  // namespace understudy::control
