// Whom the program trusts (TrustStore), and what all calls may know and use (Context).
#ifndef MAILSEAL_CONTEXT_HPP
#define MAILSEAL_CONTEXT_HPP

#include <mailseal/input.hpp>

namespace mailseal {

/// Whom the program trusts, and for whom they may speak. Takes settings until a context is made of it. Copies are the
/// same store.
class TrustStore {
public:
    /// Trusts nobody.
    TrustStore() : recipe_(mailseal_trust_store_new()) {}

    /// Trusts all certificates of a file, PEM, DER or OpenPGP. `scope` says for whom, how long and for what: `"any"`,
    /// `"*@partner.example until=2027-12-31 for=sign assurance=organization"`. There is no default.
    Result<TrustStore> add_anchors(Input input, std::string_view scope) {
        const detail::Text text(scope);
        return set([&](mailseal_error** error) {
            return mailseal_trust_store_add_anchors(recipe_.c(), input.release(), text.c(), error);
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

    /// Sets a limit by its name: `"message_bytes"`, `"depth"`, …
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

    /// Looks for certificates there, too: PEM, DER or OpenPGP. Finding is not trusting.
    Result<Context> add_certificates(Input input) {
        return set([&](mailseal_error** error) {
            return mailseal_context_add_certificates(recipe_.c(), input.release(), error);
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
