//! Stories on a real Postgres: one binary, a private database for each test, the invariants of the
//! books after each.

mod administration;
mod approvals;
mod before;
mod bypasses;
mod cancellation;
mod customers;
mod idempotency;
mod journals;
mod ledger;
mod loan_requests;
mod loans;
mod outbox;
mod people;
mod row_security;
mod support;
mod verification;
