// What was seen in a letter.
//
// All of it, and the lists of it, keep the opened letter alive; what they say as string_view lives as long as any of
// them. So `auto s = opener.open(…).value().report().signatures()[0];` is sound.
#ifndef MAILSEAL_REPORT_HPP
#define MAILSEAL_REPORT_HPP

#include <mailseal/part.hpp>
#include <mailseal/request.hpp>
#include <mailseal/signature.hpp>

namespace mailseal {

/// What is known of a header field of the letter.
enum class HeaderField : std::int32_t {
    unprotected = MAILSEAL_HEADER_UNPROTECTED,  ///< anybody on the way may have written it
    is_signed = MAILSEAL_HEADER_SIGNED,         ///< a signed copy says the same (RFC 9788)
    hidden = MAILSEAL_HEADER_HIDDEN,            ///< its true value is encrypted, in the header of the payload
    mismatched = MAILSEAL_HEADER_MISMATCHED,    ///< the protected copy says something else
};

/// What protects a header field (RFC 9788 section 4.3).
enum class FieldProtection : std::int32_t {
    unprotected = MAILSEAL_FIELD_UNPROTECTED,  ///< anybody on the way may have written it
    is_signed = MAILSEAL_FIELD_SIGNED,         ///< under an intact signature, and readable on the way
    encrypted = MAILSEAL_FIELD_ENCRYPTED,      ///< readable for the recipients only, and signed by nobody
    signed_and_encrypted = MAILSEAL_FIELD_SIGNED_AND_ENCRYPTED,
};

/// One field of a letter whose header is protected. Texts live as long as the report; escape them before they are shown.
struct ProtectedField {
    std::string_view name;       ///< `Subject`
    FieldProtection protection;  ///< of the value
    std::string_view value;      ///< what its author wrote; empty where it stands outside only
    std::string_view outer;      ///< what stands outside
    std::string_view told;       ///< what its author let stand there in place of the value
};

/// What was seen in a letter. What that is worth, a Policy says.
class Report {
public:
    explicit Report(std::shared_ptr<const mailseal_report> report) noexcept : report_(std::move(report)) {}

    /// The layers of cryptography, the outermost first.
    List<Layer, mailseal_report> layers() const {
        return {report_, mailseal_report_layer_count(c()), [](const auto& report, std::size_t index) {
                    return Layer(detail::part(report, mailseal_report_layer(report.get(), index)));
                }};
    }
    /// The signatures of all layers, those of the outermost first.
    List<Signature, mailseal_report> signatures() const {
        return {report_, mailseal_report_signature_count(c()), [](const auto& report, std::size_t index) {
                    return Signature(detail::part(report, mailseal_report_signature(report.get(), index)));
                }};
    }
    /// What was not fetched, and would have helped. For programs that do not wait while a letter is looked at.
    List<FetchRequest, mailseal_report> wants() const {
        return {report_, mailseal_report_want_count(c()), [](const auto& report, std::size_t index) {
                    return FetchRequest(detail::part(report, mailseal_report_want(report.get(), index)));
                }};
    }
    /// What was observed of the letter as a whole; what was of a layer or a signature is with that.
    List<Finding, mailseal_report> findings() const {
        return {report_, mailseal_report_finding_count(c()), [](const auto& report, std::size_t index) {
                    return Finding(detail::part(report, mailseal_report_finding(report.get(), index)));
                }};
    }
    /// The parts that could be seen: those of the letter, itself among them, then those of the content of its layers.
    List<Part, mailseal_report> parts() const {
        return {report_, mailseal_report_part_count(c()), [](const auto& report, std::size_t index) {
                    return Part(detail::part(report, mailseal_report_part(report.get(), index)));
                }};
    }
    /// The part at a place, such as Layer::part, Finding::part or Part::content name.
    std::optional<Part> part(std::string_view path) const {
        const auto* found = mailseal_report_part_at(c(), detail::Text(path).c());
        if (found == nullptr) return std::nullopt;
        return Part(detail::part(report_, found));
    }
    /// Where the payload stands; empty where it stayed encrypted.
    std::string_view payload() const noexcept { return mailseal_report_payload(c()); }
    /// The leaf parts that no signature covers, where the letter is signed at all.
    List<Part, mailseal_report> uncovered() const {
        return {report_, mailseal_report_uncovered_count(c()), [](const auto& report, std::size_t index) {
                    return Part(detail::part(report, mailseal_report_uncovered(report.get(), index)));
                }};
    }
    /// What is known of the header field of that name, `Subject`.
    HeaderField header(std::string_view name) const {
        return detail::known(mailseal_report_header(c(), detail::Text(name).c()), HeaderField::mismatched);
    }
    /// The fields one by one: those that the payload has for the letter, then those that were added outside.
    List<ProtectedField, mailseal_report> fields() const {
        return {report_, mailseal_report_field_count(c()), [](const auto& report, std::size_t index) {
                    const auto* one = report.get();
                    return ProtectedField{detail::view(mailseal_report_field_name(one, index)),
                                          detail::known(mailseal_report_field_protection(one, index),
                                                        FieldProtection::signed_and_encrypted),
                                          detail::view(mailseal_report_field_value(one, index)),
                                          detail::view(mailseal_report_field_outer(one, index)),
                                          detail::view(mailseal_report_field_told(one, index))};
                }};
    }
    /// What a reader is to show for the field of that name (RFC 9788 section 4); empty where there is nothing protected.
    std::string_view show(std::string_view name, std::size_t index = 0) const {
        return detail::view(mailseal_report_show(c(), detail::Text(name).c(), index));
    }
    /// Another author is named inside than outside, and nothing ties a signature to him: the outside is to be shown.
    bool from_outer() const noexcept { return mailseal_report_from_outer(c()); }
    /// Whom the letter says it is from, which anybody can write. Only exactly one can be anybody's.
    List<std::string_view, mailseal_report> from() const {
        return {report_, mailseal_report_from_count(c()), [](const auto& report, std::size_t index) {
                    return detail::view(mailseal_report_from(report.get(), index));
                }};
    }
    /// All of it as JSON, on one line.
    std::string json() const { return detail::copied(mailseal_report_json(c())); }
    /// What stands there in the JSON, by JSON Pointer (RFC 6901): `/from/signed`. Text as it is, anything else as JSON.
    std::optional<std::string> get(std::string_view pointer) const {
        auto* found = mailseal_report_get(c(), detail::Text(pointer).c());
        if (found == nullptr) return std::nullopt;
        return detail::copied(found);
    }

    /// The object of C; stays this one's.
    const mailseal_report* c() const noexcept { return report_.get(); }

private:
    std::shared_ptr<const mailseal_report> report_;
};

}  // namespace mailseal

#endif  // MAILSEAL_REPORT_HPP
