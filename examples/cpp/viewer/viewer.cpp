// Shows a Maildir with verdicts: viewer [--lang en|ja] [--anchors FILE[=SCOPE]]… [--key FILE]… [--threads N] MAILDIR
// One line for each letter; then the numbers on standard input, one a line, are letters to be shown: who, what is covered,
// why that is believed, and what is wrong. Exit status: 0 looked at all, 1 not at some, 2 at none.
#include <mailseal.hpp>

#include "header.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

namespace fs = std::filesystem;

struct Row {
    std::string path, date, from, subject, verdict, page;
    bool looked = false;
};

struct Settings {
    std::string language = "en", maildir;
    unsigned threads = std::max(1u, std::thread::hardware_concurrency());
    mailseal::TrustStore trust;
    std::vector<mailseal::Key> keys;
};

// A key asks where it is protected; a viewer with windows would ask in one of them.
static std::optional<mailseal::Secret> ask(const mailseal::PasswordRequest& request) {
    static std::mutex one_at_a_time;                                     // several threads may ask
    const std::lock_guard<std::mutex> lock(one_at_a_time);
    std::string line;
    std::cerr << "password for " << request.subject() << ": ";
    if (request.attempt() > 2 || !std::getline(std::cin, line)) return std::nullopt;
    return mailseal::Secret(std::move(line));
}

static std::optional<Settings> settings(int argc, char** argv) {
    Settings settings;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word.rfind("--", 0) != 0 && settings.maildir.empty()) {
            settings.maildir = word;
            continue;
        }
        if (++i == argc) return std::nullopt;
        const std::string value = argv[i];
        if (word == "--lang") settings.language = value;
        else if (word == "--threads") settings.threads = std::max(1u, static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 10)));
        else if (word == "--key") settings.keys.push_back(mailseal::Key::load(mailseal::Input::file(value), ask).value());
        else if (word == "--anchors") {
            const auto equals = value.find('=');
            const auto scope = equals == std::string::npos ? "any" : value.substr(equals + 1);
            settings.trust.add_anchors(mailseal::Input::file(value.substr(0, equals)), scope).value();
        } else return std::nullopt;
    }
    if (settings.maildir.empty()) return std::nullopt;
    return settings;
}

// The letters of a Maildir, those that are new as well, by their names: about in the order of their arrival.
static std::vector<Row> letters(const fs::path& maildir) {
    std::vector<Row> rows;
    for (const char* folder : {"cur", "new"})
        for (const auto& entry : fs::directory_iterator(maildir / folder))
            if (entry.is_regular_file()) rows.emplace_back().path = entry.path().string();
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return fs::path(a.path).filename() < fs::path(b.path).filename(); });
    return rows;
}

// The header of a letter as it is in the file.
static std::string outer_header(const std::string& path) {
    std::string header(65536, 0);                                        // more than any header needs
    std::ifstream file(path, std::ios::binary);
    file.read(header.data(), static_cast<std::streamsize>(header.size()));
    header.resize(static_cast<std::size_t>(file.gcount()));
    return header;
}

// The header that was encrypted with the letter (RFC 9788), if one was: the true one.
static std::string inner_header(const mailseal::Opened& opened) {
    const auto layers = opened.report().layers();
    const auto encrypted = [](const mailseal::Layer& layer) { return layer.kind() == mailseal::LayerKind::encrypted; };
    const auto payload = opened.payload();
    std::string header;
    if (!payload || std::none_of(layers.begin(), layers.end(), encrypted)) return header;
    auto some = mailseal::Output::callback([&](mailseal::Bytes bytes) {
        header += bytes.text().substr(0, 65536);
        return header.size() < 65536;                                    // false stops, which is no failure here
    });
    static_cast<void>(payload->write(std::move(some)));
    return header;
}

static void look(Row& row, const mailseal::Opener& opener, const mailseal::Policy& policy, const std::string& language) {
    const auto header = outer_header(row.path);
    row.date = date(field(header, "Date"));
    row.subject = decoded(field(header, "Subject"));
    const auto opened = opener.open(mailseal::Input::file(row.path), std::chrono::system_clock::now());
    if (!opened) {                                                       // could not look: that says nothing about the letter
        row.verdict = "?";
        row.page = std::string(opened.error().message()) + '\n';
        return;
    }
    const auto report = opened->report();
    row.looked = true;
    row.page = policy.judge(report).text(report, language);
    row.verdict = row.page.substr(0, row.page.find("  "));               // the mark and its word
    for (auto mailbox : report.from()) row.from += (row.from.empty() ? "" : ", ") + decoded(mailbox);
    if (auto subject = decoded(field(inner_header(*opened), "Subject")); !subject.empty()) row.subject = subject;
}

// The opener is shared by all threads; each takes the next letter that nobody has.
static void look_at_all(std::vector<Row>& rows, const Settings& settings) {
    auto opener = mailseal::Opener(mailseal::Context(settings.trust)).password(ask);
    for (const auto& key : settings.keys) opener.key(key);
    const auto policy = mailseal::Policy::standard();
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < settings.threads; ++i)
        threads.emplace_back([&] {
            for (std::size_t row; (row = next++) < rows.size();) look(rows[row], opener, policy, settings.language);
        });
    for (auto& thread : threads) thread.join();
}

int main(int argc, char** argv) try {
    const auto settings = ::settings(argc, argv);
    if (!settings) {
        std::cerr << "usage: viewer [--lang en|ja] [--anchors FILE[=SCOPE]]... [--key FILE]... [--threads N] MAILDIR\n";
        return 2;
    }
    auto rows = letters(settings->maildir);
    look_at_all(rows, *settings);
    for (std::size_t i = 0; i < rows.size(); ++i)
        std::cout << column(std::to_string(i + 1), 4) << column(rows[i].verdict, 11) << column(rows[i].date, 18)
                  << column(rows[i].from, 26) << ' ' << rows[i].subject << '\n';
    std::cout << std::flush;
    for (std::size_t number; std::cin >> number;)
        std::cout << (number > 0 && number <= rows.size() ? rows[number - 1].page : "there is no letter of that number\n") << std::flush;
    const auto looked = std::count_if(rows.begin(), rows.end(), [](const Row& row) { return row.looked; });
    return static_cast<std::size_t>(looked) == rows.size() ? 0 : looked > 0 ? 1 : 2;
} catch (const std::exception& e) {                                      // mailseal::Error is one
    std::cerr << "could not look: " << e.what() << '\n';
    return 2;
}
