// Whom the program trusts (TrustStore), and what all calls may know and use (Context).
#ifndef MAILSEAL_CONTEXT_HPP
#define MAILSEAL_CONTEXT_HPP

#include <mailseal/certificate.hpp>
#include <mailseal/dispatch.hpp>
#include <mailseal/memory.hpp>
#include <mailseal/output.hpp>
#include <mailseal/policy.hpp>

namespace mailseal {

/// Whom the program trusts, and for whom they may speak. Takes settings until a context is made of it. Copies are the
/// same store.
class TrustStore {
public:
    /// Trusts nobody.
    TrustStore() : recipe_(mailseal_trust_store_new()) {}
    /// Whom the user trusts, as `mailseal trust` keeps it in a folder. More can be added; the folder is not written.
    static Result<TrustStore> open(const std::string& path) {
        const detail::Text text(path);
        mailseal_trust_store* trust = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_trust_store_open(text.c(), &trust, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return TrustStore(trust);
    }

    /// Trusts all certificates of a file, PEM, DER or OpenPGP. `scope` says for whom, how long and for what: `"any"`,
    /// `"*@partner.example until=2027-12-31 for=sign assurance=organization"`. There is no default.
    Result<TrustStore> add_anchors(Input input, std::string_view scope) {
        const detail::Text text(scope);
        return set([&](mailseal_error** error) {
            return mailseal_trust_store_add_anchors(recipe_.c(), input.release(), text.c(), error);
        });
    }

    /// Trusts this certificate, not the others of its file.
    Result<TrustStore> add_anchor(const Certificate& certificate, std::string_view scope) {
        return set([&](mailseal_error** error) {
            return mailseal_trust_store_add_anchor(recipe_.c(), certificate.c(), detail::Text(scope).c(), error);
        });
    }

    /// Trusts the certificates of all files of a folder, `*.pem`, `*.crt`, `*.asc`, …
    Result<TrustStore> add_folder(const std::string& path, std::string_view scope) {
        return set([&](mailseal_error** error) {
            return mailseal_trust_store_add_folder(recipe_.c(), detail::Text(path).c(), detail::Text(scope).c(), error);
        });
    }

    /// Trusts what the system trusts for mail; refused where its list does not tell mail from web sites.
    Result<TrustStore> add_system_roots(std::string_view scope) {
        return set([&](mailseal_error** error) {
            return mailseal_trust_store_add_system_roots(recipe_.c(), detail::Text(scope).c(), error);
        });
    }

    /// Trusts an OpenPGP certificate to say who others are (Web of Trust). `amount` is 1 to 120, where 120 is full.
    Result<TrustStore> add_web_of_trust_root(std::string_view fingerprint, std::uint32_t amount) {
        return set([&](mailseal_error** error) {
            return mailseal_trust_store_add_web_of_trust_root(recipe_.c(), detail::Text(fingerprint).c(), amount, error);
        });
    }

    /// Trusts the authorities that Mozilla trusts for e-mail, for a scope.
    Result<TrustStore> add_email_roots(std::string_view scope) {
        return set([&](mailseal_error** error) {
            return mailseal_trust_store_add_email_roots(recipe_.c(), detail::Text(scope).c(), error);
        });
    }

    /// Trusts the certificate of this fingerprint, all of it, to be that of the address, and of no other.
    Result<TrustStore> pin(std::string_view address, std::string_view fingerprint) {
        return set([&](mailseal_error** error) {
            return mailseal_trust_store_pin(recipe_.c(), detail::Text(address).c(), detail::Text(fingerprint).c(), error);
        });
    }

    /// The object of C; stays this one's.
    mailseal_trust_store* c() const noexcept { return recipe_.c(); }

private:
    explicit TrustStore(mailseal_trust_store* taken) : recipe_(taken) {}
    template <class Set>
    Result<TrustStore> set(Set&& set) {
        mailseal_error* error = nullptr;
        const auto status = set(&error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return *this;
    }
    detail::Recipe<mailseal_trust_store, mailseal_trust_store_free> recipe_;
};

/// What all calls may know and use: trust, certificates, bounds. Takes settings until an opener or a composer is made of
/// it. Copies are the same context; shared by threads.
class Context {
public:
    explicit Context(const TrustStore& trust) : recipe_(mailseal_context_new(trust.c())) {}

    /// Sets a limit by its name: `"message_bytes"`, `"depth"`, `"path_cache"`, …
    Result<Context> limit(std::string_view name, std::uint64_t value) {
        return set([&](mailseal_error** error) {
            return mailseal_context_set_limit(recipe_.c(), detail::Text(name).c(), value, error);
        });
    }

    /// Which algorithms to rely on: `"standard"`, `"strict"`, `"insecurely_allow_sha1"`.
    Result<Context> algorithms(std::string_view name) {
        return set([&](mailseal_error** error) {
            return mailseal_context_set_algorithms(recipe_.c(), detail::Text(name).c(), error);
        });
    }

    /// Relies on the algorithms of a policy, and asks its rules for outgoing mail wherever a letter is composed, planned or
    /// checked.
    Result<Context> policy(const Policy& policy) {
        return set([&](mailseal_error** error) { return mailseal_context_set_policy(recipe_.c(), policy.c(), error); });
    }

    /// Looks for certificates there, too: PEM, DER or OpenPGP. Finding is not trusting.
    Result<Context> add_certificates(Input input) {
        return set([&](mailseal_error** error) {
            return mailseal_context_add_certificates(recipe_.c(), input.release(), error);
        });
    }

    /// Looks for this certificate, too; not for the others of its file.
    Result<Context> add_certificate(const Certificate& certificate) {
        return set([&](mailseal_error** error) {
            return mailseal_context_add_certificate(recipe_.c(), certificate.c(), error);
        });
    }

    /// Looks for certificates there, too: the directory that sq and others share (`pgp.cert.d`).
    Result<Context> add_cert_d(const std::string& path) {
        return set([&](mailseal_error** error) {
            return mailseal_context_add_cert_d(recipe_.c(), detail::Text(path).c(), error);
        });
    }

    /// Looks for certificates there, too: the home of GnuPG. Its owner trust counts for nothing.
    Result<Context> add_gnupg_home(const std::string& path) {
        return set([&](mailseal_error** error) {
            return mailseal_context_add_gnupg_home(recipe_.c(), detail::Text(path).c(), error);
        });
    }

    /// Compares letters with what is remembered of their senders, and trusts the pins in it. Nothing is learned by that:
    /// see Opened::remember.
    Result<Context> memory(const Memory& memory) {
        return set([&](mailseal_error** error) { return mailseal_context_set_memory(recipe_.c(), memory.c(), error); });
    }

    /// Fetches over HTTP by itself, from public places only, what `purposes` names: `"aia crl ocsp"`. Misuse of a library
    /// that was built without the feature `fetch`, as it usually is.
    Result<Context> http_fetcher(std::string_view purposes) {
        return set([&](mailseal_error** error) {
            return mailseal_context_set_http_fetcher(recipe_.c(), detail::Text(purposes).c(), error);
        });
    }

    /// Looks at these CRLs and OCSP answers, too: DER or PEM.
    Result<Context> add_revocations(Input input) {
        return set([&](mailseal_error** error) {
            return mailseal_context_add_revocations(recipe_.c(), input.release(), error);
        });
    }

    /// Lets issuers, CRLs and OCSP answers be fetched by the program; without this nothing is. Called by several threads
    /// at once. Where it comes too late, every later call with this context's openers and composers says so.
    Context fetcher(FetchCallback fetch) {
        mailseal_error* error = nullptr;
        const auto status = mailseal_context_set_fetcher(recipe_.c(), detail::call_fetch, new FetchCallback(std::move(fetch)),
                                                         detail::finalize<FetchCallback>, &error);
        recipe_.faults()->keep(status, error);
        return *this;
    }

    /// Whom one would believe to be the holder of an address, without any letter. `purpose` is `"sign"` or `"encrypt"`.
    Result<Claims> who_is(std::string_view mailbox, std::string_view purpose, const Policy& policy, Time at) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        const detail::Text who(mailbox), what(purpose);
        mailseal_claims* found = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_context_who_is(c(), who.c(), what.c(), policy.c(), detail::seconds(at), &found, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        const std::shared_ptr<const mailseal_claims> claims(found, detail::Free<mailseal_claims_free>());
        return Claims(claims, mailseal_claims_count(found), [](const auto& all, std::size_t index) { return Claim(all, index); });
    }

    /// Writes a letter with a footer below it, as a list server may add one: outside of what is signed, of which no octet
    /// changes. False where the letter is encrypted, and written as it was.
    Result<bool> append_footer(Input letter, std::string_view footer, Output output) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        const detail::Text text(footer);
        bool added = false;
        mailseal_error* error = nullptr;
        const auto status = mailseal_context_append_footer(c(), letter.release(), text.c(), output.release(), &added, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return added;
    }
    /// Whether a finished letter may go out as it is: for what was not made by a Composer, which asks by itself.
    /// `recipients` are those of the envelope; without them, those of To, Cc, Bcc, Resent-To, -Cc and -Bcc.
    Result<Dispatch> check_sending(Input letter, const std::vector<std::string>& recipients, Time at) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        const detail::Text to(Dispatch::lines(recipients));
        mailseal_dispatch* dispatch = nullptr;
        mailseal_error* error = nullptr;
        const auto status =
            mailseal_context_check_sending(c(), letter.release(), to.c(), detail::seconds(at), &dispatch, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Dispatch(dispatch);
    }
    /// What is asked of mail from one to others, without any letter. `from` is empty where it cannot be told.
    Result<Dispatch> decide_sending(std::string_view from, const std::vector<std::string>& recipients) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        const detail::Text sender(from), to(Dispatch::lines(recipients));
        mailseal_dispatch* dispatch = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_context_decide_sending(c(), sender.c(), to.c(), &dispatch, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Dispatch(dispatch);
    }

    /// The object of C; stays this one's.
    mailseal_context* c() const noexcept { return recipe_.c(); }
    /// What a setting could not do. For the headers of mailseal.
    const std::shared_ptr<detail::Faults>& faults() const noexcept { return recipe_.faults(); }

private:
    template <class Set>
    Result<Context> set(Set&& set) {
        mailseal_error* error = nullptr;
        const auto status = set(&error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return *this;
    }
    detail::Recipe<mailseal_context, mailseal_context_free> recipe_;
};

}  // namespace mailseal

#endif  // MAILSEAL_CONTEXT_HPP
