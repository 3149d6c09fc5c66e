#include "header.hpp"

#include <iconv.h>

#include <cstdio>
#include <cstring>
#include <strings.h>

std::string field(std::string_view header, std::string_view name) {
    std::string found;
    bool inside = false;
    while (!header.empty()) {
        auto end = header.find('\n');
        auto line = header.substr(0, end);
        header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        const bool folded = !line.empty() && (line[0] == ' ' || line[0] == '\t');
        if (inside && !folded) return found;
        if (inside) found += line;
        if (line.empty()) return found;                    // the body begins
        if (!folded && line.size() > name.size() && line[name.size()] == ':' &&
            strncasecmp(line.data(), name.data(), name.size()) == 0) {
            inside = true;
            line.remove_prefix(name.size() + 1);
            line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
            found = line;
        }
    }
    return found;
}

static std::string from_base64(std::string_view text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0, count = 0;
    for (const char c : text) {
        const char* digit = c == 0 ? nullptr : std::strchr(digits, c);
        if (digit == nullptr) break;
        bits = bits << 6 | static_cast<unsigned>(digit - digits);
        if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8) & 0xff);
    }
    return out;
}

static std::string from_q(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned octet = 0;
        if (text[i] == '=' && i + 2 < text.size() && std::sscanf(std::string(text.substr(i + 1, 2)).c_str(), "%2x", &octet) == 1) {
            out += static_cast<char>(octet);
            i += 2;
        } else {
            out += text[i] == '_' ? ' ' : text[i];
        }
    }
    return out;
}

// Empty where the charset is not known or the octets are not of it.
static std::string to_utf8(std::string octets, const std::string& charset) {
    const auto to = iconv_open("UTF-8", charset.c_str());
    if (to == reinterpret_cast<iconv_t>(-1)) return {};
    std::string out(octets.size() * 4 + 16, 0);
    char *in = octets.data(), *at = out.data();
    auto left = octets.size(), room = out.size();
    const bool whole = iconv(to, &in, &left, &at, &room) != static_cast<std::size_t>(-1);
    iconv_close(to);
    out.resize(whole ? out.size() - room : 0);
    return out;
}

// One encoded word at the start of `text`: what it says, and its length; 0 where there is none.
static std::size_t encoded_word(std::string_view text, std::string& into) {
    if (text.substr(0, 2) != "=?") return 0;
    const auto charset_end = text.find('?', 2);
    if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() || text[charset_end + 2] != '?') return 0;
    const auto end = text.find("?=", charset_end + 3);
    if (end == std::string_view::npos) return 0;
    auto charset = std::string(text.substr(2, charset_end - 2));
    charset.resize(std::min(charset.find('*'), charset.size()));         // a language (RFC 2231 section 5)
    const auto content = text.substr(charset_end + 3, end - charset_end - 3);
    const bool base64 = text[charset_end + 1] == 'B' || text[charset_end + 1] == 'b';
    const auto said = to_utf8(base64 ? from_base64(content) : from_q(content), charset);
    if (said.empty()) return 0;
    into += said;
    return end + 2;
}

// Characters of control, among them those that turn the direction of text, do not reach the terminal.
static std::string safe(const std::string& text) {
    const auto checked = to_utf8(text, "UTF-8");
    std::string out;
    for (std::size_t i = 0; i < checked.size(); ++i) {
        const auto octet = [&](std::size_t at) { return at < checked.size() ? static_cast<unsigned char>(checked[at]) : 0u; };
        const bool c1 = octet(i) == 0xc2 && octet(i + 1) < 0xa0;
        const bool turning = octet(i) == 0xe2 && ((octet(i + 1) == 0x80 && (octet(i + 2) >= 0xa8 || (octet(i + 2) >= 0x8b && octet(i + 2) <= 0x8f))) ||
                                                  (octet(i + 1) == 0x81 && octet(i + 2) >= 0xa0 && octet(i + 2) <= 0xaf));
        if (octet(i) < 0x20 || octet(i) == 0x7f || c1 || turning) {
            out += '?';
            i += c1 ? 1 : turning ? 2 : 0;
        } else {
            out += checked[i];
        }
    }
    return out;
}

std::string decoded(std::string_view text) {
    std::string out, blanks;
    bool after_word = false;
    while (!text.empty()) {
        std::string word;
        if (const auto length = encoded_word(text, word); length > 0) {
            if (!after_word) out += blanks;                // blanks between encoded words do not count (RFC 2047 section 6.2)
            out += word;
            blanks.clear();
            after_word = true;
            text.remove_prefix(length);
        } else if (text[0] == ' ' || text[0] == '\t') {
            blanks += ' ';
            text.remove_prefix(1);
        } else {
            out += blanks + text[0];
            blanks.clear();
            after_word = false;
            text.remove_prefix(1);
        }
    }
    return safe(out);
}

std::string date(const std::string& field) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto comma = field.find(',');
    int day, year, hour, minute;
    char name[4], out[48];
    if (std::sscanf(field.c_str() + (comma == std::string::npos ? 0 : comma + 1), "%2d %3s %4d %2d:%2d", &day, name, &year, &hour, &minute) != 5)
        return decoded(field);
    const char* month = std::strstr(months, name);
    if (month == nullptr) return decoded(field);
    std::snprintf(out, sizeof out, "%04d-%02d-%02d %02d:%02d", year, static_cast<int>(month - months) / 3 + 1, day, hour, minute);
    return out;
}

std::string column(const std::string& text, std::size_t cells) {
    std::string out;
    std::size_t used = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        const std::size_t width = first >= 0xe3 && first < 0xf0 ? 2 : 1;       // from U+3000 on
        if (used + width > cells) break;
        out += text.substr(i, length);
        used += width;
        i += length;
    }
    return out + std::string(cells - used, ' ');
}
