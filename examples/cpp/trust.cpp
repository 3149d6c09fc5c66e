// Why a letter is believed: trust ANCHORS SCOPE MESSAGE [DOWNLOADS [ADDRESS FINGERPRINT]]
// SCOPE is for whom, what and how long the anchors may speak: "*@partner.example until=2027-12-31 for=sign".
// DOWNLOADS is a folder with what would be fetched, CRLs above all; "-" or nothing fetches nothing, and says what is
// wanted. FINGERPRINT, which its owner read out to you, pins ADDRESS to one certificate.
// Exit status: 0 good, 1 any other verdict, 2 could not look.
#include <mailseal.hpp>

#include <fstream>
#include <iostream>
#include <sstream>

// Serves files by the last word of the URL. Another program asks its HTTP client here; within the same bounds, and
// without following names that lead into its own network.
static mailseal::Reply fetch(const std::string& folder, const mailseal::FetchRequest& request) {
    if (request.purpose() != mailseal::Purpose::crl) return mailseal::declined;   // say no to what you do not want
    auto name = std::string(request.url().substr(request.url().rfind('/') + 1));
    if (name.empty() || name[0] == '.') return mailseal::declined;
    std::ifstream file(folder + '/' + name, std::ios::binary);
    std::ostringstream octets;
    if (!file || !(octets << file.rdbuf()) || octets.str().size() > request.max_bytes()) return mailseal::unavailable;
    return mailseal::Buffer(octets.str());
}

int main(int argc, char** argv) try {
    if (argc < 4 || argc > 7 || argc == 6) {
        std::cerr << "usage: trust ANCHORS SCOPE MESSAGE [DOWNLOADS [ADDRESS FINGERPRINT]]\n";
        return 2;
    }
    auto trust = mailseal::TrustStore().add_anchors(mailseal::Input::file(argv[1]), argv[2]).value();
    if (argc == 7) trust.pin(argv[5], argv[6]).value();    // short: an error, wants all of it
    auto cx = mailseal::Context(trust);
    auto downloads = std::string(argc > 4 ? argv[4] : "-");
    if (downloads != "-") cx.fetcher([=](const mailseal::FetchRequest& request) { return fetch(downloads, request); });

    auto opened  = mailseal::Opener(cx).open(mailseal::Input::file(argv[3]), std::chrono::system_clock::now()).value();
    auto report  = opened.report();
    auto verdict = mailseal::Policy::standard().judge(report);
    std::cout << verdict.text(report);
    for (auto signature : report.signatures())
        for (auto evidence : signature.evidence()) {       // each path, and each step of it: its dates, its checks, its source
            std::cout << evidence.text() << '\n';
            for (auto step : evidence.steps()) std::cout << "  " << step.text() << '\n';
        }
    for (auto want : report.wants()) std::cout << "would help: " << want.url() << '\n';
    return verdict.outcome() == mailseal::Outcome::good ? 0 : 1;
} catch (const mailseal::Error& e) {
    std::cerr << "could not look: " << e.what() << '\n';
    return 2;
}
