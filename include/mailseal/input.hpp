// What is read: a letter, a key, certificates.
#ifndef MAILSEAL_INPUT_HPP
#define MAILSEAL_INPUT_HPP

#include <mailseal/request.hpp>

namespace mailseal {

/// Reads: puts at most `capacity` octets into `data` and says how many, 0 at the end; no value is a failure to read.
using ReadCallback = std::function<std::optional<std::size_t>(std::uint8_t* data, std::size_t capacity)>;

/// What is read. Moved into the call that reads it; what is wrong with it, that call says.
class Input {
public:
    /// Octets in memory. They are copied.
    static Input memory(Bytes bytes) { return Input(mailseal_input_memory(bytes.data(), bytes.size())); }
    /// A file. It is opened by the call that reads it.
    static Input file(const std::string& path) { return Input(mailseal_input_file(detail::Text(path).c())); }
    /// A file descriptor, read from where it stands to its end. `fd` stays yours to close.
    static Input fd(std::int32_t fd) { return Input(mailseal_input_fd(fd)); }
    /// What a function reads. An exception in it is a failure to read.
    static Input callback(ReadCallback read) {
        return Input(mailseal_input_callback(call, new ReadCallback(std::move(read)), detail::finalize<ReadCallback>));
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
    detail::Owned<mailseal_input, mailseal_input_free> handle_;
};

}  // namespace mailseal

#endif  // MAILSEAL_INPUT_HPP
