/// The bytes of one file, in pages that copies share until they are written.
#pragma once

#include <array>
#include <vector>

#include "shared/base/bytes.h"
#include "tests/disk/shared.h"

namespace godwit {

class FileContent {
public:
    static constexpr std::size_t page_bytes = 4096;

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] std::size_t page_count() const { return pages_.size(); }

    /// Fills `out` from `offset` on; returns how many bytes the file had for it.
    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) const;
    /// What lies between the end and `offset` reads as zeros.
    void write(std::uint64_t offset, ByteView bytes);
    void resize(std::uint64_t size);
    /// Becomes as long as `other`.
    void take_size(const FileContent& other);
    /// Its page `index` becomes that of `other`, if both have one.
    void take_page(const FileContent& other, std::size_t index);

private:
    using Page = std::array<std::uint8_t, page_bytes>;

    std::vector<Shared<Page>> pages_;  ///< An empty one reads as zeros.
    std::uint64_t size_{};
};

}  // namespace godwit
