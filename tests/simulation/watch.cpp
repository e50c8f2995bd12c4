#include "tests/simulation/watch.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/common_fields.h"
#include "shared/protocol/frame.h"
#include "shared/protocol/packed_segment.h"
#include "shared/protocol/short_answer.h"
#include "shared/protocol/short_request.h"
#include "shared/seal/receipt.h"
#include "shared/seal/request_envelope.h"
#include "shared/seal/wrap.h"
#include "tests/simulation/world.h"

namespace godwit::simulation {
namespace {

constexpr std::string_view mark_of_words = "said-";

bool holds_words(ByteView bytes) {
    return text_of(bytes).find(mark_of_words) != std::string_view::npos;
}

std::string short_of(const auto& id) {
    return to_text(id).substr(0, 8);
}

std::map<Dot, Digest> changes_in(const Request& request) {
    std::map<Dot, Digest> out;
    for (const Bytes& bytes : request.segments) {
        const auto segment = decode_packed_segment(bytes);
        if (!segment) continue;
        Sequence sequence = segment->first;
        for (const godwit::Entry& entry : segment->entries) {
            out.emplace(Dot{segment->log, sequence++}, entry.digest);
        }
    }
    return out;
}

}  // namespace

const SightModel& Watch::sight() {
    if (is_sight_old_ && world_.server.is_running()) {
        const auto statements = read_statements(world_.server.store());
        if (statements) sight_ = SightModel(*statements);
        is_sight_old_ = !statements;
    }
    return sight_;
}

void Watch::server_forgot() {
    received_.clear();
    to_be_parked_.clear();
    is_sight_old_ = true;
}

void Watch::saw(const ReplicaId& replica, std::string_view path, ByteView body, const Reply& reply,
                bool is_as_sent) {
    if (path != path::exchange) {
        is_sight_old_ = true;
        return;
    }
    if (!is_as_sent) {
        if (reply.http_status == 200) {
            world_.object("signature", "a request that was bent on the way was taken");
        }
        return;
    }
    const auto envelope = read_envelope(body);
    // Before a long request a replica asks for a nonce: over none, and with nothing to say.
    if (envelope && envelope->payload.empty() && envelope->nonce == RequestNonceBytes{}) {
        if (reply.http_status == 200) world_.object("format", "a question for a nonce was taken");
        return;
    }
    const auto message = envelope ? decode_frame(envelope->payload) : Error{};
    auto request = message ? decode_request(*message) : Error{};
    if (!request) return world_.object("format", "a replica sent what is no request");
    if (!request->segments.empty()) {
        const auto last = decode_packed_segment(request->segments.back());
        if (!last) return world_.object("format", "a replica sent what is no segment");
        restore(*request, *last);
    }
    judge_request(*message, *request);
    if (!request->statements.empty()) is_sight_old_ = true;
    if (reply.http_status != 200) return note_offered(replica, *request);
    Trace number(false);
    number.add(body);
    if (!taken_.insert(number.hash()).second) {
        world_.object("nonce", "one request was taken twice");
    }
    const auto told = decode_frame(reply.body);
    auto answer = told ? decode_answer(*told) : Error{};
    if (!answer || !restore(*answer, *request, replica))
        return world_.object("format", "the server sent what is no answer");
    judge_answer(replica, *answer);
    note_received(*request, *answer);
}

void Watch::judge_request(ByteView message, const Request& request) {
    bool is_exposed = holds_words(message);
    for (const Bytes& packed : request.segments) {
        const auto segment = unpack_segment(packed);
        if (!segment) return world_.object("format", "a replica sent what is no segment");
        is_exposed = is_exposed || holds_words(*segment);
    }
    if (is_exposed) world_.object("exposure", "words travel in the open");
}

void Watch::judge_answer(const ReplicaId& replica, const Answer& answer) {
    if (answer.standing != Standing::member &&
        (!answer.records.empty() || !answer.cursors.empty())) {
        world_.object("exposure", short_of(replica) + " is revoked and is told of records");
    }
    if (answer.standing == Standing::compromised &&
        (!answer.parked.empty() || !answer.receipts.empty())) {
        world_.object("exposure", short_of(replica) + " is compromised and is told of changes");
    }
    judge_safe(answer);
    for (const auto& [team, delta] : answer.records) judge_record(replica, team, delta);
    for (const ParkedItem& item : answer.parked) {
        if (item.author == replica) continue;
        if (sight().role(replica, item.team) == Role::supervisor) continue;
        world_.object("exposure", short_of(replica) + " is told of somebody else's parked change");
    }
}

void Watch::judge_record(const ReplicaId& replica, const TeamId& team, const RecordDelta& delta) {
    const auto held = read_state(world_.server.store(), delta.record);
    const auto told = decode_state(delta.state);
    if (!held || !*held || !told) return world_.object("format", "a told record does not read");
    const std::string who = short_of(replica) + " of record " + short_of(delta.record);
    if (told->team != team || (*held)->team != team || !sight().role(replica, team)) {
        return world_.object("exposure", who + ": of a team that is not theirs");
    }
    const auto wraps = decode_wraps(delta.wraps, delta.record);
    if (!wraps) return world_.object("format", "told wraps do not read");
    for (const Wrap& wrap : *wraps) {
        const bool is_theirs =
            (wrap.recipient == Recipient::replica && wrap.recipient_id == replica.bytes) ||
            (wrap.recipient == Recipient::members && wrap.recipient_id == team.bytes) ||
            (wrap.recipient == Recipient::supervisors && wrap.recipient_id == team.bytes &&
             sight().role(replica, team) == Role::supervisor);
        if (!is_theirs) world_.object("exposure", who + ": a wrap for somebody else");
    }
    if (told->is_erased) return;
    if (sight().may_see(replica, told->type, team, owners_named(**held))) return;
    // Who owned a record is told that it is somebody else's now, and nothing more.
    const bool is_farewell = told->fields.size() == 1 &&
                             told->fields.contains(common_field::owner) && delta.wraps.empty();
    if (!is_farewell) world_.object("exposure", who + ": not theirs to see");
}

/// What is called safe is in a backup.
void Watch::judge_safe(const Answer& answer) {
    if (!answer.safe) return;
    const auto mark = decode_safe_mark(*answer.safe);
    if (!mark) return world_.object("format", "a safe mark does not read");
    for (std::size_t index = 0; index < world_.server.backup_count(); ++index) {
        const auto& heads = world_.server.backed_up(index).heads;
        const auto head = heads.find(mark->log);
        if (head != heads.end() && head->second >= mark->through) return;
    }
    world_.object("safe", "what is in no backup is called safe");
}

// A commit that failed may be on the disk all the same.
void Watch::note_offered(const ReplicaId& replica, const Request& request) {
    if (sight().revoked(replica) == Manner::compromised) return;
    for (const auto& [dot, digest] : changes_in(request)) offered_.insert(dot);
}

void Watch::note_received(const Request& request, const Answer& answer) {
    const std::map<Dot, Digest> offered = changes_in(request);
    for (const auto& [dot, digest] : offered) {
        if (answer.standing != Standing::compromised) {
            offered_.insert(dot);
        } else if (!offered_.contains(dot)) {
            to_be_parked_.insert(dot);
        }
    }
    for (const Bytes& bytes : answer.receipts) {
        const auto receipt = decode_receipt(bytes);
        if (!receipt) return world_.object("format", "a receipt does not read");
        for (const auto& [dot, digest] : offered) {
            if (dot.log != receipt->log || dot.sequence <= receipt->after ||
                dot.sequence > receipt->through) {
                continue;
            }
            const auto [place, is_new] = received_.emplace(dot, digest);
            if (!is_new && place->second != digest) {
                world_.object("evidence", "two changes were received in one place");
            }
        }
    }
}

}  // namespace godwit::simulation
