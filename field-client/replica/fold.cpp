#include "field-client/replica/fold.h"

#include <utf8proc.h>

#include <optional>
#include <vector>

namespace godwit {
namespace {

struct Range {
    utf8proc_int32_t first;
    utf8proc_int32_t last;
};

/// Marks that change how a letter is said but not, to one who looks for it, which letter it is.
constexpr Range accents[] = {
    {0x0300, 0x036f}, {0x0483, 0x0487}, {0x0591, 0x05c7}, {0x0610, 0x061a},
    {0x064b, 0x065f}, {0x0670, 0x0670}, {0x06d6, 0x06ed}, {0x08d3, 0x08ff},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f},
};

bool is_accent(utf8proc_int32_t point) {
    const auto category = utf8proc_category(point);
    if (category != UTF8PROC_CATEGORY_MN && category != UTF8PROC_CATEGORY_ME) return false;
    for (const Range& range : accents) {
        if (point >= range.first && point <= range.last) return true;
    }
    return false;
}

/// Arabic letters that several keyboards write with different code points.
utf8proc_int32_t common_letter(utf8proc_int32_t point) {
    switch (point) {
        case 0x0649:  // alef maksura
        case 0x064a:  // Arabic yeh
        case 0x06d2:  // yeh barree
            return 0x06cc;
        case 0x0643:  // Arabic kaf
            return 0x06a9;
        case 0x0629:  // teh marbuta
        case 0x06c1:  // heh goal
        case 0x06d5:  // ae
        case 0x06be:  // heh doachashmee
            return 0x0647;
        default:
            return point;
    }
}

/// The value of a decimal digit of any script: Unicode keeps each script's ten together, in order.
std::optional<int> digit_of(utf8proc_int32_t point) {
    if (utf8proc_category(point) != UTF8PROC_CATEGORY_ND) return std::nullopt;
    int before = 0;
    while (utf8proc_category(point - before - 1) == UTF8PROC_CATEGORY_ND) ++before;
    return before % 10;
}

bool is_space(utf8proc_int32_t point) {
    const auto category = utf8proc_category(point);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP || (point >= 0x09 && point <= 0x0d);
}

void append_point(std::string& out, utf8proc_int32_t point) {
    utf8proc_uint8_t bytes[4];
    const auto count = utf8proc_encode_char(point, bytes);
    for (utf8proc_ssize_t index = 0; index < count; ++index) {
        out.push_back(static_cast<char>(bytes[index]));
    }
}

/// The code points of `text`, decomposed and case folded; empty when it is no UTF-8.
std::vector<utf8proc_int32_t> decompose(std::string_view text) {
    constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                                            UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    const auto count = utf8proc_decompose(bytes, size, nullptr, 0, options);
    if (count <= 0) return {};
    std::vector<utf8proc_int32_t> points(static_cast<std::size_t>(count));
    if (utf8proc_decompose(bytes, size, points.data(), count, options) != count) return {};
    return points;
}

}  // namespace

std::string fold(std::string_view text) {
    std::string out;
    bool is_space_due = false;
    for (const utf8proc_int32_t point : decompose(text)) {
        if (is_space(point)) {
            is_space_due = !out.empty();
            continue;
        }
        if (is_accent(point)) continue;
        if (is_space_due) out.push_back(' ');
        is_space_due = false;
        if (const auto digit = digit_of(point)) {
            out.push_back(static_cast<char>('0' + *digit));
        } else {
            append_point(out, common_letter(point));
        }
    }
    return out;
}

}  // namespace godwit
