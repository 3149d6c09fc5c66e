// What a report is worth: Policy, Verdict.
#ifndef MAILSEAL_POLICY_HPP
#define MAILSEAL_POLICY_HPP

#include <mailseal/input.hpp>
#include <mailseal/report.hpp>

namespace mailseal {

/// What a letter is worth, in one word.
enum class Outcome : std::int32_t {
    none = MAILSEAL_OUTCOME_NONE,        ///< no signature at all
    good = MAILSEAL_OUTCOME_GOOD,        ///< the whole message, intact, by a signer whom evidence ties to the one From address
    caution = MAILSEAL_OUTCOME_CAUTION,  ///< not altered as far as can be told, but something is missing
    bad = MAILSEAL_OUTCOME_BAD,          ///< altered, broken or revoked
};

/// What is done with a letter, the strictest first.
enum class Action : std::int32_t {
    refuse = MAILSEAL_ACTION_REFUSE,  ///< it is not sent, or not taken
    hold = MAILSEAL_ACTION_HOLD,      ///< it waits until somebody lets it go
    ask = MAILSEAL_ACTION_ASK,        ///< somebody is asked first
    pass = MAILSEAL_ACTION_PASS,      ///< it goes its way
};

/// Why a verdict is what it is.
class Reason {
public:
    Reason(std::shared_ptr<const mailseal_verdict> verdict, std::size_t index) noexcept : verdict_(std::move(verdict)), index_(index) {}
    /// `partial_coverage`. Codes never change. Lives as long as the library.
    std::string_view code() const noexcept { return detail::view(mailseal_verdict_reason_code(verdict_.get(), index_)); }

private:
    std::shared_ptr<const mailseal_verdict> verdict_;
    std::size_t index_;
};

/// What a letter is worth by a policy, and why.
class Verdict {
public:
    explicit Verdict(std::shared_ptr<const mailseal_verdict> verdict) noexcept : verdict_(std::move(verdict)) {}
    Outcome outcome() const noexcept { return detail::known(mailseal_verdict_outcome(c()), Outcome::bad); }
    /// What the rules of the policy for incoming mail say to do with the letter.
    Action action() const noexcept { return detail::known(mailseal_verdict_action(c()), Action::pass); }
    /// The decisive one first.
    List<Reason, mailseal_verdict> reasons() const {
        return {verdict_, mailseal_verdict_reason_count(c()),
                [](const auto& verdict, std::size_t index) { return Reason(verdict, index); }};
    }
    /// Whether pictures and other content may be fetched from the network when the letter is shown.
    bool may_load_remote() const noexcept { return mailseal_verdict_may_load_remote(c()); }
    /// All of it as JSON, on one line.
    std::string json() const { return detail::copied(mailseal_verdict_json(c())); }
    /// The page that `mailseal verify` prints, safe to print. Takes the report that the verdict was made from. `language`
    /// is a tag: `en`, `ja`, `ja-JP`; English for all that is not known.
    std::string text(const Report& report, std::string_view language = "en") const {
        return detail::copied(mailseal_verdict_text(c(), report.c(), detail::Text(language).c()));
    }

    /// The smimeStatus of RFC 9219, `signed/verified`; empty for null: no signature.
    std::string_view smime_status(const Report& report) const {
        return detail::view(mailseal_verdict_smime_status(c(), report.c()));
    }
    /// What RFC 9219 adds to an Email, as JSON: smimeStatus, smimeErrors, smimeVerifiedAt.
    std::string smime_properties(const Report& report, std::string_view language = "en") const {
        return detail::copied(mailseal_verdict_smime_properties(c(), report.c(), detail::Text(language).c()));
    }

    /// The verdict as an Authentication-Results field (RFC 8601, RFC 7281), name and value, folded with CRLF, without the
    /// last line end. `authserv_id` is the name of the receiving system, `mx.example.org`.
    Result<std::string> authentication_results(const Report& report, std::string_view authserv_id) const {
        const detail::Text id(authserv_id);
        mailseal_error* error = nullptr;
        auto* field = mailseal_verdict_authentication_results(c(), report.c(), id.c(), &error);
        if (field == nullptr) return Error(mailseal_error_status(error), error);
        return detail::copied(field);
    }

    /// The object of C; stays this one's.
    const mailseal_verdict* c() const noexcept { return verdict_.get(); }

private:
    std::shared_ptr<const mailseal_verdict> verdict_;
};

/// Whether an Authentication-Results field of a letter from outside may stay (RFC 8601 section 5): no where it speaks in
/// the name of `authserv_id`, or nobody can tell. `value` is what stands after the colon. Opened::stamp does it by itself.
inline bool authentication_results_may_stay(std::string_view authserv_id, Bytes value) {
    return mailseal_authentication_results_may_stay(detail::Text(authserv_id).c(), value.data(), value.size());
}

/// What a report is worth: a dated preset that never changes. Pure; shared by threads.
class Policy {
public:
    /// For people who read mail.
    static Policy standard() { return Policy(mailseal_policy_standard()); }
    /// For programs that act on mail: never more than the standard policy gives.
    static Policy strict() { return Policy(mailseal_policy_strict()); }
    /// One that was written into a file (docs/policy.md), with its rules for outgoing mail; `name` is what the file is called
    /// in errors and reasons. An Error says in which line something is not understood: then there is no policy.
    static Result<Policy> load(Input input, std::string_view name) {
        const detail::Text text(name);
        mailseal_policy* policy = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_policy_load(input.release(), text.c(), &policy, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Policy(policy);
    }

    /// What it is called in verdicts.
    std::string_view name() const noexcept { return detail::view(mailseal_policy_name(c())); }

    /// Whether a letter that nobody signed passes, where all of it was decrypted.
    bool lets_unsigned_pass() const noexcept { return mailseal_policy_lets_unsigned_pass(c()); }
    /// What the report is worth.
    Verdict judge(const Report& report) const {
        return Verdict(std::shared_ptr<const mailseal_verdict>(mailseal_policy_judge(c(), report.c()),
                                                               detail::Free<mailseal_verdict_free>()));
    }

    /// The object of C; stays this one's.
    const mailseal_policy* c() const noexcept { return handle_.get(); }

private:
    explicit Policy(mailseal_policy* taken) noexcept : handle_(taken) {}
    detail::Owned<mailseal_policy, mailseal_policy_free> handle_;
};

}  // namespace mailseal

#endif  // MAILSEAL_POLICY_HPP
