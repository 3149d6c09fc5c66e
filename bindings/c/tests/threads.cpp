// Eight threads share a context, an opener, a composer, a policy and an opened letter, and copies of them: threads [LETTERS]
#include <mailseal.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

using namespace mailseal;

static const Time at{std::chrono::seconds(1800000000)};
static const char draft[] = "From: bob@example.org\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n";

struct Shared {
    std::string letters;
    Policy policy = Policy::standard();
    Context context;
    Opener opener;
    Composer composer;
    Opened good;

    Input file(const char* name) const { return Input::file(letters + "/" + name); }

    bool once() const {
        auto opened = opener.open(file("openssl.eml"), at).value();
        auto sealed = opener.open(file("openssl-encrypted.eml"), at).value();
        auto mail = composer.compose(Input::memory(draft), at).value();
        auto again = opener.open(Input::memory(mail.bytes()), at).value();
        auto text = policy.judge(good.report()).text(good.report(), "ja");
        return opened.require(policy, "alice@example.com") && sealed.payload() && again.payload() && !text.empty()
            && good.require(policy, "alice@example.com").has_value();
    }
};

static Shared shared(const std::string& letters) {
    const auto file = [&](const char* name) { return Input::file(letters + "/" + name); };
    auto trust = TrustStore().add_anchors(file("openssl-ca.pem"), "any").value();
    auto key = Key::load(file("bob.pem")).value();
    auto context = Context(trust);
    auto opener = Opener(context).key(key);
    auto composer = Composer(context).sign(key);
    auto good = opener.open(file("openssl.eml"), at).value();
    return {letters, Policy::standard(), context, opener, composer, std::move(good)};
}

int main(int argc, char** argv) try {
    const auto shares = shared(argc > 1 ? argv[1] : "examples/letters");
    if (!shares.once()) return 2;                  // what is made once is made before the threads
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 3; ++j)
                if (!shares.once()) ++failures;
        });
    for (auto& thread : threads) thread.join();
    return failures == 0 ? 0 : 1;
} catch (const std::exception& error) {
    std::puts(error.what());
    return 2;
}
