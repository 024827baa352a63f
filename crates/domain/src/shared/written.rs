//! Dates in forms. A form is texts: people type and read a date as day, month and year, while a form that
//! travels or is stored writes it as ISO 8601 does, which sorts and which nobody mistakes for another day.

use super::dates::parse_date;
use super::field::{Control, Field};
use super::operation_form::Form;
use jiff::civil::Date;
use serde_json::Value;

/// A form (JSON) with each date in it written in one way. What cannot be read stays as it was typed: whoever
/// parses the form says what is wrong with it.
pub fn written(mut form: Value, fields: &[Field], write: fn(Date) -> String) -> Value {
    for field in fields.iter().filter(|field| matches!(field.control, Control::Date)) {
        if let Some(Value::String(text)) = form.get_mut(field.name)
            && let Ok(date) = parse_date(text)
        {
            *text = write(date);
        }
    }
    form
}

/// The same for a form that has not been made JSON yet.
pub fn with_dates<F: Form>(form: F, write: fn(Date) -> String) -> F {
    let json = serde_json::to_value(&form).map(|form| written(form, F::FIELDS, write));
    json.and_then(serde_json::from_value).unwrap_or(form)
}
