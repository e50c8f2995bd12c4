/// What a program says to a locked replica, and what a replica makes of items of any field: the
/// first byte is 0 for a line of JSON-RPC, else a record type's number, before a field's in two
/// bytes and the item.
#include <cstdlib>

#include "field-client/replica/json.h"
#include "field-client/replica/replica.h"
#include "field-client/replica/value_json.h"
#include "tests/fuzz/cheap_cipher.h"

namespace godwit {
namespace {

class StillClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override { return 1'800'000'000'000; }
};

class NoTransport final : public Transport {
public:
    Result<Answer> post(const std::string& /*server*/, const std::optional<ServerPin>& /*pin*/,
                        std::string_view /*path*/, ByteView /*body*/) override {
        return ErrorCode::unreachable;
    }
};

/// A replica in a folder of its own, gone with the program.
class Locked {
public:
    Locked() : folder_(std::filesystem::temp_directory_path() / "godwit-fuzz-XXXXXX") {
        std::string name = folder_.string();
        GODWIT_ASSERT(mkdtemp(name.data()) != nullptr);
        folder_ = name;
        auto opened = Replica::open(folder_, {clock_, random_, cipher_, transport_, {}, "1"});
        GODWIT_ASSERT(opened);
        replica_ = std::move(*opened);
    }
    ~Locked() {
        replica_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

    Replica& replica() { return *replica_; }

private:
    std::filesystem::path folder_;
    StillClock clock_;
    CountingRandom random_;
    CheapCipher cipher_;
    NoTransport transport_;
    std::unique_ptr<Replica> replica_;
};

void check_line(std::string_view line) {
    static Locked locked;
    const std::string answer = locked.replica().call(line);
    GODWIT_ASSERT(answer.empty() || parse_json(answer));
    GODWIT_ASSERT(answer.find('\n') == std::string::npos);
}

void check_item(const FieldSpec& field, ByteView item) {
    const Json json = json_from_item(field, item);
    const auto again = parse_json(format_json(json));
    GODWIT_ASSERT(again || json.is_object());
    static_cast<void>(json_from_items(field, {copy_of(item), copy_of(item)}));
    static_cast<void>(texts_in(item));
}

}  // namespace
}  // namespace godwit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    if (data[0] == 0) {
        godwit::check_line(godwit::text_of({data + 1, size - 1}));
        return 0;
    }
    const godwit::RecordType* type = godwit::record_type(std::uint32_t{data[0]});
    if (type == nullptr) return 0;
    const godwit::FieldSpec* field = type->field(std::uint32_t{data[1] * 256U + data[2]});
    if (field != nullptr) godwit::check_item(*field, {data + 3, size - 3});
    return 0;
}
