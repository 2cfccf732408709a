#pragma once

#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace understudy::ops {

/// A zone as a master file, a part at a time, so that a dump costs one part of memory and holds the
/// control thread no longer than one part takes. Keeps its version alive, so what comes out is one
/// moment's zone. The SOA comes first, as RFC 1035 §5.2 wants it.
class ZoneDump {
  public:
    /// A part ends with the record that passes this.
    static constexpr std::size_t kPartOctets = std::size_t{64} * 1024;

    /// REQUIRES: not null.
    explicit ZoneDump(std::shared_ptr<const zone::Zone> zone);

    /// The next part, whole lines; empty after the last one.
    [[nodiscard]] std::string next();

    [[nodiscard]] const zone::Zone& zone() const noexcept { return *zone_; }
    [[nodiscard]] std::uint64_t record_count() const noexcept { return record_count_; }

  private:
    void append(std::string& part, const zone::RecordCursor::Record& record);

    std::shared_ptr<const zone::Zone> zone_;
    zone::RecordCursor cursor_;
    std::uint64_t record_count_ = 0;  // so far
};

}  // namespace understudy::ops
