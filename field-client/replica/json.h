/// JSON at the replica's face: strict reading, and parameters by name.
///
/// Invariants
///   - A name that stands twice in an object is refused: JSON libraries keep one of the two values
///     and say nothing, and nothing anybody said may be lost in silence.
///   - A parameter nobody asked for is refused: a misspelt one must not pass for an absent one.
///
/// Spec: replica-call.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace godwit {

/// Sensitive: holds what people said.
using Json = nlohmann::json;

inline constexpr std::size_t json_depth_max = 64;

/// Fails with not_json, or wrong_parameters when a name stands twice in one object.
Result<Json> parse_json(std::string_view text);

/// One line; bytes that are no UTF-8 become U+FFFD.
std::string format_json(const Json& json);

/// `name` as it may stand in an error: quoted when it can be a name, described when it could be
/// something a person said.
std::string quoted_name(std::string_view name);

/// The parameters of one call. Every getter fails with wrong_parameters, naming the parameter.
class Parameters {
public:
    /// `object` must outlive this, and is an object.
    explicit Parameters(const Json& object) : object_(object) {}

    Result<std::string> text(std::string_view name);
    Result<std::optional<std::string>> optional_text(std::string_view name);
    Result<bool> boolean(std::string_view name, bool otherwise);
    Result<std::int64_t> integer(std::string_view name);
    Result<std::int64_t> integer(std::string_view name, std::int64_t otherwise);
    /// Of any kind.
    Result<const Json*> value(std::string_view name);
    /// Null when it is not given.
    const Json* optional_value(std::string_view name);
    Result<const Json*> array(std::string_view name);
    /// Null when it is not given.
    Result<const Json*> optional_array(std::string_view name);
    /// An empty object when it is not given.
    Result<const Json*> object(std::string_view name);

    /// Fails with wrong_parameters when something was given that nobody asked for.
    Result<void> finish() const;

private:
    const Json& object_;
    std::vector<std::string_view> asked_;
};

}  // namespace godwit
