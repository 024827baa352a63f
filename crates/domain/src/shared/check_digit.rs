//! Check digits: Damm for numbers of customers, requests and receipts; ISO 7064 mod 97-10 for
//! account numbers.

/// The quasigroup of order 10 from H. Michael Damm, *Total anti-symmetrische Quasigruppen* (2004).
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The Damm check digit of a string of decimal digits; `None` when a character is not a digit.
/// It catches every single wrong digit and every swap of two neighbours.
pub fn damm(digits: &str) -> Option<u8> {
    digits.bytes().try_fold(0_u8, |interim, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        DAMM.get(usize::from(interim))?.get(usize::from(digit)).copied()
    })
}

/// Whether a string of digits that ends in its Damm digit is whole.
pub fn damm_holds(digits: &str) -> bool {
    digits.len() > 1 && damm(digits) == Some(0)
}

/// The remainder of a string of decimal digits by 97; `None` when a character is not a digit.
fn remainder_97(digits: &str) -> Option<u32> {
    digits.bytes().try_fold(0_u32, |remainder, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some((remainder * 10 + u32::from(digit)) % 97)
    })
}

/// The two check digits of ISO 7064 mod 97-10 for a body of digits: the number that makes the whole
/// leave 1 when divided by 97.
pub fn mod97(body: &str) -> Option<u32> {
    let remainder = remainder_97(&format!("{body}00"))?;
    Some(98 - remainder)
}

/// Whether digits that end in their two mod 97-10 check digits are whole.
pub fn mod97_holds(digits: &str) -> bool {
    digits.len() > 2 && remainder_97(digits) == Some(1)
}

/// What most likely happened to a mistyped number, from the corrections that would make it whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikelySlip {
    /// Two neighbouring digits were swapped.
    Transposition,
    /// One digit is wrong.
    SingleDigit,
    /// No single slip explains it.
    Unknown,
}

/// Guesses the slip in `digits`, which `holds` refuses: swaps of neighbours are tried before single
/// digits because they are what a hurried hand does to a number it reads aloud.
pub fn likely_slip(digits: &str, holds: impl Fn(&str) -> bool) -> LikelySlip {
    let original: Vec<u8> = digits.bytes().collect();
    let whole = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(&holds);
    for at in 1..original.len() {
        let mut swapped = original.clone();
        swapped.swap(at - 1, at);
        if swapped != original && whole(&swapped) {
            return LikelySlip::Transposition;
        }
    }
    for at in 0..original.len() {
        for digit in b'0'..=b'9' {
            let mut changed = original.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte = digit;
            }
            if changed != original && whole(&changed) {
                return LikelySlip::SingleDigit;
            }
        }
    }
    LikelySlip::Unknown
}
