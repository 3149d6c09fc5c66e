// One signature, who made it, and why that is believed.
#ifndef MAILSEAL_SIGNATURE_HPP
#define MAILSEAL_SIGNATURE_HPP

#include <mailseal/finding.hpp>

namespace mailseal {

/// Whether the octets are those that were signed. Says nothing about who signed.
enum class Integrity : std::int32_t {
    unverified = MAILSEAL_INTEGRITY_UNVERIFIED,
    intact = MAILSEAL_INTEGRITY_INTACT,
    weak = MAILSEAL_INTEGRITY_WEAK,
    altered = MAILSEAL_INTEGRITY_ALTERED,
    malformed = MAILSEAL_INTEGRITY_MALFORMED,
};

/// Whether anything the program trusts says who the signer is.
enum class Trust : std::int32_t {
    unknown = MAILSEAL_TRUST_UNKNOWN,
    trusted = MAILSEAL_TRUST_TRUSTED,
    expired = MAILSEAL_TRUST_EXPIRED,
    revoked = MAILSEAL_TRUST_REVOKED,
};

/// A certificate of a path.
class Step {
public:
    Step(std::shared_ptr<const mailseal_evidence> evidence, std::size_t index) noexcept
        : evidence_(std::move(evidence)), index_(index) {}
    /// In words, safe to print, on one line: name, dates, fingerprint, where it came from, what was checked.
    std::string_view text(std::string_view language = "en") const {
        return detail::view(mailseal_evidence_step_text(evidence_.get(), index_, detail::Text(language).c()));
    }
    /// Upper-case hexadecimal.
    std::string_view fingerprint() const noexcept {
        return detail::view(mailseal_evidence_step_fingerprint(evidence_.get(), index_));
    }

private:
    std::shared_ptr<const mailseal_evidence> evidence_;
    std::size_t index_;
};

/// Why a signer is believed: a path that starts at you.
class Evidence {
public:
    explicit Evidence(std::shared_ptr<const mailseal_evidence> evidence) noexcept : evidence_(std::move(evidence)) {}
    /// The path in words, safe to print: `you → Partner CA (*@partner.example) → Bob`.
    std::string_view text(std::string_view language = "en") const {
        return detail::view(mailseal_evidence_text(evidence_.get(), detail::Text(language).c()));
    }
    /// Its certificates: the anchor first, the signer last.
    List<Step, mailseal_evidence> steps() const {
        return {evidence_, mailseal_evidence_step_count(evidence_.get()),
                [](const auto& evidence, std::size_t index) { return Step(evidence, index); }};
    }

private:
    std::shared_ptr<const mailseal_evidence> evidence_;
};

/// Who signed, as the certificate says. A claim, unless Signature::trust is Trust::trusted.
class Signer {
public:
    explicit Signer(std::shared_ptr<const mailseal_signature> signature) noexcept : signature_(std::move(signature)) {}
    /// The address: the one that is the From, otherwise the first; empty where there is none.
    std::string_view mailbox() const noexcept { return detail::view(mailseal_signature_signer_mailbox(signature_.get())); }
    /// Of the certificate, upper-case hexadecimal: SHA-256 of an X.509 one.
    std::string_view fingerprint() const noexcept {
        return detail::view(mailseal_signature_signer_fingerprint(signature_.get()));
    }
    /// Whether the certificate names the one From address of the letter.
    bool is_from() const noexcept { return mailseal_signature_is_from(signature_.get()); }

private:
    std::shared_ptr<const mailseal_signature> signature_;
};

/// One signature, by one signer.
class Signature {
public:
    explicit Signature(std::shared_ptr<const mailseal_signature> signature) noexcept : signature_(std::move(signature)) {}
    Integrity integrity() const noexcept {
        return detail::known(mailseal_signature_integrity(signature_.get()), Integrity::malformed);
    }
    Trust trust() const noexcept { return detail::known(mailseal_signature_trust(signature_.get()), Trust::revoked); }
    /// The certificate that it was checked with; nobody where none was found.
    std::optional<Signer> signer() const {
        Signer signer(signature_);
        if (signer.fingerprint().empty()) return std::nullopt;
        return signer;
    }
    /// Paths from what the program trusts to the signer, the best one first.
    List<Evidence, mailseal_signature> evidence() const {
        return {signature_, mailseal_signature_evidence_count(signature_.get()), [](const auto& signature, std::size_t index) {
                    return Evidence(detail::part(signature, mailseal_signature_evidence(signature.get(), index)));
                }};
    }

    /// When the signer says that it was signed: a claim.
    std::optional<Time> claimed_time() const noexcept {
        const auto at = mailseal_signature_claimed_time(signature_.get());
        return at == 0 ? std::nullopt : std::optional(detail::time(at));
    }
    /// What was observed of it.
    List<Finding, mailseal_signature> findings() const {
        return {signature_, mailseal_signature_finding_count(signature_.get()), [](const auto& signature, std::size_t index) {
                    return Finding(detail::part(signature, mailseal_signature_finding(signature.get(), index)));
                }};
    }

private:
    std::shared_ptr<const mailseal_signature> signature_;
};

}  // namespace mailseal

#endif  // MAILSEAL_SIGNATURE_HPP
