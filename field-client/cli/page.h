/// What people read: lines and tables on standard output, times local, words made harmless.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "field-client/cli/json_text.h"

namespace godwit {

class Page {
public:
    /// `is_terminal`: people's words are isolated, so that scripts of both directions stand in
    /// line.
    explicit Page(bool is_terminal) : is_terminal_(is_terminal) {}

    Page& line(std::string_view text = "");
    /// Columns as wide as their widest cell; the last runs free. Cells are shown as they are given:
    /// put people's words through words() first.
    Page& table(const std::vector<std::string>& head,
                const std::vector<std::vector<std::string>>& rows);

    [[nodiscard]] std::string words(std::string_view text, bool keeps_lines = false) const;
    /// A value of the replica's JSON, for reading.
    [[nodiscard]] std::string value(const Json& value) const;

    /// Names for ids of teams, members and replicas, from the result of `roster`.
    void learn_names(const Json& roster);
    /// The name of an id when it is known, else its first digits.
    [[nodiscard]] std::string name(const std::string& id) const;

    /// The organisation's name, once it was learnt.
    [[nodiscard]] std::string organisation() const { return words(organisation_); }

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    bool is_terminal_;
    std::map<std::string, std::string> names_;
    std::string organisation_;
    std::string text_;
};

/// "1 change", "12 changes".
std::string counted(std::int64_t count, const std::string& noun);

/// The first digits of an id: enough to name it again.
std::string short_id(const std::string& id);

/// A QR picture of `text` in half blocks, dark on light whatever the terminal's colours; empty when
/// it does not fit one.
std::string qr_picture(const std::string& text);

}  // namespace godwit
