#pragma once

#include <unistd.h>

#include <utility>

namespace understudy::socket {

/// A kernel descriptor and its only owner: closed at the end of its life.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, kNone)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (valid()) {
            ::close(number_);
        }
    }

    [[nodiscard]] bool valid() const noexcept { return number_ != kNone; }
    [[nodiscard]] int get() const noexcept { return number_; }

    /// Gives up the ownership.
    [[nodiscard]] int release() noexcept { return std::exchange(number_, kNone); }

  private:
    static constexpr int kNone = -1;
    int number_ = kNone;
};

}  // namespace understudy::socket
