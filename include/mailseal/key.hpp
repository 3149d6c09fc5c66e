// A private key with its certificates.
#ifndef MAILSEAL_KEY_HPP
#define MAILSEAL_KEY_HPP

#include <mailseal/certificate.hpp>

namespace mailseal {

/// Told of one use of a private key: JSON on one line, nothing secret in it; of a decryption it says that it was tried, never
/// whether it succeeded. Called in any thread that uses the key. An exception in it is ignored.
using AuditCallback = std::function<void(std::string_view line)>;

/// A private key, or its proxy, with its certificates. What kind of key it is decides the protocol. Shared by threads;
/// it may go as soon as a composer or an opener has it.
class Key {
public:
    /// Reads PKCS#12, PEM with key and certificates, or an OpenPGP secret key. `ask` is called only where a password is
    /// needed: here for PKCS#12 and PEM; for an OpenPGP key when it first signs or a letter is addressed to it.
    static Result<Key> load(Input input, PasswordCallback ask = nullptr) {
        auto asked = ask ? std::make_unique<PasswordCallback>(std::move(ask)) : nullptr;
        const auto call = asked != nullptr ? detail::call_password : nullptr;
        return made([&](mailseal_key** key, mailseal_error** error) {
            return mailseal_key_load(input.release(), call, asked.release(), detail::finalize<PasswordCallback>, key, error);
        });
    }

    /// A key that lives elsewhere and signs with `scheme`, as `mailseal_key_external` lists them. `certificates` has its
    /// own first. What comes back is checked before it is used.
    static Result<Key> external(Input certificates, std::string_view scheme, SignCallback sign) {
        const detail::Text text(scheme);
        auto called = std::make_unique<SignCallback>(std::move(sign));
        return made([&](mailseal_key** key, mailseal_error** error) {
            return mailseal_key_external(certificates.release(), text.c(), detail::call_sign, called.release(),
                                         detail::finalize<SignCallback>, key, error);
        });
    }

    /// A key that lives elsewhere and decrypts; it does not sign.
    static Result<Key> external_decryption(Input certificates, DecryptCallback decrypt) {
        auto called = std::make_unique<DecryptCallback>(std::move(decrypt));
        return made([&](mailseal_key** key, mailseal_error** error) {
            return mailseal_key_external_decryption(certificates.release(), detail::call_decrypt, called.release(),
                                                    detail::finalize<DecryptCallback>, key, error);
        });
    }

    /// A key that is not here: letters are prepared for it (Composer::prepare), and finished with a signature from
    /// elsewhere.
    static Result<Key> deferred(Input certificates) {
        return made([&](mailseal_key** key, mailseal_error** error) {
            return mailseal_key_deferred(certificates.release(), key, error);
        });
    }

    /// A key on a token or in an agent, by its name: `"pkcs11:token=office;object=alice"` (RFC 7512), `"gpg-agent:KEYGRIP"`.
    /// It signs; those that open letters are given to an opener (Opener::add_named_keys). `ask` is asked for the PIN.
    static Result<Key> open(std::string_view name, Input certificates, PasswordCallback ask = nullptr) {
        const detail::Text text(name);
        auto asked = ask ? std::make_unique<PasswordCallback>(std::move(ask)) : nullptr;
        const auto call = asked != nullptr ? detail::call_password : nullptr;
        return made([&](mailseal_key** key, mailseal_error** error) {
            return mailseal_key_open(text.c(), certificates.release(), call, asked.release(),
                                     detail::finalize<PasswordCallback>, key, error);
        });
    }

    /// The same key, with `audit` told of each use of it from now on. This one is as it was.
    Result<Key> audited(AuditCallback audit) const {
        auto called = std::make_unique<AuditCallback>(std::move(audit));
        return made([&](mailseal_key** key, mailseal_error** error) {
            return mailseal_key_audited(c(), call_audit, called.release(), detail::finalize<AuditCallback>, key, error);
        });
    }

    /// The certificate of the key.
    std::optional<Certificate> certificate() const {
        auto* certificate = mailseal_key_certificate(c());
        if (certificate == nullptr) return std::nullopt;
        return Certificate(certificate);
    }

    /// The object of C; stays this one's.
    const mailseal_key* c() const noexcept { return handle_.get(); }

private:
    explicit Key(mailseal_key* taken) noexcept : handle_(taken) {}
    static void call_audit(void* userdata, mailseal_slice line) noexcept {
        detail::quiet(MAILSEAL_OK, [&] {
            (*static_cast<const AuditCallback*>(userdata))(detail::view(line));
            return MAILSEAL_OK;
        });
    }
    template <class Make>
    static Result<Key> made(Make&& make) {
        mailseal_key* key = nullptr;
        mailseal_error* error = nullptr;
        const auto status = make(&key, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Key(key);
    }
    detail::Owned<mailseal_key, mailseal_key_free> handle_;
};

}  // namespace mailseal

#endif  // MAILSEAL_KEY_HPP
