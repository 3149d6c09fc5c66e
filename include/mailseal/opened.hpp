// A letter that was looked at: Opened, its Payload, and the proof that it is good, Verified.
#ifndef MAILSEAL_OPENED_HPP
#define MAILSEAL_OPENED_HPP

#include <mailseal/certificate.hpp>
#include <mailseal/memory.hpp>
#include <mailseal/output.hpp>
#include <mailseal/policy.hpp>

namespace mailseal {

/// How the lines of an mbox file were read that begin with `>From `.
enum class Reading : std::int32_t {
    none = MAILSEAL_READING_NONE,              ///< the letter is not of a mailbox
    as_it_lies = MAILSEAL_READING_AS_IT_LIES,  ///< as they are
    mboxrd = MAILSEAL_READING_MBOXRD,          ///< one `>` less where `From ` follows one or more
    mboxo = MAILSEAL_READING_MBOXO,            ///< one `>` less where there is one
};

/// What the layers of a letter wrap, header and body of one entity, octet for octet as it was checked. Keeps the opened
/// letter alive. That of an Opened says nothing about whether any signature held; that of a Verified was verified.
class Payload {
public:
    explicit Payload(std::shared_ptr<const mailseal_opened> opened) noexcept : opened_(std::move(opened)) {}
    explicit Payload(std::shared_ptr<const mailseal_verified> verified) noexcept : verified_(std::move(verified)) {}

    /// Writes all of it, or nothing.
    Result<void> write(Output output) const {
        mailseal_error* error = nullptr;
        const auto status = write(output.release(), &error);
        return detail::done(status, error);
    }
    /// As a file: all of it, or no file.
    Result<void> save(const std::string& path) const { return write(Output::file(path)); }
    /// In memory.
    Result<Buffer> read() const {
        return detail::written([&](mailseal_output* output, mailseal_error** error) { return write(output, error); });
    }

private:
    mailseal_status write(mailseal_output* output, mailseal_error** error) const {
        if (verified_ != nullptr) return mailseal_verified_write(verified_.get(), output, error);
        return mailseal_opened_write(opened_.get(), output, error);
    }
    std::shared_ptr<const mailseal_opened> opened_;
    std::shared_ptr<const mailseal_verified> verified_;
};

/// The proof that a letter is good, by a policy and from a sender that the program named. Only Opened::require makes it.
/// Keeps the opened letter alive.
class Verified {
public:
    /// From whom the letter is. Lives as long as this.
    std::string_view sender() const noexcept { return detail::view(mailseal_verified_sender(verified_.get())); }
    /// The octets that were verified.
    Payload payload() const { return Payload(verified_); }

private:
    friend class Opened;
    explicit Verified(std::shared_ptr<const mailseal_verified> verified) noexcept : verified_(std::move(verified)) {}
    std::shared_ptr<const mailseal_verified> verified_;
};

/// A letter that was looked at: its report, and what its layers wrap. Copies share it; it never changes, and is shared by
/// threads.
class Opened {
public:
    /// Takes over a letter of C.
    explicit Opened(mailseal_opened* taken) : opened_(taken, detail::Free<mailseal_opened_free>()) {}

    /// What was seen.
    Report report() const { return Report(detail::part(opened_, mailseal_opened_report(c()))); }
    /// How a letter of a mailbox was read: all that is said, is said of it in this reading.
    Reading reading() const noexcept { return detail::known(mailseal_opened_reading(c()), Reading::mboxo); }
    /// What the layers wrap; of a letter without a layer, the letter. None where a layer around it stayed encrypted: a
    /// finding, not an error.
    std::optional<Payload> payload() const {
        if (!mailseal_opened_has_payload(c())) return std::nullopt;
        return Payload(opened_);
    }
    /// The letter if it is good and from that sender. `misuse`, if given, is set where there is nothing because the
    /// program is wrong: no such address.
    std::optional<Verified> require(const Policy& policy, std::string_view sender, std::optional<Error>* misuse = nullptr) const {
        mailseal_error* error = nullptr;
        const auto* verified = mailseal_opened_require(c(), policy.c(), detail::Text(sender).c(), &error);
        if (error != nullptr) {
            Error failed(mailseal_error_status(error), error);
            if (misuse != nullptr) *misuse = std::move(failed);
        }
        if (verified == nullptr) return std::nullopt;
        return Verified(detail::part(opened_, verified));
    }

    /// The certificates that came with the letter. Nobody vouches for them.
    List<Certificate, mailseal_opened> certificates() const {
        return {opened_, mailseal_opened_certificate_count(c()), [](const auto& opened, std::size_t index) {
                    return Certificate(detail::part(opened, mailseal_opened_certificate(opened.get(), index)));
                }};
    }
    /// Lets a memory learn from the letter: whom it is from, who signed it. Once for each letter, when it was decided what
    /// it is worth.
    Result<void> remember(const Memory& memory) const {
        mailseal_error* error = nullptr;
        const auto status = mailseal_opened_remember(c(), memory.c(), &error);
        return detail::done(status, error);
    }
    /// Writes the letter as it was received, with the verdict on top as an Authentication-Results field (RFC 8601), and
    /// without those that speak in the same name: they are forged. The verdict is that of this letter's report.
    Result<void> stamp(const Verdict& verdict, std::string_view authserv_id, Output output) const {
        const detail::Text id(authserv_id);
        mailseal_error* error = nullptr;
        const auto status = mailseal_opened_stamp(c(), verdict.c(), id.c(), output.release(), &error);
        return detail::done(status, error);
    }

    /// The object of C; stays this one's.
    const mailseal_opened* c() const noexcept { return opened_.get(); }

private:
    std::shared_ptr<const mailseal_opened> opened_;
};

}  // namespace mailseal

#endif  // MAILSEAL_OPENED_HPP
