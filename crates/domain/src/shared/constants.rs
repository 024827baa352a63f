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
/// Tries at the password of one staff ID from one place: a device of theirs, or the address of any other.
pub const TRIES_FROM_A_PLACE: i32 = 5;
/// Tries at the password of one staff ID from everywhere but their own devices.
pub const TRIES_FROM_EVERYWHERE: i64 = 100;
/// For how long tries count, in minutes; a right one from the same place forgets them.
pub const TRIES_COUNT_MINUTES: i32 = 15;
/// How long a device stays known as one that its person has signed in from, in days.
pub const DEVICE_DAYS: i64 = 30;
/// How long notices are kept, in days.
pub const NOTICE_DAYS: i32 = 30;
/// How long a temporary password is good, in hours.
pub const TEMPORARY_PASSWORD_HOURS: i32 = 72;
/// How long a session lives without an act of its person, in minutes.
pub const SESSION_IDLE_MINUTES: i32 = 15;
/// How long a session lives at most, in hours.
pub const SESSION_HOURS: i32 = 12;
/// The bank's time zone.
pub const TIME_ZONE: &str = "Africa/Nairobi";
/// Offset of the bank's time zone from UTC, in hours. Kenya has no daylight saving time.
pub const TIME_ZONE_HOURS: i8 = 3;
