//! A schedule as a table of plain text, for spreadsheets.

use super::real::written;
use super::state::{LoanState, Minor};

const HEAD: &str = "No,Due,Days,Opening,Principal,Interest,Fees,Tax,Penalties,Instalment,Paid,Balance";

impl LoanState {
    /// The schedule as comma-separated values (RFC 4180): dates ISO, amounts with a point and without
    /// separators.
    pub fn csv(&self) -> String {
        let amount = |units: Minor| written(i128::from(units), self.currency.decimals());
        let mut lines = vec![HEAD.to_owned()];
        lines.extend(self.rows.iter().map(|row| {
            let figures = [
                row.opening,
                row.asked.principal,
                row.asked.interest,
                row.asked.fees,
                row.asked.tax,
                row.asked.penalties,
                row.total(),
                row.paid.total(),
                row.balance,
            ];
            let figures: Vec<String> = figures.into_iter().map(amount).collect();
            format!("{},{},{},{}", row.number, row.due, row.days, figures.join(","))
        }));
        lines.push(String::new());
        lines.join("\r\n")
    }
}
