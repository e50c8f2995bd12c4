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

    /// A call that was begun, and is answered once nothing is wanted of it any more.
    class Call;

    /// Begins a call; what it wants posted is the host's to carry, and other calls may be begun
    /// until it is answered. Locking drops a sync that is not. `request` is a JSON-RPC 2.0 request
    /// object.
    Call begin(std::string_view request);
    /// The same without the envelope.
    Call begin(std::string_view method, std::string_view parameters);

    /// Waits for the answer, and posts by the host's transport: a response object, refusals
    /// included. Text that is not JSON gives the JSON-RPC parse error.
    std::string call(std::string_view request);
    /// The same without the envelope: parameters in, result out.
    Result<std::string> call(std::string_view method, std::string_view parameters);

    /// Is there a store, and is it open? What a host shows before anything may be asked.
    [[nodiscard]] bool is_enrolled() const;
    [[nodiscard]] bool is_unlocked() const;

    /// The names of all methods, ascending.
    static std::vector<std::string_view> methods();

    /// The answer to a request that could not be brought before a replica: `error`, under its id.
    static std::string refusal(std::string_view request, const Error& error);

private:
    explicit Replica(Host host);
    class Parts;
    std::unique_ptr<Parts> parts_;
};

/// May outlive its replica; then nothing is wanted any more.
class Replica::Call {
public:
    Call(Call&& other) noexcept;
    ~Call();

    /// What to post now; nothing once it is answered. It goes when the call is dropped: whoever
    /// carries it while others call makes a copy.
    [[nodiscard]] const Post* wanted() const;

    /// Goes on with what came of that.
    void take(const Heard& heard);

    /// The response object.
    [[nodiscard]] std::string answer() const;
    /// The result alone. Fails with the refusal.
    [[nodiscard]] Result<std::string> result() const;

private:
    friend class Replica;
    struct State;
    explicit Call(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace godwit
