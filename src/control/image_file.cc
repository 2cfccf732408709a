#include "control/image_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace understudy::control {
namespace {

tl::unexpected<base::Error> fault(const std::string& path, int error) {
    return base::fail(path + ": " + std::generic_category().message(error));
}

/// An open file, closed at the end.
class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const noexcept { return number_; }

  private:
    int number_;
};

bool write_all(int descriptor, base::Octets octets) {
    while (!octets.empty()) {
        const ssize_t written = ::write(descriptor, octets.data(), octets.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        octets = octets.subspan(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return true;
}

/// The octets of a file, on the disk.
base::Expected<std::uint64_t> write_file(
    const std::string& path,
    const std::function<base::Expected<void>(const zone::ImageSink&)>& write) {
    constexpr mode_t kOwnerOnly = 0600;
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly));
    if (file.number() < 0) {
        return fault(path, errno);
    }
    std::uint64_t octets = 0;
    const auto written = write([&](base::Octets part) -> base::Expected<void> {
        if (!write_all(file.number(), part)) {
            return fault(path, errno);
        }
        octets += part.size();
        return {};
    });
    if (!written) {
        return base::fail(written.error().message);
    }
    if (::fdatasync(file.number()) != 0) {
        return fault(path, errno);
    }
    // Advice: where it is not taken, nothing is lost.
    static_cast<void>(::posix_fadvise(file.number(), 0, 0, POSIX_FADV_DONTNEED));
    return octets;
}

}  // namespace

base::Expected<std::uint64_t> write_whole_file(
    const std::string& path,
    const std::function<base::Expected<void>(const zone::ImageSink&)>& write) {
    const std::string draft = path + ".new";
    auto octets = write_file(draft, write);
    if (!octets) {
        ::unlink(draft.c_str());
        return octets;
    }
    const Descriptor folder(::open(std::filesystem::path(path).parent_path().c_str(),
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::rename(draft.c_str(), path.c_str()) != 0 || folder.number() < 0 ||
        ::fsync(folder.number()) != 0) {
        return fault(path, errno);
    }
    return octets;
}

base::Expected<FileSource> FileSource::open(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return fault(path, errno);
    }
    return FileSource(descriptor);
}

FileSource::FileSource(FileSource&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileSource::~FileSource() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

base::Expected<std::size_t> FileSource::read(base::MutableOctets into) {
    std::size_t size = 0;
    while (size < into.size()) {
        const ssize_t part = ::read(descriptor_, &into[size], into.size() - size);
        if (part == 0) {
            break;
        }
        if (part < 0 && errno != EINTR) {
            return base::fail("reading the image: " + std::generic_category().message(errno));
        }
        size += static_cast<std::size_t>(std::max<ssize_t>(part, 0));
    }
    return size;
}

}  // namespace understudy::control
