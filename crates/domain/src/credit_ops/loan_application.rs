//! Applying for a loan: the form, and the rules that decide whether it may be lent.

use super::loan_product::{ChosenTerms, LoanProduct, RepaymentFrequency};
use crate::customer_ops::customer::ADULT_YEARS;
use crate::shared::dates::{completed_years, months_later};
use crate::shared::fact::{Fact, Value};
use crate::shared::field::{decimal, figures, line, offered, radio};
use crate::shared::form::FieldErrors;
use crate::shared::ids::{AccountNumber, CustomerNumber, IdError};
use crate::shared::money::Money;
use crate::shared::operation_form::form;
use crate::shared::rate::Rate;
use crate::shared::topic::{Saying, Topic};
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
    /// The rule and what it looked at.
    pub fact: Fact,
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
    let finding = |rule: Topic, met: bool, evidence: Value| Finding { fact: Fact::new(rule, evidence), met };
    let at_most = |is: Value, most: Value| Value::AtMost { is: Box::new(is), most: Box::new(most) };
    let end = months_later(today, application.months).unwrap_or(Date::MAX);
    let age_at_end = completed_years(borrower.born, end);
    let exposure = borrower.exposure.plus(application.amount);
    vec![
        finding(
            Topic::Standing,
            !borrower.blocked,
            if borrower.blocked { Saying::Blocked } else { Saying::NoBlock }.into(),
        ),
        finding(
            Topic::FileReview,
            borrower.review_due >= today,
            Value::Until { day: borrower.review_due, good: borrower.review_due >= today },
        ),
        finding(
            Topic::AgeAtEnd,
            completed_years(borrower.born, today) >= ADULT_YEARS && age_at_end <= product.oldest_at_end_years,
            at_most(years(age_at_end), years(product.oldest_at_end_years)),
        ),
        finding(Topic::Arrears, borrower.arrears.amount().is_zero(), borrower.arrears.into()),
        finding(
            Topic::Exposure,
            exposure.is_ok_and(|sum| sum.amount() <= product.most_exposure.amount()),
            at_most(
                exposure.map_or_else(|_| Saying::TooLarge.into(), Value::from),
                product.most_exposure.into(),
            ),
        ),
    ]
}

fn years(years: i16) -> Value {
    u16::try_from(years).unwrap_or_default().into()
}
