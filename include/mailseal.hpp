/*
 * mailseal signs and encrypts mail, opens it, and says who signed it: S/MIME and PGP/MIME. C++17, header only, over
 * mailseal.h; one header for each object in mailseal/.
 *
 * - What can fail gives a Result: `value()` throws mailseal::Error; `if (!result) … result.error()` needs no exceptions.
 *   What is seen in a letter, however bad, is never an Error.
 * - "Not verified" is std::nullopt, and 0 in every enumeration, which is also what an unknown number becomes.
 * - Recipes (TrustStore, Context, Composer, Opener, NewKey) and what was seen (Opened, Report, Verdict and all in them) are shared
 *   by their copies, as are Certificate, Memory and Cancel. Buffer, Secret, Input, Output, Key, MadeKey, Policy,
 *   Plan, Prepared, Mailbox, StoredMessage, Diagnosis, Comparison and Preflight are moved. One that was moved from is refused as misuse.
 * - Whatever is a part of something keeps it alive. A std::string_view or Bytes lives as long as the object that gave it,
 *   or another part of the same letter.
 * - Settings that can only come too late return the recipe, and are an Error of the calls that use it; those that read or
 *   look up something return a Result.
 * - An exception in a callback does not leave it; request.hpp says what it counts as.
 * - Threads: include/README.md, by the same names.
 */
#ifndef MAILSEAL_HPP
#define MAILSEAL_HPP

#include <mailseal/archive.hpp>
#include <mailseal/bytes.hpp>
#include <mailseal/cancel.hpp>
#include <mailseal/certificate.hpp>
#include <mailseal/composer.hpp>
#include <mailseal/context.hpp>
#include <mailseal/dispatch.hpp>
#include <mailseal/doctor.hpp>
#include <mailseal/domain.hpp>
#include <mailseal/error.hpp>
#include <mailseal/finding.hpp>
#include <mailseal/input.hpp>
#include <mailseal/key.hpp>
#include <mailseal/layer.hpp>
#include <mailseal/mailbox.hpp>
#include <mailseal/memory.hpp>
#include <mailseal/new_key.hpp>
#include <mailseal/opened.hpp>
#include <mailseal/opener.hpp>
#include <mailseal/output.hpp>
#include <mailseal/part.hpp>
#include <mailseal/plan.hpp>
#include <mailseal/policy.hpp>
#include <mailseal/report.hpp>
#include <mailseal/request.hpp>
#include <mailseal/signature.hpp>
#include <mailseal/version.hpp>

#endif  // MAILSEAL_HPP
