//! Applying for a loan: the form, and the rules that decide whether it may be lent.

use super::loan_setup::{ChosenTerms, LoanProduct, RepaymentFrequency};
use crate::shared::dates::{completed_years, format_date, months_later};
use crate::shared::field::{decimal, figures, form, line, offered, radio};
use crate::shared::form::FieldErrors;
use crate::shared::ids::{AccountNumber, CustomerNumber, IdError};
use crate::shared::money::Money;
use crate::shared::rate::Rate;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

form! {
    /// What the page sends, as typed.
    pub struct LoanApplicationForm for LoanApplication, Answers;
    /// An application that can be examined.
    pub struct NewLoanApplication {
        /// The borrower.
        customer: CustomerNumber = figures("Customer").hint("CIF number, eight figures");
        /// Code of the product.
        product: String = offered("Product") => |typed: &str| chosen_code(typed, "Choose a loan product");
        /// The amount.
        amount: Money = decimal("Amount").hint("KES");
        /// The term in months.
        months: u16 = figures("Months").hint("From first to last instalment") => parse_months;
        /// Percent a year; the product's own when none is asked for.
        rate: Option<Rate> = decimal("Rate").hint("Percent a year; empty for the product's own").optional()
            => parse_rate;
        /// How often it is paid.
        frequency: RepaymentFrequency = radio::<RepaymentFrequency>("Paid") => parse_frequency;
        /// The account it is paid out to and repaid from.
        account: AccountNumber = offered("Paid out to").hint("The customer's accounts appear here")
            => parse_account;
        /// What the money is for.
        purpose: String = line("Purpose").wanted("what the money is for").wide();
    }
}

/// Reads the code of a choice that only the page knows.
fn chosen_code(typed: &str, wanted: &str) -> Result<String, String> {
    match typed.trim() {
        "" => Err(wanted.to_owned()),
        code => Ok(code.to_owned()),
    }
}

/// Reads the account a loan is paid out to.
fn parse_account(typed: &str) -> Result<AccountNumber, String> {
    match typed.trim() {
        "" => Err("Choose the account the loan is paid out to".to_owned()),
        typed => typed.parse().map_err(|fault: IdError| fault.to_string()),
    }
}

/// Reads a number of months.
pub fn parse_months(typed: &str) -> Result<u16, &'static str> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("Enter the term in months");
    }
    typed.parse().map_err(|_| "Write the months in figures, for example 12")
}

/// Reads a rate; nothing typed is the product's own.
pub fn parse_rate(typed: &str) -> Result<Option<Rate>, String> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    Rate::parse(typed).map(Some).map_err(|fault| fault.to_string())
}

/// Reads how often a loan is paid; nothing chosen is monthly.
pub fn parse_frequency(typed: &str) -> Result<RepaymentFrequency, &'static str> {
    match typed.trim() {
        "" => Ok(RepaymentFrequency::Monthly),
        code => RepaymentFrequency::from_code(code).ok_or("Choose how often the loan is paid"),
    }
}

impl NewLoanApplication {
    /// What it chooses within the product.
    pub fn chosen(&self) -> ChosenTerms {
        ChosenTerms { amount: self.amount, months: self.months, rate: self.rate, frequency: self.frequency }
    }

    /// Whether amount and term lie within what the product offers.
    pub fn fits(&self, product: &LoanProduct) -> Result<(), FieldErrors> {
        let mut faults = FieldErrors::default();
        if !product.offered {
            faults.add("product", format!("{} is no longer offered: choose another product", product.name));
        }
        if self.amount.amount() < product.least.amount() || self.amount.amount() > product.most.amount() {
            let range = format!("{} to {}", product.least, product.most.figures());
            faults.add("amount", format!("{} is lent from {range}", product.name));
        }
        if self.months < product.shortest_months || self.months > product.longest_months {
            let range = format!("{} to {}", product.shortest_months, product.longest_months);
            faults.add("months", format!("{} runs {range} months", product.name));
        }
        let (lowest, highest) = product.rates();
        if self.rate.is_some_and(|rate| rate < lowest || rate > highest) {
            let range = if lowest == highest {
                format!("{} is lent at {lowest} a year: leave the rate empty", product.name)
            } else {
                format!("{} is lent at {} to {highest} a year", product.name, lowest.percent())
            };
            faults.add("rate", range);
        }
        if !product.frequencies.contains(&self.frequency) {
            let offered: Vec<_> = product.frequencies.iter().map(|one| one.title().to_lowercase()).collect();
            faults.add("frequency", format!("{} is paid {}", product.name, offered.join(" or ")));
        }
        if self.frequency == RepaymentFrequency::Quarterly && !self.months.is_multiple_of(3) {
            faults
                .add("months", "Quarterly instalments need a term of whole quarters, for example 12 months");
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// What the bank knows of a borrower when the rules are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borrower {
    /// Date of birth.
    pub born: Date,
    /// When the file is due for review.
    pub review_due: Date,
    /// Whether the customer is blocked.
    pub blocked: bool,
    /// Principal owed on loans, and approved but not yet paid out.
    pub exposure: Money,
    /// What is late on all loans together.
    pub arrears: Money,
}

/// One rule and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule, as a noun: `Know your customer`.
    pub rule: String,
    /// What it looked at.
    pub evidence: String,
    /// Whether it is met.
    pub met: bool,
}

/// Asks every rule. A loan may be made when all are met.
pub fn eligibility(
    product: &LoanProduct,
    application: &NewLoanApplication,
    borrower: &Borrower,
    today: Date,
) -> Vec<Finding> {
    let finding = |rule: &str, met: bool, evidence: String| Finding { rule: rule.to_owned(), evidence, met };
    let end = months_later(today, application.months).unwrap_or(Date::MAX);
    let age_at_end = completed_years(borrower.born, end);
    let exposure = borrower.exposure.plus(application.amount);
    vec![
        finding(
            "Customer in good standing",
            !borrower.blocked,
            if borrower.blocked { "The customer is blocked" } else { "No block on the customer" }.to_owned(),
        ),
        finding(
            "Know your customer",
            borrower.review_due >= today,
            if borrower.review_due >= today {
                format!("The file is good until {}", format_date(borrower.review_due))
            } else {
                format!("The file was due for review on {}", format_date(borrower.review_due))
            },
        ),
        finding(
            "Age",
            completed_years(borrower.born, today) >= 18 && age_at_end <= product.oldest_at_end_years,
            format!("{age_at_end} at the last instalment, {} at most", product.oldest_at_end_years),
        ),
        finding(
            "No arrears",
            borrower.arrears.amount().is_zero(),
            if borrower.arrears.amount().is_zero() {
                "Nothing is late".to_owned()
            } else {
                format!("{} is late", borrower.arrears)
            },
        ),
        finding(
            "Exposure",
            exposure.is_ok_and(|sum| sum.amount() <= product.most_exposure.amount()),
            match exposure {
                Ok(sum) => {
                    format!("{sum} on all loans with this one, {} at most", product.most_exposure.figures())
                }
                Err(error) => error.to_string(),
            },
        ),
    ]
}

/// The rules that are not met, in one refusal; none when all are.
pub fn refusal(findings: &[Finding]) -> Result<(), FieldErrors> {
    let failed: Vec<String> = findings
        .iter()
        .filter(|finding| !finding.met)
        .map(|finding| format!("{}: {}", finding.rule, finding.evidence))
        .collect();
    if failed.is_empty() { Ok(()) } else { Err(FieldErrors::form(failed.join(". "))) }
}
