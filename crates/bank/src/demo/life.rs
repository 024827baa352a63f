//! Half a year in the demonstration bank: customers come, save and borrow, most pay in time, some do not.
//! Everything goes through the operations, as people would do it, and the same seed makes the same bank.

use super::names::{FIRST, OCCUPATIONS, PLACES, PURPOSES, SURNAMES};
use super::season;
use crate::approval::{decide, detail};
use crate::bank::Bank;
use crate::business_date;
use crate::command::Command;
use crate::credit_ops::repayment_tracking::{self, worklist};
use crate::dispatch;
use crate::op::Caller;
use crate::shared::branch;
use crate::shared::error::OpError;
use jiff::Span;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tawi_domain::credit_ops::disbursement::NewDisbursement;
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::credit_ops::repayment::NewRepayment;
use tawi_domain::credit_ops::repayment_tracking::LoanFilter;
use tawi_domain::customer_ops::account_opening::AccountOpeningForm;
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::approval::{NewDecision, Receipt, Verdict};
use tawi_domain::shared::business_date::BusinessDateMove;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, CustomerNumber, RequestId, RequestKey};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::Role;

/// The business date life begins on.
pub const BEGINS: Date = jiff::civil::date(2025, 10, 1);
/// Weeks it lasts.
const WEEKS: u32 = 25;
/// Customers, accounts and loans a week: 300, 400 and 200 in all.
const CUSTOMERS: u32 = 12;
const SECOND_ACCOUNTS: u32 = 4;
const LOANS: u32 = 8;
/// The weeks in which a loan of the season is lent as well.
const SEASON: std::ops::Range<u32> = 3..11;
/// Of the customers of a week, those of the head office; the others are split over the other branches.
const AT_HEAD_OFFICE: u32 = 8;

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Made {
    /// Customers registered.
    pub customers: u32,
    /// Accounts opened.
    pub accounts: u32,
    /// Loans applied for.
    pub loans: u32,
    /// Repayments taken.
    pub repayments: u32,
}

/// A small generator of numbers that look like chance and never change (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(limit.max(1))).unwrap_or(0)
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> Result<T, OpError> {
        let at = self.below(u32::try_from(list.len()).map_err(OpError::stored)?);
        usize::try_from(at)
            .ok()
            .and_then(|at| list.get(at).copied())
            .ok_or_else(|| OpError::stored("an empty list"))
    }
}

/// Somebody with an account, who may borrow.
#[derive(Clone)]
struct Client {
    customer: CustomerNumber,
    account: AccountNumber,
}

struct Life<'a> {
    bank: &'a Bank,
    chance: Chance,
    today: Date,
    keys: u32,
    made: Made,
    clients: Vec<Client>,
    next_borrower: usize,
}

/// Lives half a year, unless somebody has lived here already.
pub async fn live(bank: &Bank) -> Result<Made, OpError> {
    let fresh = sqlx::query_scalar!(
        r#"
        select not exists (select from customer) and not exists (select from branch where business_date <> $1) as "fresh!"
        "#,
        BEGINS.to_sqlx() as _,
    )
    .fetch_one(bank.owner())
    .await?;
    if !fresh {
        return Ok(Made::default());
    }
    let mut life = Life {
        bank,
        chance: Chance(2026),
        today: BEGINS,
        keys: 0,
        made: Made::default(),
        clients: Vec::new(),
        next_borrower: 0,
    };
    for week in 0..WEEKS {
        life.week(week).await?;
    }
    life.leave_something_waiting().await?;
    Ok(life.made)
}

impl Life<'_> {
    async fn week(&mut self, week: u32) -> Result<(), OpError> {
        if week > 0 {
            self.today = self.today.checked_add(Span::new().days(7)).map_err(OpError::stored)?;
            for code in branch::codes(self.bank).await? {
                business_date::move_forward(
                    self.bank,
                    &code,
                    &BusinessDateMove::because(self.today, "the demonstration"),
                )
                .await?;
            }
        }
        self.collect().await?;
        for nth in 0..CUSTOMERS {
            let branch = if nth < AT_HEAD_OFFICE { 1 } else { 2 + nth % 2 };
            self.register(branch, nth < SECOND_ACCOUNTS).await?;
        }
        for nth in 0..LOANS {
            // The newest loans are still on their way.
            let stage = match WEEKS - week {
                1 => nth % 4,
                2 => nth % 4 + 1,
                _ => 3,
            };
            let seasonal = nth == 0 && SEASON.contains(&week);
            self.lend(stage, seasonal).await?;
        }
        season::happens(self.bank, week, self.today).await
    }

    /// Registers a customer and opens an account, or two.
    async fn register(&mut self, branch: u32, second: bool) -> Result<(), OpError> {
        let nth = self.made.customers;
        let form = CifForm {
            first_name: self.chance.of(FIRST)?.to_owned(),
            other_names: self.chance.of(FIRST)?.to_owned(),
            surname: self.chance.of(SURNAMES)?.to_owned(),
            date_of_birth: format!(
                "{:02}/{:02}/{}",
                self.chance.below(28) + 1,
                self.chance.below(12) + 1,
                1966 + self.chance.below(36)
            ),
            id_kind: "national_id".to_owned(),
            id_number: (21_300_000 + nth * 7_919).to_string(),
            kra_pin: format!(
                "A{:09}{}",
                4_100_000 + nth * 613,
                char::from(b'A' + u8::try_from(nth % 26).unwrap_or(0))
            ),
            phone: format!("07{:08}", 10_200_000 + nth * 104_729 % 89_000_000),
            email: String::new(),
            address: self.chance.of(PLACES)?.to_owned(),
            occupation: self.chance.of(OCCUPATIONS)?.to_owned(),
            source_of_funds: self.chance.of(&["salary", "business", "farming"])?.to_owned(),
            pep: "no".to_owned(),
            duplicate_reason: String::new(),
        };
        let officer = seat("RO", branch, Role::RelationshipOfficer)?;
        let command = Command::from(form.parse(self.today)?);
        let Some(number) = done(self.submit(&officer, &command).await?) else { return Ok(()) };
        self.made.customers += 1;
        let customer: CustomerNumber = number.parse().map_err(OpError::stored)?;
        let deposit = 60_000 + self.chance.below(240) * 1_000;
        let account = self.open(&officer, &customer, "savings", deposit).await?;
        if second {
            let deposit = 2_000 + self.chance.below(60) * 500;
            self.open(&officer, &customer, "current", deposit).await?;
        }
        if let (Some(account), 1) = (account, branch) {
            self.clients.push(Client { customer, account });
        }
        Ok(())
    }

    async fn open(
        &mut self,
        officer: &Caller,
        customer: &CustomerNumber,
        kind: &str,
        deposit: u32,
    ) -> Result<Option<AccountNumber>, OpError> {
        let form = AccountOpeningForm {
            customer: customer.to_string(),
            kind: kind.to_owned(),
            deposit: deposit.to_string(),
        };
        let command = Command::from(form.parse(self.today)?);
        let number = done(self.submit(officer, &command).await?);
        self.made.accounts += u32::from(number.is_some());
        number.map(|number| number.parse().map_err(OpError::stored)).transpose()
    }

    /// Applies for a loan and lets it come as far as a stage: 0 waits for its decision, 1 is approved and
    /// waits for its disbursement, 2 waits for the disbursement's decision, 3 and more are paid out.
    async fn lend(&mut self, stage: u32, seasonal: bool) -> Result<(), OpError> {
        let Some(client) = self.clients.get(self.next_borrower).cloned() else { return Ok(()) };
        self.next_borrower += 1;
        let flat = self.chance.below(3) == 0;
        let form = LoanApplicationForm {
            customer: client.customer.to_string(),
            product: match (seasonal, flat) {
                (true, _) => season::PRODUCT,
                (false, true) => "JAMII",
                (false, false) => "BIASHARA",
            }
            .to_owned(),
            amount: (10_000 + self.chance.below(21) * 5_000).to_string(),
            months: (3 + self.chance.below(4) * 3).max(if seasonal { 6 } else { 3 }).to_string(),
            account: client.account.to_string(),
            purpose: self.chance.of(PURPOSES)?.to_owned(),
            ..LoanApplicationForm::default()
        };
        let officer = seat("LO", 1, Role::LoanOfficer)?;
        let command = Command::from(form.parse(self.today)?);
        let Some(request) = ticket(self.submit(&officer, &command).await?) else { return Ok(()) };
        self.made.loans += 1;
        if stage == 0 {
            return Ok(());
        }
        let Some(loan) = self.approve(request).await? else { return Ok(()) };
        if stage == 1 {
            return Ok(());
        }
        let loan = loan.parse().map_err(OpError::stored)?;
        let command = Command::from(NewDisbursement { loan });
        let Some(request) = ticket(self.submit(&officer, &command).await?) else { return Ok(()) };
        if stage > 2 {
            self.approve(request).await?;
        }
        Ok(())
    }

    /// The credit supervisor looks and approves; what came of it.
    async fn approve(&mut self, request: RequestId) -> Result<Option<String>, OpError> {
        let supervisor = seat("CS", 1, Role::CreditSupervisor)?;
        let seen = detail(self.bank, &supervisor, request).await?;
        let decision =
            NewDecision { request, payload_hash: seen.payload_hash, verdict: Verdict::Approve, note: None };
        let key = self.key()?;
        decide(self.bank, &supervisor, &decision, key).await?;
        Ok(detail(self.bank, &supervisor, request).await?.effect)
    }

    /// Takes what is due from those who pay. Who does not is in the loan's number, so that a bad payer
    /// stays one.
    async fn collect(&mut self) -> Result<(), OpError> {
        let officer = seat("LO", 1, Role::LoanOfficer)?;
        let mut rows = worklist(self.bank, &officer, LoanFilter::Late).await?;
        rows.extend(worklist(self.bank, &officer, LoanFilter::DueSoon).await?);
        for row in rows {
            let serial = row.number.as_str().get(5..12).and_then(|figures| figures.parse::<u32>().ok());
            let pays = match serial.unwrap_or(0) % 12 {
                // Never again after the first weeks.
                0 => false,
                // Some weeks late.
                1 | 2 => row.days_past_due > 20,
                _ => true,
            };
            if !pays {
                continue;
            }
            let loan = repayment_tracking::view(self.bank, &officer, &row.number).await?;
            let early = self.chance.below(60) == 0;
            let next = loan.state.next_due.map(|next| next.amount);
            let due = loan.state.due.total();
            let amount = match (early, due == 0, next) {
                (true, ..) => loan.state.pay_off,
                (_, false, _) => due,
                // The week has a due day: it is paid when that day has come.
                (_, true, _) => continue,
            };
            if amount == 0 {
                continue;
            }
            let amount = loan.state.money(amount);
            let command = Command::from(NewRepayment { loan: row.number, amount });
            if let Some(receipt) = self.submit(&officer, &command).await? {
                self.made.repayments += u32::from(done(Some(receipt)).is_some());
            }
        }
        Ok(())
    }

    /// A politician and a second account wait for the operations supervisor.
    async fn leave_something_waiting(&mut self) -> Result<(), OpError> {
        let officer = seat("RO", 1, Role::RelationshipOfficer)?;
        let form = CifForm {
            first_name: "Wilson".to_owned(),
            other_names: "Kipchumba".to_owned(),
            surname: "Rotich".to_owned(),
            date_of_birth: "14/06/1968".to_owned(),
            id_kind: "national_id".to_owned(),
            id_number: "9451267".to_owned(),
            kra_pin: "A002345678Z".to_owned(),
            phone: "0722000111".to_owned(),
            email: String::new(),
            address: "Kapsoya, Eldoret".to_owned(),
            occupation: "Member of the county assembly".to_owned(),
            source_of_funds: "salary".to_owned(),
            pep: "yes".to_owned(),
            duplicate_reason: String::new(),
        };
        let command = Command::from(form.parse(self.today)?);
        self.submit(&officer, &command).await?;
        if let Some(client) = self.clients.first().cloned() {
            self.open(&officer, &client.customer, "savings", 25_000).await?;
        }
        Ok(())
    }

    async fn submit(&mut self, caller: &Caller, command: &Command) -> Result<Option<Receipt>, OpError> {
        let key = self.key()?;
        match dispatch::submit(self.bank, caller, command, key).await {
            Ok(receipt) => Ok(Some(receipt)),
            // Chance makes things up that the rules refuse; life goes on.
            Err(AppError::Invalid(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    fn key(&mut self) -> Result<RequestKey, OpError> {
        self.keys += 1;
        format!("demonstration-{}", self.keys).parse().map_err(OpError::stored)
    }
}

fn seat(letters: &str, branch: u32, role: Role) -> Result<Caller, OpError> {
    let number = i16::try_from(branch).map_err(OpError::stored)?;
    Ok(Caller {
        staff_id: format!("{letters}-{branch:03}").parse().map_err(OpError::stored)?,
        role,
        branch: BranchNumber::try_from(number).map_err(OpError::stored)?,
    })
}

fn done(receipt: Option<Receipt>) -> Option<String> {
    match receipt {
        Some(Receipt::Done { effect, .. }) => Some(effect),
        _ => None,
    }
}

fn ticket(receipt: Option<Receipt>) -> Option<RequestId> {
    match receipt {
        Some(Receipt::Waiting { request, .. }) => Some(request),
        _ => None,
    }
}
