//! G1, G2: every function of the header, every pointer it takes: NULL, and another object. The program that does it is
//! made from the header, so no function can be forgotten.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::compiled::{Link, compile, ends, root, run, run_checked};
use crate::support::pki::{KeyType, PASSWORD, Pki};

/// A function of the header.
pub struct Function {
    pub name: String,
    pub returns: String,
    pub arguments: Vec<Argument>,
}

pub struct Argument {
    pub kind: String,
    pub name: String,
}

/// What the header declares.
pub fn functions(header: &Path) -> Vec<Function> {
    let text = fs::read_to_string(header).unwrap();
    let code =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split("//").next().unwrap());
    let code = code.collect::<Vec<_>>().join(" ");
    let found: Vec<Function> = code.split(';').filter_map(function).collect();
    assert!(found.len() > 50, "only {} functions were found", found.len());
    found
}

fn function(declaration: &str) -> Option<Function> {
    let declaration = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
    let declaration = declaration.rsplit(['{', '}', '"']).next()?.trim();
    if declaration.contains("typedef") || declaration.contains("/*") {
        return None;
    }
    let (head, rest) = declaration.split_once('(')?;
    let arguments =
        rest.strip_suffix(')')?.split(',').filter(|text| text.trim() != "void").map(argument).collect();
    let Argument { kind, name } = argument(head);
    Some(Function { name, returns: kind, arguments })
}

pub fn argument(text: &str) -> Argument {
    let text = text.trim();
    let at = text.rfind([' ', '*']).unwrap() + 1;
    Argument { kind: text[..at].trim().to_owned(), name: text[at..].to_owned() }
}

impl Argument {
    fn is_pointer(&self) -> bool {
        self.kind.contains('*') || self.is_callback()
    }

    pub fn is_callback(&self) -> bool {
        self.kind.ends_with("_callback") || self.kind.ends_with("_finalizer")
    }

    /// NULL means something there.
    fn is_optional(&self, function: &str) -> bool {
        ["err", "userdata", "finalizer", "ask", "password"].contains(&self.name.as_str())
            || (function, &*self.name) == ("mailseal_archive_write_with", "check")
    }

    /// `policy` of `const mailseal_policy *`.
    pub fn object(&self) -> Option<&str> {
        let name = self.kind.strip_prefix("const ").unwrap_or(&self.kind);
        let name = name.strip_prefix("mailseal_")?.strip_suffix('*')?.trim();
        (!name.contains('*')).then_some(name)
    }

    /// Something that works there.
    fn good(&self, function: &str) -> String {
        match (self.object(), &*self.kind, &*self.name) {
            // These leave it to the program.
            (Some("input"), ..) if function.starts_with("mailseal_input_") => "input".into(),
            (Some("input"), ..) => "some_input()".into(),
            (Some("output"), ..) => "mailseal_output_buffer(buffer)".into(),
            (Some(object), ..) => object.into(),
            (_, "mailseal_error **", _) => "&err".into(),
            (_, kind, _) if kind.ends_with("**") => "(void *)&made".into(),
            (_, "const char *", "mailbox") => "\"alice@example.org\"".into(),
            (_, "const char *", "from" | "recipients") => "\"alice@example.org\"".into(),
            (_, "const char *", "purpose") => "\"sign\"".into(),
            (_, "const char *", "purposes") => "\"crl\"".into(),
            (_, "const char *", "name") => "\"standard\"".into(),
            (_, "const char *", "sender") => "\"alice@example.org\"".into(),
            (_, "const char *", "scheme") => "\"ecdsa-p256-sha256\"".into(),
            (_, "const char *", "protocol") => "\"OpenPGP\"".into(),
            (_, "const char *", "algorithm") => "\"p-256\"".into(),
            (_, "const char *", "path") => "\"/no/such\"".into(),
            (_, "const char *", _) => "\"any\"".into(),
            (_, "char *", _) => "secret".into(),
            (_, "bool *", _) => "&flag".into(),
            (_, "const uint8_t *", _) => "(const uint8_t *)\"x\"".into(),
            (_, kind, _) if kind.starts_with("mailseal_") => kind.trim_start_matches("mailseal_").into(),
            (_, "void *", _) => "NULL".into(),
            _ => "1".into(),
        }
    }

    /// Another object there. Those that a call would take away are not given.
    fn wrong(&self) -> Option<String> {
        let object = self.object()?;
        let other = if object == "policy" { "verdict" } else { "policy" };
        Some(format!("(void *){other}"))
    }
}

impl Function {
    /// One call with one argument replaced, and what has to come of it.
    fn call(&self, index: usize, value: &str, expected: &str) -> String {
        let mut code = String::from("    { made = NULL; err = NULL;");
        let name = &self.name;
        let replaced = &self.arguments[index];
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .enumerate()
            .map(|(at, argument)| if at == index { value.to_owned() } else { argument.good(name) })
            .collect();
        let call = format!("{name}({})", arguments.join(", "));
        let what = format!("\"{name}\", \"{}\"", replaced.name);
        let lenient = replaced.is_optional(name);
        match &*self.returns {
            "void" => write!(code, " {call};"),
            "mailseal_slice" => write!(code, " is_empty({what}, {call});"),
            "mailseal_range" => write!(code, " is_none({what}, {call});"),
            // What it tells is another call's status.
            "mailseal_status" if name == "mailseal_error_status" => write!(code, " is({what}, 0, {call});"),
            "mailseal_status" if lenient => write!(code, " (void){call};"),
            "mailseal_status" if self.has_error() => {
                write!(code, " fails({what}, {expected}, {call});")
            }
            "mailseal_status" => write!(code, " is({what}, {expected}, {call});"),
            "const char *" => write!(code, " is({what}, 0, {call}[0]);"),
            "mailseal_input *" if lenient => write!(code, " mailseal_input_free({call});"),
            "mailseal_output *" if lenient => write!(code, " mailseal_output_free({call});"),
            "mailseal_input *" => write!(
                code,
                " fails({what}, {expected}, mailseal_trust_store_add_anchors(trust_store, {call}, \"any\", &err));"
            ),
            "mailseal_output *" => {
                write!(code, " fails({what}, {expected}, mailseal_opened_write(opened, {call}, &err));")
            }
            kind if kind.ends_with('*') && lenient && kind.starts_with("mailseal_") => {
                write!(code, " {}_free({call});", kind.trim_end_matches([' ', '*']))
            }
            kind if kind.ends_with('*') && lenient => write!(code, " (void){call};"),
            kind if kind.ends_with('*') && self.has_error() => write!(
                code,
                " is({what}, 0, {call} != NULL); fails({what}, {expected}, mailseal_error_status(err));"
            ),
            kind if kind.ends_with('*') => write!(code, " is({what}, 0, {call} != NULL);"),
            _ => write!(code, " is({what}, 0, (int){call});"),
        }
        .unwrap();
        match self.made() {
            Some(kind) => write!(code, " mailseal_{kind}_free(made);"),
            None => Ok(()),
        }
        .unwrap();
        code + " mailseal_error_free(err); }\n"
    }

    fn has_error(&self) -> bool {
        self.arguments.iter().any(|argument| argument.name == "err")
    }

    /// The type of what it makes.
    fn made(&self) -> Option<&str> {
        let out =
            self.arguments.iter().find(|argument| argument.kind.ends_with("**") && argument.name != "err")?;
        out.kind.strip_prefix("mailseal_")?.strip_suffix(" **")
    }

    fn calls(&self) -> String {
        let mut code = String::new();
        for (index, argument) in self.arguments.iter().enumerate() {
            let value = if argument.is_callback() { "0" } else { "NULL" };
            if argument.is_pointer() {
                code += &self.call(index, value, "MAILSEAL_ERROR_NULL");
            }
            if let Some(wrong) = argument.wrong() {
                code += &self.call(index, &wrong, "MAILSEAL_ERROR_BAD_HANDLE");
            }
        }
        code
    }
}

/// The program: objects that work, then the calls.
fn program(functions: &[Function]) -> String {
    let mut code = PROLOGUE.to_owned();
    let calls: Vec<String> = functions.iter().map(Function::calls).collect();
    for (index, calls) in calls.iter().enumerate() {
        write!(code, "static void call_{index}(void)\n{{\n{calls}}}\n\n").unwrap();
    }
    code += "static void matrix(void)\n{\n";
    for index in 0..calls.len() {
        writeln!(code, "    call_{index}();").unwrap();
    }
    code + "}\n" + EPILOGUE
}

const PROLOGUE: &str = r#"#include <mailseal.h>
#include <stdio.h>
#include <string.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) goto failed; } while (0)

static mailseal_trust_store *trust_store; static mailseal_context *context; static mailseal_key *key;
static mailseal_composer *composer; static mailseal_prepared *prepared; static mailseal_opener *opener;
static mailseal_opened *opened; static mailseal_policy *policy; static mailseal_verdict *verdict;
static mailseal_buffer *buffer; static mailseal_error *error, *err;
static mailseal_plan *plan; static mailseal_input *input; static mailseal_cancel *cancel;
static mailseal_certificate *certificate; static mailseal_memory *memory; static mailseal_claims *claims;
static mailseal_dispatch *dispatch; static mailseal_diagnosis *diagnosis; static mailseal_comparison *comparison;
static mailseal_preflight *preflight; static mailseal_domain_check *domain_check; static mailseal_dkim_signer *dkim_signer;
static mailseal_new_key *new_key; static mailseal_made_key *made_key;
static mailseal_mailbox *mailbox; static mailseal_stored_message *stored_message;
static const mailseal_part *part; static const mailseal_finding *finding;
static const mailseal_layer *layer;
static const mailseal_report *report; static const mailseal_signature *signature;
static const mailseal_evidence *evidence; static const mailseal_verified *verified;
static const mailseal_request *request;                  /* outside a callback there is none */
static void *made; static char secret[8]; static bool flag; static int failures, count;

static mailseal_input *some_input(void) { return mailseal_input_memory((const uint8_t *)"x", 1); }
static int32_t read_callback(void *u, uint8_t *d, size_t c, size_t *l) { (void)u; (void)d; (void)c; *l = 0; return 0; }
static int32_t write_callback(void *u, mailseal_slice o) { (void)u; (void)o; return 0; }
static int32_t sign_callback(void *u, const char *n, mailseal_slice o, mailseal_buffer *s) { (void)u; (void)n; (void)o; (void)s; return 0; }
static int32_t password_callback(void *u, const mailseal_request *r, mailseal_buffer *p)
{ (void)u; (void)r; return mailseal_buffer_append(p, (const uint8_t *)PASSWORD, strlen(PASSWORD)); }
static int32_t fetch_callback(void *u, const mailseal_request *r, mailseal_buffer *b) { (void)u; (void)r; (void)b; return MAILSEAL_DECLINED; }
static int32_t decrypt_callback(void *u, const char *n, mailseal_slice o, mailseal_buffer *b) { (void)u; (void)n; (void)o; (void)b; return MAILSEAL_DECLINED; }
static void progress_callback(void *u, uint64_t o, uint64_t t) { (void)u; (void)o; (void)t; }
static void audit_callback(void *u, mailseal_slice l) { (void)u; (void)l; }
static int32_t lookup_callback(void *u, const char *n, const char *k, mailseal_buffer *r) { (void)u; (void)n; (void)k; (void)r; return MAILSEAL_DECLINED; }
static void finalizer(void *u) { (void)u; }

static void is(const char *function, const char *argument, int wanted, int found)
{
    count++;
    if (wanted != found) { failures++; printf("%s, %s: %d, not %d\n", function, argument, found, wanted); }
}

/* The words have to name the argument. */
static void fails(const char *function, const char *argument, mailseal_status wanted, mailseal_status found)
{
    char name[64];
    sprintf(name, "`%s`", argument);
    is(function, argument, wanted, found);
    if (strstr(mailseal_error_message(err), name) == NULL) {
        failures++;
        printf("%s, %s: %s\n", function, argument, mailseal_error_message(err));
    }
}

static void is_none(const char *function, const char *argument, mailseal_range range)
{
    is(function, argument, 1, range.start == 0 && range.end == 0);
}

static void is_empty(const char *function, const char *argument, mailseal_slice slice)
{
    is(function, argument, 1, slice.data == NULL && slice.length == 0);
}

"#;

const EPILOGUE: &str = r#"
int main(int argc, char **argv)
{
    mailseal_buffer *mail = mailseal_buffer_new(), *profile = NULL;
    mailseal_composer *deferred = NULL;
    mailseal_key *later = NULL;
    mailseal_context *settled;
    int64_t at = 1800000000;
    (void)request;
    if (argc != 8) return 2;
    trust_store = mailseal_trust_store_new();
    policy = mailseal_policy_standard();
    buffer = mailseal_buffer_new();
    input = mailseal_input_push();
    cancel = mailseal_cancel_new();
    TRY(mailseal_trust_store_add_anchors(trust_store, mailseal_input_file(argv[1]), "any", &err));
    settled = mailseal_context_new(trust_store);
    TRY(mailseal_key_load(mailseal_input_file(argv[2]), password_callback, NULL, NULL, &key, &err));
    TRY(mailseal_plan_new(settled, mailseal_input_file(argv[4]), policy, at, &plan, &err));
    composer = mailseal_composer_new(settled);
    TRY(mailseal_composer_sign(composer, key, &err));
    TRY(mailseal_composer_compose(composer, mailseal_input_file(argv[4]), at, mailseal_output_buffer(mail), &err));
    mailseal_composer_free(composer);
    TRY(mailseal_key_deferred(mailseal_input_file(argv[3]), &later, &err));
    deferred = mailseal_composer_new(settled);
    TRY(mailseal_composer_sign(deferred, later, &err));
    TRY(mailseal_composer_prepare(deferred, mailseal_input_file(argv[4]), at, &prepared, &err));
    opener = mailseal_opener_new(settled);
    verified = mailseal_verify(opener, mailseal_input_memory(mailseal_buffer_data(mail), mailseal_buffer_length(mail)),
                               "alice@example.org", policy, at, &opened, &err);
    report = mailseal_opened_report(opened);
    layer = mailseal_report_layer(report, 0);
    signature = mailseal_report_signature(report, 0);
    evidence = mailseal_signature_evidence(signature, 0);
    verdict = mailseal_policy_judge(policy, report);
    part = mailseal_report_part_at(report, "1");
    finding = mailseal_signature_finding(signature, 0);
    if (part == NULL || finding == NULL || !mailseal_part_is_signed(part)) goto failed;
    certificate = mailseal_key_certificate(key);
    TRY(mailseal_memory_open(argv[5], 0, &memory, &err));
    TRY(mailseal_context_who_is(settled, "alice@example.org", "sign", policy, at, &claims, &err));
    TRY(mailseal_context_decide_sending(settled, "", "bob@example.org", &dispatch, &err));
    TRY(mailseal_diagnose(settled, mailseal_input_file(argv[4]), at, &diagnosis, &err));
    TRY(mailseal_compare(settled, mailseal_input_file(argv[4]), mailseal_input_file(argv[4]), &comparison, &err));
    TRY(mailseal_comparison_profile(comparison, "mx", &profile, &err));
    TRY(mailseal_preflight_new(mailseal_input_memory(mailseal_buffer_data(profile), mailseal_buffer_length(profile)), &preflight, &err));
    mailseal_buffer_free(profile);
    TRY(mailseal_domain_check_new(lookup_callback, NULL, NULL, &domain_check, &err));
    TRY(mailseal_dkim_signer_load(mailseal_input_file(argv[7]), "example.org", "s1", &dkim_signer, &err));
    TRY(mailseal_new_key_new("S/MIME", &new_key, &err));
    TRY(mailseal_new_key_add_address(new_key, "alice@example.org", &err));
    TRY(mailseal_new_key_make(new_key, NULL, at, &made_key, &err));
    TRY(mailseal_mailbox_open(argv[6], &mailbox, &err));
    TRY(mailseal_mailbox_next(mailbox, &stored_message, &err));
    if (stored_message == NULL) goto failed;
    if (verified == NULL || evidence == NULL) goto failed;
    if (mailseal_verified_sender(verified).length != 17 || !mailseal_signature_is_from(signature)) goto failed;
    if (mailseal_opened_require(opened, policy, "alice@example.org", NULL) != verified) goto failed;
    if (mailseal_signature_integrity(signature) != MAILSEAL_INTEGRITY_INTACT) goto failed;
    if (mailseal_signature_trust(signature) != MAILSEAL_TRUST_TRUSTED) goto failed;
    if (mailseal_signature_signer_fingerprint(signature).length != 64) goto failed;
    if (mailseal_verdict_outcome(verdict) != MAILSEAL_OUTCOME_GOOD) goto failed;
    if (mailseal_layer_kind(layer) != MAILSEAL_LAYER_SIGNED || !mailseal_layer_is_envelope(layer)) goto failed;
    if (mailseal_plan_unreachable_count(plan) != 1) goto failed;
    if (mailseal_composer_prepare(composer = mailseal_composer_new(settled), NULL, at, NULL, &error) != MAILSEAL_ERROR_NULL) goto failed;
    mailseal_context_free(settled);
    context = mailseal_context_new(trust_store);
    matrix();
    printf("%d calls\n", count);
    /* All of it still works: nothing was taken, freed or broken. */
    if (mailseal_verdict_outcome(verdict) != MAILSEAL_OUTCOME_GOOD || mailseal_error_status(error) != MAILSEAL_ERROR_NULL) goto failed;
    if (mailseal_layer_kind(layer) != MAILSEAL_LAYER_SIGNED || mailseal_plan_unreachable_count(plan) != 1) goto failed;
    TRY(mailseal_verified_write(verified, mailseal_output_buffer(buffer), &err));
    mailseal_verdict_free(verdict); mailseal_opened_free(opened); mailseal_policy_free(policy);
    mailseal_opener_free(opener); mailseal_context_free(context); mailseal_composer_free(composer); mailseal_plan_free(plan);
    mailseal_input_free(input); mailseal_cancel_free(cancel); mailseal_certificate_free(certificate);
    mailseal_memory_free(memory); mailseal_claims_free(claims); mailseal_dispatch_free(dispatch);
    mailseal_diagnosis_free(diagnosis); mailseal_comparison_free(comparison); mailseal_preflight_free(preflight);
    mailseal_domain_check_free(domain_check); mailseal_dkim_signer_free(dkim_signer); mailseal_new_key_free(new_key); mailseal_made_key_free(made_key);
    mailseal_mailbox_free(mailbox); mailseal_stored_message_free(stored_message);
    mailseal_composer_free(deferred); mailseal_prepared_free(prepared); mailseal_key_free(key); mailseal_key_free(later);
    mailseal_trust_store_free(trust_store); mailseal_buffer_free(buffer); mailseal_buffer_free(mail); mailseal_error_free(error);
    return failures != 0;
failed:
    printf("not ready: %s\n", mailseal_error_message(err));
    return 2;
}
"#;

#[test]
fn g1_null_and_g2_the_wrong_object_everywhere() {
    let Some(pki) = Pki::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("matrix.c");
    let functions = functions(&root().join("include/mailseal.h"));
    let code = program(&functions);
    fs::write(&source, format!("#define PASSWORD \"{PASSWORD}\"\n{code}")).unwrap();
    let draft = folder.path().join("draft.eml");
    fs::write(&draft, "From: alice@example.org\r\nTo: b@c.example\r\nSubject: x\r\n\r\nHello\r\n").unwrap();
    let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let memory = folder.path().join("correspondents");
    let domain = root().join("examples/letters/bob.pem");
    let here = folder.path().to_owned();
    let files = [&pki.root(), &alice.pkcs12, &alice.chain, &draft, &memory, &here, &domain];
    let said = ends(run(&program).args(files), None, 0);
    let pointers =
        functions.iter().flat_map(|function| &function.arguments).filter(|argument| argument.is_pointer());
    println!("{said} {} pointers", pointers.count());
    if let Some(mut checked) = run_checked(&program) {
        ends(checked.args(files), None, 0);
    }
}

/// A second use of what a call has consumed or freed. It reads memory that is the allocator's: not for valgrind.
#[test]
fn g2_what_is_gone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("gone.c");
    fs::write(&source, GONE).unwrap();
    let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
    ends(&mut run(&program), None, 0);
}

const GONE: &str = r#"#include <mailseal.h>
#include <stdio.h>
int main(void)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    mailseal_input *input = mailseal_input_memory((const uint8_t *)"From: a@b.example\r\n\r\n", 21);
    const mailseal_report *report;
    if (mailseal_opener_open(opener, input, 0, &opened, &err) != MAILSEAL_OPENED) return 1;
    if (mailseal_opener_open(opener, input, 0, &opened, NULL) != MAILSEAL_ERROR_BAD_HANDLE) return 2;
    report = mailseal_opened_report(opened);
    mailseal_opened_free(opened);
    mailseal_opened_free(opened);
    if (mailseal_report_layer_count(report) != 0 || mailseal_report_json(report) != NULL) return 3;
    mailseal_opener_free(opener);
    mailseal_opener_free(opener);
    if (mailseal_opener_open(opener, NULL, 0, &opened, NULL) < MAILSEAL_ERROR_MISUSE) return 4;
    mailseal_context_free(cx);
    mailseal_trust_store_free(trust);
    mailseal_trust_store_free(trust);
    return 0;
}
"#;
