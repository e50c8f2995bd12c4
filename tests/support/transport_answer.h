/// A server's reply as it comes back over a road that has no HTTP of its own.
#pragma once

#include "field-client/replica/host.h"
#include "sync-server/reconcile/service.h"

namespace godwit {

inline Transport::Answer transport_answer(Reply reply, ByteView request) {
    Transport::Answer out;
    out.http_status = reply.http_status;
    out.bytes_up = request.size();
    out.bytes_down = reply.body.size();
    out.body = std::move(reply.body);
    return out;
}

}  // namespace godwit
