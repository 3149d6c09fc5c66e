//! Names the shared library by its ABI: the major version, and while that is 0, the minor one as well.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let number = |name: &str| env::var(name).unwrap_or_default();
    let abi = match number("CARGO_PKG_VERSION_MAJOR").as_str() {
        "0" => format!("0.{}", number("CARGO_PKG_VERSION_MINOR")),
        major => major.to_owned(),
    };
    let system = number("CARGO_CFG_TARGET_OS");
    if ["linux", "freebsd", "netbsd", "openbsd", "android"].contains(&system.as_str()) {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libmailseal.so.{abi}");
    }
}
