#include <benchmark/benchmark.h>
#include <understudy/answer/answer.h>
#include <understudy/base/check.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floor.h"
#include "program.h"
#include "questions.h"
#include "workload.h"

/// What an answer costs: `answer::answer` alone, over 32 requests at once, beside the floor over as
/// many octets.
///
/// Answering overwrites the query, so each batch begins with putting 32 queries into their buffers.
/// That is a device's work; `copies` measures it alone, to be taken off subject and floor, both of
/// which begin with it.
///
/// Before the clock runs every answer is taken apart by slow, obvious code and held to what the
/// zone says; while it runs the lengths must be the same ones, and after it every octet of a
/// sample. One wrong answer fails the run.
namespace understudy::bench {
namespace {

constexpr std::size_t kBatch = 32;

// As many questions as names, so that what an answer touches is as cold as its zone is large; two
// lines for each of a million are four times a large shared cache.
constexpr std::size_t kFewestQuestions = std::size_t{1} << 14U;
constexpr std::size_t kMostQuestions = std::size_t{1} << 20U;
constexpr std::size_t kCountedQuestions = 1024;

constexpr std::size_t kBufferOctets =
    2048 + 256;                                  // DPDK's stride; 2048 would meet in few cache sets
constexpr std::size_t kMessageAt = 14 + 20 + 8;  // where it stands in a frame
constexpr std::size_t kNameAt = kMessageAt + wire::kHeaderOctets;

/// 32 queries in their buffers, as a device leaves them.
class Batch {
  public:
    explicit Batch(const Questions& questions) : questions_(questions), buffers_(kBatch) {
        static constexpr std::array<std::uint8_t, 4> kSource{198, 51, 100, 7};
        for (std::size_t i = 0; i < kBatch; ++i) {
            requests_[i].buffer = base::MutableOctets(buffers_[i]).subspan(kMessageAt);
            requests_[i].source = kSource;
            copies_[i] = &buffers_[i][kBufferOctets - Floor::kCopyOctets];
        }
    }

    /// REQUIRES: first + kBatch <= the number of questions.
    void fill(std::size_t first) noexcept {
        for (std::size_t i = 0; i < kBatch; ++i) {
            requests_[i].length_octets = questions_.copy(first + i, requests_[i].buffer.data());
        }
    }

    [[nodiscard]] std::span<answer::Request> requests() noexcept { return requests_; }

    [[nodiscard]] base::Octets message(std::size_t i) const noexcept {
        return requests_[i].buffer.first(requests_[i].length_octets);
    }

    [[nodiscard]] std::size_t length_octets() const noexcept {
        std::size_t sum = 0;
        for (const answer::Request& request : requests_) {
            sum += request.length_octets;
        }
        return sum;
    }

    [[nodiscard]] std::size_t hash() const noexcept {
        std::size_t sum = 0;
        for (std::size_t i = 0; i < kBatch; ++i) {
            const base::Octets octets = message(i);
            sum = mixed(sum + std::hash<std::string_view>()(
                                  {reinterpret_cast<const char*>(octets.data()), octets.size()}));
        }
        return sum;
    }

    /// A look-up in the floor for each query: its key is the name's first octets, letters in one
    /// case.
    [[nodiscard]] bool look_up(const Floor& floor) noexcept {
        constexpr std::uint64_t kLowerCase = 0x2020202020202020;
        std::array<std::uint64_t, kBatch> keys;
        for (std::size_t i = 0; i < kBatch; ++i) {
            std::array<std::uint64_t, 2> words;
            std::memcpy(words.data(), &buffers_[i][kNameAt], sizeof words);
            keys[i] = (words[0] | kLowerCase) * 0x9E3779B97F4A7C15 ^ (words[1] | kLowerCase);
        }
        return floor.look_up(keys, copies_);
    }

  private:
    using Buffer = std::array<std::uint8_t, kBufferOctets>;

    const Questions& questions_;
    std::vector<Buffer> buffers_;
    std::array<answer::Request, kBatch> requests_;
    std::array<std::uint8_t*, kBatch> copies_;
};

[[gnu::noinline]] void answer_batch(Batch& batch, const zone::Snapshot& snapshot) {
    static const answer::Context kContext;
    answer::answer(batch.requests(), snapshot, kContext);
}

[[gnu::noinline]] bool look_up_batch(Batch& batch, const Floor& floor) {
    return batch.look_up(floor);
}

/// Zones, questions and floor of one case.
class Case {
  public:
    Case(std::unique_ptr<const Workload> workload, Mix mix, std::size_t questions)
        : workload_(std::move(workload)),
          snapshot_(build(*workload_)),
          questions_(*workload_, mix, questions / kBatch * kBatch),
          floor_(memory_octets(snapshot_)) {}

    [[nodiscard]] const Questions& questions() const noexcept { return questions_; }
    [[nodiscard]] const zone::Snapshot& snapshot() const noexcept { return snapshot_; }
    [[nodiscard]] const Floor& floor() const noexcept { return floor_; }

    /// Every answer once, held to the zone. What is wrong, or empty.
    const std::string& learn() {
        std::call_once(learnt_, [this] { fault_ = learn_anew(); });
        return fault_;
    }

    /// The sum of the answers' lengths in the batch from `first` on. REQUIRES: learn() was empty.
    [[nodiscard]] std::size_t length_octets(std::size_t first) const noexcept {
        return answers_[first / kBatch].length_octets;
    }

    /// Whether answers are still those that were learnt, of one batch in sixteen.
    [[nodiscard]] bool are_unchanged() const {
        constexpr std::size_t kStep = 16 * kBatch;
        Batch batch(questions_);
        for (std::size_t first = 0; first < questions_.size(); first += kStep) {
            batch.fill(first);
            answer_batch(batch, snapshot_);
            if (batch.hash() != answers_[first / kBatch].hash) {
                return false;
            }
        }
        return true;
    }

    /// Leaves whole batches of the questions whose answers are `octets` long.
    void keep_answers_of(std::size_t octets) {
        Batch batch(questions_);
        questions_.keep_if([&](std::size_t index) {
            const std::size_t first = index / kBatch * kBatch;
            if (index == first) {
                batch.fill(first);
                answer_batch(batch, snapshot_);
            }
            return batch.message(index - first).size() == octets;
        });
        questions_.keep_if([whole = questions_.size() / kBatch * kBatch](std::size_t index) {
            return index < whole;
        });
    }

  private:
    struct Answers {
        std::size_t length_octets;
        std::size_t hash;
    };

    std::string learn_anew() {
        Batch batch(questions_);
        for (std::size_t first = 0; first < questions_.size(); first += kBatch) {
            batch.fill(first);
            answer_batch(batch, snapshot_);
            for (std::size_t i = 0; i < kBatch; ++i) {
                std::string fault = questions_.fault(first + i, batch.message(i));
                if (!fault.empty()) {
                    return fault;
                }
            }
            answers_.push_back({batch.length_octets(), batch.hash()});
        }
        return "";
    }

    std::unique_ptr<const Workload> workload_;
    zone::Snapshot snapshot_;
    Questions questions_;
    Floor floor_;
    std::once_flag learnt_;
    std::string fault_;
    std::vector<Answers> answers_;  // by batch
};

struct CaseName {
    std::string_view workload;
    Mix mix;

    [[nodiscard]] std::string text() const {
        static constexpr std::array<std::string_view, 3> kMixes{"hits", "mixed", "misses"};
        return std::string(workload) + "/" + std::string(kMixes[static_cast<std::size_t>(mix)]);
    }
};

constexpr std::array kCases{
    CaseName{"hosts", Mix::kHits},    CaseName{"hosts", Mix::kMixed},
    CaseName{"hosts", Mix::kMisses},  CaseName{"root", Mix::kHits},
    CaseName{"root", Mix::kMixed},    CaseName{"tld", Mix::kHits},
    CaseName{"tld", Mix::kMixed},     CaseName{"com", Mix::kHits},
    CaseName{"hosts10m", Mix::kHits}, CaseName{"hosts10m", Mix::kMixed},
    CaseName{"one_a", Mix::kHits},    CaseName{"many", Mix::kHits},
    CaseName{"many", Mix::kMixed},    CaseName{"ip6", Mix::kHits},
    CaseName{"ip6", Mix::kMisses},    CaseName{"nsec", Mix::kHits},
    CaseName{"nsec", Mix::kMisses},   CaseName{"nsec3", Mix::kHits},
    CaseName{"nsec3", Mix::kMisses},
};

/// The case, made when it is first asked for and kept until another is.
class Cases {
  public:
    explicit Cases(double scale) : scale_(scale) {}

    std::shared_ptr<Case> get(const CaseName& name) {
        const std::lock_guard lock(mutex_);
        if (!last_ || last_name_ != name.text()) {
            last_.reset();
            auto workload = make_workload(name.workload, scale_);
            const std::size_t questions =
                std::clamp(workload->names(), kFewestQuestions, kMostQuestions);
            last_ = std::make_shared<Case>(std::move(workload), name.mix, questions);
            last_name_ = name.text();
        }
        return last_;
    }

  private:
    double scale_;
    std::mutex mutex_;
    std::string last_name_;
    std::shared_ptr<Case> last_;
};

/// Puts queries into a batch and does `step`, round and round; what `step` said was wrong, if
/// anything. Each thread begins elsewhere among the questions.
template <typename Step>
bool run(benchmark::State& state, const Questions& questions, Step step) {
    Batch batch(questions);
    const std::size_t batches = questions.size() / kBatch;
    std::size_t at = batches / static_cast<std::size_t>(state.threads()) *
                     static_cast<std::size_t>(state.thread_index());
    bool right = true;
    while (state.KeepRunningBatch(kBatch)) {
        batch.fill(at * kBatch);
        right &= step(batch, at * kBatch);
        at = at + 1 == batches ? 0 : at + 1;
    }
    return right;
}

void bench_answer(benchmark::State& state, Case& with) {
    if (const std::string& fault = with.learn(); !fault.empty()) {
        fail(state, fault);
        return;
    }
    const bool right = run(state, with.questions(), [&with](Batch& batch, std::size_t first) {
        answer_batch(batch, with.snapshot());
        return batch.length_octets() == with.length_octets(first);
    });
    if (!right || !with.are_unchanged()) {
        fail(state, "an answer was not what it had been");
    }
}

void bench_floor(benchmark::State& state, Case& with) {
    const bool right = run(state, with.questions(), [&with](Batch& batch, std::size_t /*first*/) {
        return look_up_batch(batch, with.floor());
    });
    if (!right) {
        fail(state, "a node is another's");
    }
}

void bench_copies(benchmark::State& state, Case& with) {
    run(state, with.questions(), [](Batch& batch, std::size_t /*first*/) {
        benchmark::DoNotOptimize(batch.requests().data());
        benchmark::ClobberMemory();
        return true;
    });
}

void add(Cases& cases, const CaseName& name) {
    const auto add_one = [&](const char* what, void (*bench)(benchmark::State&, Case&)) {
        return benchmark::RegisterBenchmark(
            (name.text() + "/" + what).c_str(),
            [&cases, name, bench](benchmark::State& state) { bench(state, *cases.get(name)); });
    };
    add_one("answer", bench_answer);
    add_one("floor", bench_floor);
    add_one("copies", bench_copies);
    if (name.text() == "hosts/hits") {
        add_one("answer", bench_answer)->Threads(2);
        add_one("floor", bench_floor)->Threads(2);
        add_one("copies", bench_copies)->Threads(2);
    }
}

/// What callgrind counts of the subject: every question of a case once.
[[gnu::noinline]] void answer_counted(Batch& batch, const zone::Snapshot& snapshot) {
    answer_batch(batch, snapshot);
}

/// Answers and looks up each question once inside answer_counted and look_up_batch, for callgrind
/// to count the instructions there, and prints how many questions they were. `answer_octets`: only
/// those whose answers are so long; 0: all.
int run_counted(const CaseName& name, double scale, std::size_t answer_octets) {
    Case with(make_workload(name.workload, scale), name.mix, kCountedQuestions);
    if (answer_octets != 0) {
        with.keep_answers_of(answer_octets);
    }
    if (const std::string& fault = with.learn(); !fault.empty()) {
        std::puts(fault.c_str());
        return 1;
    }
    Batch batch(with.questions());
    bool right = true;
    for (std::size_t first = 0; first < with.questions().size(); first += kBatch) {
        batch.fill(first);
        answer_counted(batch, with.snapshot());
        batch.fill(first);
        right &= look_up_batch(batch, with.floor());
    }
    std::printf("%zu questions\n", with.questions().size());
    return right ? 0 : 1;
}

}  // namespace
}  // namespace understudy::bench

/// `--scale=0.01` makes the workloads smaller, `--count=CASE` with `--octets=N` is run_counted;
/// everything else is Google Benchmark's. A case is built when a benchmark of it runs, one at a
/// time: `--benchmark_filter=^hosts/hits/` builds but that.
int main(int argc, char** argv) {
    using namespace understudy::bench;
    const double scale = take_scale(argc, argv);
    if (const auto wanted = take_option(argc, argv, "count")) {
        const auto octets = take_option(argc, argv, "octets");
        const auto* const name = std::ranges::find(kCases, *wanted, &CaseName::text);
        return name == kCases.end()
                   ? 2
                   : run_counted(
                         *name, scale, octets ? std::strtoul(octets->c_str(), nullptr, 10) : 0);
    }
    Cases cases(scale);
    for (const CaseName& name : kCases) {
        add(cases, name);
    }
    return run_registered(argc, argv);
}
