//! Loans: schedule and transactions out of terms and events.

use super::figures::money;
use super::terms::Inputs;
use super::{Fault, Outcome};
use jiff::civil::Date;
use serde_json::{Value, json};
use tawi_domain::credit_ops::schedule as engine;
use tawi_domain::credit_ops::schedule::{Allocation, LoanEvent, LoanState, LoanTerms, Minor, Parts, Row};

pub fn run(inputs: Inputs) -> Outcome {
    let terms = inputs.terms()?;
    let booked = inputs.events()?;
    let as_of = inputs.as_of(&booked);
    let events: Vec<LoanEvent> = booked.iter().map(|(_, event)| *event).collect();
    let state = engine::fold(&terms, &events, as_of)?;
    let write = |units: Minor| money(units, inputs.currency_decimals);
    let disbursements: Vec<Value> = events
        .iter()
        .filter_map(|event| {
            let LoanEvent::Disbursed { on, amount: Some(amount) } = event else { return None };
            let units = engine::minor(*amount).unwrap_or(0);
            Some(json!({ "date": on, "amount": write(units) }))
        })
        .collect();
    let periods: Vec<Value> = state.rows.iter().map(|row| written_row(row, &write)).collect();
    let sum = |part: fn(&Row) -> Minor| write(state.rows.iter().map(part).sum());
    Ok(json!({
        "disbursement_rows": disbursements,
        "periods": periods,
        "totals": {
            "principal_due": write(state.totals.principal),
            "interest": write(state.totals.interest),
            "fees": write(state.totals.fees + state.totals.tax),
            "penalties": write(state.totals.penalties),
            "due": write(state.totals.total()),
            "paid": sum(|row| row.paid.total()),
            "in_advance": sum(|row| row.in_advance),
            "late": sum(|row| row.late),
            "outstanding": sum(Row::unpaid),
        },
        "transactions": transactions(&terms, &booked, &state, &write)?,
    }))
}

fn written_row(row: &Row, write: &impl Fn(Minor) -> String) -> Value {
    let mut written = json!({
        "n": row.number,
        "days": row.days,
        "due_date": row.due,
        "principal": write(row.asked.principal),
        "interest": write(row.asked.interest),
        "fees": write(row.asked.fees + row.asked.tax),
        "penalties": write(row.asked.penalties),
        "total_due": write(row.total()),
        "balance": write(row.balance),
        "paid": write(row.paid.total()),
        "paid_in_advance": write(row.in_advance),
        "paid_late": write(row.late),
        "outstanding": write(row.unpaid()),
    });
    if let (Some(settled), Some(object)) = (row.settled_on, written.as_object_mut()) {
        object.insert("settled_on".into(), json!(settled));
    }
    written
}

/// Money out and in. What a living payment was used for is what the whole life says; the balance after it,
/// and the use of one undone since, are those of the day it was booked.
fn transactions(
    terms: &LoanTerms,
    booked: &[(Date, LoanEvent)],
    state: &LoanState,
    write: &impl Fn(Minor) -> String,
) -> Result<Vec<Value>, Fault> {
    let undone: Vec<u32> = booked
        .iter()
        .filter_map(|(_, event)| {
            let LoanEvent::Reversed { event, .. } = event else { return None };
            Some(*event)
        })
        .collect();
    let mut rows: Vec<(Date, Value)> = Vec::new();
    for (at, (day, event)) in booked.iter().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let until: Vec<LoanEvent> = booked[..=at].iter().map(|(_, event)| *event).collect();
        let mut line = |on: Date, kind: &str, amount: Minor, parts: Parts, balance: Minor, reversed: bool| {
            let mut line = json!({
                "date": on,
                "type": kind,
                "amount": write(amount),
                "principal": write(parts.principal),
                "interest": write(parts.interest),
                "fees": write(parts.fees + parts.tax),
                "penalties": write(parts.penalties),
                "balance": write(balance),
            });
            if let (true, Some(object)) = (reversed, line.as_object_mut()) {
                object.insert("reversed".into(), json!(true));
            }
            rows.push((on, line));
        };
        match event {
            LoanEvent::Disbursed { on, amount: Some(amount) } => {
                let then = engine::fold(terms, &until, *day)?;
                let amount = engine::minor(*amount)?;
                let down = then.allocations.iter().find(|allocation| allocation.event == number);
                let paid_down = down.map_or(0, |allocation| allocation.amount);
                line(*on, "disbursement", amount, Parts::default(), then.owed.principal + paid_down, false);
                if let Some(down) = down {
                    line(*on, "down_payment", down.amount, down.parts(), then.owed.principal, false);
                }
            }
            LoanEvent::Repaid { on, .. } | LoanEvent::PaidOff { on, .. } => {
                let then = engine::fold(terms, &until, *day)?;
                let reversed = undone.contains(&number);
                let found = |state: &LoanState| -> Option<Allocation> {
                    state.allocations.iter().find(|allocation| allocation.event == number).cloned()
                };
                let used = if reversed { found(&then) } else { found(state) };
                let used = used.ok_or_else(|| Fault::Error("a payment without its use".into()))?;
                line(*on, "repayment", used.amount, used.parts(), then.owed.principal, reversed);
            }
            LoanEvent::Disbursed { .. }
            | LoanEvent::ToppedUp { .. }
            | LoanEvent::Refunded { .. }
            | LoanEvent::Reversed { .. }
            | LoanEvent::Charged { .. }
            | LoanEvent::Waived { .. }
            | LoanEvent::RateChanged { .. }
            | LoanEvent::RateChangedFromInstalment { .. }
            | LoanEvent::InterestPaused { .. }
            | LoanEvent::DueDateMoved { .. }
            | LoanEvent::HolidayDeclared { .. }
            | LoanEvent::Extended { .. }
            | LoanEvent::Capitalised { .. }
            | LoanEvent::ReAmortised { .. }
            | LoanEvent::ReAged { .. }
            | LoanEvent::Restructured { .. }
            | LoanEvent::Accelerated { .. }
            | LoanEvent::ChargedOff { .. }
            | LoanEvent::WrittenOff { .. }
            | LoanEvent::GivenUp { .. }
            | LoanEvent::Recovered { .. } => {}
        }
    }
    rows.sort_by_key(|(day, _)| *day);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}
