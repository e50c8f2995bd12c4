#include "tests/disk/campaign/promises.h"

#include <sstream>

#include "shared/base/text.h"

namespace godwit::campaign {
namespace {

void tell(std::ostream& out, const Kept& kept) {
    out << kept.is_enrolled << kept.may_be_enrolled << kept.may_be_destroyed << kept.is_destroyed;
    for (const auto& [id, fields] : kept.records) {
        out << "\nrecord " << id;
        for (const auto& [field, shown] : fields) {
            out << "\n " << field;
            for (const std::string& word : shown.allowed) out << '|' << word;
        }
    }
    for (const auto& [id, fields] : kept.tried) {
        out << "\ntried " << id;
        for (const auto& [field, words] : fields) {
            out << "\n " << field;
            for (const std::string& word : words) out << '|' << word;
        }
    }
    for (const std::string& id : kept.maybe_erased) out << "\nmaybe erased " << id;
    for (const std::string& id : kept.erased) out << "\nerased " << id;
}

void tell(std::ostream& out, const Delivered& delivered) {
    for (const auto& [log, receipts] : delivered.receipts) {
        out << "\nlog " << to_text(log);
        for (const auto& [through, hash] : receipts) out << ' ' << through << format_hex(hash);
    }
}

}  // namespace

std::string_view name_of(Who who) {
    constexpr std::string_view names[] = {"noor", "dina", "asha", "bela", "server"};
    return names[static_cast<std::size_t>(who)];
}

std::string text_of(const Promises& promises) {
    std::ostringstream out;
    for (const Kept& kept : promises.kept) tell(out, kept);
    tell(out, promises.delivered);
    for (const auto& [file, delivered] : promises.backups) {
        out << "\nbackup " << file;
        tell(out, delivered);
    }
    out << promises.server_folder;
    return out.str();
}

}  // namespace godwit::campaign
