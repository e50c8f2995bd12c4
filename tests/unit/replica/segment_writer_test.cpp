#include "field-client/replica/segment_writer.h"

#include "shared/base/sha256.h"
#include "shared/seal/segment_signature.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {

namespace {

LoggedChange change_of(const LogId& log, Sequence sequence, std::size_t body_bytes) {
    LoggedChange change;
    change.dot = {log, sequence};
    change.record = id_of<RecordId>(1);
    change.body = Bytes(body_bytes, static_cast<std::uint8_t>(sequence));
    change.digest = sha256({change.body});
    return change;
}

}  // namespace

TEST_CASE("changes go into signed segments that join, none larger than was asked for",
          "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    const Identity& self = open.session->self();
    const auto log = id_of<LogId>(7);
    std::vector<Segment> kept;
    SegmentWriter writer(team.organisation.cipher, self, empty_head(self.replica, log).hash, 1000,
                         [&](const Segment& segment) {
                             kept.push_back(segment);
                             return ok();
                         });
    REQUIRE(writer.close());
    CHECK(kept.empty());
    for (Sequence sequence = 1; sequence <= 5; ++sequence) {
        LoggedChange next = change_of(log, sequence, 300);
        if (writer.is_full_for(next)) REQUIRE(writer.close());
        CHECK(writer.is_between() == (sequence == 1 || sequence == 4));
        writer.add(std::move(next));
    }
    REQUIRE(writer.close());

    REQUIRE(kept.size() == 2);
    CHECK(kept[0].first == 1);
    CHECK(kept[0].last() == 3);
    CHECK(kept[1].first == 4);
    CHECK(kept[1].last() == 5);
    CHECK(kept[1].previous == head_after(kept[0]).hash);
    for (const Segment& segment : kept) {
        CHECK(verify(team.organisation.cipher, segment, self.signing.public_key));
    }
}

TEST_CASE("a change larger than a whole segment goes alone", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    const auto log = id_of<LogId>(7);
    SegmentWriter writer(team.organisation.cipher, open.session->self(), Digest{}, 1000,
                         [](const Segment&) {
                             return Error{ErrorCode::storage_full, {}};
                         });
    CHECK_FALSE(writer.is_full_for(change_of(log, 1, 5000)));
    writer.add(change_of(log, 1, 5000));
    CHECK(writer.is_full_for(change_of(log, 2, 1)));
    CHECK(writer.close().error().code == ErrorCode::storage_full);
}

}  // namespace godwit
