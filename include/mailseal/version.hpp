// Which mailseal this is.
#ifndef MAILSEAL_VERSION_HPP
#define MAILSEAL_VERSION_HPP

#include <mailseal/error.hpp>

namespace mailseal {

/// The version of the library in use: `0.1.0`.
inline std::string_view version() noexcept { return mailseal_version(); }

/// The same as one number that grows; `MAILSEAL_VERSION_NUMBER` is the header's.
inline std::uint32_t version_number() noexcept { return mailseal_version_number(); }

/// Whether this header and the library in use fit.
inline Result<void> abi_check() {
    const auto status = mailseal_abi_check(MAILSEAL_VERSION_NUMBER);
    if (status == MAILSEAL_OK) return {};
    return Error(static_cast<Status>(status), "this program was built for another version of mailseal");
}

}  // namespace mailseal

#endif  // MAILSEAL_VERSION_HPP
