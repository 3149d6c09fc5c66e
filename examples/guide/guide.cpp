// The C++ of docs/guide.md: each piece between two marks. A test runs it in a folder with the letters of examples/letters
// and a draft.
#include <mailseal.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

static mailseal::TrustStore trusting(const char* file) {
    return mailseal::TrustStore().add_anchors(mailseal::Input::file(file), "any").value();
}

static void sign() {
    auto now = std::chrono::system_clock::now();
    auto cx = mailseal::Context(mailseal::TrustStore());
    // [sign]
    auto key = mailseal::Key::load(mailseal::Input::file("bob.pem")).value();
    auto mail = mailseal::Composer(cx).sign(key).compose(mailseal::Input::file("draft.eml"), now).value();
    std::ofstream("signed.eml", std::ios::binary) << mail.text();
    // [/sign]
}

static void verify() {
    // [verify]
    auto trust = mailseal::TrustStore().add_anchors(mailseal::Input::file("openssl-ca.pem"), "*@example.com").value();
    auto opener = mailseal::Opener(mailseal::Context(trust));
    auto opened = opener.open(mailseal::Input::file("openssl.eml"), std::chrono::system_clock::now()).value();
    auto verdict = mailseal::Policy::standard().judge(opened.report());
    std::cout << verdict.text(opened.report()) << '\n';
    // [/verify]
    if (verdict.outcome() != mailseal::Outcome::good) throw std::runtime_error("not good");
}

static void act() {
    auto now = std::chrono::system_clock::now();
    auto opener = mailseal::Opener(mailseal::Context(trusting("openssl-ca.pem")));
    // [act]
    auto policy = mailseal::Policy::standard();
    auto opened = opener.open(mailseal::Input::file("openssl.eml"), now).value();
    if (auto letter = opened.require(policy, "alice@example.com")) letter->payload().save("invoice.eml").value();
    else std::cout << "held back: " << policy.judge(opened.report()).reasons().size() << " reasons\n";
    // [/act]
}

static void encrypt() {
    auto now = std::chrono::system_clock::now();
    auto key = mailseal::Key::load(mailseal::Input::file("bob.pem")).value();
    // [encrypt]
    auto trust = mailseal::TrustStore().add_anchors(mailseal::Input::file("openssl-dave.pem"), "dave@example.com").value();
    auto cx = mailseal::Context(trust).add_certificates(mailseal::Input::file("openssl-dave.pem")).value();
    auto plan = mailseal::Plan::make(cx, mailseal::Input::file("draft.eml"), mailseal::Policy::standard(), now).value();
    for (auto person : plan.unreachable()) std::cerr << person.mailbox() << ": " << person.reason() << '\n';
    auto composer = mailseal::Composer(cx).sign(key);
    int number = 0;
    for (auto group : plan.groups().value()) {                  // no value while anyone is unreachable
        auto mail = composer.encrypt(group).compose(mailseal::Input::file("draft.eml"), now).value();
        std::ofstream("encrypted-" + std::to_string(number++) + ".eml", std::ios::binary) << mail.text();
    }
    // [/encrypt]
}

static void decrypt() {
    auto now = std::chrono::system_clock::now();
    auto cx = mailseal::Context(trusting("openssl-dave.pem"));
    // [decrypt]
    auto opener = mailseal::Opener(cx)
        .key(mailseal::Key::load(mailseal::Input::file("bob.pem")).value())
        .key(mailseal::Key::load(mailseal::Input::file("bob.asc")).value());    // every key that the user ever had
    auto opened = opener.open(mailseal::Input::file("openssl-encrypted.eml"), now).value();
    if (auto payload = opened.payload()) payload->save("letter.eml").value();
    else std::cout << "not decrypted\n";
    // [/decrypt]
}

static void trust() {
    // [trust]
    auto trust = mailseal::TrustStore()
        .add_anchors(mailseal::Input::file("openssl-ca.pem"), "*@example.com until=2040-12-31 for=sign").value()
        .pin("carol@example.net", "4CBE56D25F8925B5FD0F42E12EEDC723E55B8957").value()
        .add_web_of_trust_root("CBB47BAA7122FBC47C12DEAB36197707BEE93BEE", 120).value();
    auto opener = mailseal::Opener(mailseal::Context(trust));
    auto opened = opener.open(mailseal::Input::file("openssl.eml"), std::chrono::system_clock::now()).value();
    for (auto signature : opened.report().signatures())
        for (auto evidence : signature.evidence()) std::cout << evidence.text() << '\n';
    // [/trust]
}

static void fetch() {
    auto now = std::chrono::system_clock::now();
    auto cx = mailseal::Context(trusting("strict-ca.pem"));
    // [fetch]
    cx.fetcher([](const mailseal::FetchRequest& request) -> std::optional<mailseal::Buffer> {      // your HTTP client
        if (request.url() != "http://crl.example.com/strict-ca.crl") return std::nullopt;
        std::ifstream crl("strict-ca.crl", std::ios::binary);
        return mailseal::Buffer(std::string(std::istreambuf_iterator<char>(crl), {}));
    });
    auto opened = mailseal::Opener(cx).open(mailseal::Input::file("eve-revoked.eml"), now).value();
    auto verdict = mailseal::Policy::standard().judge(opened.report());        // Outcome::bad: revoked
    // [/fetch]
    if (verdict.outcome() != mailseal::Outcome::bad) throw std::runtime_error("not revoked");
}

static void gateway() {
    auto now = std::chrono::system_clock::now();
    auto policy = mailseal::Policy::standard();
    auto opener = mailseal::Opener(mailseal::Context(trusting("openssl-ca.pem")));
    // [gateway]
    auto opened = opener.open(mailseal::Input::file("openssl.eml"), now);      // one opener, for all threads
    if (!opened) throw opened.error();                                         // later (451): never pass, never bounce
    opened->stamp(policy.judge(opened->report()), "mx.example.org", mailseal::Output::file("stamped.eml")).value();
    // [/gateway]
}

int main() {
    sign();
    verify();
    act();
    encrypt();
    decrypt();
    trust();
    fetch();
    gateway();
}
