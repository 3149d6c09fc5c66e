//! Names the shared library, and the version of its symbols, by its ABI: the major version, and while that is 0, the
//! minor one as well.
//!
//! rustc gives the linker a version script of its own, without a version, and no linker takes a second one beside it.
//! GNU ld can name the version after the library instead (`--default-symver`): `mailseal_open@@libmailseal.so.0.1`.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let number = |name: &str| env::var(name).unwrap_or_default();
    let abi = match number("CARGO_PKG_VERSION_MAJOR").as_str() {
        "0" => format!("0.{}", number("CARGO_PKG_VERSION_MINOR")),
        major => major.to_owned(),
    };
    let system = number("CARGO_CFG_TARGET_OS");
    if !["linux", "freebsd", "netbsd", "openbsd", "android"].contains(&system.as_str()) {
        return;
    }
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libmailseal.so.{abi}");
    // It stays when a program lets it go: threads that used it end in it, and what it made once is made once.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    if has_gnu_ld() {
        println!("cargo::rustc-cdylib-link-arg=-fuse-ld=bfd");
        println!("cargo::rustc-cdylib-link-arg=-Wl,--default-symver");
    } else {
        println!("cargo::warning=no GNU ld: the symbols of libmailseal.so have no version");
    }
}

/// Whether the compiler that links has GNU ld beside it.
fn has_gnu_ld() -> bool {
    let compiler = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(compiler).args(["-fuse-ld=bfd", "-Wl,--version"]).output();
    asked.is_ok_and(|said| said.stdout.starts_with(b"GNU ld"))
}
