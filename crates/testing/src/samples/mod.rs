//! A sample of every operation: what tests must know to try it without knowing it. Doors, bypasses, races,
//! idempotency and journals go through all of them.
//!
//! A sample is a file of the operation's stem. An operation without one does not compile: the list below has
//! a line for each. Cargo does not see that a file is new until another one changes: that line is one.

automod::dir!("src/samples");

use crate::sample::{Deed, Sample};
use tawi_domain::shared::permissions::{Approval, Operation};

/// The sample of an operation.
pub fn sample(operation: Operation) -> Sample {
    match operation {
        Operation::SignIn => sign_in::SAMPLE,
        Operation::Sessions => sessions::SAMPLE,
        Operation::Approvals => approvals::SAMPLE,
        Operation::Notices => notices::SAMPLE,
        Operation::Requests => requests::SAMPLE,
        Operation::CifCreate => cif_create::SAMPLE,
        Operation::Enquiries => enquiries::SAMPLE,
        Operation::AccountOpening => account_opening::SAMPLE,
        Operation::LoanSetup => loan_setup::SAMPLE,
        Operation::LoanApplication => loan_application::SAMPLE,
        Operation::Disbursement => disbursement::SAMPLE,
        Operation::RepaymentTracking => repayment_tracking::SAMPLE,
        Operation::Repayment => repayment::SAMPLE,
        Operation::LoanSeeding => loan_seeding::SAMPLE,
        Operation::GeneralJournal => general_journal::SAMPLE,
        Operation::StaffAdministration => staff_administration::SAMPLE,
        Operation::BranchSetup => branch_setup::SAMPLE,
        Operation::Holidays => holidays::SAMPLE,
        Operation::Parameters => parameters::SAMPLE,
        Operation::BusinessDate => business_date::SAMPLE,
        Operation::Adopt => adopt::SAMPLE,
    }
}

/// Every operation that is done by a form.
pub fn deeds() -> impl Iterator<Item = Deed> {
    Operation::ALL.into_iter().filter_map(|operation| match sample(operation) {
        Sample::Command(deed) => Some(deed),
        Sample::Look(_) | Sample::Settle(_) | Sample::CommandLine(_) => None,
    })
}

/// Those of them that a second person has to agree to, always or at times.
pub fn kinds() -> impl Iterator<Item = Deed> {
    deeds().filter(|deed| deed.operation.spec().approval != Approval::Never)
}
