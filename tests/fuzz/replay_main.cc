#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// On a heap block as long as the file, so that AddressSanitizer sees a step behind its end.
void replay(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> octets{std::istreambuf_iterator<char>(in),
                                   std::istreambuf_iterator<char>()};
    const auto exact = std::make_unique<std::uint8_t[]>(octets.size());
    std::ranges::copy(octets, exact.get());
    LLVMFuzzerTestOneInput(exact.get(), octets.size());
}

}  // namespace

/// Runs a fuzzer on every file of the folder that is its argument. A fault ends the process, the
/// name of the file being the last thing printed.
int main(int argc, char** argv) {
    if (argc != 2) {
        (void)std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 2;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const std::filesystem::path& file : files) {
        (void)std::puts(file.c_str());
        (void)std::fflush(stdout);
        replay(file);
    }
    (void)std::printf("%zu inputs\n", files.size());
    return files.empty() ? 1 : 0;
}
