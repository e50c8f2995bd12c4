/// Inputs that are small to send and meant to be dear to read.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "shared/base/bytes.h"

namespace godwit {

struct Bomb {
    std::string decoder;
    std::string what;
    Bytes bytes;
    /// Reads the bytes; true when they were refused.
    std::function<bool(ByteView)> is_refused;
};

std::vector<Bomb> item_bombs();
std::vector<Bomb> change_bombs();
std::vector<Bomb> message_bombs();
std::vector<Bomb> frame_bombs();
std::vector<Bomb> sealed_bombs();
std::vector<Bomb> text_bombs();

}  // namespace godwit
