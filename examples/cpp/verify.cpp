// Says who signed a letter: verify ANCHORS MESSAGE
// Exit status: 0 good, 1 any other verdict, 2 could not look.
#include <mailseal.hpp>

#include <iostream>

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::cerr << "usage: verify ANCHORS MESSAGE\n";
        return 2;
    }
    auto trust   = mailseal::TrustStore().add_anchors(mailseal::Input::file(argv[1]), "any").value();
    auto opened  = mailseal::Opener(mailseal::Context(trust))
                       .open(mailseal::Input::file(argv[2]), std::chrono::system_clock::now()).value();
    auto report  = opened.report();
    auto verdict = mailseal::Policy::standard().judge(report);
    std::cout << verdict.text(report);
    int number = 0;
    for (auto signature : report.signatures()) {
        auto signer = signature.signer();
        std::cout << "signer " << ++number << ": " << (signer ? signer->mailbox() : "unknown") << '\n';
    }
    return verdict.outcome() == mailseal::Outcome::good ? 0 : 1;
} catch (const mailseal::Error& e) {          // .value() throws; `if (!result) … result.error()` works without exceptions
    std::cerr << "could not look: " << e.what() << '\n';
    return 2;
}
