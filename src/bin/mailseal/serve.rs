//! `mailseal serve --stdio`: answers requests one by one, for programs in any language and with fewer rights.
//! As a page: docs/serve.md.

mod frame;
mod letters;
mod request;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use mailseal::Error as MailError;
use serde_json::{Value, json};

use crate::args::PasswordArgs;
use crate::sending::TrustedArgs;
use crate::words::{said, say};
use crate::world::TrustArgs;
use crate::{COULD_NOT_LOOK, GOOD, failure};
use frame::{Body, Start};
use letters::{Done, Server};
use request::{Allow, Request};

/// Of the frames and what is in them.
const PROTOCOL: u32 = 1;

#[derive(ClapArgs)]
pub(crate) struct ServeArgs {
    /// Read requests from standard input, and answer on standard output.
    #[arg(long, required = true)]
    stdio: bool,
    /// Answer these requests alone; without it, all.
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    allow: Vec<Allow>,
    /// Private key that opens letters, as --key of `decrypt` takes it.
    #[arg(long, value_name = "KEY")]
    key: Vec<OsString>,
    /// Private key that signs letters of the senders it names, as --key of `sign` takes it.
    #[arg(long, value_name = "KEY")]
    sign: Vec<OsString>,
    #[command(flatten)]
    passwords: PasswordArgs,
    /// Append one line of JSON there for each use of a private key.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    trusted: TrustedArgs,
    /// Learn from the letters what is usual of their senders, into the file of --memory.
    #[arg(long, requires = "memory")]
    remember: bool,
}

impl ServeArgs {
    fn allows(&self, what: Allow) -> bool {
        self.allow.is_empty() || self.allow.contains(&what)
    }
}

/// Why a request is not fulfilled.
enum Failure {
    /// It is told, and the next one is read.
    Told { error: Value, more: Option<(&'static str, Value)> },
    /// The answer had begun: nobody may take what comes next for another.
    Ended(io::Error),
}

impl Failure {
    fn told(kind: &'static str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self::Told { error: json!({ "kind": kind, "message": message, "temporary": false }), more: None }
    }
}

impl From<MailError> for Failure {
    fn from(error: MailError) -> Self {
        Self::Told { error: failure::json(&error), more: None }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Told { error: failure::json(&error), more: None }
    }
}

impl From<Box<dyn Error>> for Failure {
    fn from(error: Box<dyn Error>) -> Self {
        Self::Told { error: failure::json(&*error), more: None }
    }
}

pub(crate) fn run(args: &ServeArgs) -> Result<u8, Box<dyn Error>> {
    let mut out = BufWriter::new(io::stdout().lock());
    let server = match Server::new(args) {
        Ok(server) => server,
        Err(error) => {
            let head = json!({ "status": "error", "error": failure::json(&*error) });
            let _ = frame::begin(&mut out, head.to_string().as_bytes(), 0).and_then(|()| out.flush());
            return Err(error);
        }
    };
    match serve(&server, args, &mut io::stdin(), &mut out) {
        // Whoever asked is gone, and so is the rest of the answer.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(COULD_NOT_LOOK),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(say("the input ends inside a frame", "入力がフレームの途中で終わっています").into())
        }
        done => Ok(done?),
    }
}

fn serve<R: Read + Send>(
    server: &Server<'_>,
    args: &ServeArgs,
    from: &mut R,
    out: &mut impl Write,
) -> io::Result<u8> {
    let allow = Allow::value_variants().iter().filter(|what| args.allows(**what)).map(|what| what.name());
    let allow: Vec<_> = allow.collect();
    let greeting = json!({ "mailseal": env!("CARGO_PKG_VERSION"), "protocol": PROTOCOL, "allow": allow });
    frame::begin(out, greeting.to_string().as_bytes(), 0)?;
    out.flush()?;
    loop {
        match frame::start(from)? {
            Start::End => return Ok(GOOD),
            Start::Head(head) => answer(server, args, &head, Body::new(from)?, out)?,
            Start::TooLong(length) => {
                let most = frame::HEAD_MOST;
                let why = said!(
                    "a head of {length} octets; {most} are the most, and nothing can follow",
                    "見出しが {length} オクテットあります。{most} までで、続きは読めません"
                );
                tell(&Value::Null, Failure::told("frame", why), out)?;
                return Ok(COULD_NOT_LOOK);
            }
        }
    }
}

fn answer<R: Read + Send>(
    server: &Server<'_>,
    args: &ServeArgs,
    head: &[u8],
    mut body: Body<'_, R>,
    out: &mut impl Write,
) -> io::Result<()> {
    let (id, request) = Request::read(head);
    let done = match request {
        Err(error) => Err(Failure::told("request", error.to_string())),
        Ok(request) if !args.allows(request.allow()) => Err(Failure::told("not_allowed", {
            let what = request.allow().name();
            said!("{what} is not among --allow", "{what} は --allow にありません")
        })),
        Ok(Request::Open(ask)) => server.open(&id, &ask, &mut body, out).map(|()| None),
        Ok(Request::Sign(ask)) => server.sign(&ask, &mut body).map(Some),
        Ok(Request::Plan(ask)) => server.plan(&ask, &mut body).map(Some),
        Ok(Request::Seal(ask)) => server.seal(&ask, &mut body).map(Some),
        Ok(Request::Check(ask)) => server.check(&ask, &mut body).map(Some),
        Ok(Request::Doctor(ask)) => server.doctor(&ask, &mut body).map(Some),
        Ok(Request::Preflight(ask)) => server.preflight(&ask, &mut body).map(Some),
    };
    // Whoever is still writing does not read yet.
    body.finish()?;
    match done {
        Ok(None) => out.flush(),
        Ok(Some(done)) => write(&id, done, out),
        Err(failure) => tell(&id, failure, out),
    }
}

fn write(
    id: &Value,
    Done { head: mut said, mut letters, length }: Done,
    out: &mut impl Write,
) -> io::Result<()> {
    if let Value::Object(said) = &mut said {
        said.insert("id".into(), id.clone());
        said.insert("status".into(), "done".into());
    }
    frame::begin(out, said.to_string().as_bytes(), length)?;
    if io::copy(&mut letters, out)? != length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    out.flush()
}

fn tell(id: &Value, failure: Failure, out: &mut impl Write) -> io::Result<()> {
    let (error, more) = match failure {
        Failure::Ended(error) => return Err(error),
        Failure::Told { error, more } => (error, more),
    };
    let mut head = json!({ "id": id, "status": "error", "error": error });
    if let (Value::Object(head), Some((name, value))) = (&mut head, more) {
        head.insert(name.into(), value);
    }
    frame::begin(out, head.to_string().as_bytes(), 0)?;
    out.flush()
}
