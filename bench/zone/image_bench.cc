#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <understudy/answer/answer.h>
#include <unistd.h>

#include <understudy/base/check.h>
#include <understudy/zone/image.h>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "answers.h"
#include "figures.h"
#include "program.h"
#include "support/messages.h"
#include "workload.h"
#include "zone/xxh64.h"

/// Time from the image of a zone, which is in the page cache, to the first answer. Beside it the
/// floor: to read as many octets and sum them up.
namespace understudy::bench {
namespace {

constexpr std::array kWorkloads{"one_a", "hosts", "tld", "ip6", "nsec", "nsec3"};
constexpr std::size_t kPartOctets = std::size_t{256} << 10U;

/// A file without a name.
class ImageFile {
  public:
    ImageFile() {
        std::string path = std::filesystem::temp_directory_path() / "understudy-image-XXXXXX";
        descriptor_ = ::mkstemp(path.data());
        UNDERSTUDY_CHECK(descriptor_ >= 0 && ::unlink(path.c_str()) == 0);
    }
    ~ImageFile() { ::close(descriptor_); }
    ImageFile(const ImageFile&) = delete;
    ImageFile& operator=(const ImageFile&) = delete;

    [[nodiscard]] base::Expected<void> append(base::Octets octets) const {
        const auto size = static_cast<ssize_t>(octets.size());
        return ::write(descriptor_, octets.data(), octets.size()) == size
                   ? base::Expected<void>()
                   : base::fail("a short write");
    }

    void rewind() const { UNDERSTUDY_CHECK(::lseek(descriptor_, 0, SEEK_SET) == 0); }

    [[nodiscard]] base::Expected<std::size_t> read(base::MutableOctets into) const {
        const ssize_t size = ::read(descriptor_, into.data(), into.size());
        return size >= 0 ? base::Expected<std::size_t>(static_cast<std::size_t>(size))
                         : base::fail("a failed read");
    }

  private:
    int descriptor_;
};

/// The image of a workload's zone, which is gone; returns its key.
zone::HashKey write(const Workload& workload, const ImageFile& file) {
    const auto zone = build_zone(workload, 0);
    UNDERSTUDY_CHECK(
        zone::write_image(*zone, [&file](base::Octets part) { return file.append(part); }));
    file.rewind();
    return zone->hash_key();
}

/// What is wrong with the answer for the first name, or empty.
std::string first_answer(const Workload& workload, std::shared_ptr<const zone::Zone> zone) {
    static const answer::Context kContext{"id", "version", {1, 2, 3}, 1232};
    const zone::HashKey key = zone->hash_key();
    const zone::Snapshot snapshot({{workload.apex(0), std::move(zone), nullptr, false}}, key);
    support::QueryFields fields{.name = workload.question(0).to_text(),
                                .type = workload.question_type(0)};
    if (workload.chain() != Chain::kNone) {
        fields.edns = support::EdnsFields{.dnssec_ok = true};
    }
    const support::Bytes query = support::make_query(fields);
    std::vector<std::uint8_t> buffer = query;
    buffer.resize(kContext.max_udp_payload_octets);
    const std::array<std::uint8_t, 4> source{192, 0, 2, 1};
    answer::Request request{.buffer = buffer,
                            .length_octets = query.size(),
                            .source = source,
                            .transport = answer::Transport::kUdp,
                            .key = nullptr};
    answer::answer({&request, 1}, snapshot, kContext);
    return answer_fault(workload, 0, query, base::Octets(buffer).first(request.length_octets));
}

void bench_start(benchmark::State& state, const Workload& workload) {
    const ImageFile file;
    const zone::HashKey key = write(workload, file);
    for (auto _ : state) {
        auto zone = zone::read_image(
            workload.apex(0), key, [&file](base::MutableOctets into) { return file.read(into); });
        if (!zone) {
            fail(state, zone.error().message);
            break;
        }
        std::shared_ptr<const zone::Zone> read = *std::move(zone);
        const std::string fault = first_answer(workload, read);
        if (!fault.empty()) {
            fail(state, fault);
            break;
        }
        state.PauseTiming();
        state.counters["image_octets"] = static_cast<double>(zone::image_octets(*read));
        file.rewind();
        read.reset();
        state.ResumeTiming();
    }
}

void bench_sum(benchmark::State& state, const Workload& workload) {
    const ImageFile file;
    static_cast<void>(write(workload, file));
    std::vector<std::uint8_t> part(kPartOctets);
    for (auto _ : state) {
        zone::Xxh64 sum;
        for (std::size_t size = part.size(); size == part.size();) {
            const auto read = file.read(part);
            UNDERSTUDY_CHECK(read.has_value());
            size = *read;
            sum.update(base::Octets(part).first(size));
        }
        benchmark::DoNotOptimize(sum.digest());
        file.rewind();
    }
}

}  // namespace

void add_image_figures(double scale) {
    using Bench = void (*)(benchmark::State&, const Workload&);
    for (const std::string name : kWorkloads) {
        const auto add = [&](const char* figure, Bench bench) {
            benchmark::RegisterBenchmark(("image/" + name + "/" + figure).c_str(),
                                         [name, scale, bench](benchmark::State& state) {
                                             bench(state, *make_workload(name, scale));
                                         })
                ->Iterations(3)
                ->Unit(benchmark::kMillisecond);
        };
        add("start", bench_start);
        add("sum", bench_sum);
    }
}

}  // namespace understudy::bench
