// Ending a call from another thread.
#ifndef MAILSEAL_CANCEL_HPP
#define MAILSEAL_CANCEL_HPP

#include <mailseal/detail.hpp>

namespace mailseal {

/// Ends calls early, from any thread: those whose input it was given with (Input::set_cancel). Once on, it stays on. Copies
/// are the same switch.
class Cancel {
public:
    /// A switch that is off.
    Cancel() : handle_(mailseal_cancel_new(), detail::Free<mailseal_cancel_free>()) {}
    Cancel(const Cancel&) = default;
    Cancel& operator=(const Cancel&) = default;

    /// Ends every call whose input was given this one, now or later, with Status::cancelled. A callback that is busy is
    /// waited for.
    void cancel() const noexcept { mailseal_cancel_cancel(c()); }
    /// Whether somebody said so.
    bool is_cancelled() const noexcept { return mailseal_cancel_is_cancelled(c()); }

    /// The object of C; stays this one's.
    const mailseal_cancel* c() const noexcept { return handle_.get(); }

private:
    std::shared_ptr<mailseal_cancel> handle_;
};

}  // namespace mailseal

#endif  // MAILSEAL_CANCEL_HPP
