#include "field-client/cli/qr_reader.h"

#include <png.h>
#include <qrencode.h>

#include <memory>

#include "field-client/cli/page.h"
#include "shared/base/bytes.h"
#include "tests/support/catch.h"

namespace godwit {

namespace {

/// A PNG of one QR code, four pixels a module, with a white margin.
std::string picture_of(const std::string& text) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L), &QRcode_free);
    REQUIRE(code);
    constexpr int scale = 4;
    constexpr int margin = 4;
    const int side = (code->width + 2 * margin) * scale;
    Bytes pixels(static_cast<std::size_t>(side * side), 255);
    for (int row = 0; row < code->width * scale; ++row) {
        for (int column = 0; column < code->width * scale; ++column) {
            if ((code->data[row / scale * code->width + column / scale] & 1U) == 0) continue;
            const int at = (row + margin * scale) * side + column + margin * scale;
            pixels[static_cast<std::size_t>(at)] = 0;
        }
    }
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = static_cast<png_uint_32>(side);
    image.format = PNG_FORMAT_GRAY;
    png_alloc_size_t size = 0;
    REQUIRE(png_image_write_get_memory_size(image, size, 0, pixels.data(), 0, nullptr));
    std::string out(size, '\0');
    REQUIRE(png_image_write_to_memory(&image, out.data(), &size, 0, pixels.data(), 0, nullptr));
    out.resize(size);
    return out;
}

}  // namespace

TEST_CASE("an invitation is read from the picture of its code", "[cli]") {
    const std::string text = "godwit-invite:" + std::string(900, 'x') + "0123456789_-";
    const std::string picture = picture_of(text);
    CHECK(is_png(picture));
    const auto read = read_qr(picture, "invitation.png");
    REQUIRE(read);
    CHECK(*read == text);
    CHECK_FALSE(qr_picture(text).empty());
    CHECK(qr_picture(std::string(5000, 'x')).empty());
}

TEST_CASE("a picture without a code, or damaged, is refused", "[cli]") {
    std::string picture = picture_of("godwit-invite:abc");
    CHECK_FALSE(is_png("godwit-invite:abc"));
    const auto damaged = read_qr(picture.substr(0, picture.size() / 2), "invitation.png");
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().code == ErrorCode::file_unreadable);
    CHECK_FALSE(read_qr("godwit-invite:abc", "invitation.png"));
}

}  // namespace godwit
