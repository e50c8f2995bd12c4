#include "field-client/cli/page.h"

#include <qrencode.h>

#include <algorithm>
#include <memory>

#include "field-client/cli/terminal.h"

namespace godwit {

Page& Page::line(std::string_view text) {
    text_ += text;
    text_ += '\n';
    return *this;
}

Page& Page::table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(head.size());
    const auto measure = [&](const std::vector<std::string>& row) {
        for (std::size_t index = 0; index < row.size() && index < widths.size(); ++index) {
            widths[index] = std::max(widths[index], columns_of(row[index]));
        }
    };
    const auto print = [&](const std::vector<std::string>& row) {
        std::string out;
        for (std::size_t index = 0; index < row.size(); ++index) {
            out += row[index];
            if (index + 1 == row.size()) break;
            out.append(widths[index] - columns_of(row[index]) + 2, ' ');
        }
        line(out);
    };
    measure(head);
    for (const auto& row : rows) measure(row);
    print(head);
    for (const auto& row : rows) print(row);
    return *this;
}

std::string Page::words(std::string_view text, bool keeps_lines) const {
    return shown_text(text, is_terminal_, keeps_lines);
}

std::string Page::value(const Json& value) const {
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        const std::string time = local_time(text);
        return time != text ? time : words(text, true);
    }
    if (value.is_null()) return "–";
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_array()) {
        std::string out;
        for (const Json& each : value) {
            if (!out.empty()) out += each.is_object() ? "; " : ", ";
            out += this->value(each);
        }
        return out.empty() ? "–" : out;
    }
    if (value.is_object()) {
        std::string out;
        for (const auto& [part, each] : value.items()) {
            if (!out.empty()) out += ", ";
            out += words(part) + " " + this->value(each);
        }
        return out;
    }
    return format_json(value);
}

void Page::learn_names(const Json& roster) {
    organisation_ = text_member(roster, "organisation");
    for (const Json& team : member(roster, "teams")) {
        names_[text_member(team, "team")] = text_member(team, "name");
    }
    for (const Json& person : member(roster, "members")) {
        names_[text_member(person, "member")] = text_member(person, "name");
    }
    for (const Json& replica : member(roster, "replicas")) {
        const auto known = names_.find(text_member(replica, "member"));
        if (known != names_.end()) names_[text_member(replica, "replica")] = known->second;
    }
}

std::string Page::name(const std::string& id) const {
    const auto known = names_.find(id);
    if (known != names_.end() && !known->second.empty()) return words(known->second);
    return short_id(id);
}

std::string counted(std::int64_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string short_id(const std::string& id) {
    return id.substr(0, 8);
}

std::string qr_picture(const std::string& text) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L), &QRcode_free);
    if (!code) return {};
    constexpr int margin = 2;
    const auto is_dark = [&](int row, int column) {
        if (row < 0 || column < 0 || row >= code->width || column >= code->width) return false;
        return (code->data[row * code->width + column] & 1U) != 0;
    };
    std::string out;
    for (int row = -margin; row < code->width + margin; row += 2) {
        out += "\x1b[30;107m";  // Black on white: cameras want the margin light.
        for (int column = -margin; column < code->width + margin; ++column) {
            const bool upper = is_dark(row, column);
            const bool lower = is_dark(row + 1, column);
            out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        out += "\x1b[0m\n";
    }
    return out;
}

}  // namespace godwit
