//! Dates as officers type and read them, and as they travel.

use jiff::civil::Date;

/// Why a text is not a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Nothing was typed.
    #[error("Enter a date, for example 08/09/1984")]
    Empty,
    /// Not day, month and year in figures.
    #[error("Write the date as day, month and year in figures, for example 08/09/1984")]
    Shape,
    /// The year was not given with four figures.
    #[error("Write the year with four figures, for example 1984")]
    ShortYear,
    /// No such month.
    #[error("There is no month {0}: months run from 1 to 12")]
    Month(u32),
    /// The month is shorter.
    #[error("{month} {year} has {days} days")]
    Day {
        /// Name of the month.
        month: &'static str,
        /// The year as typed.
        year: i16,
        /// Days in that month.
        days: i8,
    },
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month_name(month: i8, names: [&'static str; 12]) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|at| names.get(at).copied()).unwrap_or("")
}

/// Reads day, month and year in that order, parted by anything that is not a digit, or eight digits
/// in a row. A year written first (`1984-09-08`) is understood too: dates travel and are stored so.
pub fn parse_date(text: &str) -> Result<Date, DateError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DateError::Empty);
    }
    if text.chars().any(|c| !(c.is_ascii_digit() || matches!(c, '/' | '-' | '.' | ' '))) {
        return Err(DateError::Shape);
    }
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (day, month, year) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => (*day, *month, *year),
        [day, month, year] => (*day, *month, *year),
        [all] if all.len() == 8 => (&all[..2], &all[2..4], &all[4..]),
        _ => return Err(DateError::Shape),
    };
    if day.len() > 2 || month.len() > 2 || year.len() > 4 {
        return Err(DateError::Shape);
    }
    if year.len() < 4 {
        return Err(DateError::ShortYear);
    }
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| DateError::Shape);
    let month_number = number(month)?;
    let month = i8::try_from(month_number)
        .ok()
        .filter(|month| (1..=12).contains(month))
        .ok_or(DateError::Month(month_number))?;
    let year = year.parse::<i16>().ok().filter(|year| *year > 0).ok_or(DateError::Shape)?;
    let day = i8::try_from(number(day)?).map_err(|_| DateError::Shape)?;
    Date::new(year, month, day).map_err(|_| DateError::Day {
        month: month_name(month, MONTHS),
        year,
        days: Date::new(year, month, 1).map_or(31, |first| first.days_in_month()),
    })
}

/// `08/09/1984`: the form in which a date is typed.
pub fn typed_date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// `1984-09-08`: the form in which a date travels and is stored (ISO 8601). Written out because the printer of
/// `jiff` would weigh on the browser's code.
pub fn iso_date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// `8 Sep 1984`: the form in which a date is read.
pub fn format_date(date: Date) -> String {
    format!("{} {} {}", date.day(), month_name(date.month(), MONTHS_SHORT), date.year())
}

/// `Thu 26 Mar 2026`: a date with its weekday, for the frame.
pub fn format_date_with_weekday(date: Date) -> String {
    let weekday = match date.weekday() {
        jiff::civil::Weekday::Monday => "Mon",
        jiff::civil::Weekday::Tuesday => "Tue",
        jiff::civil::Weekday::Wednesday => "Wed",
        jiff::civil::Weekday::Thursday => "Thu",
        jiff::civil::Weekday::Friday => "Fri",
        jiff::civil::Weekday::Saturday => "Sat",
        jiff::civil::Weekday::Sunday => "Sun",
    };
    format!("{weekday} {}", format_date(date))
}

/// Completed years between two dates; somebody born on 29 February has a birthday on 1 March in
/// common years.
pub fn completed_years(born: Date, on: Date) -> i16 {
    let years = on.year() - born.year();
    if (on.month(), on.day()) < (born.month(), born.day()) { years - 1 } else { years }
}

/// The same day some years later, on 28 February where 29 February does not exist.
pub fn years_later(date: Date, years: i16) -> Date {
    let year = date.year().saturating_add(years);
    Date::new(year, date.month(), date.day())
        .or_else(|_| Date::new(year, date.month(), 28))
        .unwrap_or(Date::MAX)
}

/// The same day some months later, or that month's last day where it is shorter; none past the calendar.
/// Written out because the calendar arithmetic of `jiff` would be a good part of the browser's code.
pub fn months_later(date: Date, months: u16) -> Option<Date> {
    let since = i32::from(date.year()) * 12 + i32::from(date.month()) - 1 + i32::from(months);
    let year = i16::try_from(since / 12).ok()?;
    let month = i8::try_from(since % 12 + 1).ok()?;
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, date.day().min(first.days_in_month())).ok()
}

/// Days from one date to another; below zero when the second is the earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    day_number(to) - day_number(from)
}

/// Days since 1 March of the year 0, counted by the rule of the Gregorian calendar: years that begin in
/// March end with the leap day.
fn day_number(date: Date) -> i64 {
    let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1
}

/// `22 Nov 2026, 10:06`: a moment as a clock in the branch shows it.
pub fn format_moment(moment: jiff::Timestamp) -> String {
    let local = local(moment);
    format!("{}, {:02}:{:02}", format_date(local.date()), local.hour(), local.minute())
}

/// `10:06` on the given day, `22 Nov` on another.
pub fn format_moment_short(moment: jiff::Timestamp, today: Date) -> String {
    let local = local(moment);
    if local.date() == today {
        format!("{:02}:{:02}", local.hour(), local.minute())
    } else {
        format!("{} {}", local.day(), month_name(local.month(), MONTHS_SHORT))
    }
}

/// A moment on the branch's wall clock.
pub fn local(moment: jiff::Timestamp) -> jiff::civil::DateTime {
    jiff::tz::Offset::constant(super::constants::TIME_ZONE_HOURS).to_datetime(moment)
}

/// How a date travels: as ISO. The full parser of `jiff` would be a tenth of the browser's code; what versions
/// before wrote, `08/09/1984`, reads back as well.
pub mod day {
    use super::{iso_date, parse_date};
    use jiff::civil::Date;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes `1984-09-08`.
    pub fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&iso_date(*date))
    }

    /// Reads it back.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        parse_date(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// How a moment travels: microseconds since 1970, which is what the database keeps.
pub mod moment {
    use jiff::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the microseconds.
    pub fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(moment.as_microsecond())
    }

    /// Reads them back.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let microseconds = i64::deserialize(deserializer)?;
        Timestamp::from_microsecond(microseconds).map_err(|_| D::Error::custom("a moment out of range"))
    }
}

/// Like [`moment`], where there may be none.
pub mod optional_moment {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Moment(#[serde(with = "super::moment")] Timestamp);

    /// Writes the microseconds or nothing.
    pub fn serialize<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        moment.map(Moment).serialize(serializer)
    }

    /// Reads them back.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Moment>::deserialize(deserializer)?.map(|Moment(moment)| moment))
    }
}

/// Like [`day`], where there may be none.
pub mod optional_day {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Day(#[serde(with = "super::day")] Date);

    /// Writes `1984-09-08` or nothing.
    pub fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        date.map(Day).serialize(serializer)
    }

    /// Reads it back.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        Ok(Option::<Day>::deserialize(deserializer)?.map(|Day(date)| date))
    }
}

/// How a list of dates travels.
pub mod days {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Day(#[serde(with = "super::day")] Date);

    /// Writes `1984-09-08` for each.
    pub fn serialize<S: Serializer>(dates: &[Date], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(dates.iter().copied().map(Day))
    }

    /// Reads them back.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Date>, D::Error> {
        Ok(Vec::<Day>::deserialize(deserializer)?.into_iter().map(|Day(date)| date).collect())
    }
}
