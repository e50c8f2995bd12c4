/// What happened in a world, as one number: two runs of a seed that differ anywhere differ here.
#pragma once

#include <cstdio>
#include <string_view>

#include "shared/base/bytes.h"
#include "tests/simulation/chance.h"

namespace godwit::simulation {

class Trace {
public:
    /// `is_printed`: every line goes to the standard output as well.
    explicit Trace(bool is_printed) : is_printed_(is_printed) {}

    void add(std::uint64_t number) { hash_ = mixed(hash_ ^ number) + number; }
    void add(ByteView bytes) {
        add(bytes.size());
        std::size_t at = 0;
        for (; at + sizeof(std::uint64_t) <= bytes.size(); at += sizeof(std::uint64_t)) {
            std::uint64_t number = 0;
            std::memcpy(&number, bytes.data() + at, sizeof number);
            add(number);
        }
        for (; at < bytes.size(); ++at) add(bytes[at]);
    }
    void add(std::string_view text) { add(bytes_of(text)); }

    /// A line for whoever reads the replay; counts like any other.
    void line(std::string_view text) {
        add(text);
        if (is_printed_) std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
    }
    [[nodiscard]] bool is_printed() const { return is_printed_; }
    [[nodiscard]] std::uint64_t hash() const { return hash_; }

private:
    bool is_printed_;
    std::uint64_t hash_{1};
};

}  // namespace godwit::simulation
