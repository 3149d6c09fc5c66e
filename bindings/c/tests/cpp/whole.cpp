#include <mailseal.hpp>
#include <iostream>

int main(int argc, char** argv) try {
    auto trust  = mailseal::TrustStore().add_anchors(mailseal::Input::file("anchors.pem"), "any").value();
    auto opened = mailseal::Opener(mailseal::Context(trust)).open(
        mailseal::Input::file(argc > 1 ? argv[1] : "in.eml"), std::chrono::system_clock::now()).value();
    auto verdict = mailseal::Policy::standard().judge(opened.report());
    std::cout << verdict.text(opened.report()) << '\n';
    for (auto signature : opened.report().signatures())
        if (auto signer = signature.signer()) std::cout << signer->mailbox() << '\n';
    return verdict.outcome() == mailseal::Outcome::good ? 0 : 1;
} catch (const mailseal::Error& e) {          // .value() throws; `if (!result) … result.error()` works without exceptions
    std::cerr << "could not look: " << e.what() << '\n';
    return 2;
}
