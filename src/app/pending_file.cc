#include "app/pending_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>
#include <utility>

namespace understudy::app {
namespace {

constexpr mode_t kMode = 0666;  // less the umask, as any file that a person writes

std::string words_of(int error) { return std::generic_category().message(error); }

}  // namespace

base::Expected<PendingFile> PendingFile::create(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return base::fail(path + ": not a regular file");
    }
    std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kMode);
    if (descriptor < 0) {
        return base::fail(temporary + ": " + words_of(errno));
    }
    return PendingFile(path, std::move(temporary), descriptor);
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

PendingFile::~PendingFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
        ::unlink(temporary_.c_str());
    }
}

base::Expected<void> PendingFile::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor_, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            return fail_with_errno();
        }
    }
    return {};
}

base::Expected<void> PendingFile::commit() {
    if (::fsync(descriptor_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
        return fail_with_errno();
    }
    ::close(std::exchange(descriptor_, -1));
    return {};
}

base::Expected<void> PendingFile::fail_with_errno() const {
    return base::fail(path_ + ": " + words_of(errno));
}

}  // namespace understudy::app
