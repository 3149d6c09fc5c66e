// Octets: borrowed (Bytes), owned (Buffer), secret (Secret).
#ifndef MAILSEAL_BYTES_HPP
#define MAILSEAL_BYTES_HPP

#include <mailseal.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mailseal {

namespace detail {

/// Frees an object of C with its own function.
template <auto Function>
struct Free {
    template <class Object>
    void operator()(Object* object) const noexcept { Function(object); }
};

/// The only owner of an object of C.
template <class Object, auto Function>
using Owned = std::unique_ptr<Object, Free<Function>>;

/// Text that C borrows. It cannot hold a zero octet, at which C would end: an address would be another one. Such text is
/// NULL there, which every call refuses as misuse.
class Text {
public:
    explicit Text(std::string_view text) : text_(text), whole_(text.find('\0') == std::string_view::npos) {}
    const char* c() const noexcept { return whole_ ? text_.c_str() : nullptr; }

private:
    std::string text_;
    bool whole_;
};

inline std::string_view view(mailseal_slice slice) noexcept {
    return slice.data == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(slice.data), slice.length);
}

/// An enumeration of C; what this header does not know is 0: unknown, not verified.
template <class Enum>
constexpr Enum known(std::int32_t value, Enum last) noexcept {
    return value > 0 && value <= static_cast<std::int32_t>(last) ? static_cast<Enum>(value) : static_cast<Enum>(0);
}

}  // namespace detail

/// Octets that are borrowed: made of anything with `data()` and `size()` in single octets.
class Bytes {
public:
    constexpr Bytes() noexcept = default;
    constexpr Bytes(const std::uint8_t* data, std::size_t size) noexcept : data_(data), size_(size) {}
    explicit constexpr Bytes(mailseal_slice slice) noexcept : data_(slice.data), size_(slice.length) {}
    /// A string, a vector of octets, a Buffer, a span.
    template <class Range, class Octet = std::remove_pointer_t<decltype(std::declval<const Range&>().data())>,
              class = std::enable_if_t<sizeof(Octet) == 1 && !std::is_same_v<Range, Bytes>>>
    Bytes(const Range& range) noexcept : data_(reinterpret_cast<const std::uint8_t*>(range.data())), size_(range.size()) {}
    Bytes(const char* text) noexcept : Bytes(std::string_view(text)) {}

    constexpr const std::uint8_t* data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr const std::uint8_t* begin() const noexcept { return data_; }
    constexpr const std::uint8_t* end() const noexcept { return data_ + size_; }
    /// The same octets as text.
    std::string_view text() const noexcept { return detail::view({data_, size_}); }

private:
    const std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Octets that mailseal owns: a letter that was written, the answer of a callback. Wiped when they are destroyed.
class Buffer {
public:
    Buffer() : handle_(mailseal_buffer_new()) {}
    /// A copy of the octets.
    explicit Buffer(Bytes bytes) : Buffer() { append(bytes); }
    Buffer(const std::string& text) : Buffer(Bytes(text)) {}
    Buffer(const char* text) : Buffer(Bytes(text)) {}
    /// Takes over a buffer of C, or NULL.
    static Buffer adopt(mailseal_buffer* taken) noexcept { return Buffer(taken); }

    /// Appends a copy. What bytes() gave before is elsewhere then.
    Buffer& append(Bytes bytes) {
        mailseal_buffer_append(c(), bytes.data(), bytes.size());
        return *this;
    }

    const std::uint8_t* data() const noexcept { return mailseal_buffer_data(c()); }
    std::size_t size() const noexcept { return mailseal_buffer_length(c()); }
    bool empty() const noexcept { return size() == 0; }
    /// The octets. Live until the buffer is changed or destroyed.
    Bytes bytes() const noexcept { return {data(), size()}; }
    /// The same as text. Lives as bytes().
    std::string_view text() const noexcept { return bytes().text(); }

    /// The object of C; stays this one's.
    mailseal_buffer* c() const noexcept { return handle_.get(); }

private:
    explicit Buffer(mailseal_buffer* taken) noexcept : handle_(taken) {}
    detail::Owned<mailseal_buffer, mailseal_buffer_free> handle_;
};

/// A password, as callbacks return it. Wiped when it is destroyed.
class Secret {
public:
    Secret(std::string_view text) : buffer_(Bytes(text)) {}
    Secret(const char* text) : Secret(std::string_view(text)) {}
    Secret(const std::string& text) : Secret(std::string_view(text)) {}
    /// Takes the text over and wipes it where it was.
    Secret(std::string&& text) : buffer_(Bytes(text)) {
        mailseal_buffer_take_secret(nullptr, text.data(), text.size());  // takes nothing, and wipes: a zero octet ends nothing here
        text.clear();
    }

    /// Its octets. Live as long as the secret.
    Bytes bytes() const noexcept { return buffer_.bytes(); }

private:
    Buffer buffer_;
};

namespace detail {

/// Text that C gave away: copied out.
inline std::string copied(mailseal_buffer* taken) {
    return std::string(Buffer::adopt(taken).text());
}

}  // namespace detail

}  // namespace mailseal

#endif  // MAILSEAL_BYTES_HPP
