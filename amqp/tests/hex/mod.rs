//! Bytes as people write them.
#![expect(clippy::unwrap_used, reason = "what is misspelt ends the test")]

/// The bytes that `text` spells in hexadecimal; spaces are for the eye.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).unwrap())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

/// A described list8 in hexadecimal, its size filled in.
pub(crate) fn composite(descriptor: u8, count: u8, fields: &str) -> String {
    format!("00 53 {descriptor:02x} {}", compound(0xc0, count, fields))
}

/// A list8 or map8 in hexadecimal, its size filled in.
pub(crate) fn compound(constructor: u8, count: u8, elements: &str) -> String {
    let size = hex(elements).len() + 1;
    format!("{constructor:02x} {size:02x} {count:02x} {elements}")
}
