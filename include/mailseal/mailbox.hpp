// Many letters in one place: Mailbox; one of them: StoredMessage.
#ifndef MAILSEAL_MAILBOX_HPP
#define MAILSEAL_MAILBOX_HPP

#include <mailseal/opener.hpp>

namespace mailseal {

/// One letter of a mailbox, where it lies; nothing of it is in memory.
class StoredMessage {
public:
    /// Takes over a stored message of C.
    explicit StoredMessage(mailseal_stored_message* taken) noexcept : handle_(taken) {}

    /// The file that it is in. Lives as long as this.
    std::string_view path() const noexcept { return detail::view(mailseal_stored_message_path(handle_.get())); }
    /// Which it is of an mbox file, from 1; 0 where it has a file of its own.
    std::uint64_t number() const noexcept { return mailseal_stored_message_number(handle_.get()); }
    /// How many octets it has; a file that is gone has none.
    std::uint64_t length() const noexcept { return mailseal_stored_message_length(handle_.get()); }

    /// Looks at it, as Opener::open does: in the first reading in which nothing is altered, or else as it lies
    /// (Opened::reading).
    Result<Opened> open(const Opener& opener, Time at) const {
        return opener.look([&](mailseal_opened** opened, mailseal_error** error) {
            return mailseal_stored_message_open(handle_.get(), opener.c(), detail::seconds(at), opened, error);
        });
    }

private:
    detail::Owned<mailseal_stored_message, mailseal_stored_message_free> handle_;
};

/// The letters of an mbox file, a Maildir, or a folder of `.eml` files, one after the other; of folders, by name.
class Mailbox {
public:
    /// Looks at what is there. Status::malformed for a file of one letter: that is an Input.
    static Result<Mailbox> open(const std::string& path) {
        const detail::Text text(path);
        mailseal_mailbox* mailbox = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_mailbox_open(text.c(), &mailbox, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Mailbox(mailbox);
    }

    /// The next letter; none after the last one. An Error is not the end, though nothing follows it.
    Result<std::optional<StoredMessage>> next() {
        mailseal_stored_message* message = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_mailbox_next(handle_.get(), &message, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        if (message == nullptr) return std::optional<StoredMessage>();
        return std::optional<StoredMessage>(StoredMessage(message));
    }

private:
    explicit Mailbox(mailseal_mailbox* taken) noexcept : handle_(taken) {}
    detail::Owned<mailseal_mailbox, mailseal_mailbox_free> handle_;
};

}  // namespace mailseal

#endif  // MAILSEAL_MAILBOX_HPP
