// What a C++ program says for each task, in the fewest words: usage TASK, in a folder with the files that it names.
// The lines between the rulers are how the library is meant to be used; if one of them has to change, so has every program.
#include <mailseal.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

static std::string contents(const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream octets;
    octets << file.rdbuf();
    return octets.str();
}

static void save(const char* path, mailseal::Bytes bytes) {
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// The program around the snippets.
static const auto now = std::chrono::system_clock::now();
static const auto policy = mailseal::Policy::standard();
static const auto draft = contents("draft.eml");

static mailseal::Context world() {
    mailseal::TrustStore trust;
    if (std::ifstream("anchors.pem")) trust.add_anchors(mailseal::Input::file("anchors.pem"), "any").value();
    if (std::ifstream("anchors.asc")) trust.add_anchors(mailseal::Input::file("anchors.asc"), "any").value();
    mailseal::Context cx(trust);
    if (std::ifstream("certificates.pem")) cx.add_certificates(mailseal::Input::file("certificates.pem")).value();
    if (std::ifstream("anchors.asc")) cx.add_certificates(mailseal::Input::file("anchors.asc")).value();
    return cx;
}

static std::optional<mailseal::Secret> ask(const mailseal::PasswordRequest& request) {
    if (request.attempt() > 0) return std::nullopt;
    return "secret";
}

static int sent = 0;
static void smtp_send(const char* to, mailseal::Bytes mail) {
    std::cout << to << '\n';
    save((std::to_string(++sent) + ".eml").c_str(), mail);
}
static void smtp_send(const std::vector<std::string>& to, mailseal::Bytes mail) {
    for (const auto& one : to) std::cout << one << '\n';
    save((std::to_string(++sent) + ".eml").c_str(), mail);
}

static void sign() {
    auto cx = world();
    // ------------------------------------------------------------------------------------------------------------
    auto key  = mailseal::Key::load(mailseal::Input::file("alice.p12"), ask).value();
    auto mail = mailseal::Composer(cx).sign(key).compose(mailseal::Input::memory(draft), now).value();
    smtp_send("bob@example.org", mail.bytes());
    // ------------------------------------------------------------------------------------------------------------
}

static void require() {
    auto cx = world();
    auto mail = contents("in.eml");
    auto book = [](const mailseal::Payload& payload) { std::cout << "booked " << payload.read().value().text(); };
    auto hold = [](auto reasons) { for (auto reason : reasons) std::cout << "held: " << reason.code() << '\n'; };
    // ------------------------------------------------------------------------------------------------------------
    auto opened = mailseal::Opener(cx).open(mailseal::Input::memory(mail), now).value();
    if (auto letter = opened.require(policy, "invoices@supplier.example")) book(letter->payload());
    else hold(policy.judge(opened.report()).reasons());
    // ------------------------------------------------------------------------------------------------------------
}

static void encrypt() {
    auto cx = world();
    auto key = mailseal::Key::load(mailseal::Input::file("alice.p12"), ask).value();
    auto pgp_key = mailseal::Key::load(mailseal::Input::file("alice.asc"), ask).value();
    // ------------------------------------------------------------------------------------------------------------
    auto plan = mailseal::Plan::make(cx, mailseal::Input::memory(draft), policy, now).value();
    for (auto person : plan.unreachable()) std::cerr << person.mailbox() << ": " << person.reason() << '\n';
    plan.remove("dave@example.net").value();
    auto composer = mailseal::Composer(cx).sign(key).sign(pgp_key);
    for (auto group : plan.groups().value())
        smtp_send(group.mailboxes(), composer.encrypt(group).compose(mailseal::Input::memory(draft), now).value().bytes());
    // ------------------------------------------------------------------------------------------------------------
}

static void decrypt() {
    auto cx = world();
    // ------------------------------------------------------------------------------------------------------------
    auto opener = mailseal::Opener(cx)
        .key(mailseal::Key::load(mailseal::Input::file("work.p12"), ask).value())
        .key(mailseal::Key::load(mailseal::Input::file("private-2019.asc"), ask).value())
        .password(ask);                                          // std::optional<Secret>(const PasswordRequest&)
    auto opened = opener.open(mailseal::Input::file("in.eml"), now).value();
    if (auto payload = opened.payload()) payload->save("letter.eml").value();
    // ------------------------------------------------------------------------------------------------------------
}

static void trust() {
    struct { std::string fingerprint() const { return "5BB09E0CFE33A1D25BB09E0CFE33A1D25BB09E0C"; } } carol;
    // ------------------------------------------------------------------------------------------------------------
    auto trust = mailseal::TrustStore()
        .add_anchors(mailseal::Input::file("partner-ca.pem"), "*@partner.example until=2027-12-31").value()
        .add_web_of_trust_root("3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10", 120).value()
        .pin("carol@example.net", carol.fingerprint()).value();
    // ------------------------------------------------------------------------------------------------------------
    auto signature = mailseal::Opener(mailseal::Context(trust)).open(mailseal::Input::file("in.eml"), now).value().report().signatures()[0];
    // ------------------------------------------------------------------------------------------------------------
    for (auto evidence : signature.evidence())
        for (auto step : evidence.steps()) std::cout << step.text() << '\n';
    // ------------------------------------------------------------------------------------------------------------
}

static void elsewhere() {
    struct {
        std::optional<mailseal::Buffer> sign(const char*, mailseal::Bytes digest) const {
            save("digest", digest);
            if (std::system("openssl pkeyutl -sign -inkey alice.key -in digest -out signature") != 0) return std::nullopt;
            return contents("signature");
        }
    } my_kms;
    // ------------------------------------------------------------------------------------------------------------
    auto key = mailseal::Key::external(mailseal::Input::file("alice.pem"), "ecdsa-p256-sha256",
        [&](std::string_view, mailseal::Bytes digest) { return my_kms.sign("alice", digest); }).value();   // std::optional<Buffer>
    // ------------------------------------------------------------------------------------------------------------
    auto cx = world();
    smtp_send("one phase", mailseal::Composer(cx).sign(key).compose(mailseal::Input::memory(draft), now).value().bytes());
    auto deferred = mailseal::Key::deferred(mailseal::Input::file("alice.pem")).value();
    auto prepared = mailseal::Composer(cx).sign(deferred).prepare(mailseal::Input::memory(draft), now).value();
    std::cout << prepared.scheme() << '\n';
    if (prepared.finish("not a signature")) std::abort();
    prepared = mailseal::Composer(cx).sign(deferred).prepare(mailseal::Input::memory(draft), now).value();
    auto signature = my_kms.sign("alice", prepared.to_sign()).value();
    smtp_send("two phases", prepared.finish(signature.bytes()).value().bytes());
}

static void fetch() {
    mailseal::Context cx(mailseal::TrustStore().add_anchors(mailseal::Input::file("partner-ca.pem"), "any").value());
    struct {
        std::optional<mailseal::Buffer> send(std::string_view url, mailseal::Bytes body, std::uint64_t max_bytes) const {
            std::cout << "asked for " << url << ", " << body.size() << ", " << max_bytes << '\n';
            return contents("partner-ca.crl");
        }
    } my_client;
    // ------------------------------------------------------------------------------------------------------------
    cx.fetcher([&](const mailseal::FetchRequest& r) { return my_client.send(r.url(), r.body(), r.max_bytes()); });   // std::optional<Buffer>
    // ------------------------------------------------------------------------------------------------------------
    auto opened = mailseal::Opener(cx).open(mailseal::Input::file("in.eml"), now).value();
    std::cout << policy.judge(opened.report()).text(opened.report());
}

static void refused(const char* path) {
    auto opener = mailseal::Opener(world());
    auto input = mailseal::Input::file(path);
    auto show = [](const std::string& text) { std::cout << "show " << text; };
    auto bug = [](std::string_view message) { std::cout << "bug: " << message << '\n'; };
    auto retry_later = [] { std::cout << "later\n"; };
    if (std::string_view(path).empty()) input = mailseal::Input::file(std::string("in.eml\0", 7));
    // ------------------------------------------------------------------------------------------------------------
    if (auto opened = opener.open(std::move(input), now)) show(policy.judge(opened->report()).text(opened->report()));
    else if (opened.error().is_misuse())                  bug(opened.error().message());
    else if (opened.error().is_temporary())               retry_later();
    // ------------------------------------------------------------------------------------------------------------
}

static int gateway(const char* path) {
    auto opener = mailseal::Opener(world());
    auto input = mailseal::Input::push();
    input.write(contents(path)).value();
    auto output = mailseal::Output::file("stamped.eml");
    auto accept = [] { return 0; };
    auto defer = [](int code, std::string_view why) { std::cout << code << ' ' << why << '\n'; return 1; };
    // ------------------------------------------------------------------------------------------------------------
    auto opened = opener.open(std::move(input), now);
    if (!opened) return defer(451, opened.error().message());
    return opened->stamp(policy.judge(opened->report()), "mx.example.org", std::move(output)) ? accept() : defer(451, "spool");
    // ------------------------------------------------------------------------------------------------------------
}

int main(int argc, char** argv) try {
    const std::string_view task = argc > 1 ? argv[1] : "";
    if (task == "sign") sign();
    else if (task == "require") require();
    else if (task == "encrypt") encrypt();
    else if (task == "decrypt") decrypt();
    else if (task == "trust") trust();
    else if (task == "elsewhere") elsewhere();
    else if (task == "fetch") fetch();
    else if (task == "refused") refused(argv[2]);
    else if (task == "gateway") return gateway(argv[2]);
    else return 3;
    return 0;
} catch (const mailseal::Error& e) {
    std::cerr << e.what() << '\n';
    return 2;
}
