#include "zone/image_input.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace understudy::zone {

ImageInput::ImageInput(const ImageSource& source)
    : source_(source), buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBufferOctets)) {}

void ImageInput::fill(std::size_t octets) {
    if (end_ - begin_ >= octets) {
        return;
    }
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    while (end_ < octets && !is_at_end_) {
        const std::size_t room = kBufferOctets - end_;
        auto read = source_({buffer_.get() + end_, room});
        if (!read) {
            fault_ = std::move(read.error().message);
        }
        const std::size_t got = read ? std::min(*read, room) : 0;
        is_at_end_ = got < room;
        end_ += got;
    }
}

base::Octets ImageInput::peek(std::size_t octets) {
    fill(octets);
    return {buffer_.get() + begin_, std::min(octets, end_ - begin_)};
}

bool ImageInput::take(base::MutableOctets into) {
    while (!into.empty()) {
        fill(1);
        const std::size_t part = std::min(into.size(), end_ - begin_);
        if (part == 0) {
            return false;
        }
        const base::MutableOctets taken = into.first(part);
        std::memcpy(taken.data(), buffer_.get() + begin_, part);
        sum_.update(taken);
        begin_ += part;
        taken_ += part;
        into = into.subspan(part);
    }
    return true;
}

void ImageInput::skip(std::uint64_t octets) {
    while (octets > 0) {
        fill(1);
        const auto part = std::min<std::uint64_t>(octets, end_ - begin_);
        if (part == 0) {
            return;
        }
        sum_.update({buffer_.get() + begin_, static_cast<std::size_t>(part)});
        begin_ += static_cast<std::size_t>(part);
        taken_ += part;
        octets -= part;
    }
}

}  // namespace understudy::zone
