#include <understudy/ethdev/kernel_twin.h>

#include "ethdev/descriptor.h"
#include "ethdev/tap_interface.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>
#include <utility>
#include <vector>

namespace understudy::ethdev {
namespace {

using std::chrono::microseconds;

/// An Ethernet header and two tags.
constexpr std::size_t kFrameOverheadOctets = 14 + 4 + 4;

/// Frames that go one way before the other way has its turn.
constexpr std::size_t kFramesEachWay = 64;

constexpr microseconds kFirstNap{50};

/// Until the kernel sends a frame, at most `nap`.
void wait(int descriptor, short events, microseconds nap) {
    pollfd interest{.fd = descriptor, .events = events, .revents = 0};
    const timespec timeout{0, std::chrono::nanoseconds(nap).count()};
    (void)::ppoll(&interest, 1, &timeout, nullptr);
}

static_assert(KernelTwin::kMaxNap < std::chrono::seconds(1));  // of timespec only a part is used

}  // namespace

struct KernelTwin::Parts {
    Parts(std::string name, Descriptor&& opened, std::size_t max_frame_octets)
        : interface(std::move(name)), tap(std::move(opened)), from_kernel(max_frame_octets) {}

    void run() noexcept;
    std::size_t write_to_kernel(port::FrameRing& ring) noexcept;
    std::size_t read_from_kernel() noexcept;

    std::string interface;
    Descriptor tap;
    std::vector<std::unique_ptr<port::FrameRing>> to_kernel;
    port::FrameRing from_kernel;
    Counters counters;
    std::atomic<bool> stopping{false};  // control: writes, thread: reads
    std::thread thread;
};

void KernelTwin::Parts::run() noexcept {
    microseconds nap = kFirstNap;
    while (!stopping.load(std::memory_order_relaxed)) {
        std::size_t moved = read_from_kernel();
        for (const auto& ring : to_kernel) {
            moved += write_to_kernel(*ring);
        }
        if (moved > 0) {
            nap = kFirstNap;
            continue;
        }
        // While there is no room for it, a frame of the kernel's would end every nap at once.
        wait(tap.get(), from_kernel.reserve().empty() ? short{0} : short{POLLIN}, nap);
        nap = std::min(nap * 2, kMaxNap);
    }
}

std::size_t KernelTwin::Parts::write_to_kernel(port::FrameRing& ring) noexcept {
    std::size_t count = 0;
    for (; count < kFramesEachWay; ++count) {
        const base::Octets frame = ring.front();
        if (frame.empty()) {
            break;
        }
        const bool taken = ::write(tap.get(), frame.data(), frame.size()) >= 0;
        (taken ? counters.to_kernel : counters.refused).add(1);
        ring.release();
    }
    return count;
}

std::size_t KernelTwin::Parts::read_from_kernel() noexcept {
    std::size_t count = 0;
    for (; count < kFramesEachWay; ++count) {
        const base::MutableOctets room = from_kernel.reserve();
        if (room.empty()) {
            break;
        }
        const ssize_t length = ::read(tap.get(), room.data(), room.size());
        if (length <= 0) {
            break;
        }
        from_kernel.commit(static_cast<std::size_t>(length));
        counters.from_kernel.add(1);
    }
    return count;
}

base::Expected<std::unique_ptr<KernelTwin>> KernelTwin::open(const Options& options) {
    auto tap = open_tap(options.interface, options.mac, options.mtu);
    if (!tap) {
        return base::fail("the kernel's twin: " + tap.error().message);
    }
    const std::size_t max_frame_octets = options.mtu + kFrameOverheadOctets;
    auto parts = std::make_unique<Parts>(options.interface, *std::move(tap), max_frame_octets);
    for (std::size_t i = 0; i < options.queues; ++i) {
        parts->to_kernel.push_back(std::make_unique<port::FrameRing>(max_frame_octets));
    }
    return std::unique_ptr<KernelTwin>(new KernelTwin(std::move(parts)));
}

KernelTwin::KernelTwin(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}

KernelTwin::~KernelTwin() {
    parts_->stopping.store(true, std::memory_order_relaxed);
    if (parts_->thread.joinable()) {
        parts_->thread.join();
    }
}

void KernelTwin::start() {
    parts_->thread = std::thread([parts = parts_.get()] { parts->run(); });
}

void KernelTwin::set_link(bool up) noexcept { set_carrier(parts_->tap, up); }

port::FrameRing& KernelTwin::to_kernel(std::size_t queue) noexcept {
    return *parts_->to_kernel[queue];
}

port::FrameRing& KernelTwin::from_kernel() noexcept { return parts_->from_kernel; }

const std::string& KernelTwin::interface() const noexcept { return parts_->interface; }

const KernelTwin::Counters& KernelTwin::counters() const noexcept { return parts_->counters; }

}  // namespace understudy::ethdev
