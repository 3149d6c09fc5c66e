// A letter with all that its verdict rests on, in a file.
#ifndef MAILSEAL_ARCHIVE_HPP
#define MAILSEAL_ARCHIVE_HPP

#include <mailseal/context.hpp>
#include <mailseal/domain.hpp>

namespace mailseal {

namespace detail {
inline Result<void> archive_write(const Opener& opener, Input input, const DomainCheck* check, const Connection& connection,
                                  Time asked, const Policy& policy, Time at, const std::string& path) {
    if (auto fault = opener.faults()->first()) return *std::move(fault);
    const Text client(connection.client), helo(connection.helo), from(connection.mail_from), text(path);
    mailseal_error* error = nullptr;
    const auto status = mailseal_archive_write_with(opener.c(), input.release(), check != nullptr ? check->c() : nullptr,
                                                    client.c(), helo.c(), from.c(), seconds(asked), policy.c(), seconds(at),
                                                    text.c(), &error);
    if (status != MAILSEAL_OPENED) return Error(status, error);
    return {};
}
}  // namespace detail

/// Looks at a letter as an opener without keys does, and writes it with the report, the verdict and all that they needed
/// into a file, so that anybody can judge it again later: all of it, or no file. It names all anchors of the context.
inline Result<void> archive_write(const Context& context, Input input, const Policy& policy, Time at, const std::string& path) {
    if (auto fault = context.faults()->first()) return *std::move(fault);
    const detail::Text text(path);
    mailseal_error* error = nullptr;
    const auto status = mailseal_archive_write(context.c(), input.release(), policy.c(), detail::seconds(at), text.c(), &error);
    if (status != MAILSEAL_OPENED) return Error(status, error);
    return {};
}

/// The same as that opener would open it, but without its keys: the fields that it trusts are kept, too.
inline Result<void> archive_write(const Opener& opener, Input input, const Policy& policy, Time at, const std::string& path) {
    return detail::archive_write(opener, std::move(input), nullptr, {}, at, policy, at, path);
}

/// The same with what the DNS says of the sending domain now, at `asked`, so that it can be looked at again when keys have
/// changed.
inline Result<void> archive_write(const Opener& opener, Input input, const DomainCheck& check, const Connection& connection,
                                  Time asked, const Policy& policy, Time at, const std::string& path) {
    return detail::archive_write(opener, std::move(input), &check, connection, asked, policy, at, path);
}

/// Judges the letter of an archive again as of then, by the trust in it: what comes out, as JSON, is as good as whoever
/// wrote it. With a `trust` of the program's own, that of the archive counts for nothing.
inline Result<std::string> archive_check(const std::string& path, const Policy& policy, const TrustStore* trust = nullptr) {
    const detail::Text text(path);
    mailseal_buffer* json = nullptr;
    mailseal_error* error = nullptr;
    const auto status = trust != nullptr ? mailseal_archive_check_with(text.c(), policy.c(), trust->c(), &json, &error)
                                         : mailseal_archive_check(text.c(), policy.c(), &json, &error);
    if (status != MAILSEAL_OPENED) return Error(status, error);
    return detail::copied(json);
}

}  // namespace mailseal

#endif  // MAILSEAL_ARCHIVE_HPP
