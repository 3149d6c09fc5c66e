// The sending domain: checks of letters, and signatures for domains (DKIM).
#ifndef MAILSEAL_DOMAIN_HPP
#define MAILSEAL_DOMAIN_HPP

#include <mailseal/opener.hpp>
#include <mailseal/output.hpp>

namespace mailseal {

/// Answers a question to the DNS, name and kind (`"TXT"`, `"MX"`, `"A"`, `"AAAA"`, `"PTR"`): the records as in a zone file,
/// without quotes, each with a zero octet behind it; `declined` where there is no such name, no value where there was no
/// answer. Called by several threads at once; it has to end in bounded time.
using LookupCallback = std::function<Reply(std::string_view name, std::string_view kind)>;

namespace detail {
inline std::int32_t call_lookup(void* userdata, const char* name, const char* kind, mailseal_buffer* into) noexcept {
    return quiet(MAILSEAL_ERROR_UNAVAILABLE, [&] {
        const auto reply = (*static_cast<const LookupCallback*>(userdata))(name, kind);
        return reply.answer(into, MAILSEAL_ERROR_UNAVAILABLE, MAILSEAL_ERROR_UNAVAILABLE);
    });
}
}  // namespace detail

/// How a letter arrived: what the server that took it knows. SPF needs it.
struct Connection {
    std::string client;     ///< the address of the client
    std::string helo;       ///< what it called itself
    std::string mail_from;  ///< the envelope sender; empty for a delivery report
};

/// Checks SPF, DKIM, ARC and DMARC of letters. Never changes, shared by all threads; copies are the same check.
class DomainCheck {
public:
    /// Asks the program.
    static Result<DomainCheck> with(LookupCallback lookup) {
        mailseal_domain_check* check = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_domain_check_new(detail::call_lookup, new LookupCallback(std::move(lookup)),
                                                      detail::finalize<LookupCallback>, &check, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return DomainCheck(check);
    }
    /// Asks a server of the DNS, `"127.0.0.1:53"`, or those of the system.
    static Result<DomainCheck> dns(std::string_view server = "") {
        const detail::Text text(server);
        mailseal_domain_check* check = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_domain_check_dns(text.c(), &check, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return DomainCheck(check);
    }

    /// Looks at a letter as Opener::open does, and at its sending domain: `/domain` of the report. No verdict changes by
    /// what is found.
    Result<Opened> open(const Opener& opener, Input input, const Connection& connection, Time at) const {
        const detail::Text client(connection.client), helo(connection.helo), from(connection.mail_from);
        return opener.look([&](mailseal_opened** opened, mailseal_error** error) {
            return mailseal_domain_check_open(c(), opener.c(), input.release(), client.c(), helo.c(), from.c(),
                                              detail::seconds(at), opened, error);
        });
    }

    /// What is wrong with the SPF, DKIM and DMARC records of a domain: a JSON array. `selectors` are names of DKIM keys,
    /// separated by blanks.
    Result<std::string> examine(std::string_view domain, std::string_view selectors = "") const {
        const detail::Text which(domain), keys(selectors);
        std::unique_ptr<mailseal_buffer, detail::Free<mailseal_buffer_free>> found(mailseal_buffer_new());
        mailseal_error* error = nullptr;
        const auto status = mailseal_domain_check_examine(c(), which.c(), keys.c(), found.get(), &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return detail::copied(found.release());
    }

    /// The object of C; stays this one's.
    const mailseal_domain_check* c() const noexcept { return check_.get(); }

private:
    explicit DomainCheck(mailseal_domain_check* taken) : check_(taken, detail::Free<mailseal_domain_check_free>()) {}
    std::shared_ptr<const mailseal_domain_check> check_;
};

/// Signs letters for a domain (DKIM), after all else. Never changes, shared by all threads; copies are the same signer.
class DkimSigner {
public:
    /// With the private key of a file, RSA or Ed25519, PEM or DER.
    static Result<DkimSigner> load(Input key, std::string_view domain, std::string_view selector) {
        const detail::Text which(domain), name(selector);
        mailseal_dkim_signer* signer = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_dkim_signer_load(key.release(), which.c(), name.c(), &signer, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return DkimSigner(signer);
    }

    /// Writes the letter with a signature on top.
    Result<void> sign(Input letter, Time at, Output output) const {
        mailseal_error* error = nullptr;
        const auto status = mailseal_dkim_signer_sign(c(), letter.release(), detail::seconds(at), output.release(), &error);
        return detail::done(status, error);
    }
    /// What has to stand in the DNS, as TXT of `SELECTOR._domainkey.DOMAIN`.
    std::string record() const { return detail::copied(mailseal_dkim_signer_record(c())); }

    /// The object of C; stays this one's.
    const mailseal_dkim_signer* c() const noexcept { return signer_.get(); }

private:
    explicit DkimSigner(mailseal_dkim_signer* taken) : signer_(taken, detail::Free<mailseal_dkim_signer_free>()) {}
    std::shared_ptr<const mailseal_dkim_signer> signer_;
};

}  // namespace mailseal

#endif  // MAILSEAL_DOMAIN_HPP
