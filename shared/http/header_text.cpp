#include "shared/http/header_text.h"

#include <algorithm>

namespace godwit {

bool is_token_character(char letter) {
    const bool is_alphanumeric = (letter >= '0' && letter <= '9') ||
                                 (letter >= 'a' && letter <= 'z') ||
                                 (letter >= 'A' && letter <= 'Z');
    return is_alphanumeric ||
           std::string_view("!#$%&'*+-.^_`|~").find(letter) != std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& letter : lower) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return lower;
}

}  // namespace godwit
