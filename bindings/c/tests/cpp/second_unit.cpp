// The header twice in one program, and twice in one file.
#include <mailseal.hpp>
#include <mailseal.hpp>

mailseal::Outcome elsewhere(const mailseal::Report& report);

mailseal::Outcome elsewhere(const mailseal::Report& report) { return mailseal::Policy::standard().judge(report).outcome(); }
