// One part of a letter.
#ifndef MAILSEAL_PART_HPP
#define MAILSEAL_PART_HPP

#include <mailseal/layer.hpp>

namespace mailseal {

/// One part of a letter. Keeps the letter alive.
class Part {
public:
    explicit Part(std::shared_ptr<const mailseal_part> part) noexcept : part_(std::move(part)) {}
    /// Where it stands: `0` is the letter itself, `2.1` the first part of its second part.
    std::string_view path() const noexcept { return mailseal_part_path(c()); }
    /// `text/plain`, in lower case.
    std::string_view media_type() const noexcept { return detail::view(mailseal_part_media_type(c())); }
    /// The charset that its Content-Type names, or empty.
    std::string_view charset() const noexcept { return detail::view(mailseal_part_charset(c())); }
    /// The file name that it was given, decoded, or empty. It may say anything, paths as well.
    std::string_view file_name() const noexcept { return detail::view(mailseal_part_file_name(c())); }
    /// How its body is written: `7bit`, `base64`, …
    std::string_view encoding() const noexcept { return detail::view(mailseal_part_encoding(c())); }
    /// The entity in whose octets its place is counted: `0` is the letter as received, any other the content of an opaque
    /// or encrypted layer, `1` what was given to Opener::verify_detached.
    std::string_view content() const noexcept { return mailseal_part_content(c()); }
    /// The octets of its header, with the empty line.
    Range header() const noexcept { return range(mailseal_part_header(c())); }
    /// The octets of its body, as it was sent.
    Range body() const noexcept { return range(mailseal_part_body(c())); }
    /// How many lines its body has.
    std::uint64_t lines() const noexcept { return mailseal_part_lines(c()); }
    /// Octets of its decoded content that only repeat header fields (RFC 9788): not to be shown, nor quoted in an answer.
    List<Range, mailseal_part> legacy_display() const {
        return {part_, mailseal_part_legacy_display_count(c()), [](const auto& part, std::size_t index) {
                    return range(mailseal_part_legacy_display(part.get(), index));
                }};
    }
    /// Whether an unaltered signature covers it. Whose, its layers say.
    bool is_signed() const noexcept { return mailseal_part_is_signed(c()); }
    /// Whether it came encrypted.
    bool is_encrypted() const noexcept { return mailseal_part_is_encrypted(c()); }
    /// The layers that speak for it, the outermost first.
    List<Layer, mailseal_part> layers() const {
        return {part_, mailseal_part_layer_count(c()), [](const auto& part, std::size_t index) {
                    return Layer(detail::part(part, mailseal_part_layer(part.get(), index)));
                }};
    }
    /// What it seems to be, if no signature covers it: `list_footer`, or empty. A guess for the reader.
    std::string_view looks_like() const noexcept { return detail::view(mailseal_part_looks_like(c())); }

    /// The object of C; stays this one's.
    const mailseal_part* c() const noexcept { return part_.get(); }

private:
    static Range range(mailseal_range range) noexcept { return {range.start, range.end}; }
    std::shared_ptr<const mailseal_part> part_;
};

}  // namespace mailseal

#endif  // MAILSEAL_PART_HPP
