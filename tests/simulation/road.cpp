#include "tests/simulation/road.h"

#include "shared/protocol/messages.h"
#include "tests/simulation/world.h"

namespace godwit::simulation {

Result<Transport::Answer> Road::deliver(std::string_view path, ByteView body) {
    if (!world_.server.is_running()) return ErrorCode::unreachable;
    Reply reply = world_.server.answer(path, body);
    world_.watch.saw(world_.people[person_]->replica, path, body, reply, true);
    world_.server.end_if_suffered();
    Answer out;
    out.http_status = reply.http_status;
    out.bytes_up = body.size();
    out.bytes_down = reply.body.size();
    out.body = std::move(reply.body);
    return out;
}

Result<Transport::Answer> Road::post(const std::string&, const std::optional<ServerPin>&,
                                     std::string_view path, ByteView body) {
    ++posts;
    Chance& chance = world_.chance;
    world_.trace.add(body);
    const bool is_end = server_ends_after && *server_ends_after == 0;
    if (server_ends_after && !is_end) --*server_ends_after;
    if (is_end) {
        server_ends_after.reset();
        if (server_ends_answered) static_cast<void>(static_cast<bool>(deliver(path, body)));
        world_.server.kill();
        return ErrorCode::unreachable;
    }
    if (chance.in_256(weather.loses_request)) return ErrorCode::unreachable;
    if (chance.in_256(weather.delays_request)) {
        late.push_back({std::string(path), copy_of(body)});
        return ErrorCode::timed_out;
    }
    const bool is_bent = chance.in_256(weather.bends_request);
    const bool is_cut = chance.in_256(weather.cuts_request);
    if (is_bent || is_cut) {
        Bytes bent = copy_of(body);
        if (is_bent) {
            const std::uint64_t bit = chance.below(8 * bent.size());
            bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        }
        if (is_cut) bent.resize(chance.below(bent.size()));
        if (world_.server.is_running()) {
            const Reply reply = world_.server.answer(path, bent);
            world_.watch.saw(world_.people[person_]->replica, path, bent, reply, false);
            world_.server.end_if_suffered();
        }
        return ErrorCode::unreachable;
    }
    Result<Answer> answer = deliver(path, body);
    if (chance.in_256(weather.repeats_request)) {
        Result<Answer> second = deliver(path, body);
        if (chance.one_in(2)) answer = std::move(second);
    }
    if (chance.in_256(weather.loses_answer)) return ErrorCode::unreachable;
    if (answer) world_.trace.add(answer->body);
    return answer;
}

}  // namespace godwit::simulation
