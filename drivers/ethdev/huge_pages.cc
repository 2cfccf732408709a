#include "ethdev/huge_pages.h"

#include "ethdev/buffers.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace understudy::ethdev {
namespace {

constexpr const char* kFolder = "/sys/kernel/mm/hugepages";
constexpr std::size_t kOctetsInKibibyte = 1024;

std::size_t read_number(const std::filesystem::path& file) {
    std::size_t number = 0;
    std::ifstream(file) >> number;
    return number;
}

/// Of a folder `hugepages-2048kB`; 0 for another name.
std::size_t page_octets(const std::string& folder) {
    constexpr std::string_view kPrefix = "hugepages-";
    std::size_t size_kib = 0;
    if (folder.starts_with(kPrefix)) {
        std::from_chars(folder.data() + kPrefix.size(), folder.data() + folder.size(), size_kib);
    }
    return size_kib * kOctetsInKibibyte;
}

/// What `vm.nr_hugepages` counts.
std::size_t default_page_octets() {
    std::ifstream file("/proc/meminfo");
    std::string word;
    while (file >> word) {
        if (word == "Hugepagesize:") {
            std::size_t size_kib = 0;
            file >> size_kib;
            return size_kib * kOctetsInKibibyte;
        }
    }
    return 0;
}

}  // namespace

std::size_t free_huge_page_octets() {
    std::size_t octets = 0;
    std::error_code error;
    for (const auto& folder : std::filesystem::directory_iterator(kFolder, error)) {
        octets += page_octets(folder.path().filename().string()) *
                  read_number(folder.path() / "free_hugepages");
    }
    return octets;
}

std::string reserve_command(std::size_t needed_octets) {
    const std::size_t size = default_page_octets();
    const std::size_t present = free_huge_page_octets();
    if (size == 0) {
        return "this kernel has no huge pages";
    }
    const std::size_t missing = needed_octets > present ? needed_octets - present : 0;
    const std::size_t pages =
        read_number("/proc/sys/vm/nr_hugepages") + (missing + size - 1) / size;
    return "sysctl -w vm.nr_hugepages=" + std::to_string(pages);
}

std::string reserve_command_on(unsigned numa_node) {
    const std::size_t size = default_page_octets();
    if (size == 0) {
        return "this kernel has no huge pages";
    }
    const std::string file = "/sys/devices/system/node/node" + std::to_string(numa_node) +
                             "/hugepages/hugepages-" + std::to_string(size / kOctetsInKibibyte) +
                             "kB/nr_hugepages";
    const std::size_t pages = read_number(file) + (kQueueMemoryOctets + size - 1) / size;
    return "echo " + std::to_string(pages) + " > " + file;
}

}  // namespace understudy::ethdev
