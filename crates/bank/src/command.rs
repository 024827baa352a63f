//! Commands: what a door hands to the bank. The list below is the one place where an operation of the
//! table meets its code. A command is kept, while it waits for a second person, as the canonical form it
//! parses from, and is parsed again when it is decided.

use crate::act::{Act, Effect, Facts};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use jiff::civil::Date;
use serde_json::Value;
use tawi_domain as domain;
use tawi_domain::shared::approval::Review;
use tawi_domain::shared::dates::typed_date;
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::{Manner, Operation};
use tawi_domain::shared::written::written;

macro_rules! commands {
    ($($name:ident($type:ty),)+) => {
        /// Something to be done, typed.
        #[derive(Debug, Clone)]
        pub enum Command {
            $(
                #[doc = concat!("The operation `", stringify!($name), "`.")]
                $name(Box<$type>),
            )+
        }

        $(impl From<$type> for Command {
            fn from(act: $type) -> Self {
                Self::$name(Box::new(act))
            }
        })+

        /// The operations that have a command.
        const COMMANDS: &[Operation] = &[$(<<$type as Act>::Form as Form>::OPERATION),+];

        impl Command {
            /// The operation it belongs to.
            pub fn operation(&self) -> Operation {
                match self {
                    $(Self::$name(_) => <<$type as Act>::Form as Form>::OPERATION,)+
                }
            }

            /// What others must know of it without doing it.
            pub fn facts(&self) -> Facts<'_> {
                match self {
                    $(Self::$name(act) => act.facts(),)+
                }
            }

            /// The canonical form of its content.
            pub fn payload(&self) -> Result<Value, OpError> {
                match self {
                    $(Self::$name(act) => Ok(serde_json::to_value(<$type as Act>::Form::of(act))?),)+
                }
            }

            /// The same as versions before wrote it: dates as people type them. They know a key by it.
            pub fn payload_before(&self) -> Result<Value, OpError> {
                let fields = match self {
                    $(Self::$name(_) => <<$type as Act>::Form as Form>::FIELDS,)+
                };
                Ok(written(self.payload()?, fields, typed_date))
            }

            /// The command of a form, sent or stored, parsed as if it were typed today. `None` for
            /// operations that no form can start.
            ///
            /// # Errors
            /// Its faults, all of them, as of today's rules.
            pub fn parse(operation: Operation, form: Value, today: Date) -> Result<Option<Self>, OpError> {
                $(if operation == <<$type as Act>::Form as Form>::OPERATION {
                    let form: <$type as Act>::Form = serde_json::from_value(form)?;
                    return Ok(Some(form.parse(today)?.into()));
                })+
                Ok(None)
            }

            /// Binds it to the key it is sent under.
            pub(crate) fn sent_under(&mut self, key: &RequestKey) {
                match self {
                    $(Self::$name(act) => act.sent_under(key),)+
                }
            }

            /// What a second person would have to know about it, and whether one is needed.
            pub(crate) async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
                match self {
                    $(Self::$name(act) => act.review_in_op(ctx).await,)+
                }
            }

            /// Does it inside an operation that may do it, for the person who asked.
            pub(crate) async fn perform_in_op(
                &self,
                ctx: &mut OpCtx,
                maker: &StaffId,
            ) -> Result<Effect, OpError> {
                match self {
                    $(Self::$name(act) => act.perform_in_op(ctx, maker).await,)+
                }
            }
        }
    };
}

commands! {
    CifCreate(domain::customer_ops::cif_create::NewCustomer),
    AccountOpening(domain::customer_ops::account_opening::NewAccount),
    LoanApplication(domain::credit_ops::loan_application::NewLoanApplication),
    Disbursement(domain::credit_ops::disbursement::NewDisbursement),
    Repayment(domain::credit_ops::repayment::NewRepayment),
    GeneralJournal(domain::shared::general_journal::NewJournal),
    StaffAdministration(domain::administration::staff_administration::NewStaffChange),
    BranchSetup(domain::administration::branch_setup::NewBranch),
    Holidays(domain::administration::holidays::NewHoliday),
    Parameters(domain::administration::parameters::NewParameter),
}

/// A row of the table that is done by a form has a command, every command has such a row, and none has two.
const _: () = {
    let mut row = 0;
    while row < Operation::ALL.len() {
        let operation = Operation::ALL[row];
        let mut command = 0;
        let mut met = 0;
        while command < COMMANDS.len() {
            if COMMANDS[command].is(operation) {
                met += 1;
            }
            command += 1;
        }
        match operation.spec().manner {
            Manner::Act => assert!(met == 1, "a row `act` or `pay` of the operation table has no command"),
            Manner::Look | Manner::Settle | Manner::Program => {
                assert!(met == 0, "a command's row in the operation table is no `act` or `pay`");
            }
        }
        row += 1;
    }
};
