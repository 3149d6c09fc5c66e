// What callbacks are asked, and what they answer.
#ifndef MAILSEAL_REQUEST_HPP
#define MAILSEAL_REQUEST_HPP

#include <mailseal/detail.hpp>

#include <functional>

namespace mailseal {

/// What something is fetched for.
enum class Purpose : std::int32_t {
    none = MAILSEAL_PURPOSE_NONE,
    aia = MAILSEAL_PURPOSE_AIA,    ///< the certificate of an issuer (RFC 5280 section 4.2.2.1)
    crl = MAILSEAL_PURPOSE_CRL,    ///< a certificate revocation list (RFC 5280 section 4.2.1.13)
    ocsp = MAILSEAL_PURPOSE_OCSP,  ///< an answer of an OCSP responder (RFC 6960 appendix A.1)
    wkd = MAILSEAL_PURPOSE_WKD,    ///< a certificate from a Web Key Directory
};

/// What a password is asked for. Lives until the callback returns.
class PasswordRequest {
public:
    explicit PasswordRequest(const mailseal_request* request) noexcept : request_(request) {}
    /// What is to be unlocked, in English.
    std::string_view subject() const noexcept { return detail::view(mailseal_request_subject(request_)); }
    /// How often it was asked for before: 0 the first time.
    std::uint32_t attempt() const noexcept { return mailseal_request_attempt(request_); }

private:
    const mailseal_request* request_;
};

/// What is fetched, or would have been (Report::wants, which it keeps alive). In a callback it lives until that returns.
class FetchRequest {
public:
    explicit FetchRequest(std::shared_ptr<const mailseal_request> request) noexcept : request_(std::move(request)) {}
    Purpose purpose() const noexcept { return detail::known(mailseal_request_purpose(request_.get()), Purpose::wkd); }
    /// From where: `http` or `https`. The program resolves names itself, and refuses what leads into its own network.
    std::string_view url() const noexcept { return detail::view(mailseal_request_url(request_.get())); }
    /// What to POST there, an OCSP request; empty is a GET.
    Bytes body() const noexcept { return Bytes(mailseal_request_body(request_.get())); }
    /// An answer of more octets counts as none.
    std::uint64_t max_bytes() const noexcept { return mailseal_request_max_bytes(request_.get()); }

private:
    std::shared_ptr<const mailseal_request> request_;
};

/// What a callback answers that declines: "this I do not fetch", "this is not for my key".
struct Declined {};
/// What a callback answers that cannot now: no network, the token is away.
struct Unavailable {};
inline constexpr Declined declined{};        ///< of type Declined
inline constexpr Unavailable unavailable{};  ///< of type Unavailable

/// The answer of a callback: octets, `declined` or `unavailable`. A `std::optional<Buffer>` will do: without a value it
/// is what the callback says that it is.
class Reply {
public:
    Reply(Buffer octets) : octets_(std::move(octets)), given_(true) {}
    Reply(std::optional<Buffer> octets) : given_(octets.has_value()) {
        if (octets) octets_ = std::move(*octets);
    }
    Reply(std::nullopt_t) {}
    Reply(Declined) : status_(MAILSEAL_DECLINED) {}
    Reply(Unavailable) : status_(MAILSEAL_ERROR_UNAVAILABLE) {}

    /// For C: puts the octets into `into`. `nothing` is what no value means, `away` what `unavailable` does.
    mailseal_status answer(mailseal_buffer* into, mailseal_status nothing, mailseal_status away) const {
        if (given_) return mailseal_buffer_append(into, octets_.data(), octets_.size());
        if (status_ == MAILSEAL_ERROR_UNAVAILABLE) return away;
        return status_ == MAILSEAL_OK ? nothing : status_;
    }

private:
    Buffer octets_;
    bool given_ = false;
    mailseal_status status_ = MAILSEAL_OK;
};

// An exception in a callback counts as what no value means. Where the call fails for that, `value()` throws it again;
// where it does not, as of what is fetched, the exception ends there. Which threads they come in: include/README.md, Threads.

/// Asks for a password; no value gives up.
using PasswordCallback = std::function<std::optional<Secret>(const PasswordRequest&)>;
/// Fetches; no value is `unavailable`. Nothing of that fails the call: what is not known for want of it is a finding.
using FetchCallback = std::function<Reply(const FetchRequest&)>;
/// Signs with a key that lives elsewhere: scheme and digest (or what is to be signed) → signature, ECDSA as DER. No value
/// is `unavailable`, which fails the call with Status::key_unavailable.
using SignCallback = std::function<Reply(std::string_view scheme, Bytes to_sign)>;
/// Opens the key of a letter with a private key that lives elsewhere: method and wrapped key → what comes out, as
/// `mailseal_decrypt_callback` says. No value, `declined` and an exception are all that is wrong with the wrapped key, of
/// which nobody is told; `unavailable` fails the call, and must not depend on the wrapped key.
using DecryptCallback = std::function<Reply(std::string_view method, Bytes wrapped)>;

namespace detail {

inline std::int32_t call_password(void* userdata, const mailseal_request* request, mailseal_buffer* into) noexcept {
    return guarded(MAILSEAL_DECLINED, [&]() -> std::int32_t {
        const auto secret = (*static_cast<const PasswordCallback*>(userdata))(PasswordRequest(request));
        return secret ? mailseal_buffer_append(into, secret->bytes().data(), secret->bytes().size()) : MAILSEAL_DECLINED;
    });
}

inline std::int32_t call_fetch(void* userdata, const mailseal_request* request, mailseal_buffer* into) noexcept {
    return quiet(MAILSEAL_ERROR_UNAVAILABLE, [&] {
        const FetchRequest asked(std::shared_ptr<const mailseal_request>(std::shared_ptr<void>(), request));
        const auto reply = (*static_cast<const FetchCallback*>(userdata))(asked);
        return reply.answer(into, MAILSEAL_ERROR_UNAVAILABLE, MAILSEAL_ERROR_UNAVAILABLE);
    });
}

inline std::int32_t call_sign(void* userdata, const char* scheme, mailseal_slice to_sign, mailseal_buffer* into) noexcept {
    return guarded(MAILSEAL_ERROR_KEY_UNAVAILABLE, [&] {
        const auto reply = (*static_cast<const SignCallback*>(userdata))(scheme, Bytes(to_sign));
        return reply.answer(into, MAILSEAL_ERROR_KEY_UNAVAILABLE, MAILSEAL_ERROR_KEY_UNAVAILABLE);
    });
}

inline std::int32_t call_decrypt(void* userdata, const char* method, mailseal_slice wrapped, mailseal_buffer* into) noexcept {
    return quiet(MAILSEAL_DECLINED, [&] {
        const auto reply = (*static_cast<const DecryptCallback*>(userdata))(method, Bytes(wrapped));
        return reply.answer(into, MAILSEAL_DECLINED, MAILSEAL_ERROR_KEY_UNAVAILABLE);
    });
}

}  // namespace detail

}  // namespace mailseal

#endif  // MAILSEAL_REQUEST_HPP
