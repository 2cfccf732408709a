// Tests that need root, network namespaces and DPDK. Exits 77 (skipped) where one is missing.
// The argument --huge-pages has packet buffers in huge pages, reserved here and given back.

#include <gtest/gtest.h>

#include "ethdev/world.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string_view>

namespace understudy::tests {
namespace {

constexpr int kSkipped = 77;
constexpr unsigned kMostQueuesOpen = 4;
constexpr const char* kHugePages = "/proc/sys/vm/nr_hugepages";

std::unique_ptr<ethdev::Eal> started;

/// Reserved huge pages, given back at the end. Others may reserve at the same time: what is written
/// builds on what is there.
class Reservation {
  public:
    Reservation() { write(read() + kPages); }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation() {
        const std::size_t present = read();
        write(present > kPages ? present - kPages : 0);
    }

  private:
    static constexpr std::size_t kPages = 80;  // of 2 MiB: for kMostQueuesOpen

    static std::size_t read() {
        std::size_t pages = 0;
        std::ifstream(kHugePages) >> pages;
        return pages;
    }
    static void write(std::size_t pages) { std::ofstream(kHugePages) << pages; }
};

/// What a test starts in a process of its own: serves on the device that UNDERSTUDY_CRASH names and
/// ends without a chance to clean up, or sends back what comes to UNDERSTUDY_REFLECT until it is
/// ended.
int serve(const char* device, bool crash) {
    auto opened = ethdev::Device::open(eal(), device_options(device, {"192.0.2.53"}));
    if (!opened) {
        std::cerr << opened.error().message << "\n";
        return EXIT_FAILURE;
    }
    if (crash) {
        (void)std::raise(SIGKILL);
    }
    port::PacketPort& queue = *(*opened)->queues().front();
    for (;;) {
        std::array<port::Packet, port::kMaxBurst> packets;
        const auto received = std::span(packets).first(queue.rx_burst(packets));
        queue.free(received.subspan(queue.tx_burst(received)));
        queue.wait(std::chrono::microseconds(100));
    }
}

const char* environment(const char* name) {
    return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody writes it here
}

int run(bool huge_pages) {
    ethdev::EalOptions options;
    options.huge_pages = huge_pages ? ethdev::HugePages::kOn : ethdev::HugePages::kOff;
    options.queue_pairs = kMostQueuesOpen;
    auto result = ethdev::Eal::start(options);
    if (!result) {
        std::cerr << "skipped: " << result.error().message << "\n";
        return kSkipped;
    }
    started = std::make_unique<ethdev::Eal>(*std::move(result));
    if (const char* device = environment("UNDERSTUDY_CRASH"); device != nullptr) {
        return serve(device, true);
    }
    if (const char* device = environment("UNDERSTUDY_REFLECT"); device != nullptr) {
        return serve(device, false);
    }
    const int status = RUN_ALL_TESTS();
    started.reset();
    return status;
}

}  // namespace

const ethdev::Eal& eal() { return *started; }

}  // namespace understudy::tests

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (geteuid() != 0) {
        std::cerr << "skipped: needs root for network namespaces\n";
        return understudy::tests::kSkipped;
    }
    if (argc > 1 && std::string_view(argv[1]) == "--huge-pages") {
        const understudy::tests::Reservation pages;
        return understudy::tests::run(true);
    }
    return understudy::tests::run(false);
}
