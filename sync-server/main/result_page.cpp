#include "sync-server/main/result_page.h"

namespace godwit {
namespace {

std::string text_of_value(const Json& result, const char* name) {
    const auto at = result.find(name);
    if (at == result.end() || at->is_null()) return "never";
    return at->is_string() ? at->get<std::string>() : at->dump();
}

std::string row(const std::string& label, const std::string& value) {
    constexpr std::size_t label_columns = 14;
    std::string line = label;
    line.resize(std::max(label_columns, line.size() + 1), ' ');
    return line + value + "\n";
}

}  // namespace

std::string page_of_init(const Json& result) {
    const auto folder = text_of_value(result, "folder");
    const bool is_in_file = result.contains("link_file");
    return std::string("The first administrator's replica founds the organisation with ") +
           (is_in_file ? "the link in this file" : "this link") +
           ". It works\nonce, and until then it is a secret:\n\n" +
           text_of_value(result, is_in_file ? "link_file" : "link") + "\n\n" +  //
           row("address", text_of_value(result, "url")) + row("folder", folder) +
           "\nNext: godwit-server serve --data " + folder + "\n";
}

std::string page_of_status(const Json& result) {
    std::string page = row("address", text_of_value(result, "url")) +
                       row("serving", result["serving"] == true ? "yes" : "no") +
                       row("founded", result["founded"] == true ? "yes" : "no");
    for (const char* name : {"changes", "records", "parked", "replicas", "teams"}) {
        page += row(name, text_of_value(result, name));
    }
    page += row("last backup", text_of_value(result, "last_backup"));
    for (const Json& contact : result["contacts"]) {
        page += row("replica", text_of_value(contact, "replica").substr(0, 8) + "  last contact " +
                                   text_of_value(contact, "last_contact") + ", unsent " +
                                   text_of_value(contact, "unsent") + ", clock off by " +
                                   text_of_value(contact, "clock_offset_ms") + " ms");
    }
    return page;
}

std::string page_of_backup(const Json& result) {
    std::string page = row(
        "backup", text_of_value(result, "file") + ", " + text_of_value(result, "bytes") + " bytes");
    if (result["keys"].is_null()) return page;
    page += row("keys", text_of_value(result, "keys"));
    return page +
           "Keep the two apart: the backup opens no sealed value, but who holds the keys can\n"
           "pose as this server.\n";
}

std::string page_of_restore(const Json& result) {
    const auto folder = text_of_value(result, "folder");
    return row("restored", text_of_value(result, "changes") + " changes, " +
                               text_of_value(result, "records") + " records") +
           row("address", text_of_value(result, "url")) +
           "Replicas offer again what this backup lacks.\nNext: godwit-server serve --data " +
           folder + "\n";
}

std::string page_of_verify(const Json& result) {
    return "All is well: " + text_of_value(result, "changes") + " changes, " +
           text_of_value(result, "segments") + " segments, " + text_of_value(result, "records") +
           " records.\n";
}

}  // namespace godwit
