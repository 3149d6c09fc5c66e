// Why a signature broke on the way, and how two copies of a message differ.
#ifndef MAILSEAL_DOCTOR_HPP
#define MAILSEAL_DOCTOR_HPP

#include <mailseal/context.hpp>

namespace mailseal {

/// What came of looking for what was done to a message.
enum class DiagnosisOutcome : std::int32_t {
    /// There is no signature that could be looked at.
    not_signed = MAILSEAL_DIAGNOSIS_NOT_SIGNED,
    /// The signature holds: there is nothing to find out.
    intact = MAILSEAL_DIAGNOSIS_INTACT,
    /// Undoing the changes gives octet for octet what was signed, and they changed the form alone.
    explained = MAILSEAL_DIAGNOSIS_EXPLAINED,
    /// What was signed is in it, but a reader sees more than that, or other.
    mixed = MAILSEAL_DIAGNOSIS_MIXED,
    /// Nothing that is known gives what was signed. It may be forged.
    unexplained = MAILSEAL_DIAGNOSIS_UNEXPLAINED,
    /// The signature itself does not hold, whatever the content.
    signature_broken = MAILSEAL_DIAGNOSIS_SIGNATURE_BROKEN,
    /// It cannot be told: the certificate is missing, or something is not known here.
    untested = MAILSEAL_DIAGNOSIS_UNTESTED,
};

/// What was done to a message on its way, as far as it can be told from it alone. Never a verdict. Moved.
class Diagnosis {
public:
    /// Takes over a diagnosis of C.
    explicit Diagnosis(mailseal_diagnosis* taken) noexcept : diagnosis_(taken) {}

    /// What came of it.
    DiagnosisOutcome outcome() const noexcept { return detail::known(mailseal_diagnosis_result(c()), DiagnosisOutcome::not_signed); }
    /// All of it, as JSON on one line (docs/doctor.md).
    std::string json() const { return detail::copied(mailseal_diagnosis_json(c())); }
    /// The page that `mailseal doctor` prints, safe to print.
    std::string text(const std::string& language = "en") const {
        const detail::Text tag(language);
        return detail::copied(mailseal_diagnosis_text(c(), tag.c()));
    }

    /// The object of C; stays this one's.
    const mailseal_diagnosis* c() const noexcept { return diagnosis_.get(); }

private:
    detail::Owned<mailseal_diagnosis, mailseal_diagnosis_free> diagnosis_;
};

/// How two copies of a message differ. Moved.
class Comparison {
public:
    /// Takes over a comparison of C.
    explicit Comparison(mailseal_comparison* taken) noexcept : comparison_(taken) {}

    /// How many differences there are.
    std::size_t count() const noexcept { return mailseal_comparison_count(c()); }
    /// All of it, as JSON on one line (docs/doctor.md).
    std::string json() const { return detail::copied(mailseal_comparison_json(c())); }
    /// The page that `mailseal doctor --sent --received` prints, safe to print.
    std::string text(const std::string& language = "en") const {
        const detail::Text tag(language);
        return detail::copied(mailseal_comparison_text(c(), tag.c()));
    }
    /// What a service does to mail, by this one message that went through it: JSON for a file, which a preflight reads.
    Result<std::string> profile(const std::string& service) const {
        const detail::Text name(service);
        mailseal_buffer* json = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_comparison_profile(c(), name.c(), &json, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return detail::copied(json);
    }

    /// The object of C; stays this one's.
    const mailseal_comparison* c() const noexcept { return comparison_.get(); }

private:
    detail::Owned<mailseal_comparison, mailseal_comparison_free> comparison_;
};

/// What a service would do to letters that are signed before it gets them, so that they arrive as not signed, altered, or
/// signed by somebody else. Moved.
class Preflight {
public:
    /// Takes over a preflight of C.
    explicit Preflight(mailseal_preflight* taken) noexcept : preflight_(taken) {}

    /// Whether signed letters arrive as they were signed.
    bool passes() const noexcept { return mailseal_preflight_passes(c()); }
    /// All of it, as JSON on one line (docs/doctor.md).
    std::string json() const { return detail::copied(mailseal_preflight_json(c())); }
    /// The page that `mailseal bulk --service` prints, safe to print.
    std::string text(const std::string& language = "en") const {
        const detail::Text tag(language);
        return detail::copied(mailseal_preflight_text(c(), tag.c()));
    }

    /// The object of C; stays this one's.
    const mailseal_preflight* c() const noexcept { return preflight_.get(); }

private:
    detail::Owned<mailseal_preflight, mailseal_preflight_free> preflight_;
};

/// Asks a profile, as `Comparison::profile` made it, whether signed letters may go through that service.
inline Result<Preflight> preflight(Input profile) {
    mailseal_preflight* found = nullptr;
    mailseal_error* error = nullptr;
    const auto status = mailseal_preflight_new(profile.release(), &found, &error);
    if (status != MAILSEAL_OK) return Error(status, error);
    return Preflight(found);
}

/// Looks for what was done to a message whose signature broke. A diagnosis is never a pass.
inline Result<Diagnosis> diagnose(const Context& context, Input input, Time at) {
    if (auto fault = context.faults()->first()) return *std::move(fault);
    mailseal_diagnosis* diagnosis = nullptr;
    mailseal_error* error = nullptr;
    const auto status = mailseal_diagnose(context.c(), input.release(), detail::seconds(at), &diagnosis, &error);
    if (status != MAILSEAL_OK) return Error(status, error);
    return Diagnosis(diagnosis);
}

/// Compares a message as it was sent with the same as it arrived, within the bounds of the context.
inline Result<Comparison> compare(const Context& context, Input sent, Input received) {
    if (auto fault = context.faults()->first()) return *std::move(fault);
    mailseal_comparison* comparison = nullptr;
    mailseal_error* error = nullptr;
    const auto status = mailseal_compare(context.c(), sent.release(), received.release(), &comparison, &error);
    if (status != MAILSEAL_OK) return Error(status, error);
    return Comparison(comparison);
}

}  // namespace mailseal

#endif  // MAILSEAL_DOCTOR_HPP
