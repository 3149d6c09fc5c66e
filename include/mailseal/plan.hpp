// Who of a draft's recipients gets what, and who gets nothing.
#ifndef MAILSEAL_PLAN_HPP
#define MAILSEAL_PLAN_HPP

#include <mailseal/context.hpp>
#include <mailseal/output.hpp>
#include <mailseal/policy.hpp>

#include <atomic>
#include <vector>

namespace mailseal {

/// Somebody who cannot be written to in secret.
class Unreachable {
public:
    Unreachable(std::string_view mailbox, std::string_view reason) : mailbox_(mailbox), reason_(reason) {}
    const std::string& mailbox() const noexcept { return mailbox_; }
    /// Why, in English.
    const std::string& reason() const noexcept { return reason_; }

private:
    std::string mailbox_, reason_;
};

namespace detail {

/// A plan, and how often it was changed.
struct Planned {
    explicit Planned(mailseal_plan* taken) noexcept : plan(taken) {}
    Owned<mailseal_plan, mailseal_plan_free> plan;
    std::atomic<unsigned> changes{0};
};

}  // namespace detail

/// People who get the same letter. Keeps its plan alive; once that is changed, letters to the group are refused as misuse.
class Group {
public:
    /// The recipients of the envelope.
    const std::vector<std::string>& mailboxes() const noexcept { return mailboxes_; }

private:
    friend class Plan;
    friend class Sealing;
    Group(std::shared_ptr<const detail::Planned> planned, std::size_t index)
        : planned_(std::move(planned)), index_(index), changes_(planned_->changes) {
        const auto* plan = planned_->plan.get();
        for (std::size_t i = 0; i < mailseal_plan_group_mailbox_count(plan, index); ++i)
            mailboxes_.emplace_back(detail::view(mailseal_plan_group_mailbox(plan, index, i)));
    }
    std::shared_ptr<const detail::Planned> planned_;
    std::size_t index_;
    unsigned changes_;
    std::vector<std::string> mailboxes_;
};

/// Who of a draft's recipients gets what, shown before anything is sent. Nobody is dropped silently: while somebody is
/// unreachable there are no groups.
class Plan {
public:
    /// Looks for a certificate of every recipient of the draft, To, Cc and Bcc, in the context; it has to be believed by
    /// the same policy that judges incoming mail.
    static Result<Plan> make(const Context& context, Input draft, const Policy& policy, Time at) {
        if (auto fault = context.faults()->first()) return *std::move(fault);
        mailseal_plan* plan = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_plan_new(context.c(), draft.release(), policy.c(), detail::seconds(at), &plan, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Plan(plan);
    }

    /// Who cannot be written to in secret, and why.
    std::vector<Unreachable> unreachable() const {
        std::vector<Unreachable> people;
        for (std::size_t i = 0; i < mailseal_plan_unreachable_count(c()); ++i)
            people.emplace_back(detail::view(mailseal_plan_unreachable_mailbox(c(), i)),
                                detail::view(mailseal_plan_unreachable_reason(c(), i)));
        return people;
    }

    /// Leaves somebody out, by name: they get no letter. Misuse for somebody who is not in the plan.
    Result<void> remove(std::string_view who) {
        return change([&](mailseal_error** error) { return mailseal_plan_remove(c(), detail::Text(who).c(), error); });
    }
    /// Takes a certificate that was found for somebody but is not believed, by its fingerprint in full.
    Result<void> accept(std::string_view who, std::string_view fingerprint) {
        return change([&](mailseal_error** error) {
            return mailseal_plan_accept(c(), detail::Text(who).c(), detail::Text(fingerprint).c(), error);
        });
    }
    /// Encrypts every letter to the sender as well.
    Result<void> copy_to_sender() {
        return change([&](mailseal_error** error) { return mailseal_plan_copy_to_sender(c(), error); });
    }

    /// Somebody has said yes to the first letter to this domain, where the policy asks.
    Result<void> confirm(std::string_view domain) {
        return change([&](mailseal_error** error) { return mailseal_plan_confirm(c(), detail::Text(domain).c(), error); });
    }
    /// Plans for those, too, to whom the policy holds mail: the program keeps it until somebody lets it go.
    Result<void> hold(bool holds = true) {
        return change([&](mailseal_error** error) { return mailseal_plan_hold(c(), holds, error); });
    }

    /// The letters that are to be written: people of one protocol together, each Bcc alone. Status::unreachable while
    /// anybody is, Status::refused where nobody is left.
    Result<std::vector<Group>> groups() const {
        if (auto error = missing()) return *std::move(error);
        std::vector<Group> groups;
        for (std::size_t i = 0; i < mailseal_plan_group_count(c()); ++i) groups.push_back(Group(planned_, i));
        return groups;
    }

    /// Who gets what, and who gets nothing and why, each in one line.
    std::string text(std::string_view language = "en") const {
        return detail::copied(mailseal_plan_text(c(), detail::Text(language).c()));
    }

    /// The object of C; stays this one's.
    mailseal_plan* c() const noexcept { return planned_ != nullptr ? planned_->plan.get() : nullptr; }

private:
    explicit Plan(mailseal_plan* taken) : planned_(std::make_shared<detail::Planned>(taken)) {}

    template <class Change>
    Result<void> change(Change&& change) {
        mailseal_error* error = nullptr;
        const auto status = change(&error);
        if (status == MAILSEAL_OK) ++planned_->changes;
        return detail::done(status, error);
    }

    /// Why there are no groups. C says so when a letter is written, so one is asked for, of nothing and to nowhere.
    std::optional<Error> missing() const {
        if (c() != nullptr && mailseal_plan_group_mailbox_count(c(), 0) > 0) return std::nullopt;
        const detail::Owned<mailseal_composer, mailseal_composer_free> composer(mailseal_composer_new(Context(TrustStore()).c()));
        auto written = detail::written([&](mailseal_output* output, mailseal_error** error) {
            return mailseal_plan_compose(c(), 0, composer.get(), mailseal_input_memory(nullptr, 0), 0, output, error);
        });
        return written.error();
    }

    std::shared_ptr<detail::Planned> planned_;
};

}  // namespace mailseal

#endif  // MAILSEAL_PLAN_HPP
