// What the policy says of a letter on its way out.
#ifndef MAILSEAL_DISPATCH_HPP
#define MAILSEAL_DISPATCH_HPP

#include <mailseal/policy.hpp>

#include <string>
#include <vector>

namespace mailseal {

/// What becomes of a letter on its way to one recipient.
class Destination {
public:
    Destination(std::shared_ptr<const mailseal_dispatch> dispatch, std::size_t index) noexcept
        : dispatch_(std::move(dispatch)), index_(index) {}
    std::string_view mailbox() const noexcept { return detail::view(mailseal_dispatch_recipient(dispatch_.get(), index_)); }
    Action action() const noexcept { return detail::known(mailseal_dispatch_recipient_action(dispatch_.get(), index_), Action::pass); }

private:
    std::shared_ptr<const mailseal_dispatch> dispatch_;
    std::size_t index_;
};

/// What the policy says of a letter, for each of its recipients and for all: Context::check_sending.
class Dispatch {
public:
    /// Takes over one of C.
    explicit Dispatch(mailseal_dispatch* taken) : dispatch_(taken, detail::Free<mailseal_dispatch_free>()) {}

    /// The strictest of all.
    Action action() const noexcept { return detail::known(mailseal_dispatch_action(c()), Action::pass); }
    /// One for each recipient.
    List<Destination, mailseal_dispatch> recipients() const {
        return {dispatch_, mailseal_dispatch_recipient_count(c()),
                [](const auto& dispatch, std::size_t index) { return Destination(dispatch, index); }};
    }
    /// Why it is not let go at once, each in one line; empty where it is.
    std::string reasons(std::string_view language = "en") const {
        return detail::copied(mailseal_dispatch_reasons(c(), detail::Text(language).c()));
    }
    /// For each recipient what is done, what is asked and by which rules, in lines.
    std::string text(std::string_view language = "en") const {
        return detail::copied(mailseal_dispatch_text(c(), detail::Text(language).c()));
    }
    /// All of it as JSON, on one line.
    std::string json() const { return detail::copied(mailseal_dispatch_json(c())); }

    /// The object of C; stays this one's.
    const mailseal_dispatch* c() const noexcept { return dispatch_.get(); }

private:
    friend class Context;
    /// One a line; an address has no line end in it, and one that has is two that are none.
    static std::string lines(const std::vector<std::string>& recipients) {
        std::string lines;
        for (const auto& one : recipients) lines += one.empty() ? "?\n" : one + "\n";
        return lines;
    }
    std::shared_ptr<const mailseal_dispatch> dispatch_;
};

}  // namespace mailseal

#endif  // MAILSEAL_DISPATCH_HPP
