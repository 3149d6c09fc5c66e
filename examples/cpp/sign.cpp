// Signs a finished letter: sign KEY [PASSWORD] < draft.eml > signed.eml
// KEY is PKCS#12, PEM with its certificates, or an OpenPGP secret key: what it is decides the protocol.
#include <mailseal.hpp>

#include <iostream>

int main(int argc, char** argv) try {
    if (argc < 2 || argc > 3) {
        std::cerr << "usage: sign KEY [PASSWORD] < draft.eml > signed.eml\n";
        return 2;
    }
    // Called only where the key is protected. A program with a user would ask here, and count the attempts.
    auto ask = [&](const mailseal::PasswordRequest& request) -> std::optional<mailseal::Secret> {
        if (argc < 3 || request.attempt() > 0) return std::nullopt;
        return argv[2];
    };
    auto key  = mailseal::Key::load(mailseal::Input::file(argv[1]), ask).value();
    auto cx   = mailseal::Context(mailseal::TrustStore());
    auto mail = mailseal::Composer(cx).sign(key).compose(mailseal::Input::fd(0), std::chrono::system_clock::now()).value();
    std::cout << mail.text() << std::flush;
    return std::cout ? 0 : 2;
} catch (const mailseal::Error& e) {
    std::cerr << "could not sign: " << e.what() << '\n';
    return 2;
}
