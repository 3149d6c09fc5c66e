// The driver of mailseal.hpp: README.md says what it reads and answers.
#include <mailseal.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <vector>

using namespace mailseal;
using Words = std::vector<std::string>;

static std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        char escaped[8];
        if (static_cast<unsigned char>(c) < 0x20) {
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            out += escaped;
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    return out + '"';
}

template <class List, class Text>
static std::string array(const List& list, Text text) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ",") + text(item);
    return "[" + out + "]";
}

static const char* kind(const Error& error) {
    switch (error.status()) {
        case Status::io: return "io";
        case Status::limit: return "limit";
        case Status::malformed: return "malformed";
        case Status::refused: return "refused";
        case Status::unreachable: return "unreachable";
        case Status::input_changed: return "input_changed";
        case Status::cancelled: return "cancelled";
        case Status::key_unsupported: case Status::key_unavailable: case Status::key_password:
        case Status::key_malformed: case Status::key_too_small: return "key";
        default: return error.is_misuse() ? "misuse" : "other";
    }
}

static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream octets;
    octets << file.rdbuf();
    return octets.str();
}

static Key key(const std::string& path, const std::string& password) {
    return Key::load(Input::file(path), [=](const PasswordRequest& request) -> std::optional<Secret> {
        if (password.empty() || request.attempt() > 0) return std::nullopt;
        return password;
    }).value();
}

class Case {
public:
    explicit Case(std::string out) : out_(std::move(out)) {}

    void step(const Words& step) {
        const auto& word = step[0];
        if (failed_) return;
        if (auto result = run(word, step); !result) {
            failed_ = true;
            answer_["error"] = {quoted(kind(result.error()))};
        }
    }

    void print() const {
        std::string out;
        for (const auto& [name, said] : answer_) {
            out += (out.empty() ? "" : ",") + quoted(name) + ":";
            out += name == "error" ? said[0] : array(said, [](const std::string& one) { return one; });
        }
        std::cout << "{" << out << "}\n";
    }

private:
    /// A setting is tried where it stands, and counts for all that is made from here.
    Result<void> run(const std::string& word, const Words& step) {
        try {
            if (word == "policy" && (step[1] == "strict" || step[1] == "standard"))
                policy_ = step[1] == "strict" ? Policy::strict() : Policy::standard();
            else if (word == "policy") policy_ = Policy::load(Input::file(step[1]), step[1].substr(step[1].rfind('/') + 1)).value(), rules_ = true;
            else if (word == "at") at_ = Time(std::chrono::seconds(std::stoll(step[1])));
            else if (word == "key") keys_.push_back(key(step[1], step[2]));
            else if (word == "signer") signers_.push_back(key(step[1], step[2]));
            else if (word == "password") password_ = step[1];
            else if (word == "trusted_results") trusted_results_ = step[1];
            else if (word == "trusted_hops") trusted_hops_ = std::stoul(step[1]);
            else if (act(word, step) || plan(word, step)) return {};
            else settings_.push_back(step), composer();
            return {};
        } catch (const Error& error) {
            return error;
        }
    }

    bool act(const std::string& word, const Words& step) {
        if (word == "open") looked(opener().open(letter(step[1]), at_).value());
        else if (word == "open_part") looked(opener().open_part(letter(step[1]), step[2], at_).value());
        else if (word == "detached")
            looked(opener().verify_detached(Input::file(step[1]), Input::file(step[2]), read(step[3]), at_).value());
        else if (word == "require") {
            std::optional<Error> misuse;
            auto verified = opened_->require(policy_, step[1], &misuse);
            if (misuse) throw *misuse;
            say("verified", verified ? quoted(verified->sender()) : "null");
        } else if (word == "text") say("texts", quoted(policy_.judge(opened_->report()).text(opened_->report(), step[1])));
        else if (word == "mailbox") {
            auto mailbox = Mailbox::open(step[1]).value();
            auto with = opener();
            while (auto message = mailbox.next().value()) looked(message->open(with, at_).value());
        } else if (word == "archive") {
            archive_write(context(), letter(step[1]), policy_, at_, out_ + ".evidence").value();
            const auto json = archive_check(out_ + ".evidence", policy_).value();
            say("checked", json.find("\"same\":true") != std::string::npos ? "true" : "false");
        } else if (word == "new_key") new_key(step[1], step[2]);
        else if (word == "check") {
            std::vector<std::string> to;
            for (const auto& step : settings_)
                if (step[0] == "recipient") to.push_back(step[1]);
            say("sending", context().check_sending(letter(step[1]), to, at_).value().json());
        } else if (word == "explain") say("sending", context().decide_sending(step[1], {step[2]}).value().json());
        else if (word == "doctor") say("diagnoses", diagnose(context(), letter(step[1]), at_).value().json());
        else if (word == "compare")
            say("comparisons", compare(context(), letter(step[1]), letter(step[2])).value().json());
        else if (word == "profile") {
            auto profile = compare(context(), letter(step[1]), letter(step[2])).value().profile(step[3]).value();
            std::replace(profile.begin(), profile.end(), '\n', ' ');
            say("profiles", std::move(profile));
        }
        else if (word == "remember") opened_->remember(memory()).value();
        else if (word == "evidence") {
            for (auto signature : opened_->report().signatures())
                for (auto evidence : signature.evidence()) return say("evidence", quoted(evidence.text(step[1]))), true;
        } else if (word == "compose") wrote([&](Output to) { return composer().compose(letter(step[1]), at_, std::move(to)); });
        else if (word == "footer")
            wrote([&](Output to) { return context().append_footer(letter(step[1]), step[2], std::move(to)); });
        else if (word == "preflight") {
            say("preflights", mailseal::preflight(Input::file(step[1])).value().json());
        } else if (word == "results")
            say("results", quoted(policy_.judge(opened_->report()).authentication_results(opened_->report(), step[1]).value()));
        else if (word == "smime_status") {
            const auto status = policy_.judge(opened_->report()).smime_status(opened_->report());
            say("smime", status.empty() ? "null" : quoted(status));
        } else if (word == "stamp") {
            opened_->stamp(policy_.judge(opened_->report()), step[1], Output::file(path("stamped"))).value();
            say("stamped", quoted(path("stamped")));
        } else if (word == "dkim") {
            const auto signer = DkimSigner::load(Input::file(step[2]), step[3], step[4]).value();
            signer.sign(letter(step[1]), at_, Output::file(path("stamped"))).value();
            say("stamped", quoted(path("stamped")));
        } else return false;
        return true;
    }

    bool plan(const std::string& word, const Words& step) {
        if (word == "plan") {
            plan_ = Plan::make(context(), letter(step[1]), policy_, at_).value();
            for (const auto& setting : settings_) {
                if (setting[0] == "confirm") plan_->confirm(setting[1]).value();
                if (setting[0] == "hold") plan_->hold().value();
            }
            draft_ = step[1];
        } else if (word == "without") plan_->remove(step[1]).value();
        else if (word == "accept") plan_->accept(step[1], step[2]).value();
        else if (word == "copy_to_sender") plan_->copy_to_sender().value();
        else if (word == "unreachable")
            for (const auto& person : plan_->unreachable()) say("unreachable", quoted(person.mailbox()));
        else if (word == "plan_json") say("plans", plan_->json());
        else if (word == "groups")
            for (const auto& group : plan_->groups().value()) {
                wrote([&](Output to) { return composer().encrypt(group).compose(letter(draft_), at_, std::move(to)); });
                say("groups", array(group.mailboxes(), quoted));
            }
        else return false;
        return true;
    }

    /// Signs from here, and its certificate is an anchor.
    void new_key(const std::string& protocol, const std::string& address) {
        auto recipe = NewKey::of(protocol == "smime" ? "S/MIME" : "OpenPGP").value().add_address(address).value();
        if (protocol == "smime") recipe.self_signed();
        const auto made = recipe.make_unprotected(at_).value();
        std::ofstream(out_ + ".crt", std::ios::binary) << made.certificate().text();
        signers_.push_back(Key::load(Input::memory(made.key())).value());
        settings_.push_back({"anchors", out_ + ".crt", "any"});
    }

    Memory memory() const { return Memory::open(out_ + ".db").value(); }

    Context context() const {
        TrustStore trust;
        for (const auto& step : settings_) {
            if (step[0] == "anchors") trust.add_anchors(Input::file(step[1]), step[2]).value();
            else if (step[0] == "pin") trust.pin(step[1], step[2]).value();
            else if (step[0] == "root") trust.add_web_of_trust_root(step[1], static_cast<std::uint32_t>(std::stoul(step[2]))).value();
            else if (step[0] == "email_roots") trust.add_email_roots(step[1]).value();
        }
        Context context(trust);
        std::map<std::string, std::string> responses;
        for (const auto& step : settings_) {
            if (step[0] == "certificates") context.add_certificates(Input::file(step[1])).value();
            else if (step[0] == "revocations") context.add_revocations(Input::file(step[1])).value();
            else if (step[0] == "memory") context.memory(memory()).value();
            else if (step[0] == "limit") context.limit(step[1], std::stoull(step[2])).value();
            else if (step[0] == "algorithms") context.algorithms(step[1]).value();
            else if (step[0] == "response") responses[step[1]] = step[2];
        }
        if (rules_) context.policy(policy_).value();
        if (!responses.empty())
            context.fetcher([=](const FetchRequest& request) -> std::optional<Buffer> {
                const auto found = responses.find(std::string(request.url()));
                if (found == responses.end()) return std::nullopt;
                return read(found->second);
            });
        return context;
    }

    Opener opener() const {
        Opener opener(context());
        for (const auto& key : keys_) opener.key(key);
        if (trusted_results_) opener.trusted_results(*trusted_results_);
        if (trusted_hops_) opener.trusted_hops(*trusted_hops_);
        if (password_) opener.password([password = *password_](const PasswordRequest& request) -> std::optional<Secret> {
            if (request.attempt() > 0) return std::nullopt;
            return password;
        });
        return opener;
    }

    Composer composer() const {
        Composer composer(context());
        for (const auto& key : signers_) composer.sign(key);
        for (const auto& step : settings_) {
            if (step[0] == "opaque") composer.opaque();
            else if (step[0] == "protect_headers") composer.protect_headers();
            else if (step[0] == "no_protect_headers") composer.protect_headers(false);
            else if (step[0] == "reads") composer.reads(step[1]).value();
            else if (step[0] == "autocrypt") composer.autocrypt(step[1] == "mutual");
            else if (step[0] == "header_confidentiality") composer.header_confidentiality(step[1]);
            else if (step[0] == "legacy_display") composer.legacy_display();
            else if (step[0] == "reply_to") composer.reply_to(opened_->report());
            else if (step[0] == "triple_wrap") composer.triple_wrap();
            else if (step[0] == "allow_other_from") composer.allow_other_from();
            else if (step[0] == "recipient") composer.recipient(step[1]);
            else if (step[0] == "confirm") composer.confirm(step[1]);
            else if (step[0] == "hold") composer.hold();
            else if (step[0] == "cipher") composer.cipher(step[1]).value();
            else if (step[0] == "encrypt_to") composer.encrypt_to(Input::file(step[1])).value();
        }
        return composer;
    }

    Input letter(const std::string& file) const { return Input::file(file == "=" ? written_ : file); }

    void looked(Opened opened) {
        const auto verdict = policy_.judge(opened.report());
        static const char* const outcomes[] = {"none", "good", "caution", "bad"};
        static const char* const actions[] = {"refuse", "hold", "ask", "pass"};
        std::string path = "null";
        if (auto payload = opened.payload()) {
            payload->save(this->path("opened")).value();
            path = quoted(this->path("opened"));
        }
        say("opened", "{\"outcome\":" + quoted(outcomes[static_cast<int>(verdict.outcome())]) + ",\"action\":" +
                          quoted(actions[static_cast<int>(verdict.action())]) + ",\"reasons\":" +
                          array(verdict.reasons(), [](const Reason& reason) { return quoted(reason.code()); }) +
                          ",\"report\":" + opened.report().json() + ",\"payload\":" + path + "}");
        opened_ = std::move(opened);
    }

    template <class Write>
    void wrote(Write write) {
        const auto path = this->path("composed");
        write(Output::file(path)).value();
        say("composed", quoted(path));
        written_ = path;
    }

    std::string path(const std::string& name) const {
        const auto said = answer_.find(name);
        return out_ + "-" + name + "-" + std::to_string(said == answer_.end() ? 0 : said->second.size()) + ".eml";
    }

    void say(const std::string& name, std::string json) { answer_[name].push_back(std::move(json)); }

    std::string out_, written_, draft_;
    std::map<std::string, std::vector<std::string>> answer_;
    bool failed_ = false;
    std::vector<Words> settings_;
    std::vector<Key> keys_, signers_;
    std::optional<std::string> password_, trusted_results_;
    std::optional<std::size_t> trusted_hops_;
    Policy policy_ = Policy::standard();
    bool rules_ = false;
    Time at_;
    std::optional<Opened> opened_;
    std::optional<Plan> plan_;
};

int main(int, char** argv) {
    std::optional<Case> current;
    for (std::string line; std::getline(std::cin, line);) {
        Words words(1);
        for (const char c : line) {
            if (c == '\t') words.emplace_back();
            else words.back() += c;
        }
        if (words[0] == "case") current.emplace(std::string(argv[1]) + "/" + words[1]);
        else if (words[0] == "end") current->print();
        else current->step(words);
    }
}
