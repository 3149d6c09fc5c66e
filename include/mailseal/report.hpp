// What was seen in a letter: Report, Layer, Signature, Evidence.
//
// All of them, and the lists of them, keep the opened letter alive; what they say as string_view lives as long as any of
// them. So `auto s = opener.open(…).value().report().signatures()[0];` is sound.
#ifndef MAILSEAL_REPORT_HPP
#define MAILSEAL_REPORT_HPP

#include <mailseal/request.hpp>

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

/// What a layer is.
enum class LayerKind : std::int32_t {
    unknown = MAILSEAL_LAYER_UNKNOWN,
    is_signed = MAILSEAL_LAYER_SIGNED,  ///< `signed` is a word of the language
    encrypted = MAILSEAL_LAYER_ENCRYPTED,
    compressed = MAILSEAL_LAYER_COMPRESSED,
};

/// What came of an encrypted layer.
enum class Decryption : std::int32_t {
    not_tried = MAILSEAL_DECRYPTION_NOT_TRIED,
    no_key = MAILSEAL_DECRYPTION_NO_KEY,
    failed = MAILSEAL_DECRYPTION_FAILED,
    withheld = MAILSEAL_DECRYPTION_WITHHELD,
    opened = MAILSEAL_DECRYPTION_OPENED,
};

/// How a content key reaches its recipient.
enum class RecipientKind : std::int32_t {
    other = MAILSEAL_RECIPIENT_OTHER,
    key_transport = MAILSEAL_RECIPIENT_KEY_TRANSPORT,
    key_agreement = MAILSEAL_RECIPIENT_KEY_AGREEMENT,
    key_encryption_key = MAILSEAL_RECIPIENT_KEY_ENCRYPTION_KEY,
    password = MAILSEAL_RECIPIENT_PASSWORD,
};

namespace detail {

/// A part of `parent`, which it keeps alive.
template <class Part, class Parent>
std::shared_ptr<const Part> part(const std::shared_ptr<const Parent>& parent, const Part* part) noexcept {
    return std::shared_ptr<const Part>(parent, part);
}

}  // namespace detail

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

private:
    std::shared_ptr<const mailseal_signature> signature_;
};

/// Whom a layer is encrypted to, as it says itself: nothing there is signed.
class Recipient {
public:
    Recipient(std::shared_ptr<const mailseal_layer> layer, std::size_t index) noexcept : layer_(std::move(layer)), index_(index) {}
    RecipientKind kind() const noexcept {
        return detail::known(mailseal_layer_recipient_kind(layer_.get(), index_), RecipientKind::password);
    }
    /// As the letter names it; empty for a hidden recipient or a password.
    std::string_view name() const noexcept { return detail::view(mailseal_layer_recipient_name(layer_.get(), index_)); }
    /// `RSAES-OAEP SHA-256`.
    std::string_view algorithm() const noexcept { return detail::view(mailseal_layer_recipient_algorithm(layer_.get(), index_)); }

private:
    std::shared_ptr<const mailseal_layer> layer_;
    std::size_t index_;
};

/// The certificate whose key opened a layer.
class OpenedBy {
public:
    explicit OpenedBy(std::shared_ptr<const mailseal_layer> layer) noexcept : layer_(std::move(layer)) {}
    /// Upper-case hexadecimal.
    std::string_view fingerprint() const noexcept { return detail::view(mailseal_layer_opened_by_fingerprint(layer_.get())); }
    /// The addresses that it names.
    List<std::string_view, mailseal_layer> mailboxes() const {
        return {layer_, mailseal_layer_opened_by_mailbox_count(layer_.get()), [](const auto& layer, std::size_t index) {
                    return detail::view(mailseal_layer_opened_by_mailbox(layer.get(), index));
                }};
    }
    /// No longer valid at the time of opening: the sender should be given the new one.
    bool is_old() const noexcept { return mailseal_layer_opened_by_is_old(layer_.get()); }

private:
    std::shared_ptr<const mailseal_layer> layer_;
};

/// One layer of cryptography.
class Layer {
public:
    explicit Layer(std::shared_ptr<const mailseal_layer> layer) noexcept : layer_(std::move(layer)) {}
    LayerKind kind() const noexcept { return detail::known(mailseal_layer_kind(layer_.get()), LayerKind::compressed); }
    /// The part that is the layer: `0` is the letter itself, `2.1` the first part of its second part.
    std::string_view part() const noexcept { return mailseal_layer_part(layer_.get()); }
    /// `S/MIME` or `OpenPGP`; empty of a compressed layer.
    std::string_view protocol() const noexcept { return detail::view(mailseal_layer_protocol(layer_.get())); }
    /// Whether it wraps the whole letter.
    bool is_envelope() const noexcept { return mailseal_layer_is_envelope(layer_.get()); }
    /// What came of it, if it is encrypted.
    Decryption decryption() const noexcept { return detail::known(mailseal_layer_decryption(layer_.get()), Decryption::opened); }
    /// `AES-256-GCM`; empty where that could not be read.
    std::string_view cipher() const noexcept { return detail::view(mailseal_layer_cipher(layer_.get())); }
    /// Whether a change of the ciphertext is noticed. No for CBC.
    bool is_authenticated() const noexcept { return mailseal_layer_is_authenticated(layer_.get()); }
    /// The certificate whose key opened it; none where a password did, or nothing.
    std::optional<OpenedBy> opened_by() const {
        OpenedBy opened_by(layer_);
        if (opened_by.fingerprint().empty()) return std::nullopt;
        return opened_by;
    }
    /// Whom it is encrypted to.
    List<Recipient, mailseal_layer> recipients() const {
        return {layer_, mailseal_layer_recipient_count(layer_.get()),
                [](const auto& layer, std::size_t index) { return Recipient(layer, index); }};
    }

private:
    std::shared_ptr<const mailseal_layer> layer_;
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
