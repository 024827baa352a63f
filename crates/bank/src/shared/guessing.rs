//! Whether a new password is hard to guess. What is left of it when everything is taken out that somebody who knows the
//! bank and the person tries first is held against the commonest passwords and words.

use tawi_domain::shared::constants::{LONGEST_PASSWORD_CHARS, SHORTEST_PASSWORD_CHARS};
use tawi_domain::shared::permissions::Role;
use zxcvbn::{Score, zxcvbn};

/// What somebody is told whose new password is easily guessed.
pub const EASILY_GUESSED: &str = "This password is easily guessed. Several words that have nothing to do with each other, the bank or you are good";

/// Words that whoever guesses at this bank tries first, beside the titles of its roles.
const NEAR_AT_HAND: &[&str] = &[
    "wekeza",
    "tawi",
    "bank",
    "benki",
    "branch",
    "portal",
    "demo",
    "karibu",
    "welcome",
    "password",
    "passw",
    "secret",
    "admin",
    "login",
    "letmein",
    "nairobi",
    "mombasa",
    "kisumu",
    "nakuru",
    "eldoret",
    "thika",
    "kenya",
    "kenyan",
    "harambee",
    "hakuna",
    "matata",
    "safaricom",
    "mpesa",
    "mungu",
    "yesu",
    "jesus",
    "saviour",
    "manchester",
    "united",
    "arsenal",
    "chelsea",
    "liverpool",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// What fingers and children run along.
const RUNS: &[&str] = &["qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"];
/// Letters of a run that are one.
const OF_A_RUN: usize = 4;
/// The shortest word that is taken out: shorter ones stand in others.
const OF_A_WORD: usize = 3;
/// Letters that have to be left, and how many different ones.
const LEFT: usize = 8;
const DIFFERENT: usize = 5;
/// Letters of what is left that are looked at: more only make it harder to guess, and longer to look.
const LOOKED_AT: usize = 40;

/// Whether a new password is long enough, not so long that hashing it is an attack, and hard to guess. `own` are the
/// person's staff ID and name.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn acceptable(password: &str, own: &[&str]) -> Result<(), String> {
    long_enough(password)?;
    if is_guessed(password, own) { Err(EASILY_GUESSED.to_owned()) } else { Ok(()) }
}

/// Whether a password is long enough, and not so long that hashing it is an attack.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn long_enough(password: &str) -> Result<(), String> {
    match password.chars().count() {
        length if length < SHORTEST_PASSWORD_CHARS => {
            Err(format!("A password has {SHORTEST_PASSWORD_CHARS} characters or more: this has {length}"))
        }
        length if length > LONGEST_PASSWORD_CHARS => {
            Err(format!("A password has {LONGEST_PASSWORD_CHARS} characters at most"))
        }
        _ => Ok(()),
    }
}

fn is_guessed(password: &str, own: &[&str]) -> bool {
    let mut rest = letters(password);
    let roles = Role::ALL.iter().flat_map(|role| role.title().split_whitespace());
    let own = own.iter().flat_map(|own| own.split(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<String> = NEAR_AT_HAND.iter().copied().chain(roles).chain(own).map(letters).collect();
    words.retain(|word| word.chars().count() >= OF_A_WORD);
    // The longest first: a word that stands in another takes nothing of it away.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in &words {
        let backwards: String = word.chars().rev().collect();
        rest = rest.replace(word.as_str(), "").replace(&backwards, "");
    }
    for run in RUNS {
        let backwards: String = run.chars().rev().collect();
        rest = without_runs(&without_runs(&rest, run), &backwards);
    }
    let rest: String = once(&rest).chars().take(LOOKED_AT).collect();
    let mut different: Vec<char> = rest.chars().collect();
    different.sort_unstable();
    different.dedup();
    // zxcvbn reckons with the commonest passwords, names and words: fewer than a hundred million guesses.
    rest.chars().count() < LEFT || different.len() < DIFFERENT || zxcvbn(&rest, &[]).score() < Score::Three
}

/// The letters of a text, small, with figures and signs read as the letters that people put them for. Figures in a row,
/// and those at the end, are a year, a date or a number, and no letters.
fn letters(text: &str) -> String {
    let lower: Vec<char> = text.to_lowercase().chars().collect();
    let mut letters = String::new();
    let mut at = 0;
    while let Some(c) = lower.get(at) {
        let row = lower.iter().skip(at).take_while(|c| c.is_ascii_digit()).count();
        let ends = !lower.iter().skip(at + row).any(|c| c.is_alphabetic());
        if row >= 3 || (row > 0 && ends) {
            at += row;
            continue;
        }
        let letter = match c {
            '4' | '@' => 'a',
            '8' => 'b',
            '3' => 'e',
            '6' | '9' => 'g',
            '1' | '!' | '|' => 'i',
            '0' => 'o',
            '5' | '$' => 's',
            '7' | '+' => 't',
            '2' => 'z',
            other => *other,
        };
        if letter.is_alphabetic() {
            letters.push(letter);
        }
        at += 1;
    }
    letters
}

/// A text without what runs along a row for four letters or more.
fn without_runs(text: &str, row: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let row: Vec<char> = row.chars().collect();
    let mut left = String::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let start = row.iter().position(|c| c == letter).unwrap_or(row.len());
        let along = letters.iter().skip(at).zip(row.iter().skip(start)).take_while(|(a, b)| a == b).count();
        if along >= OF_A_RUN {
            at += along;
        } else {
            left.push(*letter);
            at += 1;
        }
    }
    left
}

/// What a text repeats, if it is nothing but that over and over; else the text.
fn once(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let part = (1..=letters.len() / 2)
        .find(|length| letters.iter().zip(letters.iter().skip(*length)).all(|(one, next)| one == next));
    letters.into_iter().take(part.unwrap_or(usize::MAX)).collect()
}
