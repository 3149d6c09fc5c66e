// New keys, for people who have none yet: the recipe NewKey, and what is made of it, MadeKey.
#ifndef MAILSEAL_NEW_KEY_HPP
#define MAILSEAL_NEW_KEY_HPP

#include <mailseal/detail.hpp>

#include <limits>

namespace mailseal {

/// A key that was made, as files hold it. What is secret is wiped when it is destroyed. All octets live as long as this.
class MadeKey {
public:
    /// Takes over a made key of C.
    explicit MadeKey(mailseal_made_key* taken) noexcept : handle_(taken) {}

    /// The private key, for a file that only its owner can read; Key::load takes it. Of OpenPGP, a secret key in armor. Of
    /// S/MIME, PKCS#12 with the certificate that it signed itself, or PKCS#8 in PEM, which is to be joined with the
    /// certificate that the authority gives.
    Bytes key() const noexcept { return Bytes(mailseal_made_key_key(handle_.get())); }
    /// The certificate, to give away. Empty of S/MIME unless it signed itself.
    Bytes certificate() const noexcept { return Bytes(mailseal_made_key_certificate(handle_.get())); }
    /// The request for a certification authority: PKCS#10 in PEM. Empty of OpenPGP, and where it signed itself.
    Bytes request() const noexcept { return Bytes(mailseal_made_key_request(handle_.get())); }
    /// The certificate as revoked: to be kept in a safe place, and given away the day the key is lost. Empty of S/MIME.
    Bytes revocation() const noexcept { return Bytes(mailseal_made_key_revocation(handle_.get())); }

private:
    detail::Owned<mailseal_made_key, mailseal_made_key_free> handle_;
};

/// Recipe for a new key. Takes settings until the first key is made; each key that is made of it is another one. Copies are
/// the same recipe. A setting that comes too late is an Error of make().
class NewKey {
public:
    /// For a protocol: `S/MIME` or `OpenPGP`. Unless told otherwise they are P-256 or Ed25519 with X25519, and end three
    /// years after they are made. They need an address.
    static Result<NewKey> of(std::string_view protocol) {
        const detail::Text text(protocol);
        mailseal_new_key* new_key = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_new_key_new(text.c(), &new_key, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return NewKey(new_key);
    }

    /// Names this address, too. The first is the usual one.
    Result<NewKey> add_address(std::string_view mailbox) {
        const detail::Text text(mailbox);
        mailseal_error* error = nullptr;
        const auto status = mailseal_new_key_add_address(c(), text.c(), &error);
        return told(status, error);
    }
    /// Another kind of key: `p-256`, `rsa-3072`, … as `mailseal_new_key_set_algorithm` lists them.
    Result<NewKey> algorithm(std::string_view name) {
        const detail::Text text(name);
        mailseal_error* error = nullptr;
        const auto status = mailseal_new_key_set_algorithm(c(), text.c(), &error);
        return told(status, error);
    }
    /// What its holder is called.
    NewKey name(std::string_view name) {
        const detail::Text text(name);
        return set([&](mailseal_error** error) { return mailseal_new_key_set_name(c(), text.c(), error); });
    }
    /// When it ends; `Time::max()` is never, which a certificate of S/MIME cannot say.
    NewKey expires(Time end) {
        const auto seconds = end == Time::max() ? std::numeric_limits<std::int64_t>::max() : detail::seconds(end);
        return set([&](mailseal_error** error) { return mailseal_new_key_set_expires(c(), seconds, error); });
    }
    /// An OpenPGP key of version 6 (RFC 9580), which GnuPG does not read, instead of version 4.
    NewKey version_6() {
        return set([&](mailseal_error** error) { return mailseal_new_key_version_6(c(), error); });
    }
    /// For S/MIME, a certificate that the key signs itself, instead of a request to an authority.
    NewKey self_signed() {
        return set([&](mailseal_error** error) { return mailseal_new_key_self_signed(c(), error); });
    }

    /// Makes a key that begins at `at`, protected by a password.
    Result<MadeKey> make(const Secret& password, Time at) const {
        if (password.bytes().text().find('\0') != std::string_view::npos)
            return Error(Status::misuse, "a password with a zero octet in it");
        Buffer text(password.bytes());
        text.append(std::string_view("\0", 1));
        return made(reinterpret_cast<const char*>(text.data()), at);
    }
    /// The same without a password: whoever has the file has the key.
    Result<MadeKey> make_unprotected(Time at) const { return made(nullptr, at); }

    /// The object of C; stays this one's.
    mailseal_new_key* c() const noexcept { return recipe_.c(); }

private:
    explicit NewKey(mailseal_new_key* taken) : recipe_(taken) {}
    Result<MadeKey> made(const char* password, Time at) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        mailseal_made_key* key = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_new_key_make(c(), password, detail::seconds(at), &key, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return MadeKey(key);
    }
    template <class Set>
    NewKey set(Set&& set) {
        mailseal_error* error = nullptr;
        const auto status = set(&error);
        recipe_.faults()->keep(status, error);
        return *this;
    }
    Result<NewKey> told(mailseal_status status, mailseal_error* error) {
        if (status != MAILSEAL_OK) return Error(status, error);
        return *this;
    }
    detail::Recipe<mailseal_new_key, mailseal_new_key_free> recipe_;
};

}  // namespace mailseal

#endif  // MAILSEAL_NEW_KEY_HPP
