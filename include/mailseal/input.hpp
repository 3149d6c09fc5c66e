// What is read: a letter, a key, certificates.
#ifndef MAILSEAL_INPUT_HPP
#define MAILSEAL_INPUT_HPP

#include <mailseal/cancel.hpp>
#include <mailseal/request.hpp>

namespace mailseal {

/// Reads: puts at most `capacity` octets into `data` and says how many, 0 at the end; no value is a failure to read.
using ReadCallback = std::function<std::optional<std::size_t>(std::uint8_t* data, std::size_t capacity)>;

/// Told how far the reading of a letter is: octets so far, each reading of them counted, and the length of the letter, as
/// soon as it is known. A letter is read two to four times. Called about once for each MiB, in the thread that reads; it
/// may call Cancel::cancel. An exception in it is ignored.
using ProgressCallback = std::function<void(std::uint64_t octets, std::optional<std::uint64_t> total)>;

/// What is read. Moved into the call that reads it; what is wrong with it, that call says.
class Input {
public:
    /// Octets in memory. They are copied.
    static Input memory(Bytes bytes) { return Input(mailseal_input_memory(bytes.data(), bytes.size())); }
    /// A file. It is opened by the call that reads it.
    static Input file(const std::string& path) { return Input(mailseal_input_file(detail::Text(path).c())); }
    /// A file descriptor, read from where it stands to its end. `fd` stays yours to close.
    static Input fd(std::int32_t fd) { return Input(mailseal_input_fd(fd)); }
    /// What a function reads. An exception in it comes out of the call that reads.
    static Input callback(ReadCallback read) {
        return Input(mailseal_input_callback(call, new ReadCallback(std::move(read)), detail::finalize<ReadCallback>));
    }

    /// What arrives in pieces: give each to write(), then the input to the call that reads it.
    static Input push() { return Input(mailseal_input_push()); }

    /// Adds a piece, which is copied, to an input of push(); misuse with any other. After a failure the input is not
    /// complete: the call that reads it says so.
    Result<void> write(Bytes piece) {
        mailseal_error* error = nullptr;
        const auto status = mailseal_input_write(handle_.get(), piece.data(), piece.size(), &error);
        return detail::done(status, error);
    }
    /// Lets the call that reads the input be ended from any thread, and later ones that read what it opened.
    Result<void> set_cancel(const Cancel& cancel) {
        mailseal_error* error = nullptr;
        const auto status = mailseal_input_set_cancel(handle_.get(), cancel.c(), &error);
        return detail::done(status, error);
    }
    /// Tells how far the reading of the input is.
    Result<void> set_progress(ProgressCallback progress) {
        auto called = std::make_unique<ProgressCallback>(std::move(progress));
        mailseal_error* error = nullptr;
        const auto status = mailseal_input_set_progress(handle_.get(), tell, called.release(),
                                                        detail::finalize<ProgressCallback>, &error);
        return detail::done(status, error);
    }

    /// For a call of C, which consumes it.
    mailseal_input* release() noexcept { return handle_.release(); }

private:
    explicit Input(mailseal_input* taken) noexcept : handle_(taken) {}
    static std::int32_t call(void* userdata, std::uint8_t* data, std::size_t capacity, std::size_t* length) noexcept {
        return detail::guarded(MAILSEAL_ERROR_IO, [&] {
            const auto read = (*static_cast<const ReadCallback*>(userdata))(data, capacity);
            if (read) *length = *read;
            return read ? MAILSEAL_OK : MAILSEAL_ERROR_IO;
        });
    }
    static void tell(void* userdata, std::uint64_t octets, std::uint64_t total) noexcept {
        detail::quiet(MAILSEAL_OK, [&] {
            (*static_cast<const ProgressCallback*>(userdata))(octets, total == UINT64_MAX ? std::nullopt : std::optional(total));
            return MAILSEAL_OK;
        });
    }
    detail::Owned<mailseal_input, mailseal_input_free> handle_;
};

}  // namespace mailseal

#endif  // MAILSEAL_INPUT_HPP
