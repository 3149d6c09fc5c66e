// One layer of cryptography.
#ifndef MAILSEAL_LAYER_HPP
#define MAILSEAL_LAYER_HPP

#include <mailseal/finding.hpp>

namespace mailseal {

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

/// Some octets: from `start` on, `end` is not one of them. Both 0 is none.
struct Range {
    std::uint64_t start = 0;  ///< the first octet, counted from 0
    std::uint64_t end = 0;    ///< the octet after the last
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
    /// Its octets, counted as those of its part.
    Range range() const noexcept {
        const auto range = mailseal_layer_range(layer_.get());
        return {range.start, range.end};
    }
    /// What was observed of it; what was of a signature is with that.
    List<Finding, mailseal_layer> findings() const {
        return {layer_, mailseal_layer_finding_count(layer_.get()), [](const auto& layer, std::size_t index) {
                    return Finding(detail::part(layer, mailseal_layer_finding(layer.get(), index)));
                }};
    }
    /// Whom it is encrypted to.
    List<Recipient, mailseal_layer> recipients() const {
        return {layer_, mailseal_layer_recipient_count(layer_.get()),
                [](const auto& layer, std::size_t index) { return Recipient(layer, index); }};
    }

private:
    std::shared_ptr<const mailseal_layer> layer_;
};

}  // namespace mailseal

#endif  // MAILSEAL_LAYER_HPP
