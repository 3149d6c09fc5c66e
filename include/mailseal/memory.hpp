// What is remembered of correspondents.
#ifndef MAILSEAL_MEMORY_HPP
#define MAILSEAL_MEMORY_HPP

#include <mailseal/detail.hpp>

namespace mailseal {

/// What is remembered of correspondents, in a file. It makes findings, never trust; only a pin is trust. Copies are the same
/// memory.
class Memory {
public:
    /// Opens a file, or makes it. `correspondents` are how many it keeps, 0 the usual number. Misuse of a library that was
    /// built without the feature `memory`.
    static Result<Memory> open(const std::string& path, std::size_t correspondents = 0) {
        const detail::Text text(path);
        mailseal_memory* memory = nullptr;
        mailseal_error* error = nullptr;
        const auto status = mailseal_memory_open(text.c(), correspondents, &memory, &error);
        if (status != MAILSEAL_OK) return Error(status, error);
        return Memory(memory);
    }

    /// Ties a certificate to an address, by the whole fingerprint. From then on it is trusted for exactly this address.
    Result<void> pin(std::string_view mailbox, std::string_view fingerprint, Time at) const {
        const detail::Text who(mailbox), which(fingerprint);
        mailseal_error* error = nullptr;
        const auto status = mailseal_memory_pin(c(), who.c(), which.c(), detail::seconds(at), &error);
        return detail::done(status, error);
    }
    /// Takes a pin back, if there is one.
    Result<void> unpin(std::string_view mailbox, std::string_view fingerprint) const {
        const detail::Text who(mailbox), which(fingerprint);
        mailseal_error* error = nullptr;
        const auto status = mailseal_memory_unpin(c(), who.c(), which.c(), &error);
        return detail::done(status, error);
    }
    /// Forgets a correspondent, pins and all, if it is known.
    Result<void> forget(std::string_view mailbox) const {
        const detail::Text who(mailbox);
        mailseal_error* error = nullptr;
        const auto status = mailseal_memory_forget(c(), who.c(), &error);
        return detail::done(status, error);
    }
    /// All that is remembered, as JSON. None where it cannot be read.
    std::optional<std::string> export_json() const {
        auto* json = mailseal_memory_export(c());
        if (json == nullptr) return std::nullopt;
        return detail::copied(json);
    }
    /// Takes in what export_json() gave.
    Result<void> import_json(std::string_view json) const {
        const Bytes octets(json);
        mailseal_error* error = nullptr;
        const auto status = mailseal_memory_import(c(), mailseal_input_memory(octets.data(), octets.size()), &error);
        return detail::done(status, error);
    }

    /// The object of C; stays this one's.
    const mailseal_memory* c() const noexcept { return memory_.get(); }

private:
    explicit Memory(mailseal_memory* taken) : memory_(taken, detail::Free<mailseal_memory_free>()) {}
    std::shared_ptr<const mailseal_memory> memory_;
};

}  // namespace mailseal

#endif  // MAILSEAL_MEMORY_HPP
