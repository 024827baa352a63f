//! Figures that nobody should have to read.

use std::collections::BTreeSet;

/// Runs of five digits or more that are neither part of an account number, nor known (a customer's number, or that of
/// a document), nor joined to letters (a reference, a PIN). An amount has separators.
pub fn bare_figures(words: &str, known: &BTreeSet<String>) -> Vec<String> {
    let letters: Vec<char> = words.chars().collect();
    let mut bare = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let length = letters[at..].iter().take_while(|letter| letter.is_ascii_digit()).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let figures: String = letters[at..at + length].iter().collect();
        let before: String = letters[at.saturating_sub(7)..at].iter().collect();
        let after: String = letters[at + length..].iter().take(3).collect();
        let joined = before.ends_with(|letter: char| letter.is_alphabetic() || matches!(letter, '-' | '•'));
        let known = known.contains(&figures);
        let account = length == 7 && is_head(&before) && is_tail(&after);
        if length >= 5 && !joined && !known && !account {
            bare.push(figures);
        }
        at += length;
    }
    bare
}

/// `001 50 `: branch and product of an account number as it is shown.
fn is_head(text: &str) -> bool {
    let shape: String =
        text.chars().map(|letter| if letter.is_ascii_digit() { '9' } else { letter }).collect();
    shape == "999 99 "
}

/// ` 34`: its check figures.
fn is_tail(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next() == Some(' ')
        && letters.clone().count() == 2
        && letters.all(|letter| letter.is_ascii_digit())
}
