//! Another Rust library in the same program, with a std, a personality and a panic hook of its own.
#[unsafe(no_mangle)]
pub extern "C" fn other_sum(data: *const u8, length: usize) -> u64 {
    // SAFETY: the program gives as many octets as it says.
    let octets = unsafe { std::slice::from_raw_parts(data, length) };
    let caught = std::panic::catch_unwind(|| octets.iter().map(|&octet| u64::from(octet)).sum());
    caught.unwrap_or(0)
}

#[unsafe(no_mangle)]
pub extern "C" fn other_catches() -> bool {
    std::panic::catch_unwind(|| panic!("the other library's")).is_err()
}
