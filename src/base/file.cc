#include <fcntl.h>
#include <sys/stat.h>
#include <understudy/base/file.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace understudy::base {
namespace {

/// A file descriptor that closes itself.
class Descriptor {
  public:
    // O_NONBLOCK: opening a FIFO that nobody writes to must not hang.
    explicit Descriptor(const std::string& path) noexcept
        : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
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

tl::unexpected<Error> fail_with_errno(const std::string& path) {
    return fail(path + ": " + std::generic_category().message(errno));
}

bool same_state(const struct stat& before, const struct stat& after) noexcept {
    return before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
           before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
}

}  // namespace

Expected<FileText> read_file(const std::string& path, std::size_t max_octets) {
    const Descriptor file(path);
    struct stat before {};
    if (file.number() < 0 || ::fstat(file.number(), &before) != 0) {
        return fail_with_errno(path);
    }
    if (!S_ISREG(before.st_mode)) {
        return fail(path + ": not a regular file");
    }
    const auto size = static_cast<std::size_t>(before.st_size);
    if (size > max_octets) {
        return fail(path + ": larger than " + std::to_string(max_octets) + " octets");
    }
    auto octets = std::make_unique_for_overwrite<char[]>(size);
    for (std::size_t have = 0; have < size;) {
        const ssize_t count = ::read(file.number(), octets.get() + have, size - have);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return fail_with_errno(path);
        }
        if (count == 0) {
            return fail(path + ": changed while it was being read");
        }
        have += static_cast<std::size_t>(count);
    }
    struct stat after {};
    if (::fstat(file.number(), &after) != 0) {
        return fail_with_errno(path);
    }
    if (!same_state(before, after)) {
        return fail(path + ": changed while it was being read");
    }
    return FileText(std::move(octets), size);
}

}  // namespace understudy::base
