/// A backup offered to be restored. The first byte is 0 before a whole file; else the rest changes
/// a sound one, four bytes at a time: a place in three, and what then stands there.
///
/// What is restored opens, and says what it holds; what is refused leaves no database.
#include <cstdlib>
#include <fstream>

#include "shared/sqlite/database.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/server_store.h"
#include "tests/fuzz/cheap_cipher.h"

namespace godwit {
namespace {

class StillClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override { return 1'800'000'000'000; }
};

/// A folder of its own, in memory where there is such a place.
class Place {
public:
    Place() {
        const std::filesystem::path shared_memory = "/dev/shm";
        const auto parent = std::filesystem::exists(shared_memory)
                                ? shared_memory
                                : std::filesystem::temp_directory_path();
        std::string name = (parent / "godwit-fuzz-XXXXXX").string();
        GODWIT_ASSERT(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Place() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    std::filesystem::path path;
};

class Restoring {
public:
    Restoring() : sound_(make_sound()) {}

    void run(ByteView bytes, bool is_whole) {
        Bytes file = is_whole ? copy_of(bytes) : changed(bytes);
        const auto offered = place_.path / "backup";
        std::ofstream(offered, std::ios::binary | std::ios::trunc)
            .write(reinterpret_cast<const char*>(file.data()),
                   static_cast<std::streamsize>(file.size()));
        const auto folder = place_.path / "restored";
        std::filesystem::remove_all(folder);
        std::filesystem::create_directory(folder);
        const auto restored = ServerStore::restore(offered, folder, cipher_, random_, clock_);
        if (!restored) {
            GODWIT_ASSERT(!std::filesystem::exists(folder / database_name));
            return;
        }
        auto store = ServerStore::open(folder, false, cipher_, random_, clock_);
        GODWIT_ASSERT(store);
        static_cast<void>((*store)->status());
        static_cast<void>((*store)->verify({}));
    }

private:
    Bytes make_sound() {
        const auto folder = place_.path / "sound";
        std::filesystem::create_directory(folder);
        auto store = ServerStore::open(folder, true, cipher_, random_, clock_);
        GODWIT_ASSERT(store);
        const auto backup = place_.path / "sound-backup";
        GODWIT_ASSERT((*store)->backup(backup, {}, {}));
        std::ifstream in(backup, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }

    Bytes changed(ByteView edits) const {
        Bytes out = sound_;
        for (std::size_t at = 0; at + 4 <= edits.size(); at += 4) {
            const std::size_t place = edits[at] * 65'536U + edits[at + 1] * 256U + edits[at + 2];
            out[place % out.size()] = edits[at + 3];
        }
        return out;
    }

    Place place_;
    CheapCipher cipher_;
    CountingRandom random_;
    StillClock clock_;
    Bytes sound_;
};

}  // namespace
}  // namespace godwit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    static godwit::Restoring restoring;
    restoring.run({data + 1, size - 1}, data[0] == 0);
    return 0;
}
