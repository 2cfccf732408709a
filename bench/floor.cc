#include "floor.h"

#include <sys/mman.h>

#include <understudy/base/check.h>
#include <algorithm>
#include <cstring>

#include "records.h"

namespace understudy::bench {
namespace {

std::uint8_t* map(std::size_t octets) {
    void* const at =
        ::mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    UNDERSTUDY_CHECK(at != MAP_FAILED);
    static_cast<void>(::madvise(at, octets, MADV_HUGEPAGE));  // small ones do where there are none
    return static_cast<std::uint8_t*>(at);
}

}  // namespace

void Floor::Unmap::operator()(std::uint8_t* at) const noexcept { ::munmap(at, octets); }

Floor::Floor(std::size_t octets)
    : count_(std::max<std::size_t>(1, octets / (sizeof(Node) + sizeof(std::uint32_t)))),
      memory_(map(count_ * (sizeof(Node) + sizeof(std::uint32_t))),
              Unmap{count_ * (sizeof(Node) + sizeof(std::uint32_t))}),
      nodes_(reinterpret_cast<Node*>(memory_.get()), count_),
      directory_(reinterpret_cast<std::uint32_t*>(nodes_.data() + count_), count_) {
    for (std::size_t i = 0; i < count_; ++i) {
        directory_[i] = static_cast<std::uint32_t>(mixed(i) % count_);
        nodes_[i].words.fill(i);
    }
}

bool Floor::look_up(std::span<const std::uint64_t> keys,
                    std::span<std::uint8_t* const> into) const noexcept {
    __extension__ using Wide = unsigned __int128;
    std::array<std::size_t, kMostKeys> at;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        at[i] = static_cast<std::size_t>(Wide{mixed(keys[i])} * count_ >> 64U);
        __builtin_prefetch(&directory_[at[i]]);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        at[i] = directory_[at[i]];
        __builtin_prefetch(&nodes_[at[i]]);
    }
    std::uint64_t wrong = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const Node& node = nodes_[at[i]];
        std::memcpy(into[i], node.words.data(), kCopyOctets);
        wrong |= node.words[0] ^ at[i];
    }
    return wrong == 0;
}

}  // namespace understudy::bench
