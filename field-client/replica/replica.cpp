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
            review_methods(), administration_methods(), parking_methods()};
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

/// The store, the session while it is unlocked, and the errand while the server is asked.
class Replica::Parts {
public:
    explicit Parts(Host with_host) : host(std::move(with_host)) {}

    /// An outcome; of no account when an errand was begun.
    Result<Json> begin(std::string_view method, const Json& parameters,
                       std::weak_ptr<Errand>& begun);
    /// What the errand came to that wants nothing more.
    Result<Json> end_errand();

    Host host;
    std::unique_ptr<Store> store;

private:
    Result<Json> unlock(const Json& parameters);
    Result<Json> lock(const Json& parameters);
    void leave();
    Result<Session*> unlocked();
    Result<Json> begin_errand(std::string_view method, const Json& parameters,
                              std::weak_ptr<Errand>& begun);

    std::unique_ptr<Session> session_;
    std::shared_ptr<Errand> errand_;  ///< Goes before the session it works in.
    /// There may yet turn out to be no place here, and a phrase that was made is not yet told.
    bool is_enrolling_{};
};

Result<Json> Replica::Parts::unlock(const Json& given) {
    Parameters parameters(given);
    std::string phrase = TRY(parameters.text("phrase"));
    TRY(parameters.finish());
    leave();
    const Result<void> opened = store->unlock(phrase);
    wipe(phrase);
    TRY(opened);
    TRY(unlocked());
    return Json{{"replica", to_text(store->identity().replica)}};
}

Result<Json> Replica::Parts::lock(const Json& given) {
    TRY(Parameters(given).finish());
    leave();
    store->lock();
    return Json::object();
}

void Replica::Parts::leave() {
    errand_.reset();
    session_.reset();
}

/// The session of an unlocked store, made on first use.
Result<Session*> Replica::Parts::unlocked() {
    if (!store->exists()) return ErrorCode::not_enrolled;
    if (!store->is_unlocked()) return ErrorCode::store_locked;
    if (!session_) session_ = TRY(Session::open(host, *store));
    return session_.get();
}

Result<Json> Replica::Parts::begin_errand(std::string_view method, const Json& parameters,
                                          std::weak_ptr<Errand>& begun) {
    is_enrolling_ = method == "enrol";
    if (is_enrolling_) {
        session_.reset();
        errand_ = TRY(begin_enrol(host, *store, parameters));
    } else {
        errand_ = TRY(begin_sync(*TRY(unlocked()), parameters));
    }
    if (errand_->wanted() == nullptr) return end_errand();
    begun = errand_;
    return Json();
}

Result<Json> Replica::Parts::end_errand() {
    auto outcome = errand_->outcome();
    errand_.reset();
    // A replica that was told to destroy its keys has none to go on with.
    if (!store->is_unlocked()) session_.reset();
    return outcome;
}

Result<Json> Replica::Parts::begin(std::string_view method, const Json& parameters,
                                   std::weak_ptr<Errand>& begun) {
    if (!parameters.is_object()) {
        return Error{ErrorCode::wrong_parameters, "parameters stand in an object, by name"};
    }
    if (method == "types") return types_method(parameters);
    if (method == "vocabulary") return vocabulary_method(parameters);
    const bool is_errand = method == "enrol" || method == "sync";
    if (errand_ && (is_errand || is_enrolling_)) return ErrorCode::exchange_under_way;
    if (method == "unlock") return unlock(parameters);
    if (method == "lock") return lock(parameters);
    if (is_errand) return begin_errand(method, parameters, begun);

    const Method* found = find_method(method);
    if (found == nullptr) return ErrorCode::unknown_method;
    return found->run(*TRY(unlocked()), parameters);
}

// --- Calls -----------------------------------------------------------------------------------

struct Replica::Call::State {
    explicit State(Parts& of) : parts(of) {}

    void begin(std::string_view method, const Json& parameters) {
        auto begun = parts.begin(method, parameters, errand);
        if (errand.expired()) outcome = std::move(begun);
    }

    Parts& parts;  ///< There as long as the errand is.
    std::weak_ptr<Errand> errand;
    /// An errand that ends before it is done was dropped.
    Result<Json> outcome{Error{ErrorCode::store_locked, {}}};
    Json id;
    int refusal_number{};  ///< 0: that of its error.
};

Replica::Call::Call(std::unique_ptr<State> state) : state_(std::move(state)) {}
Replica::Call::Call(Call&& other) noexcept = default;
Replica::Call::~Call() = default;

const Post* Replica::Call::wanted() const {
    const auto errand = state_->errand.lock();
    return errand ? errand->wanted() : nullptr;
}

void Replica::Call::take(const Heard& heard) {
    {
        const auto errand = state_->errand.lock();
        if (!errand) return;
        errand->take(heard);
        if (errand->wanted() != nullptr) return;
    }
    state_->outcome = state_->parts.end_errand();
}

std::string Replica::Call::answer() const {
    const Result<Json>& outcome = state_->outcome;
    if (!outcome) {
        const int own = static_cast<int>(outcome.error().code);
        return refuse(state_->id, state_->refusal_number == 0 ? own : state_->refusal_number,
                      outcome.error());
    }
    Json answer = answer_json(state_->id);
    answer["result"] = *outcome;
    return format_json(answer);
}

Result<std::string> Replica::Call::result() const {
    if (!state_->outcome) return state_->outcome.error();
    return format_json(*state_->outcome);
}

namespace {

/// Posts what is wanted until nothing is.
Replica::Call carried(Replica::Call call, Transport& transport) {
    while (const Post* post = call.wanted()) {
        auto answer = transport.post(post->server, post->pin, post->path, post->body);
        call.take({std::move(answer), transport.may_have_sent()});
    }
    return call;
}

}  // namespace

Replica::Replica(Host host) : parts_(std::make_unique<Parts>(std::move(host))) {}

Replica::~Replica() = default;

Result<std::unique_ptr<Replica>> Replica::open(const std::filesystem::path& folder, Host host) {
    std::unique_ptr<Replica> replica(new Replica(std::move(host)));
    replica->parts_->store = TRY(Store::open(folder, replica->parts_->host));
    return replica;
}

bool Replica::is_enrolled() const {
    return parts_->store->exists();
}

bool Replica::is_unlocked() const {
    return parts_->store->is_unlocked();
}

std::vector<std::string_view> Replica::methods() {
    std::vector<std::string_view> names{"enrol", "lock", "sync", "types", "unlock", "vocabulary"};
    for (const std::span<const Method> table : method_tables()) {
        for (const Method& method : table) names.push_back(method.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

Replica::Call Replica::begin(std::string_view text) {
    auto state = std::make_unique<Call::State>(*parts_);
    const auto refused = [&](int number, const Error& error) {
        state->refusal_number = number;
        state->outcome = error;
        return Call(std::move(state));
    };
    const auto request = parse_json(text);
    if (!request) return refused(rpc_parse_error, request.error());
    const Error wrong{ErrorCode::wrong_parameters,
                      "a request is {\"jsonrpc\":\"2.0\",\"id\",\"method\",\"params\"}"};
    if (!request->is_object()) return refused(rpc_invalid_request, wrong);
    const auto id = request_id(*request);
    if (id) state->id = *id;
    const auto version = request->find("jsonrpc");
    const auto method = request->find("method");
    const bool is_request = id && version != request->end() && *version == "2.0" &&
                            method != request->end() && method->is_string();
    if (!is_request) return refused(rpc_invalid_request, wrong);
    const auto parameters = request->find("params");
    state->begin(method->get_ref<const std::string&>(),
                 parameters == request->end() ? Json::object() : *parameters);
    return Call(std::move(state));
}

Replica::Call Replica::begin(std::string_view method, std::string_view parameters) {
    auto state = std::make_unique<Call::State>(*parts_);
    const auto given = parse_json(parameters);
    if (given) {
        state->begin(method, *given);
    } else {
        state->outcome = given.error();
    }
    return Call(std::move(state));
}

std::string Replica::call(std::string_view request) {
    return carried(begin(request), parts_->host.transport).answer();
}

Result<std::string> Replica::call(std::string_view method, std::string_view parameters) {
    return carried(begin(method, parameters), parts_->host.transport).result();
}

std::string Replica::refusal(std::string_view text, const Error& error) {
    const auto request = parse_json(text);
    const auto id = request && request->is_object() ? request_id(*request) : std::nullopt;
    return refuse(id.value_or(Json()), static_cast<int>(error.code), error);
}

}  // namespace godwit
