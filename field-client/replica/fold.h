/// Text folded for finding: what people type and what was written down meet, whatever the case,
/// the accents, the width or the digits.
///
///   - compatibility forms, upper and lower case become one (Unicode NFKD and case folding)
///   - accents of Latin, Greek and Cyrillic letters, Arabic vowel signs and Hebrew points go; the
///     vowel signs of Indic and South-East Asian scripts stay, for there they are letters
///   - Arabic, Persian and Urdu letters that look and are typed alike become one
///   - digits of every script become 0–9; runs of white space become one space
///   - joiners and other signs that are not seen go
///
/// Source: Unicode Standard Annex 15, Unicode Character Database, by utf8proc.
#pragma once

#include <string>
#include <string_view>

namespace godwit {

/// `text` folded; empty when it is no UTF-8.
std::string fold(std::string_view text);

}  // namespace godwit
