//! G2, G4: sequences of calls that nobody thought of. `tests/random/random.c` draws them; how each export is called is
//! made of the header here, so no function can be forgotten.
//!
//! `MAILSEAL_SEQUENCES` is how many run under AddressSanitizer, and a fiftieth each under valgrind's memcheck and
//! helgrind; `MAILSEAL_SEED` which ones.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compiled::{STRICT, ends, library, root};
use crate::matrix::{Argument, Function, argument, functions};
use crate::support::{Program, tool};

/// A function type of the header.
struct Callback {
    name: String,
    returns: String,
    arguments: Vec<Argument>,
}

fn callbacks(header: &str) -> Vec<Callback> {
    let code: Vec<&str> = header.lines().filter_map(|line| line.split("//").next()).collect();
    let code = code.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    let found: Vec<Callback> = code.split(';').filter_map(callback).collect();
    assert!(found.len() > 5, "only {} types of callbacks were found", found.len());
    found
}

fn callback(declaration: &str) -> Option<Callback> {
    let (returns, rest) = declaration.trim().strip_prefix("typedef ")?.split_once(" (*")?;
    let (name, rest) = rest.split_once(")(")?;
    let arguments = rest.strip_suffix(')')?.split(',').map(argument).collect();
    Some(Callback { name: name.to_owned(), returns: returns.to_owned(), arguments })
}

/// `buffer` of `mailseal_buffer **`.
fn made(kind: &str) -> Option<&str> {
    kind.strip_prefix("const ").unwrap_or(kind).strip_prefix("mailseal_")?.strip_suffix("**").map(str::trim)
}

impl Callback {
    /// `read_callback` of `mailseal_read_callback`.
    fn short(&self) -> &str {
        self.name.trim_start_matches("mailseal_")
    }

    fn definition(&self, functions: &[Function]) -> String {
        let arguments: Vec<String> =
            self.arguments.iter().enumerate().map(|(at, it)| format!("{} a{at}", it.kind)).collect();
        let mut code = format!("static {} {}({})\n{{\n", self.returns, self.short(), arguments.join(", "));
        code += "    struct userdata *u = a0;\n";
        for (at, argument) in self.arguments.iter().enumerate().skip(1) {
            let line = match (&*argument.kind, argument.object()) {
                (_, Some("buffer")) => format!("add(u, a{at});"),
                (_, Some(object)) => looked_at(object, at, functions),
                ("mailseal_slice", _) => format!("touch_slice(u->state, a{at});"),
                ("const char *", _) => format!("touch(a{at}, strlen(a{at}));"),
                ("uint8_t *", _) => format!("fill(u, a{at}, a{}, a{});", at + 1, at + 2),
                _ => format!("(void)a{at};"),
            };
            writeln!(code, "    {line}").unwrap();
        }
        let last =
            if self.returns == "void" { "    answer(u->state);\n" } else { "    return answer(u->state);\n" };
        code + last + "}\n\n"
    }
}

/// All that can be asked of an object without another argument.
fn looked_at(object: &str, at: usize, functions: &[Function]) -> String {
    let mut code = String::new();
    for function in functions {
        if let [only] = &*function.arguments
            && only.object() == Some(object)
            && only.kind.starts_with("const ")
        {
            match &*function.returns {
                "mailseal_slice" => write!(code, "touch_slice(u->state, {}(a{at})); ", function.name),
                _ => write!(code, "(void){}(a{at}); ", function.name),
            }
            .unwrap();
        }
    }
    code
}

/// How one export is called.
struct Call<'f> {
    function: &'f Function,
    before: String,
    given: Vec<String>,
    after: String,
}

impl Call<'_> {
    fn line(&mut self, line: &str) {
        writeln!(self.before, "    {line}").unwrap();
    }

    fn argument(&mut self, at: usize) {
        let function = self.function;
        let Argument { kind, name } = &function.arguments[at];
        let before = at.checked_sub(1).map(|before| &*function.arguments[before].kind);
        let has_finalizer = function.arguments.iter().any(|it| it.kind == "mailseal_finalizer");
        let mut given = format!("a{at}");
        match &**kind {
            "mailseal_error **" => {
                self.line("mailseal_error *err = NULL;");
                self.line(&format!("mailseal_error **a{at} = out(s, &err);"));
            }
            _ if let Some(object) = made(kind) => {
                self.line(&format!("mailseal_{object} *m{at} = NULL;"));
                self.line(&format!("mailseal_{object} **a{at} = out(s, &m{at});"));
            }
            _ if let Some(object) = function.arguments[at].object() => {
                let frees = function.name == format!("mailseal_{object}_free");
                let method = function.name.starts_with(&format!("mailseal_{object}_"));
                let consumes = !method && ["input", "output"].contains(&object);
                let how = if frees {
                    "FREE"
                } else if consumes {
                    "CONSUME"
                } else {
                    "BORROW"
                };
                self.line(&format!("void *a{at} = draw(s, T_{object}, {how});"));
            }
            _ if kind == "mailseal_finalizer" => {
                self.line(&format!("mailseal_finalizer a{at} = told_at_end ? finalizer : 0;"));
            }
            _ if kind.ends_with("_callback") => {
                let short = kind.trim_start_matches("mailseal_");
                self.line(&format!("{kind} a{at} = out(s, s) ? {short} : 0;"));
            }
            "void *" if name == "userdata" => {
                let told = if has_finalizer { "below(s, 2) != 0" } else { "0" };
                self.line(&format!("int told_at_end = {told};"));
                self.line(&format!("void *a{at} = userdata(s, told_at_end);"));
            }
            "const char *" if name == "path" && function.name.contains("_input_") => {
                self.line(&format!("const char *a{at} = readable_path(s);"));
            }
            "const char *" if name == "path" => {
                self.line(&format!("const char *a{at} = writable_path(s);"));
            }
            "const char *" => {
                self.line(&format!("const char *a{at} = text(s, \"{name}\");"));
            }
            "const uint8_t *" => {
                self.line(&format!("size_t l{at};\n    const uint8_t *a{at} = octets(s, &l{at});"));
            }
            "char *" => {
                self.line(&format!("size_t l{at};\n    const uint8_t *o{at} = octets(s, &l{at});"));
                // `octets` lends what is there, and says so where that is nothing, or more than can be.
                self.line(&format!(
                    "char *a{at} = o{at} && !(s->given & BAD_LENGTH) ? lend(s, o{at}, l{at}) : NULL;"
                ));
                self.line(&format!("if (a{at} == NULL) s->given |= NOTHING;"));
            }
            "size_t" if before.is_some_and(|before| ["const uint8_t *", "char *"].contains(&before)) => {
                given = format!("l{}", at - 1);
            }
            "int64_t" => given = "moment(s)".into(),
            "int32_t" if name == "fd" => given = "descriptor(s)".into(),
            "bool" => given = "below(s, 2) != 0".into(),
            "size_t" | "uint64_t" | "uint32_t" | "int32_t" => given = format!("({kind})number(s)"),
            // A number that the call tells.
            "size_t *" | "uint64_t *" | "uint32_t *" | "int64_t *" | "int32_t *" | "bool *" => {
                let number = kind.trim_end_matches('*').trim();
                self.line(&format!("{number} m{at} = 0;\n    {number} *a{at} = out(s, &m{at});"));
            }
            _ if kind.starts_with("mailseal_") && !kind.contains('*') => {
                given = format!("({kind})number(s)");
            }
            _ => panic!("{}: nothing is known of `{kind} {name}`", function.name),
        }
        self.given.push(given);
    }

    /// What it has made belongs to the sequence now.
    fn keep(&mut self) {
        let function = self.function;
        let status = function.returns == "mailseal_status" && function.name != "mailseal_error_status";
        let mut asked = None;
        let mut owner = "NULL".to_owned();
        for (at, argument) in function.arguments.iter().enumerate() {
            if argument.kind == "mailseal_error **" {
                asked = Some(at);
            } else if let Some(object) = made(&argument.kind) {
                owner = format!("m{at}");
                if status {
                    writeln!(self.after, "    result(s, r, a{at}, m{at} != NULL);").unwrap();
                }
                writeln!(self.after, "    remember(s, T_{object}, m{at}, NULL);").unwrap();
            } else if argument.object().is_some() && owner == "NULL" {
                owner = format!("a{at}");
            }
        }
        match (status, asked) {
            (true, Some(at)) => {
                writeln!(self.after, "    told(s, r, a{at}, err);").unwrap();
            }
            (true, None) => self.after += "    failed(s, r);\n    if (!is_failure(r)) success(s);\n",
            (false, Some(_)) => self.after += "    unless_poisoned(s, err);\n",
            (false, None) => self.after += "    if (s->given == 0) success(s);\n",
        }
        if asked.is_some() {
            writeln!(self.after, "    remember(s, T_error, err, NULL);").unwrap();
        }
        self.answered(&owner);
    }

    fn answered(&mut self, owner: &str) {
        let returns = &*self.function.returns;
        let line = match returns {
            "void" => return,
            "mailseal_slice" => "touch_slice(s, r);".into(),
            "const char *" => "touch(r, strlen(r));".into(),
            "const uint8_t *" => "touch(r, r ? mailseal_buffer_length(a0) : 0);".into(),
            _ if returns.ends_with('*') => {
                let object = returns.trim_start_matches("const ").trim_end_matches('*').trim();
                let object = object.trim_start_matches("mailseal_");
                let owner = if returns.starts_with("const ") { owner } else { "NULL" };
                format!("remember(s, T_{object}, r, {owner});")
            }
            _ => "(void)r;".into(),
        };
        writeln!(self.after, "    {line}").unwrap();
    }
}

fn call(index: usize, function: &Function) -> String {
    let mut call = Call { function, before: String::new(), given: Vec::new(), after: String::new() };
    for at in 0..function.arguments.len() {
        call.argument(at);
    }
    call.keep();
    let (name, returns) = (&function.name, &function.returns);
    let result = if returns == "void" { String::new() } else { format!("{returns} r = ") };
    let Call { before, given, after, .. } = call;
    let given = given.join(", ");
    format!(
        "static void call_{index}(struct state *s)\n{{\n    (void)s;\n{before}    {result}{name}({given});\n{after}}}\n\n"
    )
}

/// Makers are called more often than others, and what frees less often.
fn kind(function: &Function) -> &'static str {
    let made = function.arguments.iter().filter(|it| it.name != "err").any(|it| made(&it.kind).is_some());
    let returned = function.returns.starts_with("mailseal_") && function.returns.ends_with('*');
    match function.name.ends_with("_free") {
        true => "FREES",
        false if made || returned => "MAKES",
        false => "ASKS",
    }
}

/// What `random.c` needs to know of the header.
fn made_of(header: &Path) -> (String, String) {
    let mut functions = functions(header);
    // It asks a server. What checks by a callback is drawn.
    functions.retain(|it| it.name != "mailseal_domain_check_dns");
    let text = fs::read_to_string(header).unwrap();
    let objects: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("typedef struct mailseal_")?.split(' ').next())
        .collect();
    let frees: Vec<&str> = objects
        .iter()
        .copied()
        .filter(|object| functions.iter().any(|it| it.name == format!("mailseal_{object}_free")))
        .collect();
    let list = |items: Vec<String>| items.join(", ");
    let types = list(objects.iter().map(|it| format!("T_{it}")).collect());
    let owned = list(objects.iter().map(|it| i32::from(frees.contains(it)).to_string()).collect());
    let types = format!("enum type {{ {types} }};\nstatic const char is_owned[] = {{ {owned} }};\n");
    let mut code = String::new();
    for callback in callbacks(&text).iter().filter(|it| it.name != "mailseal_finalizer") {
        code += &callback.definition(&functions);
    }
    code += "static void free_object(int type, void *object)\n{\n    switch (type) {\n";
    for object in frees {
        writeln!(code, "        case T_{object}: mailseal_{object}_free(object); break;").unwrap();
    }
    code += "    }\n}\n\n";
    for (index, function) in functions.iter().enumerate() {
        code += &call(index, function);
    }
    let names = list(functions.iter().map(|it| format!("\"{}\"", it.name)).collect());
    let calls = list((0..functions.len()).map(|index| format!("call_{index}")).collect());
    let kinds = list(functions.iter().map(|it| kind(it).to_owned()).collect());
    write!(
        code,
        "enum {{ CALLS = {} }};\nstatic const char *const names[] = {{ {names} }};\n\
         static void (*const calls[])(struct state *) = {{ {calls} }};\nstatic const enum kind kinds[] = {{ {kinds} }};\n",
        functions.len()
    )
    .unwrap();
    (types, code)
}

/// Kept in target/tmp, so that what was found can be run again.
struct Random {
    folder: PathBuf,
    program: PathBuf,
}

impl Random {
    fn new(name: &str, options: &str) -> Option<Self> {
        let compiler = tool("cc")?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let (types, calls) = made_of(&root().join("include/mailseal.h"));
        fs::write(folder.join("types.inc"), types).unwrap();
        fs::write(folder.join("calls.inc"), calls).unwrap();
        let program = folder.join("random");
        Program::new(compiler)
            .words(&format!("-std=c11 -D_GNU_SOURCE {STRICT} -g -O1 -pthread {options} -I"))
            .arg(root().join("include"))
            .arg("-I")
            .arg(&folder)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/random/random.c"))
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(library())
            .arg("-lmailseal")
            .ok();
        Some(Self { folder, program })
    }

    /// Runs as many sequences, of which none may find anything.
    fn finds_nothing(&self, mut command: Command, count: u64, threads: u64) {
        let seed = std::env::var("MAILSEAL_SEED").unwrap_or_else(|_| "1".into());
        command.env("LD_LIBRARY_PATH", library()).env("TMPDIR", &self.folder);
        command.arg(root().join("examples/letters")).args([&seed, "0"]);
        println!("{}", ends(command.args([count.to_string(), threads.to_string()]), None, 0));
    }

    fn under(&self, options: &str) -> Option<Command> {
        let mut valgrind = Command::new(tool("valgrind")?);
        valgrind.args(["--quiet", "--error-exitcode=99"]);
        valgrind.args(options.split_ascii_whitespace()).arg(&self.program);
        Some(valgrind)
    }
}

const HELGRIND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/helgrind.supp");

/// How many sequences: all of a thorough run, or what CI has time for.
fn sequences() -> u64 {
    std::env::var("MAILSEAL_SEQUENCES").map_or(20_000, |count| count.parse().unwrap())
}

#[test]
fn g2_random_calls_with_address_sanitizer() {
    let Some(random) =
        Random::new("random-asan", "-DQUARANTINE -fsanitize=address,undefined -fno-sanitize-recover")
    else {
        return;
    };
    random.finds_nothing(Command::new(&random.program), sequences(), 1);
}

#[test]
fn g2_random_calls_under_memcheck() {
    let Some(random) = Random::new("random-memcheck", "") else { return };
    let options = "--leak-check=full --errors-for-leak-kinds=definite,indirect";
    let Some(command) = random.under(options) else { return };
    random.finds_nothing(command, sequences() / 50, 1);
}

#[test]
fn g4_random_calls_of_many_threads_under_helgrind() {
    let Some(random) = Random::new("random-helgrind", "") else { return };
    let Some(command) = random.under(&format!("--tool=helgrind --suppressions={}", HELGRIND)) else { return };
    random.finds_nothing(command, sequences() / 50, 4);
}
