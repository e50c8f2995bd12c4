/// The outcome of what can fail: a value or an Error. It may not be ignored.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "shared/base/assert.h"
#include "shared/base/error.h"

namespace godwit {

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : outcome_(std::in_place_index<1>, std::move(error)) {}
    Result(ErrorCode code) : Result(Error{code, {}}) {}

    explicit operator bool() const { return outcome_.index() == 0; }

    T& value() & {
        GODWIT_ASSERT(outcome_.index() == 0);
        return *std::get_if<0>(&outcome_);
    }
    const T& value() const& {
        GODWIT_ASSERT(outcome_.index() == 0);
        return *std::get_if<0>(&outcome_);
    }
    T&& value() && {
        GODWIT_ASSERT(outcome_.index() == 0);
        return std::move(*std::get_if<0>(&outcome_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& {
        GODWIT_ASSERT(outcome_.index() == 1);
        return *std::get_if<1>(&outcome_);
    }
    Error&& error() && {
        GODWIT_ASSERT(outcome_.index() == 1);
        return std::move(*std::get_if<1>(&outcome_));
    }

private:
    std::variant<T, Error> outcome_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), is_ok_(false) {}
    Result(ErrorCode code) : Result(Error{code, {}}) {}

    explicit operator bool() const { return is_ok_; }
    void value() const { GODWIT_ASSERT(is_ok_); }

    const Error& error() const& {
        GODWIT_ASSERT(!is_ok_);
        return error_;
    }
    Error&& error() && {
        GODWIT_ASSERT(!is_ok_);
        return std::move(error_);
    }

private:
    Error error_;
    bool is_ok_ = true;
};

/// A success without a value.
inline Result<void> ok() {
    return {};
}

}  // namespace godwit

/// The value of `expression`, or returns its error from the enclosing function. May stand inside
/// another TRY: each has a name of its own for its outcome.
#define TRY(expression) GODWIT_TRY_COUNTED(expression, __COUNTER__)
#define GODWIT_TRY_COUNTED(expression, count) \
    GODWIT_TRY_NAMED(expression, GODWIT_JOINED(godwit_outcome_, count))
#define GODWIT_JOINED(left, right) left##right
#define GODWIT_TRY_NAMED(expression, outcome)            \
    __extension__({                                      \
        auto&& outcome = (expression);                   \
        if (!outcome) return std::move(outcome).error(); \
        std::move(outcome).value();                      \
    })
