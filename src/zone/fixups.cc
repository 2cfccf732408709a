
#include <understudy/wire/rdata.h>
#include <understudy/zone/fixups.h>
#include <understudy/zone/wire_record.h>

namespace understudy::zone {
namespace {

/// Writes down places as the distances between them.
class Distances {
  public:
    explicit Distances(std::vector<std::uint8_t>& into) : into_(into) {}

    void add(std::size_t place) {
        std::size_t distance = place - last_;
        for (; distance >= FixUps::kSkip; distance -= FixUps::kSkip) {
            into_.push_back(FixUps::kSkip);
        }
        into_.push_back(static_cast<std::uint8_t>(distance));
        last_ = place;
    }

  private:
    std::vector<std::uint8_t>& into_;
    std::size_t last_ = 0;
};

/// The end of the name at `at`; its pointer, if it ends in one, is added.
std::size_t pass_name(base::Octets octets, std::size_t at, Distances& distances) {
    while (octets[at] != 0) {
        if (octets[at] >= wire::kPointerStart) {
            distances.add(at);
            return at + 2;
        }
        at += 1U + octets[at];
    }
    return at + 1;
}

}  // namespace

void FixUps::append(base::Octets records, std::vector<std::uint8_t>& into) {
    Distances distances(into);
    for (std::size_t at = 0; at < records.size();) {
        // Glue may name a host at length: a message knows so many names to point at, and reaches
        // so far.
        const std::size_t fixed = pass_name(records, at, distances);
        const WireRecord record = WireRecord::behind_owner(&records[fixed]);
        const wire::RdataLayout& layout = wire::rdata_layout(record.type());
        auto field_at = static_cast<std::size_t>(record.rdata().data() - records.data());
        for (const wire::RdataField field : layout.fields) {
            if (!layout.compressible || field == wire::RdataField::kEnd) {
                break;
            }
            field_at = field == wire::RdataField::kName
                           ? pass_name(records, field_at, distances)
                           : field_at + static_cast<std::size_t>(field);
        }
        at = static_cast<std::size_t>(record.end() - records.data());
    }
}

}  // namespace understudy::zone
