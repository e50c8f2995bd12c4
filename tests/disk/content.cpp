#include "tests/disk/content.h"

#include <algorithm>

namespace godwit {

namespace {

std::size_t pages_for(std::uint64_t size) {
    return static_cast<std::size_t>((size + FileContent::page_bytes - 1) / FileContent::page_bytes);
}

}  // namespace

std::size_t FileContent::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
    if (offset >= size_) return 0;
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - offset));
    for (std::size_t done = 0; done < wanted;) {
        const auto index = static_cast<std::size_t>((offset + done) / page_bytes);
        const auto within = static_cast<std::size_t>((offset + done) % page_bytes);
        const std::size_t count = std::min(wanted - done, page_bytes - within);
        if (pages_[index]) {
            std::memcpy(out.data() + done, pages_[index]->data() + within, count);
        } else {
            std::memset(out.data() + done, 0, count);
        }
        done += count;
    }
    return wanted;
}

void FileContent::write(std::uint64_t offset, ByteView bytes) {
    if (bytes.empty()) return;
    if (offset + bytes.size() > size_) resize(offset + bytes.size());
    for (std::size_t done = 0; done < bytes.size();) {
        const auto index = static_cast<std::size_t>((offset + done) / page_bytes);
        const auto within = static_cast<std::size_t>((offset + done) % page_bytes);
        const std::size_t count = std::min(bytes.size() - done, page_bytes - within);
        std::memcpy(pages_[index].own().data() + within, bytes.data() + done, count);
        done += count;
    }
}

void FileContent::resize(std::uint64_t size) {
    const auto within = static_cast<std::size_t>(size % page_bytes);
    pages_.resize(pages_for(size));
    // What is cut off must not come back when the file grows again.
    if (size < size_ && within != 0 && pages_.back()) {
        Page& last = pages_.back().own();
        std::fill(last.begin() + static_cast<std::ptrdiff_t>(within), last.end(), std::uint8_t{0});
    }
    size_ = size;
}

void FileContent::take_page(const FileContent& other, std::size_t index) {
    if (index < std::min(pages_.size(), other.pages_.size())) pages_[index] = other.pages_[index];
}

void FileContent::take_size(const FileContent& other) {
    pages_.resize(other.pages_.size());
    size_ = other.size_;
}

}  // namespace godwit
