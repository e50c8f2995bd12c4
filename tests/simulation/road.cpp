#include "tests/simulation/road.h"

#include "tests/simulation/world.h"
#include "tests/support/transport_answer.h"

namespace godwit::simulation {
namespace {

/// Far more than anybody ever needs, where answers carry little.
constexpr std::uint64_t posts_of_call_max = 2'000;

}  // namespace

Result<Transport::Answer> Road::deliver(std::string_view path, ByteView body, bool is_as_sent) {
    if (!world_.server.is_running()) return ErrorCode::unreachable;
    const Running program(world_.server.schema);
    Reply reply = world_.server.answer(path, body);
    world_.watch.saw(world_.people[person_]->replica, path, body, reply, is_as_sent);
    world_.server.end_if_suffered();
    return transport_answer(std::move(reply), body);
}

void Road::deliver_unheard(std::string_view path, ByteView body, bool is_as_sent) {
    static_cast<void>(static_cast<bool>(deliver(path, body, is_as_sent)));
}

void Road::deliver_late() {
    for (const LateRequest& request : std::exchange(late_, {})) {
        deliver_unheard(request.path, request.body, true);
    }
}

Bytes Road::spoilt(ByteView body, bool is_bent, bool is_cut) {
    Bytes out = copy_of(body);
    if (is_bent) {
        const std::uint64_t bit = world_.chance.below(8 * out.size());
        out[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    if (is_cut) out.resize(world_.chance.below(out.size()));
    return out;
}

Result<Transport::Answer> Road::post(const std::string&, const std::optional<ServerPin>&,
                                     std::string_view path, ByteView body) {
    ++posts;
    if (++posts_of_call > posts_of_call_max) {
        world_.object("exchange", world_.people[person_]->name + " is at it without end");
        return ErrorCode::unreachable;
    }
    Chance& chance = world_.chance;
    world_.trace.add(body);
    const bool is_end = server_ends_after && *server_ends_after == 0;
    if (server_ends_after && !is_end) --*server_ends_after;
    if (is_end) {
        server_ends_after.reset();
        if (server_ends_answered) deliver_unheard(path, body, true);
        world_.server.kill();
        return ErrorCode::unreachable;
    }
    if (chance.in_256(weather.loses_request)) return ErrorCode::unreachable;
    if (chance.in_256(weather.delays_request)) {
        late_.push_back({std::string(path), copy_of(body)});
        return ErrorCode::timed_out;
    }
    const bool is_bent = chance.in_256(weather.bends_request);
    const bool is_cut = chance.in_256(weather.cuts_request);
    if (is_bent || is_cut) {
        deliver_unheard(path, spoilt(body, is_bent, is_cut), false);
        return ErrorCode::unreachable;
    }
    Result<Answer> answer = deliver(path, body, true);
    if (chance.in_256(weather.repeats_request)) {
        Result<Answer> second = deliver(path, body, true);
        if (chance.one_in(2)) answer = std::move(second);
    }
    if (chance.in_256(weather.loses_answer)) return ErrorCode::unreachable;
    if (answer) world_.trace.add(answer->body);
    return answer;
}

}  // namespace godwit::simulation
