// Opens an encrypted letter: decrypt KEY MESSAGE OUT [PASSWORD]
// Exit status: 0 all that was inside is in OUT, 1 it stayed encrypted and there is no OUT, 2 could not look.
// Who wrote it is another question: see verify.cpp.
#include <mailseal.hpp>

#include <iostream>

int main(int argc, char** argv) try {
    static const char* const what[] = {"not tried", "no key for it", "failed", "withheld", "opened"};
    if (argc < 4 || argc > 5) {
        std::cerr << "usage: decrypt KEY MESSAGE OUT [PASSWORD]\n";
        return 2;
    }
    // For the key, and for letters that are encrypted to a password. A program with a user would ask here.
    auto ask = [&](const mailseal::PasswordRequest& request) -> std::optional<mailseal::Secret> {
        if (argc < 5 || request.attempt() > 0) return std::nullopt;
        return argv[4];
    };
    auto opener = mailseal::Opener(mailseal::Context(mailseal::TrustStore()))
                      .key(mailseal::Key::load(mailseal::Input::file(argv[1]), ask).value())   // every key the user ever had
                      .password(ask);
    auto opened = opener.open(mailseal::Input::file(argv[2]), std::chrono::system_clock::now()).value();
    for (auto layer : opened.report().layers())
        if (layer.kind() == mailseal::LayerKind::encrypted)
            std::cout << "part " << layer.part() << ": " << layer.cipher() << ", " << what[static_cast<int>(layer.decryption())] << '\n';
    auto payload = opened.payload();                       // none where a layer stayed encrypted: no error, a finding
    if (!payload) return 1;
    payload->save(argv[3]).value();
    return 0;
} catch (const mailseal::Error& e) {
    std::cerr << "could not look: " << e.what() << '\n';
    return 2;
}
