// What the C++ objects promise beyond those of C: objects LETTERS (the folder examples/letters). Tells of the first promise
// that is not kept.
#include <mailseal.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace mailseal;

#define CHECK(promise) do { if (!(promise)) { std::cerr << __FILE__ << ':' << __LINE__ << ": " #promise "\n"; std::exit(1); } } while (0)

static std::string letters;
static const Time now{std::chrono::seconds(1800000000)};

static std::string contents(const std::string& name) {
    std::ifstream file(letters + "/" + name, std::ios::binary);
    std::ostringstream octets;
    octets << file.rdbuf();
    return octets.str();
}
static Input file(const std::string& name) { return Input::file(letters + "/" + name); }
static Context believing(const std::string& anchors) { return Context(TrustStore().add_anchors(file(anchors), "any").value()); }
static Key bob() { return Key::load(file("bob.pem")).value(); }
static const std::string draft = "From: bob@example.org\r\nTo: dave@example.com, nobody@example.net, other@example.net\r\nSubject: x\r\n\r\nHello\r\n";

// Whatever is a part of something keeps it alive.
static void parts_outlive_what_they_came_from() {
    auto signature = Opener(believing("openssl-ca.pem")).open(file("openssl.eml"), now).value().report().signatures()[0];
    CHECK(signature.integrity() == Integrity::intact && signature.trust() == Trust::trusted);
    CHECK(signature.signer()->mailbox() == "alice@example.com" && signature.signer()->is_from());
    auto step = signature.evidence()[0].steps()[1];
    signature = Signature(nullptr);
    CHECK(step.text().find("Alice Liddell") == 0 && step.fingerprint().size() == 64);
    auto payload = Opener(believing("openssl-ca.pem")).open(file("openssl.eml"), now).value().require(Policy::standard(), "alice@example.com")->payload();
    CHECK(payload.read().value().text().find("the parcel") != std::string_view::npos);
    auto reasons = Policy::standard().judge(Opener(believing("openssl-ca.pem")).open(file("openssl.eml"), now).value().report()).reasons();
    CHECK(reasons.size() == 1 && reasons[0].code() == "revocation_unknown");
    auto first = Opener(believing("strict-ca.pem")).open(file("eve-revoked.eml"), now).value().report().wants().begin();
    CHECK(first->purpose() == Purpose::crl && (*first).url() == "http://crl.example.com/strict-ca.crl" && first->max_bytes() > 0);
    auto recipient = Opener(believing("openssl-ca.pem")).open(file("openssl-encrypted.eml"), now).value().report().layers()[0].recipients()[0];
    CHECK(recipient.kind() == RecipientKind::key_transport && !recipient.name().empty() && !recipient.algorithm().empty());
}

static void lists_are_ranges() {
    auto report = Opener(believing("openssl-dave.pem")).key(bob()).open(file("openssl-encrypted.eml"), now).value().report();
    std::vector<std::string_view> parts;
    for (auto layer : report.layers()) parts.push_back(layer.part());
    CHECK(parts.size() == 2 && report.layers().size() == 2);
    auto layers = report.layers();
    CHECK(std::count_if(layers.begin(), layers.end(), [](const Layer& layer) { return layer.kind() == LayerKind::encrypted; }) == 1);
    auto opened_by = layers[0].opened_by();
    CHECK(opened_by && opened_by->mailboxes()[0] == "bob@example.org" && !opened_by->is_old());
    CHECK(layers[0].protocol() == "S/MIME" && layers[0].is_envelope() && layers[0].is_authenticated() && layers[0].cipher() == "AES-256-GCM");
    CHECK(layers[0].decryption() == Decryption::opened && !layers[1].opened_by());
    CHECK(layers[7].kind() == LayerKind::unknown && layers[7].cipher().empty());      // beyond the end: nothing, no crash
    CHECK(report.get("/from/mailboxes/0") && !report.get("/no/such") && report.json().front() == '{');
}

// "Not verified" is empty, whatever the reason.
static void nothing_is_never_trust() {
    auto opened = Opener(Context(TrustStore())).open(file("openssl.eml"), now).value();
    CHECK(!opened.require(Policy::standard(), "alice@example.com"));
    CHECK(Policy::standard().judge(opened.report()).outcome() == Outcome::caution);
    std::optional<Error> misuse;
    CHECK(!opened.require(Policy::standard(), "not an address", &misuse) && misuse && misuse->is_misuse());
    misuse.reset();
    CHECK(!opened.require(Policy::standard(), "mallory@example.com", &misuse) && !misuse);
    auto elsewhere = std::move(opened);
    CHECK(!opened.require(Policy::standard(), "alice@example.com") && !opened.payload());        // moved from
    CHECK(opened.report().signatures().empty() && opened.report().json().empty());
    auto policy = Policy::standard();
    auto moved = std::move(policy);
    CHECK(policy.judge(elsewhere.report()).outcome() == Outcome::none);
    CHECK(detail::known(99, Outcome::bad) == Outcome::none && detail::known(-1, Outcome::bad) == Outcome::none);
    CHECK(Signature(nullptr).integrity() == Integrity::unverified && !Signature(nullptr).signer());
    CHECK(moved.lets_unsigned_pass() && !Policy::strict().lets_unsigned_pass());
}

// What was moved from is misuse, never a crash.
static void moved_from_is_misuse() {
    auto cx = believing("openssl-ca.pem");
    auto input = file("openssl.eml");
    auto taken = std::move(input);
    auto opened = Opener(cx).open(std::move(input), now);
    CHECK(!opened && opened.error().status() == Status::null);
    auto key = bob();
    auto other = std::move(key);
    CHECK(Composer(cx).sign(key).compose(Input::memory(draft), now).error().status() == Status::null);
    auto plan = Plan::make(cx, Input::memory(draft), Policy::standard(), now).value();
    auto moved = std::move(plan);
    CHECK(plan.groups().error().is_misuse() && plan.remove("x@example.org").error().is_misuse() && plan.unreachable().empty());
    auto recipe = std::move(cx);
    CHECK(Opener(cx).open(std::move(taken), now));                                    // recipes are shared, not moved
}

// An address ends where the program says, not at a zero octet.
static void zero_octets_are_refused() {
    const std::string_view address("alice@example.com\0.evil.example", 31);
    auto opened = Opener(believing("openssl-ca.pem")).open(file("openssl.eml"), now).value();
    std::optional<Error> misuse;
    CHECK(!opened.require(Policy::standard(), address, &misuse) && misuse->is_misuse());
    CHECK(TrustStore().add_anchors(file("openssl-ca.pem"), std::string_view("any\0", 4)).error().is_misuse());
}

// What comes too late is an error of every call from then on.
static void late_settings_are_told() {
    auto cx = believing("openssl-ca.pem");
    auto opener = Opener(cx);
    CHECK(opener.open(file("openssl.eml"), now));
    opener.key(bob());
    CHECK(opener.open(file("openssl.eml"), now).error().is_misuse());
    opener = Opener(cx);
    CHECK(opener.open(file("openssl.eml"), now));
    cx.fetcher([](const FetchRequest&) { return declined; });
    CHECK(opener.open(file("openssl.eml"), now).error().is_misuse());
    CHECK(Composer(cx).compose(Input::memory(draft), now).error().is_misuse());
    CHECK(cx.limit("depth", 3).error().is_misuse());
}

static void errors_say_what_to_do() {
    auto opener = Opener(Context(TrustStore()));
    auto missing = opener.open(file("no such letter"), now);
    CHECK(!missing && missing.error().status() == Status::io && !missing.error().is_misuse() && missing.error().is_temporary());
    try {
        static_cast<void>(std::move(missing).value());
        CHECK(false);
    } catch (const std::exception& error) {
        CHECK(std::string(error.what()).find("no such letter") != std::string::npos);
    }
    try {
        static_cast<void>(missing->report());
        CHECK(false);
    } catch (const Error& error) {
        CHECK(error.status() == Status::io);
    }
    auto good = opener.open(file("openssl.eml"), now);
    CHECK(good.error().status() == Status::ok && good.has_value() && (*good).report().signatures().size() == 1);
    CHECK(Key::load(file("openssl.eml")).error().status() == Status::key_malformed);
    CHECK(Plan::make(Context(TrustStore()), Input::memory(draft), Policy::standard(), now).value().groups().error().status() == Status::unreachable);
}

// No exception goes into C; it counts as what no value means.
static void exceptions_stay_in_callbacks() {
    auto cx = Context(TrustStore().add_anchors(file("strict-ca.pem"), "any").value());
    int asked = 0;
    cx.fetcher([&](const FetchRequest&) -> Reply { ++asked; throw std::runtime_error("no network"); });
    auto opened = Opener(cx).open(file("eve-revoked.eml"), now).value();
    CHECK(asked > 0 && Policy::standard().judge(opened.report()).outcome() == Outcome::good);
    auto key = Key::external(file("bob.pem"), "rsa-pkcs1-sha256", [](std::string_view, Bytes) -> Reply { throw 1; }).value();
    CHECK(Composer(Context(TrustStore())).sign(key).compose(Input::memory(draft), now).error().status() == Status::key_unavailable);
    auto reading = Input::callback([](std::uint8_t*, std::size_t) -> std::optional<std::size_t> { throw 1; });
    CHECK(Opener(cx).open(std::move(reading), now).error().status() == Status::io);
    auto writing = Output::callback([](Bytes) -> bool { throw 1; });
    CHECK(opened.payload()->write(std::move(writing)).error().status() == Status::io);
    auto unlocking = Key::external_decryption(file("bob.pem"), [](std::string_view, Bytes) -> Reply { throw 1; }).value();
    auto closed = Opener(Context(TrustStore())).key(unlocking).open(file("openssl-encrypted.eml"), now).value();
    CHECK(closed.report().layers()[0].decryption() == Decryption::failed && !closed.payload());   // of which nobody is told
    auto away = Key::external_decryption(file("bob.pem"), [](std::string_view, Bytes) { return unavailable; }).value();
    CHECK(Opener(Context(TrustStore())).key(away).open(file("openssl-encrypted.eml"), now).error().status() == Status::key_unavailable);
}

template <class Call>
static bool throws_seven(Call&& call) {
    try {
        call();
    } catch (const std::exception&) {
        return false;
    } catch (int number) {
        return number == 7;
    }
    return false;
}

// What a callback throws comes out of the call that fails for it, as it was; and out of no other.
static void exceptions_come_out_as_they_were() {
    auto cx = Context(TrustStore().add_anchors(file("strict-ca.pem"), "any").value());
    const auto seven = [] { return Input::callback([](std::uint8_t*, std::size_t) -> std::optional<std::size_t> { throw 7; }); };
    CHECK(throws_seven([&] { static_cast<void>(Opener(cx).open(seven(), now).value()); }));
    CHECK(throws_seven([&] { static_cast<void>(*Opener(cx).open(seven(), now)); }));
    CHECK(throws_seven([&] { cx.add_certificates(seven()).value(); }));
    auto opened = Opener(cx).open(file("openssl.eml"), now).value();
    CHECK(throws_seven([&] { opened.payload()->write(Output::callback([](Bytes) -> bool { throw 7; })).value(); }));
    auto key = Key::external(file("bob.pem"), "rsa-pkcs1-sha256", [](std::string_view, Bytes) -> Reply { throw 7; }).value();
    auto failed = Composer(cx).sign(key).compose(Input::memory(draft), now);
    CHECK(failed.error().status() == Status::key_unavailable && failed.error().cause() != nullptr);
    CHECK(throws_seven([&] { static_cast<void>(std::move(failed).value()); }));
    // One that was thrown before, and what a callback's own calls threw, is not what this one fails for.
    static_cast<void>(Opener(cx).open(seven(), now));
    CHECK(!throws_seven([&] { static_cast<void>(Opener(cx).open(file("no such letter"), now).value()); }));
    auto inner = Input::callback([&](std::uint8_t*, std::size_t) -> std::optional<std::size_t> {
        CHECK(throws_seven([&] { static_cast<void>(Opener(cx).open(seven(), now).value()); }));
        return std::nullopt;
    });
    auto outer = Opener(cx).open(std::move(inner), now);
    CHECK(outer.error().status() == Status::io && outer.error().cause() == nullptr);
    // What nothing fails for ends there.
    auto fetching = Context(TrustStore().add_anchors(file("strict-ca.pem"), "any").value());
    fetching.fetcher([](const FetchRequest&) -> Reply { throw 7; });
    CHECK(Opener(fetching).open(file("eve-revoked.eml"), now));
    CHECK(Opener(fetching).open(file("no such letter"), now).error().cause() == nullptr);
    auto check = DomainCheck::with([](std::string_view, std::string_view) -> Reply { throw 7; }).value();
    CHECK(check.open(Opener(cx), file("openssl.eml"), Connection{"192.0.2.1", "mx.example", "a@example.com"}, now));
}

// What a callback was given goes when it is needed no more, also where the call has failed.
static void callbacks_are_freed() {
    auto alive = std::make_shared<int>();
    {
        auto key = Key::external(file("bob.pem"), "no such scheme", [alive](std::string_view, Bytes) { return unavailable; });
        CHECK(!key && alive.use_count() == 1);
        auto cx = Context(TrustStore());
        cx.fetcher([alive](const FetchRequest&) { return declined; });
        auto opener = Opener(cx).password([alive](const PasswordRequest&) { return std::nullopt; });
        CHECK(alive.use_count() == 3);
        auto unread = Input::callback([alive](std::uint8_t*, std::size_t) { return 0; });
        CHECK(alive.use_count() == 4);
    }
    CHECK(alive.use_count() == 1);
}

static void reading_and_writing() {
    auto octets = contents("openssl.eml");
    std::size_t at = 0;
    auto reading = Input::callback([&](std::uint8_t* data, std::size_t capacity) -> std::optional<std::size_t> {
        const auto count = std::min({capacity, octets.size() - at, std::size_t(7)});
        std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), count, data);
        at += count;
        return count;
    });
    auto opened = Opener(believing("openssl-ca.pem")).open(std::move(reading), now).value();
    CHECK(Policy::standard().judge(opened.report()).outcome() == Outcome::good);
    std::string seen;
    opened.payload()->write(Output::callback([&](Bytes bytes) { seen += bytes.text(); return true; })).value();
    Buffer buffer("before ");
    opened.payload()->write(Output::buffer(buffer)).value();
    CHECK(buffer.text() == "before " + seen && opened.payload()->read().value().text() == seen);
    std::string password = "hunter2";
    Secret secret(std::move(password));
    CHECK(secret.bytes().text() == "hunter2" && password.empty());
    CHECK(Secret(std::string("a\0b", 3)).bytes().size() == 3);
    const std::vector<std::uint8_t> octet_vector{1, 0, 2};
    CHECK(Buffer(octet_vector).size() == 3 && Bytes(octet_vector).end()[-1] == 2 && Bytes().empty() && Buffer().empty());
}

static void calls_are_ended_and_told_of() {
    auto opener = Opener(believing("openssl-ca.pem"));
    Cancel cancel;
    auto same = cancel;
    auto input = file("openssl.eml");
    std::uint64_t most = 0;
    std::optional<std::uint64_t> length;
    input.set_cancel(cancel).value();
    input.set_progress([&](std::uint64_t octets, std::optional<std::uint64_t> total) { most = octets; length = total; throw 1; }).value();
    auto opened = opener.open(std::move(input), now).value();
    CHECK(most >= contents("openssl.eml").size() && (!length || *length == contents("openssl.eml").size()));
    same.cancel();
    CHECK(cancel.is_cancelled() && opened.payload()->read().error().status() == Status::cancelled);
    input = file("openssl.eml");
    input.set_cancel(cancel).value();
    CHECK(opener.open(std::move(input), now).error().status() == Status::cancelled);
    CHECK(input.set_cancel(cancel).error().is_misuse() && file("x").write("not of push()").error().is_misuse());
    auto pushed = Input::push();
    for (const char octet : contents("openssl.eml")) pushed.write(std::string(1, octet)).value();
    CHECK(opener.open(std::move(pushed), now).value().require(Policy::standard(), "alice@example.com"));
}

static void results_are_said_to_others() {
    auto opened = Opener(believing("openssl-ca.pem")).open(file("openssl.eml"), now).value();
    auto verdict = Policy::standard().judge(opened.report());
    auto field = verdict.authentication_results(opened.report(), "mx.example.org").value();
    CHECK(field.find("Authentication-Results: mx.example.org;") == 0 && field.find("smime=pass") != std::string::npos);
    CHECK(verdict.authentication_results(opened.report(), "not a name").error().is_misuse());
    CHECK(!authentication_results_may_stay("mx.example.org", field.substr(field.find(':') + 1)));
    CHECK(authentication_results_may_stay("mx.example.net", field.substr(field.find(':') + 1)));
    Buffer stamped;
    opened.stamp(verdict, "mx.example.org", Output::buffer(stamped)).value();
    CHECK(stamped.text() == field + "\r\n" + contents("openssl.eml"));
    CHECK(opened.stamp(verdict, "", Output::buffer(stamped)).error().is_misuse());
}

static void certificates() {
    auto alice = Opener(believing("openssl-ca.pem")).open(file("openssl.eml"), now).value().certificates()[0];
    CHECK(alice.mailboxes(now) == std::vector<std::string>{"alice@example.com"} && alice.name(now) == "Alice Liddell");
    CHECK(alice.protocol() == "S/MIME" && alice.fingerprint().size() == 64 && !alice.octets().empty());
    CHECK(alice.not_before(now) < now && alice.not_after(now) > now && alice.not_after(now) < Time::max());
    CHECK(alice.json(now).find("alice@example.com") != std::string::npos);
    auto carol = Certificate::load(file("gpg-carol.asc")).value();
    CHECK(carol.protocol() == "OpenPGP" && carol.not_after(now) > now && carol.others().empty());
    CHECK(carol.others()[3].fingerprint().empty() && carol.others()[3].mailboxes(now).empty());
    CHECK(Certificate::load(file("openssl.eml")).error().status() == Status::malformed);
    auto trust = TrustStore().add_anchor(carol, "carol@example.net").value();
    auto cx = Context(trust).add_certificate(carol).value();
    auto claims = cx.who_is("carol@example.net", "sign", Policy::standard(), now).value();
    CHECK(claims.size() == 1 && claims[0].is_believed() && claims[0].problem().empty() && !claims[0].evidence("ja").empty());
    CHECK(claims[0].certificate().fingerprint() == carol.fingerprint());
    auto stranger = Context(TrustStore()).add_certificate(carol).value().who_is("carol@example.net", "sign", Policy::standard(), now).value()[0];
    CHECK(!stranger.is_believed() && !stranger.problem().empty() && stranger.evidence().empty());
    CHECK(cx.who_is("carol@example.net", "dance", Policy::standard(), now).error().is_misuse());
    CHECK(Context(TrustStore()).add_cert_d(letters + "/pgp.cert.d"));
    CHECK(TrustStore::open("/no such/folder").value().add_anchor(carol, "any"));       // nobody is trusted yet
    CHECK(!TrustStore().add_folder("/no such/folder", "any") && TrustStore().add_folder(letters, "").error().is_misuse());
    CHECK(!TrustStore().add_system_roots(""));
    CHECK(Context(TrustStore()).add_gnupg_home("/no such/home"));
    CHECK(Context(TrustStore()).http_fetcher("nothing").error().is_misuse());
}

static void keys_are_watched() {
    auto key = bob();
    CHECK(key.certificate()->mailboxes(now)[0] == "bob@example.org");
    std::vector<std::string> uses;
    auto watched = key.audited([&](std::string_view line) { uses.emplace_back(line); throw 1; }).value();
    auto composer = Composer(Context(TrustStore())).sign(watched).encrypt_to(*key.certificate()).value();
    CHECK(composer.compose(Input::memory(draft), now) && uses.size() == 1 && uses[0].find("\"sign\"") != std::string::npos);
    CHECK(!Key::open("no such:name", Input::memory("")) && !Opener(Context(TrustStore())).add_named_keys("pkcs11:no=such", Input::memory("")));
}

static void reports_are_walked() {
    auto report = Opener(Context(TrustStore())).open(file("openssl.eml"), now).value().report();
    CHECK(report.from().size() == 1 && report.from()[0] == "alice@example.com" && report.header("subject") == HeaderField::unprotected);
    CHECK(report.parts().size() == 3 && report.parts()[1].path() == "1" && report.parts()[1].media_type() == "text/plain");
    auto text = report.part("1").value();
    CHECK(!report.part("7") && text.is_signed() && !text.is_encrypted() && text.layers()[0].part() == "0" && text.charset() == "us-ascii");
    CHECK(text.encoding() == "7bit" && text.content() == "0" && text.file_name().empty() && text.looks_like().empty() && text.lines() == 5);
    CHECK(contents("openssl.eml").substr(text.body().start, text.body().end - text.body().start).find("Dear Bob") == 0);
    CHECK(text.header().end == text.body().start && report.layers()[0].range().end > 0 && report.uncovered().empty());
    CHECK(report.part(report.payload())->c() != nullptr);
    auto first = [&] {
        for (auto signature : report.signatures()) for (auto one : signature.findings()) return one;
        return Finding(nullptr);
    }();
    CHECK(!first.code().empty() && first.severity() != Severity::none && !first.text().empty() && first.text() != first.text("ja"));
    CHECK(report.findings().size() + report.layers()[0].findings().size() < 10 && Finding(nullptr).severity() == Severity::none);
    CHECK(report.signatures()[0].claimed_time().value() < now);
}

static void letters_are_kept() {
    const std::string path = "/tmp/mailseal-objects-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
    auto trust = TrustStore().add_anchors(file("openssl-ca.pem"), "any").value();
    CHECK(archive_write(Context(trust), file("openssl.eml"), Policy::standard(), now, path));
    auto again = archive_check(path, Policy::standard()).value();
    CHECK(again.find("\"same\":true") != std::string::npos);
    auto none = TrustStore();
    CHECK(archive_check(path, Policy::standard(), &none).value().find("\"same\":false") != std::string::npos);
    auto opener = Opener(Context(trust)).trusted_hops(1);
    CHECK(archive_write(opener, file("openssl.eml"), Policy::standard(), now, path));
    CHECK(archive_check(path, Policy::standard()).value().find("\"transport\":{") != std::string::npos);
    int asked = 0;
    auto check = DomainCheck::with([&](std::string_view, std::string_view) { ++asked; return declined; }).value();
    CHECK(archive_write(opener, file("openssl.eml"), check, {"192.0.2.1", "", "a@example.com"}, now, Policy::standard(), now, path));
    const int questions = asked;
    again = archive_check(path, Policy::standard()).value();
    CHECK(again.find("\"same\":true") != std::string::npos && again.find("\"kind\":\"checked\"") != std::string::npos);
    CHECK(questions > 0 && asked == questions);
    std::remove(path.c_str());
    CHECK(archive_check(path, Policy::standard()).error().status() == Status::io);
    auto memory = Memory::open(path);
    if (!memory) {                                          // a library without the feature
        CHECK(memory.error().is_misuse());
        return;
    }
    auto cx = Context(trust).memory(*memory).value();
    auto opened = Opener(cx).open(file("openssl.eml"), now).value();
    CHECK(opened.remember(*memory) && memory->export_json()->find("alice@example.com") != std::string::npos);
    auto kept = memory->export_json().value();
    CHECK(memory->forget("alice@example.com") && memory->import_json(kept) && memory->export_json() == kept);
    CHECK(memory->pin("alice@example.com", "12", now).error().is_misuse());
    CHECK(memory->unpin("alice@example.com", opened.certificates()[0].fingerprint()));
    std::remove(path.c_str());
}

static void plans() {
    auto cx = Context(TrustStore().add_anchors(file("openssl-dave.pem"), "any").value()).add_certificates(file("openssl-dave.pem")).value();
    auto composer = Composer(cx).sign(bob());
    auto plan = Plan::make(cx, Input::memory(draft), Policy::standard(), now).value();
    for (auto& person : plan.unreachable()) plan.remove(person.mailbox()).value();    // names outlive the change
    CHECK(plan.remove("stranger@example.org").error().is_misuse() && plan.text("ja").find("dave@example.com") != std::string::npos);
    CHECK(plan.json().find("\"content\":\"AES-256-CBC\"") != std::string::npos && plan.autocrypt(true, false) == Recommendation::disable);
    auto group = plan.groups().value().at(0);
    CHECK(group.mailboxes() == std::vector<std::string>{"dave@example.com"});
    CHECK(composer.encrypt(group).compose(Input::memory(draft), now));
    plan.remove("dave@example.com").value();
    CHECK(composer.encrypt(group).compose(Input::memory(draft), now).error().is_misuse());        // of an older plan
    CHECK(plan.groups().error().status() == Status::refused);                                     // nobody is left
    CHECK(plan.copy_to_sender().error().status() == Status::unreachable);
    CHECK(composer.encrypt(group).compose(Input::memory(draft), now, Output::file("/nowhere/x")).error().is_misuse());
}

static void composers() {
    auto cx = believing("bob.pem");
    auto mail = Composer(cx).sign(bob()).opaque().protect_headers(false).triple_wrap(false).cipher("AES-256-GCM").value()
                    .encrypt_to(file("bob.pem")).value().compose(Input::memory(draft), now).value();
    auto opened = Opener(cx).key(bob()).open(Input::memory(mail), now).value();
    CHECK(Policy::standard().judge(opened.report()).outcome() == Outcome::good);
    CHECK(Composer(cx).cipher("ROT13").error().is_misuse());
    CHECK(Composer(cx).sign(bob()).compose(Input::memory("From: eve@example.org\r\n\r\n"), now).error().status() == Status::refused);
    CHECK(Composer(cx).sign(bob()).allow_other_from().compose(Input::memory("From: eve@example.org\r\n\r\n"), now, Output::buffer(mail)));
    CHECK(version() == std::to_string(MAILSEAL_VERSION_MAJOR) + "." + std::to_string(MAILSEAL_VERSION_MINOR) + "." + std::to_string(MAILSEAL_VERSION_PATCH));
    CHECK(version_number() == MAILSEAL_VERSION_NUMBER && abi_check());
}

static void new_keys() {
    auto recipe = NewKey::of("OpenPGP").value().add_address("alice@example.org").value().name("Alice").expires(Time::max());
    auto made = recipe.make_unprotected(now).value();
    auto key = Key::load(Input::memory(made.key())).value();
    CHECK(key.certificate()->mailboxes(now) == std::vector<std::string>{"alice@example.org"} && key.certificate()->name(now) == "Alice");
    CHECK(key.certificate()->fingerprint() == Certificate::load(Input::memory(made.certificate())).value().fingerprint());
    CHECK(made.request().empty() && !made.revocation().empty());
    auto moved = std::move(made);
    CHECK(made.key().empty() && !moved.key().empty());
    CHECK(recipe.version_6().make_unprotected(now).error().is_misuse());                             // too late
    CHECK(NewKey::of("S/MIME").value().name(std::string("A\0B", 3)).make_unprotected(now).error().is_misuse());
    auto smime = NewKey::of("S/MIME").value().add_address("alice@example.org").value().algorithm("p-384").value().self_signed();
    CHECK(smime.make(std::string_view("a\0b", 3), now).error().is_misuse() && smime.make("", now).error().is_misuse());
    Secret password("gone"), taken = std::move(password);
    CHECK(smime.make(password, now).error().is_misuse());                                          // moved from
    auto asking = NewKey::of("S/MIME").value().add_address("alice@example.org").value();
    auto locked = asking.make("correct horse", now).value();
    CHECK(locked.key().text().find("ENCRYPTED PRIVATE KEY") != std::string_view::npos && !locked.request().empty());
    CHECK(!smime.make_unprotected(now).value().certificate().empty());
    CHECK(NewKey::of("PEM").error().is_misuse() && recipe.algorithm("rsa-1024").error().is_misuse() && smime.add_address("nobody").error().is_misuse());
}

static void mailboxes() {
    const Opener opener(believing("openssl-ca.pem"));
    auto mailbox = Mailbox::open(letters).value();
    int count = 0, good = 0;
    while (auto message = mailbox.next().value()) {
        auto opened = message->open(opener, now).value();
        CHECK(message->number() == 0 && message->length() > 0 && message->path().find(".eml") != std::string_view::npos);
        CHECK(opened.reading() == Reading::as_it_lies);
        good += Policy::standard().judge(opened.report()).outcome() == Outcome::good;
        ++count;
    }
    CHECK(count == 6 && good == 1 && !mailbox.next().value());
    CHECK(opener.open(file("openssl.eml"), now).value().reading() == Reading::none);
    CHECK(Mailbox::open(letters + "/openssl.eml").error().status() == Status::malformed);
    CHECK(Mailbox::open(letters + "/nowhere").error().status() == Status::io);
    auto moved = std::move(mailbox);
    CHECK(mailbox.next().error().is_misuse());
}

// One context, one opener, one composer, as many threads as there are.
static void threads() {
    auto cx = believing("openssl-ca.pem").limit("path_cache", 100).value().algorithms("standard").value().add_revocations(file("strict-ca.crl")).value();
    auto opener = Opener(cx);
    auto composer = Composer(believing("bob.pem")).sign(bob());
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 4; ++j) {
                auto opened = opener.open(file("openssl.eml"), now).value();
                if (opened.require(Policy::strict(), "alice@example.com") || opened.require(Policy::standard(), "alice@example.com")) ++good;
                composer.compose(Input::memory(draft), now).value();
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(good == 32);
}

int main(int argc, char** argv) try {
    if (argc != 2) return 2;
    letters = argv[1];
    parts_outlive_what_they_came_from();
    lists_are_ranges();
    nothing_is_never_trust();
    moved_from_is_misuse();
    zero_octets_are_refused();
    late_settings_are_told();
    errors_say_what_to_do();
    exceptions_stay_in_callbacks();
    exceptions_come_out_as_they_were();
    callbacks_are_freed();
    reading_and_writing();
    calls_are_ended_and_told_of();
    results_are_said_to_others();
    certificates();
    keys_are_watched();
    reports_are_walked();
    letters_are_kept();
    plans();
    composers();
    new_keys();
    mailboxes();
    threads();
    return 0;
} catch (const std::exception& error) {
    std::cerr << "unexpected: " << error.what() << '\n';
    return 1;
}
