// Recipe for outgoing letters: Composer; one for a group of a plan: Sealing; a letter that lacks its signature: Prepared.
#ifndef MAILSEAL_COMPOSER_HPP
#define MAILSEAL_COMPOSER_HPP

#include <mailseal/key.hpp>
#include <mailseal/plan.hpp>
#include <mailseal/report.hpp>

namespace mailseal {

/// A letter that lacks its signature.
class Prepared {
public:
    /// Takes over a letter of C.
    explicit Prepared(mailseal_prepared* taken) noexcept : handle_(taken) {}

    /// With what it has to be signed: `ecdsa-p256-sha256`. Lives as long as the library.
    std::string_view scheme() const noexcept { return detail::view(mailseal_prepared_scheme(handle_.get())); }
    /// What has to be signed, as a SignCallback would be given it. Lives as long as this.
    Bytes to_sign() const noexcept { return Bytes(mailseal_prepared_to_sign(handle_.get())); }

    /// Writes the letter, if the signature fits; otherwise not an octet. Once.
    Result<void> finish(Bytes signature, Output output) {
        mailseal_error* error = nullptr;
        const auto status = finish(signature, output.release(), &error);
        return detail::done(status, error);
    }
    /// The same, in memory.
    Result<Buffer> finish(Bytes signature) {
        return detail::written([&](mailseal_output* output, mailseal_error** error) { return finish(signature, output, error); });
    }

private:
    mailseal_status finish(Bytes signature, mailseal_output* output, mailseal_error** error) {
        return mailseal_prepared_finish(handle_.get(), signature.data(), signature.size(), output, error);
    }
    detail::Owned<mailseal_prepared, mailseal_prepared_free> handle_;
};

class Sealing;

/// Recipe for outgoing letters. Takes settings until the first letter; then unchanging, shared by all threads. Copies are
/// the same composer. A setting that comes too late is an Error of each call that writes a letter.
class Composer {
public:
    /// Does nothing yet.
    explicit Composer(const Context& context) : recipe_(mailseal_composer_new(context.c()), context.faults()) {}

    /// Signs with this key, too. All that sign a letter are of one protocol: that of the group it is encrypted to, where
    /// it is.
    Composer sign(const Key& key) {
        return set([&](mailseal_error** error) { return mailseal_composer_sign(recipe_.c(), key.c(), error); });
    }
    /// Puts the letter inside the signature, as application/pkcs7-mime, instead of beside it. S/MIME only.
    Composer opaque(bool opaque = true) {
        return set([&](mailseal_error** error) { return mailseal_composer_opaque(recipe_.c(), opaque, error); });
    }
    /// Signs header fields as well (RFC 9788). On unless switched off.
    Composer protect_headers(bool protect = true) {
        return set([&](mailseal_error** error) { return mailseal_composer_protect_headers(recipe_.c(), protect, error); });
    }
    /// Says in S/MIME signatures that who signs reads these ciphers, the preferred first, with commas between: for people
    /// who read with another program.
    Result<Composer> reads(std::string_view ciphers) {
        mailseal_error* error = nullptr;
        const auto status = mailseal_composer_reads(recipe_.c(), detail::Text(ciphers).c(), &error);
        return told(status, error);
    }
    /// Adds an Autocrypt header field for From: the OpenPGP certificate of a key of the composer that names it. `mutual`
    /// says that one would have letters encrypted. A letter to several people carries their certificates inside.
    Composer autocrypt(bool mutual = false) {
        return set([&](mailseal_error** error) { return mailseal_composer_autocrypt(recipe_.c(), mutual, error); });
    }
    /// What stands outside of the header of an encrypted letter (RFC 9788): `baseline`, as without it, `shy` or `none`.
    Composer header_confidentiality(std::string_view name) {
        return set([&](mailseal_error** error) {
            return mailseal_composer_header_confidentiality(recipe_.c(), detail::Text(name).c(), error);
        });
    }
    /// Repeats at the head of the text what an encrypted letter does not show outside, for programs that do not know RFC
    /// 9788.
    Composer legacy_display(bool legacy_display = true) {
        return set([&](mailseal_error** error) {
            return mailseal_composer_legacy_display(recipe_.c(), legacy_display, error);
        });
    }
    /// What was seen in the letter that is answered: what that one hid in its header stays hidden (RFC 9788 section 6.1).
    Composer reply_to(const Report& report) {
        return set([&](mailseal_error** error) { return mailseal_composer_reply_to(recipe_.c(), report.c(), error); });
    }
    /// Signs although a key does not name the From of the draft: receivers will be warned.
    Composer allow_other_from() {
        return set([&](mailseal_error** error) { return mailseal_composer_allow_other_from(recipe_.c(), error); });
    }
    /// Sends to this address, a recipient of the envelope, besides those named before: the policy's rules are asked about
    /// them, and otherwise about To, Cc, Bcc, Resent-To, -Cc and -Bcc of the draft.
    Composer recipient(std::string_view mailbox) {
        return set([&](mailseal_error** error) {
            return mailseal_composer_add_recipient(recipe_.c(), detail::Text(mailbox).c(), error);
        });
    }
    /// Somebody has said yes to the first letter to this domain, where the policy asks.
    Composer confirm(std::string_view domain) {
        return set([&](mailseal_error** error) {
            return mailseal_composer_confirm(recipe_.c(), detail::Text(domain).c(), error);
        });
    }
    /// Writes what the policy holds: the program keeps it until somebody lets it go.
    Composer hold(bool holds = true) {
        return set([&](mailseal_error** error) { return mailseal_composer_hold(recipe_.c(), holds, error); });
    }
    /// Signs once more around the encryption (RFC 2634 section 1.1).
    Composer triple_wrap(bool triple = true) {
        return set([&](mailseal_error** error) { return mailseal_composer_triple_wrap(recipe_.c(), triple, error); });
    }
    /// Encrypts to this certificate, too, believed or not: one recipient's first, then those of authorities.
    Result<Composer> encrypt_to(Input certificate) {
        mailseal_error* error = nullptr;
        const auto status = mailseal_composer_encrypt_to(recipe_.c(), certificate.release(), &error);
        return told(status, error);
    }
    /// The same; nobody is encrypted to by the others of its file.
    Result<Composer> encrypt_to(const Certificate& certificate) {
        mailseal_error* error = nullptr;
        const auto status = mailseal_composer_encrypt_to_certificate(recipe_.c(), certificate.c(), &error);
        return told(status, error);
    }
    /// Encrypts S/MIME with this cipher: `"AES-256-GCM"`, … as `mailseal_composer_cipher` lists them.
    Result<Composer> cipher(std::string_view name) {
        mailseal_error* error = nullptr;
        const auto status = mailseal_composer_cipher(recipe_.c(), detail::Text(name).c(), &error);
        return told(status, error);
    }

    /// The same for the people of a group: signed, and encrypted to them.
    Sealing encrypt(const Group& group) const;

    /// Signs and encrypts a draft, a finished RFC 5322 message, and writes the letter. `at` is the time of signing.
    Result<void> compose(Input draft, Time at, Output output) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        mailseal_error* error = nullptr;
        const auto status = mailseal_composer_compose(c(), draft.release(), detail::seconds(at), output.release(), &error);
        return detail::done(status, error);
    }
    /// The same, in memory.
    Result<Buffer> compose(Input draft, Time at) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        return detail::written([&](mailseal_output* output, mailseal_error** error) {
            return mailseal_composer_compose(c(), draft.release(), detail::seconds(at), output, error);
        });
    }
    /// The first of two phases, for a signature that is made elsewhere or later (Key::deferred). The composer has one key.
    Result<Prepared> prepare(Input draft, Time at) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        mailseal_prepared* prepared = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_composer_prepare(c(), draft.release(), detail::seconds(at), &prepared, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Prepared(prepared);
    }

    /// The object of C; stays this one's.
    const mailseal_composer* c() const noexcept { return recipe_.c(); }

private:
    friend class Sealing;
    template <class Set>
    Composer set(Set&& set) {
        mailseal_error* error = nullptr;
        const auto status = set(&error);
        recipe_.faults()->keep(status, error);
        return *this;
    }
    Result<Composer> told(mailseal_status status, mailseal_error* error) {
        if (status != MAILSEAL_OK) return Error(status, error);
        return *this;
    }
    detail::Recipe<mailseal_composer, mailseal_composer_free> recipe_;
};

/// Writes the letter of one group.
class Sealing {
public:
    /// Writes the draft that was planned, signed by those keys of the composer that are of the group's protocol, and
    /// encrypted.
    Result<void> compose(Input draft, Time at, Output output) const {
        if (auto fault = this->fault()) return *std::move(fault);
        mailseal_error* error = nullptr;
        const auto status = compose(draft, at, output.release(), &error);
        return detail::done(status, error);
    }
    /// The same, in memory.
    Result<Buffer> compose(Input draft, Time at) const {
        if (auto fault = this->fault()) return *std::move(fault);
        return detail::written(
            [&](mailseal_output* output, mailseal_error** error) { return compose(draft, at, output, error); });
    }

private:
    friend class Composer;
    Sealing(Composer composer, Group group) : composer_(std::move(composer)), group_(std::move(group)) {}

    std::optional<Error> fault() const {
        if (group_.planned_ == nullptr || group_.planned_->changes != group_.changes_)
            return Error(Status::misuse, "the plan was changed after this group was made");
        return composer_.recipe_.faults()->first();
    }
    mailseal_status compose(Input& draft, Time at, mailseal_output* output, mailseal_error** error) const {
        return mailseal_plan_compose(group_.planned_->plan.get(), group_.index_, composer_.c(), draft.release(),
                                     detail::seconds(at), output, error);
    }

    Composer composer_;
    Group group_;
};

inline Sealing Composer::encrypt(const Group& group) const { return {*this, group}; }

}  // namespace mailseal

#endif  // MAILSEAL_COMPOSER_HPP
