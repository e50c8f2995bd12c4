/// A value that copies share until one of them changes it. Copies may belong to different threads.
#pragma once

#include <atomic>
#include <utility>

namespace godwit {

template <typename T>
class Shared {
public:
    Shared() = default;
    explicit Shared(T value) : held_(new Held{std::move(value), {1}}) {}
    Shared(const Shared& other) : held_(other.held_) {
        if (held_ != nullptr) held_->count.fetch_add(1, std::memory_order_relaxed);
    }
    Shared(Shared&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    Shared& operator=(Shared other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~Shared() {
        if (held_ != nullptr && held_->count.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete held_;
        }
    }

    explicit operator bool() const { return held_ != nullptr; }
    const T& operator*() const { return held_->value; }
    const T* operator->() const { return &held_->value; }

    /// The value as this copy's own, to change it.
    T& own() {
        if (held_ == nullptr) {
            *this = Shared(T{});
        } else if (held_->count.load(std::memory_order_acquire) != 1) {
            *this = Shared(held_->value);
        }
        return held_->value;
    }

private:
    struct Held {
        T value;
        std::atomic<std::uint32_t> count;
    };
    Held* held_{};
};

}  // namespace godwit
