// A public certificate, and whom it is believed to be of.
#ifndef MAILSEAL_CERTIFICATE_HPP
#define MAILSEAL_CERTIFICATE_HPP

#include <mailseal/input.hpp>

#include <sstream>
#include <vector>

namespace mailseal {

/// A public certificate: X.509 or OpenPGP. Finding one is not trusting it. Copies share it.
class Certificate {
public:
    explicit Certificate(std::shared_ptr<const mailseal_certificate> certificate) noexcept : certificate_(std::move(certificate)) {}
    /// Takes over a certificate of C.
    explicit Certificate(mailseal_certificate* taken) : certificate_(taken, detail::Free<mailseal_certificate_free>()) {}

    /// Reads the certificates of a file, PEM, DER or OpenPGP: the first one, which has the others.
    static Result<Certificate> load(Input input) {
        mailseal_certificate* certificate = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_certificate_load(input.release(), &certificate, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Certificate(certificate);
    }

    /// The others of the same file.
    List<Certificate, mailseal_certificate> others() const {
        return {certificate_, mailseal_certificate_other_count(c()), [](const auto& first, std::size_t index) {
                    return Certificate(detail::part(first, mailseal_certificate_other(first.get(), index)));
                }};
    }
    /// `S/MIME` or `OpenPGP`. Lives as long as the library.
    std::string_view protocol() const noexcept { return detail::view(mailseal_certificate_protocol(c())); }
    /// Upper-case hexadecimal: SHA-256 of an X.509 certificate.
    std::string_view fingerprint() const noexcept { return detail::view(mailseal_certificate_fingerprint(c())); }
    /// The name of its holder, as it says at a time; not escaped. Empty where it says none.
    std::string name(Time at) const { return detail::copied(mailseal_certificate_name(c(), detail::seconds(at))); }
    /// The addresses that it names and that are valid at a time.
    std::vector<std::string> mailboxes(Time at) const {
        std::istringstream lines(detail::copied(mailseal_certificate_mailboxes(c(), detail::seconds(at))));
        std::vector<std::string> mailboxes;
        for (std::string line; std::getline(lines, line);) mailboxes.push_back(line);
        return mailboxes;
    }
    /// From when it is valid, as it says at a time; `Time::max()` where it is not valid at all.
    Time not_before(Time at) const noexcept { return detail::time(mailseal_certificate_not_before(c(), detail::seconds(at))); }
    /// Until when it is valid, as it says at a time; `Time::max()` without an end.
    Time not_after(Time at) const noexcept { return detail::time(mailseal_certificate_not_after(c(), detail::seconds(at))); }
    /// Its octets: DER, or binary OpenPGP.
    Buffer octets() const { return Buffer::adopt(mailseal_certificate_octets(c())); }
    /// What it says of itself at a time, as JSON on one line.
    std::string json(Time at) const { return detail::copied(mailseal_certificate_json(c(), detail::seconds(at))); }

    /// The object of C; stays this one's.
    const mailseal_certificate* c() const noexcept { return certificate_.get(); }

private:
    std::shared_ptr<const mailseal_certificate> certificate_;
};

/// A certificate that is known for an address, and why it is believed to be its own, or not.
class Claim {
public:
    Claim(std::shared_ptr<const mailseal_claims> claims, std::size_t index) noexcept : claims_(std::move(claims)), index_(index) {}
    /// The certificate.
    Certificate certificate() const { return Certificate(detail::part(claims_, mailseal_claims_certificate(claims_.get(), index_))); }
    /// Whether the policy relies on it.
    bool is_believed() const noexcept { return mailseal_claims_is_believed(claims_.get(), index_); }
    /// Why it does not, in words; empty where it does. Not escaped.
    std::string problem(std::string_view language = "en") const {
        return detail::copied(mailseal_claims_problem(claims_.get(), index_, detail::Text(language).c()));
    }
    /// The best path from what the context trusts to it, in words, safe to print; empty where there is none.
    std::string evidence(std::string_view language = "en") const {
        return detail::copied(mailseal_claims_evidence(claims_.get(), index_, detail::Text(language).c()));
    }

private:
    std::shared_ptr<const mailseal_claims> claims_;
    std::size_t index_;
};

/// The certificates that are known for an address, the newest first.
using Claims = List<Claim, mailseal_claims>;

}  // namespace mailseal

#endif  // MAILSEAL_CERTIFICATE_HPP
