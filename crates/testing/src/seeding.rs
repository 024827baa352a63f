//! Every event that can happen to a loan, booked once, each on a loan of its own.

use crate::lending::{MANAGER, OFFICER, application, borrower, disbursement};
use crate::{Fallible, agreed, caller, command, key};
use jiff::civil::Date;
use rust_decimal::Decimal;
use tawi_bank::Bank;
use tawi_bank::credit_ops::{loan_seeding, repayment_tracking};
use tawi_domain::credit_ops::loan::LoanView;
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::credit_ops::schedule::{
    ChargeAmount, ChargeClass, DueInterest, Frequency, LoanEvent, PenaltyTerms, days_after,
};
use tawi_domain::shared::ids::{AccountNumber, BranchNumber};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::rate::Rate;

/// The product of the demonstration whose terms use most of what there is: fees with each instalment, penalties, a
/// calendar, a tolerance, overpayments that are kept.
pub const PRODUCT: &str = "KILIMO";

/// A loan of 50,000 over 12 months of that product, paid out today.
pub async fn paid_out(bank: &Bank, nth: u32) -> Fallible<AccountNumber> {
    let who = borrower(bank, nth).await?;
    let form = LoanApplicationForm { product: PRODUCT.into(), ..application(&who, "50,000", "12") };
    let loan = agreed(bank, OFFICER, MANAGER, &command(&form)?, &format!("kilimo-{nth}")).await?.parse()?;
    agreed(bank, OFFICER, MANAGER, &command(&disbursement(&loan))?, &format!("kilimo-out-{nth}")).await?;
    Ok(loan)
}

fn kes(shillings: i64) -> Fallible<Money> {
    Ok(Money::new(Decimal::from(shillings), Currency::Kes)?)
}

/// What is booked on a loan, one after the other, so that an event of a kind happens to it on a day.
pub fn leading_to(kind: &str, loan: &LoanView) -> Fallible<Vec<LoanEvent>> {
    let on = loan.as_of;
    let later = |days: i64| days_after(on, days).ok_or("no such day");
    let next = loan.state.rows.iter().map(|row| row.due).find(|due| *due > on).ok_or("nothing to come")?;
    let after_next = |days: i64| days_after(next, days).ok_or("no such day");
    let rate = Rate::parse("15")?;
    let paid = |shillings| {
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(LoanEvent::Repaid { on, amount: kes(shillings)? })
    };
    let number = |nth: usize| u32::try_from(loan.events.len() + nth);
    let frequency = Frequency::MONTHLY;
    Ok(match kind {
        // Its own operation.
        "disbursed" => Vec::new(),
        "topped_up" => vec![LoanEvent::ToppedUp { on, amount: kes(10_000)? }],
        "repaid" => vec![paid(7_000)?],
        "paid_off" => vec![LoanEvent::paid_off(on)],
        "refunded" => vec![paid(60_000)?, LoanEvent::Refunded { on, amount: kes(1_000)? }],
        "reversed" => vec![paid(5_000)?, LoanEvent::Reversed { on, event: number(1)? }],
        "charged" => {
            vec![LoanEvent::Charged {
                on,
                due: on,
                class: ChargeClass::Fee,
                amount: kes(500)?,
                tax: Some(kes(100)?),
            }]
        }
        "waived" => vec![LoanEvent::Waived { on, amount: kes(900)? }],
        "rate_changed" => vec![LoanEvent::RateChanged { on, from: later(-20)?, rate }],
        "rate_changed_from_instalment" => vec![LoanEvent::RateChangedFromInstalment { on, due: next, rate }],
        "interest_paused" => vec![LoanEvent::InterestPaused { on, from: later(-8)?, to: later(8)? }],
        "due_date_moved" => vec![LoanEvent::DueDateMoved { on, from: next, to: after_next(5)? }],
        "holiday_declared" => vec![LoanEvent::HolidayDeclared { on, holiday: next }],
        "extended" => {
            vec![LoanEvent::Extended { on, due: next, further: 2, without_principal: 1, without_interest: 1 }]
        }
        "capitalised" => vec![LoanEvent::Capitalised { on }],
        "re_amortised" => vec![LoanEvent::ReAmortised { on, interest: DueInterest::EqualSplit }],
        "re_aged" => vec![LoanEvent::ReAged {
            on,
            first_due: later(30)?,
            frequency,
            instalments: 14,
            interest: DueInterest::EqualPayable,
        }],
        "restructured" => vec![LoanEvent::Restructured {
            on,
            first_due: later(30)?,
            rate,
            frequency,
            instalments: 18,
            penalty: Some(PenaltyTerms {
                amount: ChargeAmount::Flat(kes(200)?),
                grace_days: 10,
                every_days: 0,
            }),
        }],
        "accelerated" => vec![LoanEvent::Accelerated { on }],
        "charged_off" => vec![LoanEvent::ChargedOff { on }],
        "written_off" => vec![LoanEvent::WrittenOff { on }],
        "given_up" => {
            // All but a shilling of what was called in.
            let owed = loan.state.owed.total() + loan.state.books.interest_accrued;
            let amount = Money::new(Decimal::new(owed - 100, 2), Currency::Kes)?;
            vec![LoanEvent::Accelerated { on }, LoanEvent::Repaid { on, amount }, LoanEvent::GivenUp { on }]
        }
        "recovered" => vec![LoanEvent::WrittenOff { on }, LoanEvent::Recovered { on, amount: kes(3_000)? }],
        other => return Err(format!("nothing leads to {other}").into()),
    })
}

/// Books every event there is, each on the loan that is its turn among those of the product.
pub async fn every_event(bank: &Bank) -> Fallible<()> {
    let numbers: Vec<String> =
        sqlx::query_scalar("select number from loan where product = $1 order by number")
            .bind(PRODUCT)
            .fetch_all(bank.owner())
            .await?;
    for (kind, number) in LoanEvent::KINDS.into_iter().zip(numbers) {
        let loan: AccountNumber = number.parse()?;
        let seen = repayment_tracking::view(bank, &caller(OFFICER)?, &loan).await?;
        for (nth, event) in leading_to(kind, &seen)?.into_iter().enumerate() {
            seed(bank, &loan, event, &format!("{kind}-{nth}")).await?;
        }
    }
    Ok(())
}

/// Books an event on a loan of the head office.
pub async fn seed(bank: &Bank, loan: &AccountNumber, event: LoanEvent, name: &str) -> Fallible<()> {
    loan_seeding::seed(bank, BranchNumber::try_from(1)?, loan, event, key(name)?).await?;
    Ok(())
}

/// A loan of its own for every event, paid out today.
pub async fn a_loan_for_every_event(bank: &Bank, first: u32) -> Fallible<()> {
    for (nth, _) in (first..).zip(LoanEvent::KINDS) {
        paid_out(bank, nth).await?;
    }
    Ok(())
}

/// The day after which every loan of [`a_loan_for_every_event`] has an instalment that is late.
pub fn when_something_is_late(lent: Date) -> Fallible<Date> {
    Ok(days_after(lent, 66).ok_or("no such day")?)
}
