// One observation on a letter.
#ifndef MAILSEAL_FINDING_HPP
#define MAILSEAL_FINDING_HPP

#include <mailseal/detail.hpp>

namespace mailseal {

/// What a finding does to a verdict, at least.
enum class Severity : std::int32_t {
    none = MAILSEAL_SEVERITY_NONE,        ///< there is no such finding
    info = MAILSEAL_SEVERITY_INFO,        ///< it lowers nothing
    caution = MAILSEAL_SEVERITY_CAUTION,  ///< at most Outcome::caution
    bad = MAILSEAL_SEVERITY_BAD,          ///< Outcome::bad
};

/// One observation on a letter, a layer or a signature. Keeps the letter alive.
class Finding {
public:
    explicit Finding(std::shared_ptr<const mailseal_finding> finding) noexcept : finding_(std::move(finding)) {}
    /// `partial_coverage`. Codes never change. Lives as long as the library.
    std::string_view code() const noexcept { return mailseal::detail::view(mailseal_finding_code(finding_.get())); }
    /// The least it does to a verdict; a policy may be stricter.
    Severity severity() const noexcept { return mailseal::detail::known(mailseal_finding_severity(finding_.get()), Severity::bad); }
    /// The part it was observed at.
    std::string_view part() const noexcept { return mailseal_finding_part(finding_.get()); }
    /// Words or values from the letter, not escaped, or empty.
    std::string_view detail() const noexcept { return mailseal::detail::view(mailseal_finding_detail(finding_.get())); }
    /// It in words, safe to print.
    std::string text(std::string_view language = "en") const {
        return mailseal::detail::copied(mailseal_finding_text(finding_.get(), mailseal::detail::Text(language).c()));
    }

private:
    std::shared_ptr<const mailseal_finding> finding_;
};

}  // namespace mailseal

#endif  // MAILSEAL_FINDING_HPP
