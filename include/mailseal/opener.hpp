// Recipe for incoming letters.
#ifndef MAILSEAL_OPENER_HPP
#define MAILSEAL_OPENER_HPP

#include <mailseal/context.hpp>
#include <mailseal/key.hpp>
#include <mailseal/opened.hpp>

namespace mailseal {

/// Recipe for incoming letters. Takes keys until the first letter; then unchanging, shared by all threads. Copies are the
/// same opener. A setting that comes too late is an Error of each call that opens a letter.
class Opener {
public:
    /// Knows what the context knows.
    explicit Opener(const Context& context) : recipe_(mailseal_opener_new(context.c()), context.faults()) {}

    /// Opens letters with this key, too. Give every key that the user ever had.
    Opener key(const Key& key) {
        return set([&](mailseal_error** error) { return mailseal_opener_add_key(recipe_.c(), key.c(), error); });
    }
    /// Asks there for the passwords of letters that are encrypted to one, in the threads that open letters.
    Opener password(PasswordCallback ask) {
        return set([&](mailseal_error** error) {
            return mailseal_opener_set_password(recipe_.c(), detail::call_password, new PasswordCallback(std::move(ask)),
                                                detail::finalize<PasswordCallback>, error);
        });
    }

    /// Opens letters with all keys on a token or in an agent that a name means, too; the arguments as of Key::open.
    Result<Opener> add_named_keys(std::string_view name, Input certificates, PasswordCallback ask = nullptr) {
        const detail::Text text(name);
        auto asked = ask ? std::make_unique<PasswordCallback>(std::move(ask)) : nullptr;
        const auto call = asked != nullptr ? detail::call_password : nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_opener_add_named_keys(recipe_.c(), text.c(), certificates.release(), call, asked.release(),
                                                           detail::finalize<PasswordCallback>, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return *this;
    }

    /// Trusts as many Received lines, the topmost: those that your own systems added. Report::text("/transport/…").
    Opener trusted_hops(std::size_t lines) {
        return set([&](mailseal_error** error) { return mailseal_opener_set_trusted_hops(recipe_.c(), lines, error); });
    }
    /// Takes what the mail server of this name says of the sending domain from its Authentication-Results fields.
    Opener trusted_results(std::string_view authserv_id) {
        const detail::Text name(authserv_id);
        return set([&](mailseal_error** error) {
            return mailseal_opener_set_trusted_results(recipe_.c(), name.c(), error);
        });
    }

    /// Looks at a letter. `at` is the time to judge it at: now, or when it was received. What was seen, however bad, is in
    /// the report.
    Result<Opened> open(Input input, Time at) const {
        return look([&](mailseal_opened** opened, mailseal_error** error) {
            return mailseal_opener_open(recipe_.c(), input.release(), detail::seconds(at), opened, error);
        });
    }
    /// Opens one encrypted part by its place, Layer::part, also where it does not wrap the whole letter. The letter is
    /// never good by what is inside.
    Result<Opened> open_part(Input input, std::string_view part, Time at) const {
        const detail::Text text(part);
        return look([&](mailseal_opened** opened, mailseal_error** error) {
            return mailseal_opener_open_part(recipe_.c(), input.release(), text.c(), detail::seconds(at), opened, error);
        });
    }
    /// Checks a detached signature, for programs with their own MIME parser. `content` is the whole signed entity as
    /// received, `signature` the decoded body of the signature part, `header` the header of the letter.
    Result<Opened> verify_detached(Input content, Input signature, Bytes header, Time at) const {
        return look([&](mailseal_opened** opened, mailseal_error** error) {
            return mailseal_opener_verify_detached(recipe_.c(), content.release(), signature.release(), header.data(),
                                                   header.size(), detail::seconds(at), opened, error);
        });
    }

    /// The object of C; stays this one's.
    mailseal_opener* c() const noexcept { return recipe_.c(); }
    /// What settings have failed.
    const std::shared_ptr<detail::Faults>& faults() const noexcept { return recipe_.faults(); }

private:
    friend class DomainCheck;
    friend class StoredMessage;
    template <class Set>
    Opener set(Set&& set) {
        mailseal_error* error = nullptr;
        const auto status = set(&error);
        recipe_.faults()->keep(status, error);
        return *this;
    }
    template <class Look>
    Result<Opened> look(Look&& look) const {
        if (auto fault = recipe_.faults()->first()) return *std::move(fault);
        mailseal_opened* opened = nullptr;
        mailseal_error* error = nullptr;
        const auto status = look(&opened, &error);
        if (status != MAILSEAL_OPENED) return Error(status, error);
        return Opened(opened);
    }
    detail::Recipe<mailseal_opener, mailseal_opener_free> recipe_;
};

}  // namespace mailseal

#endif  // MAILSEAL_OPENER_HPP
