#include <understudy/base/file.h>
#include <understudy/text/zone_file.h>
#include <filesystem>
#include <limits>
#include <utility>
#include "text/scanner.h"

namespace understudy::text {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

/// `path` as seen from the folder of `file`.
std::string beside(const std::string& file, std::string_view path) {
    return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

/// One reading of a text with all that it includes.
class Reading {
  public:
    enum class Includes : std::uint8_t { kFollow, kRefuse };

    Reading(const RecordSink& sink, Includes includes) : sink_(sink), includes_(includes) {}

    /// Hands every record to the sink; `file` names the text in faults.
    void read(std::string_view text,
              const std::string& file,
              wire::NameView origin,
              std::uint32_t default_ttl_s) {
        Scanner scanner(text, origin, default_ttl_s);
        while (faults_.size() < kMaxZoneFileFaults) {
            switch (scanner.next()) {
                case Scanner::Item::kRecord:
                    deliver(file, scanner);
                    break;
                case Scanner::Item::kInclude:
                    include(file, scanner);
                    break;
                case Scanner::Item::kFault:
                    faults_.push_back({file, scanner.line(), scanner.column(), scanner.fault()});
                    break;
                case Scanner::Item::kEnd:
                    return;
            }
        }
    }

    [[nodiscard]] std::vector<base::Fault> take_faults() { return std::move(faults_); }

  private:
    void deliver(const std::string& file, const Scanner& scanner) {
        auto taken = sink_({.owner = scanner.owner(),
                            .type = scanner.type(),
                            .klass = scanner.klass(),
                            .ttl_s = scanner.ttl_s(),
                            .rdata = scanner.rdata(),
                            .file = file,
                            .line = scanner.line()});
        if (!taken) {
            faults_.push_back({file, scanner.line(), 0, std::move(taken.error().message)});
        }
    }

    void include(const std::string& file, const Scanner& scanner) {
        const auto refuse = [&](std::string reason) {
            faults_.push_back({file, scanner.line(), 0, "$INCLUDE: " + std::move(reason)});
        };
        if (includes_ == Includes::kRefuse) {
            return refuse("not possible here");
        }
        if (depth_ >= kMaxIncludeDepth) {
            return refuse("nested deeper than " + std::to_string(kMaxIncludeDepth) +
                          " files; does a file include itself?");
        }
        const std::string path = beside(file, scanner.include_path());
        const auto included = base::read_file(path, kNoLimit);
        if (!included) {
            return refuse(included.error().message);
        }
        ++depth_;
        read(included->view(), path, scanner.include_origin(), scanner.default_ttl_s());
        --depth_;
    }

    const RecordSink& sink_;
    const Includes includes_;
    unsigned depth_ = 0;  // files that are open beside the outermost
    std::vector<base::Fault> faults_;
};

}  // namespace

std::vector<base::Fault> parse_zone_file(const std::string& path,
                                         wire::NameView origin,
                                         std::uint32_t default_ttl_s,
                                         const RecordSink& sink) {
    const auto file = base::read_file(path, kNoLimit);
    if (!file) {
        return {{{}, 0, 0, file.error().message}};
    }
    Reading reading(sink, Reading::Includes::kFollow);
    reading.read(file->view(), path, origin, default_ttl_s);
    return reading.take_faults();
}

std::vector<base::Fault> parse_zone_text(std::string_view text,
                                         const std::string& name,
                                         wire::NameView origin,
                                         std::uint32_t default_ttl_s,
                                         const RecordSink& sink) {
    Reading reading(sink, Reading::Includes::kRefuse);
    reading.read(text, name, origin, default_ttl_s);
    return reading.take_faults();
}

}  // namespace understudy::text
