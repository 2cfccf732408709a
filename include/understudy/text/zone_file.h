#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/fault.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Master files (RFC 1035 §5, RFC 2308 §4, RFC 3597) as records in wire format: $ORIGIN, $TTL,
/// $INCLUDE, escapes, parentheses, every type that libzscanner knows and any other in generic form.
/// Only class IN is read. The work is done on the caller's thread; nothing is kept between calls.
namespace understudy::text {

/// After so many faults the rest of the file is not read: it is likely no master file at all.
inline constexpr std::size_t kMaxZoneFileFaults = 20;

/// How deep files may include files. Ends loops of inclusion; nobody nests on purpose so deep.
inline constexpr unsigned kMaxIncludeDepth = 16;

/// One record as it stands in the file. Views are valid only while the sink runs.
struct ZoneRecord {
    wire::NameView owner;
    wire::Type type = 0;
    wire::Class klass = 0;
    std::uint32_t ttl_s = 0;
    base::Octets rdata;     // names in it are not compressed
    std::string_view file;  // an included one's, where the record stands there
    std::size_t line = 0;   // its last one, if the record spans several
};

/// Takes each record in the order of the file. An Error that it returns becomes a fault with the
/// record's file and line, and reading goes on. That is the place to refuse what is no matter of
/// syntax: a record outside the zone, a type that zones do not hold, and rdata written in the
/// generic form of RFC 3597, which is not held against its type here.
using RecordSink = std::function<base::Expected<void>(const ZoneRecord&)>;

/// Reads the file at `path`; relative names are below `origin` and records without a TTL have
/// `default_ttl_s` until the file says otherwise. A relative $INCLUDE is looked up in the folder of
/// the file that includes. Returns every fault in the order of the text, up to the limit; the
/// sink's records are the whole file exactly if there is none. A faulty directive ends its file,
/// since what follows depends on it.
[[nodiscard]] std::vector<base::Fault> parse_zone_file(const std::string& path,
                                                       wire::NameView origin,
                                                       std::uint32_t default_ttl_s,
                                                       const RecordSink& sink);

/// The same for text in memory; `name` stands for the file in faults. $INCLUDE is a fault: such
/// text never reaches the file system.
[[nodiscard]] std::vector<base::Fault> parse_zone_text(std::string_view text,
                                                       const std::string& name,
                                                       wire::NameView origin,
                                                       std::uint32_t default_ttl_s,
                                                       const RecordSink& sink);

}  // namespace understudy::text
