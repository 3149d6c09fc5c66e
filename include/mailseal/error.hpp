// Why a call failed (Error), and what a call gives that can fail (Result).
#ifndef MAILSEAL_ERROR_HPP
#define MAILSEAL_ERROR_HPP

#include <mailseal/bytes.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define MAILSEAL_HAS_EXCEPTIONS 1
#else
#define MAILSEAL_HAS_EXCEPTIONS 0
#endif

namespace mailseal {

/// What a call did, by the numbers of C. From 100 to 199 the program is wrong; from 200 on mailseal could not look, or
/// not write. Numbers that are not named here may come, too.
enum class Status : std::int32_t {
    ok = MAILSEAL_OK,
    misuse = MAILSEAL_ERROR_MISUSE,
    null = MAILSEAL_ERROR_NULL,
    bad_handle = MAILSEAL_ERROR_BAD_HANDLE,
    not_utf8 = MAILSEAL_ERROR_NOT_UTF8,
    length = MAILSEAL_ERROR_LENGTH,
    reentrant = MAILSEAL_ERROR_REENTRANT,
    io = MAILSEAL_ERROR_IO,
    limit = MAILSEAL_ERROR_LIMIT,
    malformed = MAILSEAL_ERROR_MALFORMED,
    refused = MAILSEAL_ERROR_REFUSED,
    input_changed = MAILSEAL_ERROR_INPUT_CHANGED,
    no_memory = MAILSEAL_ERROR_NO_MEMORY,
    unreachable = MAILSEAL_ERROR_UNREACHABLE,
    unavailable = MAILSEAL_ERROR_UNAVAILABLE,
    cancelled = MAILSEAL_ERROR_CANCELLED,
    key_unsupported = MAILSEAL_ERROR_KEY_UNSUPPORTED,
    key_unavailable = MAILSEAL_ERROR_KEY_UNAVAILABLE,
    key_password = MAILSEAL_ERROR_KEY_PASSWORD,
    key_malformed = MAILSEAL_ERROR_KEY_MALFORMED,
    key_too_small = MAILSEAL_ERROR_KEY_TOO_SMALL,
    other = MAILSEAL_ERROR_OTHER,
    panic = MAILSEAL_ERROR_PANIC,
};

namespace detail {

/// What a callback of the call that this thread is in threw, the first of it.
inline std::exception_ptr& thrown() noexcept {
    static thread_local std::exception_ptr first;
    return first;
}

}  // namespace detail

/// Why a call failed. What was seen in a letter, however bad, is never an Error. Copies share what they say.
class Error : public std::exception {
public:
    /// Takes over an error of C, or NULL.
    Error(mailseal_status status, mailseal_error* taken) : Error(status, taken, Owned(taken)) {}
    /// A fault that this header finds.
    Error(Status status, const char* message)
        : said_(std::make_shared<const Said>(Said{static_cast<mailseal_status>(status), false, message, nullptr})) {}

    Error(const Error&) noexcept = default;
    Error& operator=(const Error&) noexcept = default;

    /// What went wrong, in English, on one line, safe to print. Lives as long as the error.
    std::string_view message() const noexcept { return said_->message; }
    /// The same.
    const char* what() const noexcept override { return said_->message.c_str(); }
    Status status() const noexcept { return static_cast<Status>(said_->status); }
    /// The program is wrong; never because of octets from outside.
    bool is_misuse() const noexcept { return said_->status >= 100 && said_->status < 200; }
    /// The same call may succeed later.
    bool is_temporary() const noexcept { return said_->temporary; }
    /// What a callback threw that the call failed for, which `value()` throws in place of this; NULL where none did.
    std::exception_ptr cause() const noexcept { return said_->cause; }

private:
    using Owned = detail::Owned<mailseal_error, mailseal_error_free>;
    struct Said {
        mailseal_status status;
        bool temporary;
        std::string message;
        std::exception_ptr cause;
    };
    Error(mailseal_status status, const mailseal_error* error, const Owned&)
        : said_(std::make_shared<const Said>(Said{status, mailseal_error_is_temporary(error), mailseal_error_message(error), std::exchange(detail::thrown(), nullptr)})) {}

    std::shared_ptr<const Said> said_;
};

namespace detail {

/// Throws, what a callback threw as it was; without exceptions says it and ends the program: somebody took a value that is not there.
[[noreturn]] inline void raise(const Error& error) {
#if MAILSEAL_HAS_EXCEPTIONS
    if (auto cause = error.cause()) std::rethrow_exception(std::move(cause));
    throw error;
#else
    std::fprintf(stderr, "mailseal: %s\n", error.what());
    std::abort();
#endif
}

struct Nothing {};

}  // namespace detail

/// What a call gives, or why it gives nothing. `value()` throws the Error, or what a callback threw in its place; `if (!result) … result.error()` needs no
/// exceptions. A program is built with exceptions in all of its files, or in none.
template <class Value>
class [[nodiscard]] Result {
    using Held = std::conditional_t<std::is_void_v<Value>, detail::Nothing, Value>;

public:
    /// Done.
    template <class Given = Value, class = std::enable_if_t<std::is_void_v<Given>>>
    Result() { detail::thrown() = nullptr; }
    Result(Held value) : held_(std::in_place_index<0>, std::move(value)) { detail::thrown() = nullptr; }
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    /// Whether there is a value.
    explicit operator bool() const noexcept { return held_.index() == 0; }
    bool has_value() const noexcept { return held_.index() == 0; }

    /// The value; throws the Error where there is none. Of a temporary, the value itself and not a reference into it, so
    /// that `for (auto group : plan.groups().value())` is sound.
    Value value() && {
        check();
        if constexpr (!std::is_void_v<Value>) return std::move(*std::get_if<0>(&held_));
    }
    decltype(auto) value() & { return reference(*this); }
    decltype(auto) value() const& { return reference(*this); }

    Held* operator->() { check(); return std::get_if<0>(&held_); }
    const Held* operator->() const { check(); return std::get_if<0>(&held_); }
    Held& operator*() & { check(); return *std::get_if<0>(&held_); }
    const Held& operator*() const& { check(); return *std::get_if<0>(&held_); }
    Held operator*() && { check(); return std::move(*std::get_if<0>(&held_)); }

    /// Why there is none; `Status::ok` where there is one.
    const Error& error() const {
        static const Error none(Status::ok, "");
        const Error* error = std::get_if<1>(&held_);
        return error != nullptr ? *error : none;
    }

private:
    void check() const {
        if (const Error* error = std::get_if<1>(&held_)) detail::raise(*error);
    }
    template <class Self>
    static auto reference(Self& self) -> std::conditional_t<std::is_void_v<Value>, void, decltype(*std::get_if<0>(&self.held_))> {
        self.check();
        if constexpr (!std::is_void_v<Value>) return *std::get_if<0>(&self.held_);
    }

    std::variant<Held, Error> held_;
};

namespace detail {

/// Done, or the error of a call of C.
inline Result<void> done(mailseal_status status, mailseal_error* taken) {
    if (status == MAILSEAL_OK) return {};
    return Error(status, taken);
}

}  // namespace detail

}  // namespace mailseal

#endif  // MAILSEAL_ERROR_HPP
