// A private key with its certificates.
#ifndef MAILSEAL_KEY_HPP
#define MAILSEAL_KEY_HPP

#include <mailseal/input.hpp>

namespace mailseal {

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

    /// The object of C; stays this one's.
    const mailseal_key* c() const noexcept { return handle_.get(); }

private:
    explicit Key(mailseal_key* taken) noexcept : handle_(taken) {}
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
