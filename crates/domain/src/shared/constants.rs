//! Limits that belong to the program and not to a bank: lengths, page sizes, waiting times. What a
//! bank may change is a dated row of the table `parameter`, never a constant here.

/// The longest text a single field takes, in characters.
pub const LONGEST_TEXT_CHARS: usize = 200;
/// The longest name part, in characters.
pub const LONGEST_NAME_CHARS: usize = 60;
/// The longest reason or question an approver writes, in characters.
pub const LONGEST_NOTE_CHARS: usize = 500;
/// The longest password accepted, in characters; hashing longer ones only costs time.
pub const LONGEST_PASSWORD_CHARS: usize = 128;
/// The shortest password accepted, in characters.
pub const SHORTEST_PASSWORD_CHARS: usize = 12;
/// The longest idempotency key, in characters.
pub const LONGEST_KEY_CHARS: usize = 64;
/// Rows on one page of a list.
pub const PAGE_ROWS: u16 = 25;
/// Wrong passwords in a row before an account is locked.
pub const LOCKOUT_AFTER: i32 = 5;
/// How long a locked account stays locked, in minutes.
pub const LOCKOUT_MINUTES: i32 = 15;
/// How long a temporary password is good, in hours.
pub const TEMPORARY_PASSWORD_HOURS: i64 = 72;
/// How long a session lives without an act of its person, in minutes.
pub const SESSION_IDLE_MINUTES: i64 = 15;
/// How long a session lives at most, in hours.
pub const SESSION_HOURS: i64 = 12;
/// The bank's time zone.
pub const TIME_ZONE: &str = "Africa/Nairobi";
/// Offset of the bank's time zone from UTC, in hours. Kenya has no daylight saving time.
pub const TIME_ZONE_HOURS: i8 = 3;
