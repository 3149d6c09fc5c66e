// What a viewer shows of a header: fields, decoded and safe to print.
#pragma once

#include <string>
#include <string_view>

// The first field of that name, unfolded; empty where there is none.
std::string field(std::string_view header, std::string_view name);

// Encoded words (RFC 2047) as UTF-8; what would move the cursor of a terminal is shown as a question mark.
std::string decoded(std::string_view text);

// `2026-11-22 10:02` of a Date field, in the time of its sender; as it stands where it is no date.
std::string date(const std::string& field);

// `text` in a column of that many cells: cut, or filled with blanks. East Asian letters take two.
std::string column(const std::string& text, std::size_t cells);
