/// Catch2, and how Godwit's plain types print when a check fails. Tests include this and never
/// Catch itself.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "shared/base/error.h"
#include "shared/base/result.h"
#include "shared/base/text.h"

namespace Catch {

template <typename Tag>
struct StringMaker<godwit::Id<Tag>> {
    static std::string convert(const godwit::Id<Tag>& id) { return godwit::to_text(id); }
};

template <>
struct StringMaker<godwit::ErrorCode> {
    static std::string convert(godwit::ErrorCode code) {
        return std::string(godwit::facts(code).key);
    }
};

template <typename T>
struct StringMaker<godwit::Result<T>> {
    static std::string convert(const godwit::Result<T>& result) {
        if (result) return "a value";
        return std::string(godwit::facts(result.error().code).key) + ": " + result.error().detail;
    }
};

}  // namespace Catch
