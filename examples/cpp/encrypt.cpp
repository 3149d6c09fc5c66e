// Writes a draft so that nobody but its recipients can read it:
//     encrypt ANCHORS CERTIFICATES DRAFT [KEY [PASSWORD]]
// CERTIFICATES are of the recipients; ANCHORS say which of them to believe; KEY signs, too.
// The letters are 1.eml, 2.eml, ...; while one recipient cannot be reached there are none, and the exit status is 2.
#include <mailseal.hpp>

#include <iostream>

int main(int argc, char** argv) try {
    if (argc < 4 || argc > 6) {
        std::cerr << "usage: encrypt ANCHORS CERTIFICATES DRAFT [KEY [PASSWORD]]\n";
        return 2;
    }
    // Called only where the key is protected; an OpenPGP key asks when it signs.
    auto ask = [&](const mailseal::PasswordRequest& request) -> std::optional<mailseal::Secret> {
        if (argc < 6 || request.attempt() > 0) return std::nullopt;
        return argv[5];
    };
    auto now      = std::chrono::system_clock::now();
    auto trust    = mailseal::TrustStore().add_anchors(mailseal::Input::file(argv[1]), "any").value();
    auto cx       = mailseal::Context(trust).add_certificates(mailseal::Input::file(argv[2])).value();
    auto composer = mailseal::Composer(cx);
    if (argc > 4) composer.sign(mailseal::Key::load(mailseal::Input::file(argv[4]), ask).value());

    auto plan = mailseal::Plan::make(cx, mailseal::Input::file(argv[3]), mailseal::Policy::standard(), now).value();
    std::cout << plan.text();                              // who gets what; who gets nothing, and why
    int number = 0;
    for (auto group : plan.groups().value()) {             // an Error while anybody is unreachable
        auto name = std::to_string(++number) + ".eml";
        composer.encrypt(group).compose(mailseal::Input::file(argv[3]), now, mailseal::Output::file(name)).value();
        std::cout << name << ':';                          // the recipients of the envelope
        for (auto& who : group.mailboxes()) std::cout << ' ' << who;
        std::cout << '\n';
    }
    return 0;
} catch (const mailseal::Error& e) {
    std::cerr << "could not encrypt: " << e.what() << '\n';
    return 2;
}
