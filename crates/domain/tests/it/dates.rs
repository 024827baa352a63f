use jiff::civil::{Date, date};
use proptest::prelude::*;
use tawi_domain::shared::dates::{
    DateError, completed_years, format_date, parse_date, typed_date, years_later,
};

proptest! {
    #[test]
    fn a_typed_date_reads_back(days in 0_i32..80_000) {
        let day = date(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        prop_assert_eq!(parse_date(&typed_date(day)).unwrap(), day);
        prop_assert_eq!(parse_date(&day.to_string()).unwrap(), day);
    }

    #[test]
    fn no_text_makes_a_date_panic(text in "\\PC{0,30}") {
        let _ = parse_date(&text);
    }
}

#[test]
fn dates_are_forgiving_in_form_and_strict_in_content() {
    let born: Date = date(1984, 9, 8);
    for typed in ["08/09/1984", "8/9/1984", "8.9.1984", "8-9-1984", "8 9 1984", "08091984", "1984-09-08"] {
        assert_eq!(parse_date(typed), Ok(born), "{typed}");
    }
    assert_eq!(parse_date("31/02/1984").unwrap_err().to_string(), "February 1984 has 29 days");
    assert_eq!(parse_date("31/04/2025").unwrap_err().to_string(), "April 2025 has 30 days");
    assert_eq!(parse_date("01/13/1984"), Err(DateError::Month(13)));
    assert_eq!(parse_date("8/9/84"), Err(DateError::ShortYear));
    for text in ["", "tomorrow", "8/9", "08/09/19844", "١/٢/١٩٨٤", "8/9/0000"] {
        assert!(parse_date(text).is_err(), "{text}");
    }
    assert_eq!(format_date(born), "8 Sep 1984");
}

#[test]
fn birthdays_on_the_29th_of_february_fall_on_the_1st_of_march() {
    let born = date(2004, 2, 29);
    assert_eq!(completed_years(born, date(2026, 2, 28)), 21);
    assert_eq!(completed_years(born, date(2026, 3, 1)), 22);
    assert_eq!(years_later(date(2024, 2, 29), 1), date(2025, 2, 28));
}

proptest! {
    /// The calendar written out agrees with the one of the library.
    #[test]
    fn months_and_days_are_the_calendars(days in 0_i64..200_000, months in 0_u16..1300, gap in -100_000_i64..100_000) {
        let start = jiff::civil::date(1900, 1, 1);
        let date = start.checked_add(jiff::Span::new().days(days)).unwrap();
        let later = date.checked_add(jiff::Span::new().months(i32::from(months))).unwrap();
        prop_assert_eq!(tawi_domain::shared::dates::months_later(date, months), Some(later));
        let other = date.checked_add(jiff::Span::new().days(gap)).unwrap();
        prop_assert_eq!(tawi_domain::shared::dates::days_between(date, other), gap);
    }
}
