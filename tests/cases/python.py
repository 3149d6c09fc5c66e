"""The driver of the package for Python: python.py FOLDER (README.md)."""

import json
import pathlib
import sys

import mailseal

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Case:
    def __init__(self, out):
        self.out, self.answer = out, {}
        self.trust, self.settings, self.limits = mailseal.TrustStore(), {}, {}
        self.certificates, self.revocations, self.responses = [], [], {}
        self.policy, self.at, self.keys, self.ask = mailseal.Policy.standard(), 0, [], None
        self.signers, self.to, self.cipher, self.recipe = [], [], None, []
        self.known, self.rules = None, False
        self.recipients, self.confirmed, self.holds, self.believed = [], [], False, []
        self.written = self.opened = self.plan = self.draft = None

    def say(self, key, value):
        self.answer.setdefault(key, []).append(value)

    def path(self, key):
        return f"{self.out}-{key}-{len(self.answer.get(key, []))}.eml"

    def file(self, name):
        return self.written if name == "=" else ROOT / name

    def wrote(self, octets):
        self.written = self.path("composed")
        pathlib.Path(self.written).write_bytes(octets)
        self.say("composed", self.written)

    # What recipes are made of.

    def context(self):
        return mailseal.Context(
            self.trust,
            certificates=self.certificates,
            revocations=self.revocations,
            fetcher=(lambda request: self.responses.get(request.url)) if self.responses else None,
            limits=self.limits,
            memory=self.known,
            policy=self.policy if self.rules else None,
            **self.settings,
        )

    def opener(self):
        opener = mailseal.Opener(self.context())
        for key in self.keys:
            opener = opener.key(key)
        for believe in self.believed:
            opener = believe(opener)
        return opener.password(self.ask) if self.ask is not None else opener

    def composer(self):
        composer = mailseal.Composer(self.context())
        for key in self.signers:
            composer = composer.sign(key)
        for step in self.recipe:
            composer = step(composer)
        for mailbox in self.recipients:
            composer = composer.recipient(mailbox)
        for domain in self.confirmed:
            composer = composer.confirm(domain)
        return composer.hold(self.holds)

    # Settings.

    def anchors(self, file, scope):
        self.trust = self.trust.add_anchors(ROOT / file, scope=scope)

    def pin(self, address, fingerprint):
        self.trust = self.trust.pin(address, fingerprint)

    def root(self, fingerprint, amount):
        self.trust = self.trust.add_web_of_trust_root(fingerprint, amount=int(amount))

    def email_roots(self, scope):
        self.trust = self.trust.add_email_roots(scope=scope)

    def certificates_(self, file):
        self.certificates += mailseal.Certificate.load(ROOT / file)

    def revocations_(self, file):
        self.revocations.append(ROOT / file)

    def response(self, url, file):
        self.responses[url] = (ROOT / file).read_bytes()

    def limit(self, name, number):
        mailseal.Context(self.trust, limits={name: int(number)})
        self.limits[name] = int(number)

    def memory(self):
        self.known = mailseal.Memory(f"{self.out}.db")

    def mailbox(self, path):
        opener = self.opener()
        for message in mailseal.Mailbox(ROOT / path):
            self.looked(message.open(opener, at=self.at))

    def archive(self, file):
        path = f"{self.out}.evidence"
        mailseal.EvidenceRecord(self.context(), self.file(file), at=self.at).save(self.policy, path)
        self.say("checked", mailseal.EvidenceArchive(path).check(self.policy).is_same)

    def new_key(self, protocol, address):
        options = {"self_signed": True} if protocol == "smime" else {}
        made = mailseal.Key.generate(protocol, [address], at=self.at, **options)
        self.signers.append(mailseal.Key.load(made.key))
        self.trust = self.trust.add_anchors(made.certificate, scope="any")

    def remember(self):
        self.opened.remember(self.known)

    def algorithms(self, name):
        self.settings["algorithms"] = name

    def policy_(self, name):
        presets = {"standard": mailseal.Policy.standard, "strict": mailseal.Policy.strict}
        self.rules = name not in presets
        self.policy = mailseal.Policy.load(ROOT / name) if self.rules else presets[name]()

    def recipient(self, mailbox):
        self.recipients.append(mailbox)

    def confirm(self, domain):
        self.confirmed.append(domain)

    def hold(self):
        self.holds = True

    def check(self, file):
        dispatch = self.context().check_sending(self.file(file), at=self.at, recipients=self.recipients or None)
        self.say("sending", json.loads(dispatch.to_json()))

    def explain(self, sender, mailbox):
        self.say("sending", json.loads(self.context().decide_sending(sender, [mailbox]).to_json()))

    def doctor(self, file):
        seen = mailseal.diagnose(self.context(), self.file(file), at=self.at)
        self.say("diagnoses", json.loads(seen.to_json()))

    def profile(self, sent, received, service):
        seen = mailseal.compare(self.context(), self.file(sent), self.file(received))
        self.say("profiles", json.loads(seen.profile(service)))

    def compare(self, sent, received):
        seen = mailseal.compare(self.context(), self.file(sent), self.file(received))
        self.say("comparisons", json.loads(seen.to_json()))

    def at_(self, seconds):
        self.at = int(seconds)

    def key(self, file, password):
        self.keys.append(mailseal.Key.load(ROOT / file, password or None))

    def trusted_results(self, name):
        self.believed.append(lambda opener: opener.trusted_results(name))

    def trusted_hops(self, lines):
        self.believed.append(lambda opener: opener.trusted_hops(int(lines)))

    def password(self, text):
        self.ask = text

    def signer(self, file, password):
        self.signers.append(mailseal.Key.load(ROOT / file, password or None))

    def encrypt_to(self, file):
        self.to += mailseal.Certificate.load(ROOT / file)

    def cipher_(self, name):
        self.cipher = name

    def opaque(self):
        self.recipe.append(lambda composer: composer.opaque())

    def protect_headers(self):
        self.recipe.append(lambda composer: composer.protect_headers())

    def no_protect_headers(self):
        self.recipe.append(lambda composer: composer.protect_headers(False))

    def reads(self, names):
        self.recipe.append(lambda composer: composer.reads(names.split(",")))

    def autocrypt(self, preference):
        self.recipe.append(lambda composer: composer.autocrypt(preference == "mutual"))

    def header_confidentiality(self, name):
        self.recipe.append(lambda composer: composer.header_confidentiality(name))

    def legacy_display(self):
        self.recipe.append(lambda composer: composer.legacy_display())

    def reply_to(self):
        report = self.opened.report
        self.recipe.append(lambda composer: composer.reply_to(report))

    def triple_wrap(self):
        self.recipe.append(lambda composer: composer.triple_wrap())

    def allow_other_from(self):
        self.recipe.append(lambda composer: composer.allow_other_from())

    # Letters.

    def looked(self, opened):
        self.opened, verdict = opened, self.policy.judge(opened.report)
        payload = None
        if opened.payload:
            payload = self.path("opened")
            opened.payload.save(payload)
        self.say("opened", {
            "outcome": str(verdict.outcome),
            "action": verdict.action,
            "reasons": [reason.code for reason in verdict.reasons],
            "report": json.loads(opened.report.to_json()),
            "payload": payload,
        })

    def open(self, file):
        self.looked(self.opener().open(self.file(file), at=self.at))

    def open_part(self, file, part):
        self.looked(self.opener().open_part(self.file(file), part, at=self.at))

    def detached(self, content, signature, header):
        header = (ROOT / header).read_bytes()
        opener = self.opener()
        self.looked(opener.verify_detached(self.file(content), self.file(signature), header, at=self.at))

    def require(self, address):
        letter = self.opened.require(self.policy, address)
        self.say("verified", letter.sender if letter else None)

    def verdict(self):
        return self.policy.judge(self.opened.report)

    def text(self, language):
        self.say("texts", self.verdict().text(self.opened.report, language))

    def evidence(self, language):
        paths = [path for one in self.opened.report.signatures for path in one.evidence]
        self.say("evidence", paths[0].text(language))

    def preflight(self, file):
        self.say("preflights", json.loads(mailseal.preflight((ROOT / file).read_text()).to_json()))

    def results(self, name):
        self.say("results", self.verdict().authentication_results(self.opened.report, name))

    def smime_status(self):
        self.say("smime", self.verdict().smime_status(self.opened.report))

    def stamp(self, name):
        path = self.path("stamped")
        self.opened.stamp_file(self.verdict(), name, path)
        self.say("stamped", path)

    def dkim(self, file, key, domain, selector):
        signer = mailseal.DkimSigner((ROOT / key).read_bytes(), domain, selector)
        path = self.path("stamped")
        with open(path, "wb") as out:
            out.write(signer.sign(self.file(file), at=self.at))
        self.say("stamped", path)

    def compose(self, file):
        composer = self.composer()
        if self.to:
            composer = composer.encrypt(mailseal.Group.to(self.to, at=self.at, cipher=self.cipher))
        self.wrote(composer.compose(ROOT / file, at=self.at))

    def footer(self, file, text):
        self.wrote(self.context().append_footer(ROOT / file, text))

    def plan_(self, file):
        self.draft = (ROOT / file).read_bytes()
        self.plan = mailseal.Plan(self.context(), self.draft, self.policy, at=self.at)
        for domain in self.confirmed:
            self.plan.confirm(domain)
        self.plan.hold(self.holds)

    def without(self, address):
        self.plan.remove(address)

    def accept(self, address, fingerprint):
        self.plan.accept(address, fingerprint)

    def copy_to_sender(self):
        self.plan.copy_to_sender()

    def unreachable(self):
        for person in self.plan.unreachable:
            self.say("unreachable", person.mailbox)

    def plan_json(self):
        self.say("plans", json.loads(self.plan.to_json()))

    def groups(self):
        composer = self.composer()
        for group in self.plan.groups():
            self.wrote(composer.encrypt(group).compose(self.draft, at=self.at))
            self.say("groups", list(group.mailboxes))


# Steps whose name an attribute of a case has.
OTHERWISE = {"certificates", "revocations", "policy", "at", "cipher", "plan"}


def main(folder):
    case, failed = None, False
    for line in sys.stdin.buffer.read().decode().splitlines():
        step, *words = line.split("\t")
        if step == "case":
            case, failed = Case(f"{folder}/{words[0]}"), False
        elif step == "end":
            print(json.dumps(case.answer))
        elif not failed:
            try:
                getattr(case, step + "_" if step in OTHERWISE else step)(*words)
            except mailseal.Error as error:
                case.answer["error"], failed = error.kind, True
            except (TypeError, ValueError):
                case.answer["error"], failed = "misuse", True


main(sys.argv[1])
