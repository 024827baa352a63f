//! The loan engine: a loan is terms plus events, and [`fold`] tells everything that is known about it on a
//! day. Pure and deterministic, without a clock: the same call draws the schedule as an officer types, is
//! what the ledger books, and runs in the end of day. Every rule that moves a cent is a named choice of the
//! [`LoanTerms`]; amounts inside are whole minor units, fractions exact, annuities of 38 digits.

mod allocation;
mod amount;
mod annual_rate;
mod booking;
mod books;
mod charge;
mod comparison;
mod dates;
mod day_count;
pub mod delinquency;
mod error;
mod event;
mod explain;
mod export;
pub mod financial;
mod fold;
mod form;
mod fraction;
mod history;
mod plan;
mod quote;
mod real;
mod rounding;
mod state;
mod stored;
mod terms;

pub use allocation::*;
pub use annual_rate::*;
pub use booking::{as_booked, fits_on, may_be_booked};
pub use books::LoanBooks;
pub use charge::*;
pub use comparison::{Comparison, CostOfLoan, compare, cost_of};
pub use dates::*;
pub use day_count::{DayCount, Span};
pub use error::*;
pub use event::{DueInterest, LoanEvent};
pub use explain::{Explanation, Segment, Step, explain};
pub use fold::{fold, level_instalment};
pub use form::TermsForm;
pub use fraction::Fraction;
pub use history::{Told, history, history_csv};
pub use plan::{PlanRow, plan};
pub use quote::{PayOffQuote, QuotedDay, pay_off_quote};
pub use real::{Real, written};
pub use rounding::Rounding;
pub use state::*;
pub use stored::{StoredFault, event_to_store, stored_event, stored_terms, terms_to_store};
pub use terms::*;
