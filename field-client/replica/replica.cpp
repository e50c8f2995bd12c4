#include "field-client/replica/replica.h"

#include <algorithm>
#include <array>

#include "field-client/replica/exchange/methods.h"
#include "field-client/replica/method.h"
#include "field-client/replica/store.h"
#include "shared/base/text.h"

namespace godwit {
namespace {

constexpr int rpc_parse_error = -32700;
constexpr int rpc_invalid_request = -32600;

Json refusal_json(int number, const Error& error) {
    const ErrorFacts& row = facts(error.code);
    return {{"code", number},
            {"message", std::string(row.text)},
            {"data",
             {{"code", std::string(row.key)},
              {"kind", std::string(name_of(row.kind))},
              {"message", std::string(row.text)},
              {"next", std::string(row.next)},
              {"detail", error.detail}}}};
}

Json answer_json(const Json& id) {
    return {{"jsonrpc", "2.0"}, {"id", id}};
}

std::string refuse(const Json& id, int number, const Error& error) {
    Json answer = answer_json(id);
    answer["error"] = refusal_json(number, error);
    return format_json(answer);
}

/// Those of an unlocked store.
std::array<std::span<const Method>, 6> method_tables() {
    return {store_methods(),  capture_methods(),        view_methods(),
            review_methods(), administration_methods(), exchange_methods()};
}

const Method* find_method(std::string_view name) {
    for (const std::span<const Method> table : method_tables()) {
        const auto found = std::find_if(table.begin(), table.end(),
                                        [&](const Method& each) { return each.name == name; });
        if (found != table.end()) return &*found;
    }
    return nullptr;
}

/// The id of a request, if it may be one: JSON-RPC allows text and numbers.
std::optional<Json> request_id(const Json& request) {
    const auto id = request.find("id");
    if (id == request.end()) return std::nullopt;
    if (!id->is_string() && !id->is_number_integer()) return std::nullopt;
    return *id;
}

}  // namespace

/// The store, and the session while it is unlocked.
class Replica::Parts {
public:
    explicit Parts(Host with_host) : host(std::move(with_host)) {}

    Result<Json> run(std::string_view method, const Json& parameters);

    Host host;
    std::unique_ptr<Store> store;
    std::unique_ptr<Session> session;

private:
    Result<Json> unlock(const Json& parameters);
    Result<Json> lock(const Json& parameters);
    Result<Session*> unlocked();
};

Result<Json> Replica::Parts::unlock(const Json& given) {
    Parameters parameters(given);
    std::string phrase = TRY(parameters.text("phrase"));
    TRY(parameters.finish());
    session.reset();
    const Result<void> opened = store->unlock(phrase);
    wipe(phrase);
    TRY(opened);
    TRY(unlocked());
    return Json{{"replica", to_text(store->identity().replica)}};
}

Result<Json> Replica::Parts::lock(const Json& given) {
    TRY(Parameters(given).finish());
    session.reset();
    store->lock();
    return Json::object();
}

/// The session of an unlocked store, made on first use.
Result<Session*> Replica::Parts::unlocked() {
    if (!store->exists()) return ErrorCode::not_enrolled;
    if (!store->is_unlocked()) {
        return Error{ErrorCode::wrong_phrase, "the store is locked: unlock it first"};
    }
    if (!session) session = TRY(Session::open(host, *store));
    return session.get();
}

Result<Json> Replica::Parts::run(std::string_view method, const Json& parameters) {
    if (!parameters.is_object()) {
        return Error{ErrorCode::wrong_parameters, "parameters stand in an object, by name"};
    }
    if (method == "types") return types_method(parameters);
    if (method == "vocabulary") return vocabulary_method(parameters);
    if (method == "unlock") return unlock(parameters);
    if (method == "lock") return lock(parameters);
    if (method == "enrol") {
        session.reset();
        return enrol_method(host, *store, parameters);
    }

    const Method* found = find_method(method);
    if (found == nullptr) return ErrorCode::unknown_method;
    Session* open_session = TRY(unlocked());
    auto outcome = found->run(*open_session, parameters);
    // A replica that was told to destroy its keys has none to go on with.
    if (!store->is_unlocked()) session.reset();
    return outcome;
}

Replica::Replica(Host host) : parts_(std::make_unique<Parts>(std::move(host))) {}

Replica::~Replica() = default;

Result<std::unique_ptr<Replica>> Replica::open(const std::filesystem::path& folder, Host host) {
    std::unique_ptr<Replica> replica(new Replica(std::move(host)));
    replica->parts_->store = TRY(Store::open(folder, replica->parts_->host));
    return replica;
}

std::vector<std::string_view> Replica::methods() {
    std::vector<std::string_view> names{"enrol", "lock", "types", "unlock", "vocabulary"};
    for (const std::span<const Method> table : method_tables()) {
        for (const Method& method : table) names.push_back(method.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string Replica::call(std::string_view text) {
    const auto request = parse_json(text);
    if (!request) return refuse(nullptr, rpc_parse_error, request.error());
    const Error wrong{ErrorCode::wrong_parameters,
                      "a request is {\"jsonrpc\":\"2.0\",\"id\",\"method\",\"params\"}"};
    if (!request->is_object()) return refuse(nullptr, rpc_invalid_request, wrong);
    const auto id = request_id(*request);
    const auto version = request->find("jsonrpc");
    const auto method = request->find("method");
    const bool is_request = id && version != request->end() && *version == "2.0" &&
                            method != request->end() && method->is_string();
    if (!is_request) return refuse(id ? *id : Json(nullptr), rpc_invalid_request, wrong);

    const auto parameters = request->find("params");
    const auto outcome = parts_->run(method->get_ref<const std::string&>(),
                                     parameters == request->end() ? Json::object() : *parameters);
    if (!outcome) return refuse(*id, static_cast<int>(outcome.error().code), outcome.error());
    Json answer = answer_json(*id);
    answer["result"] = *outcome;
    return format_json(answer);
}

std::string Replica::refusal(std::string_view text, const Error& error) {
    const auto request = parse_json(text);
    const auto id = request && request->is_object() ? request_id(*request) : std::nullopt;
    return refuse(id.value_or(Json()), static_cast<int>(error.code), error);
}

Result<std::string> Replica::call(std::string_view method, std::string_view parameters) {
    const Json given = TRY(parse_json(parameters));
    return format_json(TRY(parts_->run(method, given)));
}

}  // namespace godwit
