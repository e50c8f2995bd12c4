/// A whole replica behind one call: `call(method, json) -> json`, JSON-RPC 2.0.
///
/// Spec: replica-call. One thread at a time. Nothing throws.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "field-client/replica/host.h"

namespace godwit {

class Replica {
public:
    /// Opens the store in `folder`, locked; a folder without one is ready for `enrol`.
    /// Fails with store_in_use, storage_failed, storage_corrupt, schema_newer.
    static Result<std::unique_ptr<Replica>> open(const std::filesystem::path& folder, Host host);
    ~Replica();
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    /// `request` is a JSON-RPC 2.0 request object; the answer is its response object, refusals
    /// included. Text that is not JSON gives the JSON-RPC parse error.
    std::string call(std::string_view request);

    /// The names of all methods, ascending.
    static std::vector<std::string_view> methods();

    /// The answer to a request that could not be brought before a replica: `error`, under its id.
    static std::string refusal(std::string_view request, const Error& error);

    /// The same without the envelope: parameters in, result out.
    Result<std::string> call(std::string_view method, std::string_view parameters);

private:
    explicit Replica(Host host);
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace godwit
