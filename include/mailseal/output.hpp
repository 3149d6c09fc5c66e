// Where a letter goes.
#ifndef MAILSEAL_OUTPUT_HPP
#define MAILSEAL_OUTPUT_HPP

#include <mailseal/request.hpp>

namespace mailseal {

/// Writes all of the octets, or says false.
using WriteCallback = std::function<bool(Bytes)>;

/// Where a letter goes. Moved into the call that writes it. Files and buffers get all of it or nothing; of descriptors
/// and functions, what was written before a failure is worthless.
class Output {
public:
    /// A file, which appears when all of it is there, or not at all. An older one is replaced.
    static Output file(const std::string& path) { return Output(mailseal_output_file(detail::Text(path).c())); }
    /// A file descriptor. `fd` stays yours to close.
    static Output fd(std::int32_t fd) { return Output(mailseal_output_fd(fd)); }
    /// A buffer, to which all of it is appended, or nothing.
    static Output buffer(Buffer& buffer) { return Output(mailseal_output_buffer(buffer.c())); }
    /// A function that writes. An exception in it comes out of the call that writes.
    static Output callback(WriteCallback write) {
        return Output(mailseal_output_callback(call, new WriteCallback(std::move(write)), detail::finalize<WriteCallback>));
    }

    /// For a call of C, which consumes it.
    mailseal_output* release() noexcept { return handle_.release(); }

private:
    explicit Output(mailseal_output* taken) noexcept : handle_(taken) {}
    static std::int32_t call(void* userdata, mailseal_slice octets) noexcept {
        return detail::guarded(MAILSEAL_ERROR_IO, [&] {
            return (*static_cast<const WriteCallback*>(userdata))(Bytes(octets)) ? MAILSEAL_OK : MAILSEAL_ERROR_IO;
        });
    }
    detail::Owned<mailseal_output, mailseal_output_free> handle_;
};

namespace detail {

/// Writes into a buffer by a call that takes an output and an error.
template <class Call>
Result<Buffer> written(Call&& call) {
    Buffer buffer;
    mailseal_error* error = nullptr;
    const auto status = call(mailseal_output_buffer(buffer.c()), &error);
    if (status != MAILSEAL_OK) return Error(status, error);
    return buffer;
}

}  // namespace detail

}  // namespace mailseal

#endif  // MAILSEAL_OUTPUT_HPP
