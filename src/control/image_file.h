#pragma once

#include <understudy/base/expected.h>
#include <understudy/zone/image.h>
#include <cstdint>
#include <functional>
#include <string>

namespace understudy::control {

/// Writes a file that is there whole or not at all, also after a power cut: under another name
/// first, synchronised, then renamed. Past the page cache, as nobody reads it before the next
/// start. `write` gives the octets to the sink that it is passed. Returns how many there were.
[[nodiscard]] base::Expected<std::uint64_t> write_whole_file(
    const std::string& path,
    const std::function<base::Expected<void>(const zone::ImageSink&)>& write);

/// The octets of a file in order, for zone::read_image.
class FileSource {
  public:
    [[nodiscard]] static base::Expected<FileSource> open(const std::string& path);
    FileSource(FileSource&& other) noexcept;
    FileSource& operator=(FileSource&&) = delete;
    ~FileSource();

    [[nodiscard]] base::Expected<std::size_t> read(base::MutableOctets into);

  private:
    explicit FileSource(int descriptor) noexcept : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace understudy::control
