#include <understudy/ethdev/eal.h>

#include "ethdev/buffers.h"
#include "ethdev/huge_pages.h"
#include "ethdev/library_log.h"
#include "ethdev/runtime_folder.h"

#include <pthread.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

namespace understudy::ethdev {
namespace {

using base::Expected;
using base::fail;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

/// Rings, port tables and the drivers' own memory beside the buffers.
constexpr std::size_t kOwnMemoryOctets = 32 * kMebibyte;

/// Without huge pages DPDK maps all its memory at the start, but only what it touches costs.
constexpr std::size_t kOrdinaryMemoryOctets = 2048 * kMebibyte;

/// Unless a card may write into it: then the kernel pins all of it, so it is what queues need and
/// half as much again, for the pieces between.
std::size_t ordinary_memory_octets(const EalOptions& options) {
    return options.pci.empty() ? kOrdinaryMemoryOctets
                               : packet_memory_octets(options.queue_pairs) * 3 / 2;
}

/// The calling thread's CPU affinity, given back at the end: rte_eal_init pins its caller.
class AffinityGuard {
  public:
    AffinityGuard() { pthread_getaffinity_np(pthread_self(), sizeof before_, &before_); }
    AffinityGuard(const AffinityGuard&) = delete;
    AffinityGuard& operator=(const AffinityGuard&) = delete;
    ~AffinityGuard() { pthread_setaffinity_np(pthread_self(), sizeof before_, &before_); }

    /// DPDK's own threads take over the caller's affinity. Where that leaves none, nothing changes.
    void leave(const std::vector<unsigned>& cores) const {
        cpu_set_t others = before_;
        for (const unsigned core : cores) {
            if (core < CPU_SETSIZE) {
                CPU_CLR(core, &others);
            }
        }
        if (CPU_COUNT(&others) > 0) {
            pthread_setaffinity_np(pthread_self(), sizeof others, &others);
        }
    }

    [[nodiscard]] unsigned first_cpu() const {
        unsigned cpu = 0;
        while (cpu + 1 < CPU_SETSIZE && !CPU_ISSET(cpu, &before_)) {
            ++cpu;
        }
        return cpu;
    }

  private:
    cpu_set_t before_{};
};

Expected<bool> decide_huge_pages(const EalOptions& options) {
    if (options.huge_pages == HugePages::kOff) {
        return false;
    }
    const std::size_t needed = packet_memory_octets(options.queue_pairs);
    const std::size_t present = free_huge_page_octets();
    if (present >= needed) {
        return true;
    }
    if (options.huge_pages == HugePages::kAuto) {
        return false;
    }
    return fail("huge pages are on, but of " + std::to_string(needed / kMebibyte) +
                " MiB needed only " + std::to_string(present / kMebibyte) +
                " MiB are free: " + reserve_command(needed));
}

std::vector<std::string> arguments(const EalOptions& options, bool huge_pages, unsigned core) {
    // One lcore: its place decides where memory comes from. Workers are our own threads.
    std::vector<std::string> words = {
        "understudy",
        "--lcores=" + std::to_string(core % RTE_MAX_LCORE) + "@" + std::to_string(core),
        "--file-prefix=" + std::string(kRuntimeFolderPrefix) + std::to_string(getpid()),
        "--log-level=error",
    };
    if (huge_pages) {
        words.emplace_back("--in-memory");
    } else {  // DPDK 22.11 refuses --in-memory beside --no-huge; this comes to the same
        words.insert(words.end(),
                     {"--no-huge",
                      "--no-shconf",
                      "-m",
                      std::to_string(ordinary_memory_octets(options) / kMebibyte)});
    }
    if (options.pci.empty()) {
        words.insert(words.end(), {"--no-pci", "--iova-mode=va"});
    }
    for (const auto& device : options.pci) {
        words.insert(words.end(), {"-a", device.address});
    }
    return words;
}

int initialise(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (auto& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    return rte_eal_init(static_cast<int>(words.size()), pointers.data());
}

}  // namespace

std::size_t packet_memory_octets(unsigned queue_pairs) noexcept {
    return kOwnMemoryOctets + queue_pairs * kQueueMemoryOctets;
}

Expected<Eal> Eal::start(const EalOptions& options) {
    const auto huge_pages = decide_huge_pages(options);
    if (!huge_pages) {
        return tl::unexpected(huge_pages.error());
    }
    const AffinityGuard affinity;
    affinity.leave(options.cores);
    const unsigned core = options.cores.empty() ? affinity.first_cpu() : options.cores.front();
    auto words = arguments(options, *huge_pages, core);
    LibraryLog log;
    const int result = initialise(words);
    const std::filesystem::path folder = rte_eal_get_runtime_dir();
    remove_stale_runtime_folders(folder.parent_path());
    if (result < 0) {
        if (rte_errno != EALREADY) {  // then it is another Eal's
            remove_runtime_folder(folder);
        }
        return fail("DPDK does not start: " + log.first_line(rte_strerror(rte_errno)));
    }
    return Eal(*huge_pages, log.first_line(""));
}

Eal::Eal(Eal&& other) noexcept
    : running_(std::exchange(other.running_, false)),
      uses_huge_pages_(other.uses_huge_pages_),
      complaint_(std::move(other.complaint_)) {}

Eal::~Eal() {
    if (running_) {
        const LibraryLog silence;
        (void)rte_eal_cleanup();
        remove_runtime_folder(rte_eal_get_runtime_dir());
    }
}

}  // namespace understudy::ethdev
