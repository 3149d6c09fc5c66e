// Built with -fno-exceptions -fno-rtti: no_exceptions ANCHORS MESSAGE
#include <mailseal.hpp>

#include <cstdio>

mailseal::Outcome elsewhere(const mailseal::Report& report);   // second_unit.cpp

int main(int, char** argv) {
    auto trust = mailseal::TrustStore().add_anchors(mailseal::Input::file(argv[1]), "any");
    if (!trust) {
        std::fprintf(stderr, "could not look: %s\n", trust.error().what());
        return 2;
    }
    auto opened = mailseal::Opener(mailseal::Context(*trust)).open(mailseal::Input::file(argv[2]), std::chrono::system_clock::now());
    if (!opened) {
        std::fprintf(stderr, "could not look: %s\n", opened.error().what());
        return 2;
    }
    return elsewhere(opened->report()) == mailseal::Outcome::good ? 0 : 1;
}
