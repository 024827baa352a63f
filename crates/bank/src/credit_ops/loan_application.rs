//! Applying for a loan: the rules are asked when the officer checks, when the application is sent, and
//! again when it is decided.

use super::{borrower, loan_product};
use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::customer_ops::customer::{self, CustomerRecord};
use crate::op::{Caller, Look, OpCtx};
use crate::shared::error::OpError;
use crate::shared::serial;
use crate::shared::stored::stored;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::credit_ops::loan_application::{Finding, NewLoanApplication};
use tawi_domain::credit_ops::loan_product::LoanProduct;
use tawi_domain::credit_ops::schedule::{LoanEvent, fold, terms_to_store};
use tawi_domain::language::refusal;
use tawi_domain::shared::account::AccountStatus;
use tawi_domain::shared::approval::{Before, Review, Target, TargetKind};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::ids::{AccountNumber, CustomerNumber, StaffId};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{Saying, Topic};
use uuid::Uuid;

/// What a loan officer needs before the form: who the customer is and which accounts may be used.
pub async fn applicant(
    bank: &Bank,
    caller: &Caller,
    number: &CustomerNumber,
) -> Result<(String, Vec<AccountNumber>), AppError> {
    bank.look(caller, Operation::LoanApplication, async |ctx| {
        let customer = customer::hold_in_op(ctx, number).await?;
        let accounts = open_accounts(ctx.conn(), customer.id).await?;
        let subject = format!("customer:{number}");
        let look = Look::at(subject, "Looked at the customer for a loan");
        Ok(((customer.name, accounts), look))
    })
    .await
}

/// What the rules say of an application, met or not.
pub async fn findings(
    bank: &Bank,
    caller: &Caller,
    form: &LoanApplicationForm,
) -> Result<Vec<Finding>, AppError> {
    bank.look(caller, Operation::LoanApplication, async |ctx| {
        let new = form.parse(ctx.business_date()?)?;
        let customer = customer::hold_in_op(ctx, &new.customer).await?;
        let product = loan_product::newest_in_op(ctx, &new.product).await?;
        new.fits(&product)?;
        let findings = borrower::findings_in_op(ctx, &new, &customer, &product, None).await?;
        let subject = format!("customer:{}", new.customer);
        let look = Look::at(subject, "Asked whether a loan may be made");
        Ok((findings, look))
    })
    .await
}

impl Act for NewLoanApplication {
    type Form = LoanApplicationForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::Start(Operation::LoanApplication))
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let (customer, product, findings) = examined(ctx, self).await?;
        let today = ctx.business_date()?;
        let terms = loan_product::terms_in_op(ctx, &product, &self.chosen()).await?;
        let planned = fold(&terms, &[LoanEvent::disbursed(today)], today)
            .map_err(|fault| AppError::field("amount", fault.to_string()))?;
        let instalments = Value::Instalments {
            count: terms.instalments.into(),
            each: planned.money(planned.instalment_with_fees()),
            frequency: Some(self.frequency.code().to_owned()),
        };
        let mut facts = vec![
            Fact::new(Topic::Customer, Value::customer(&customer.number, &customer.name)),
            Fact::new(
                Topic::Product,
                Value::Product { name: product.name.clone(), version: product.version },
            ),
            Fact::new(Topic::Amount, self.amount),
            Fact::new(Topic::Instalments, instalments),
            Fact::new(Topic::Interest, terms.rate),
            Fact::new(Topic::PaidOutTo, self.account.clone()),
            Fact::new(Topic::Purpose, self.purpose.as_str()),
        ];
        facts.extend(findings.into_iter().map(|finding| finding.fact));
        Ok(Review {
            title: format!("Lend {} to {}", self.amount, customer.name),
            facts,
            why: vec![Fact::new(Topic::AlwaysTwo, Saying::ALoan)],
            before: Before::default(),
            amount: Some(self.amount),
            ladder: Some(borrower::exposure_with(ctx, &customer, self.amount).await?),
            subject: format!("loan to {}:{}:{}", customer.number, product.code, self.amount.figures()),
            targets: vec![
                customer.target(),
                Target { kind: TargetKind::LoanProduct, key: product.code.clone(), version: product.version },
            ],
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, maker: &StaffId) -> Result<Effect, OpError> {
        let (customer, product, _) = examined(ctx, self).await?;
        let number = insert_in_op(ctx, self, &customer, &product, maker).await?;
        Ok(Effect {
            subject: format!("loan:{}", number.as_str()),
            title: format!("Loan {number} approved"),
            what: format!("Approved {} for {}", self.amount, customer.name),
            paper: None,
            number: number.as_str().to_owned(),
        })
    }
}

/// Everything an application is held against, now.
async fn examined(
    ctx: &mut OpCtx,
    new: &NewLoanApplication,
) -> Result<(CustomerRecord, LoanProduct, Vec<Finding>), OpError> {
    let customer = customer::hold_in_op(ctx, &new.customer).await?;
    let product = loan_product::newest_in_op(ctx, &new.product).await?;
    new.fits(&product)?;
    own_open_account(ctx.conn(), &customer, &new.account).await?;
    let findings = borrower::findings_in_op(ctx, new, &customer, &product, None).await?;
    refusal(&findings)?;
    Ok((customer, product, findings))
}

// SQL

/// Writes an approved loan. Answers its number.
pub(crate) async fn insert_in_op(
    ctx: &mut OpCtx,
    new: &NewLoanApplication,
    customer: &CustomerRecord,
    product: &LoanProduct,
    maker: &StaffId,
) -> Result<AccountNumber, OpError> {
    let (today, branch) = (ctx.business_date()?, ctx.branch()?);
    let number = serial::next_number(ctx.conn(), branch, product.number_code).await?;
    sqlx::query!(
        r#"
        insert into loan (number, branch, customer_id, account, product, product_version, currency, principal,
                          terms, purpose, officer_id, status, approved_on)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'approved', $12)
        "#,
        number.as_str(),
        branch.get(),
        customer.id,
        new.account.as_str(),
        product.code,
        product.version,
        new.amount.currency().code(),
        new.amount.amount(),
        terms_to_store(&product.terms(&new.chosen(), &[])),
        new.purpose,
        maker.as_str(),
        today.to_sqlx() as _,
    )
    .execute(ctx.conn())
    .await?;
    Ok(number)
}

async fn open_accounts(tx: &mut PgConnection, customer: Uuid) -> Result<Vec<AccountNumber>, OpError> {
    let rows = sqlx::query_scalar!(
        "select number from account where customer_id = $1 and status = 'open' order by number",
        customer
    )
    .fetch_all(tx)
    .await?;
    rows.iter().map(|number| stored(number)).collect()
}

/// The account is the borrower's own, at this branch, and open.
async fn own_open_account(
    tx: &mut PgConnection,
    customer: &CustomerRecord,
    number: &AccountNumber,
) -> Result<(), OpError> {
    let row = sqlx::query!("select customer_id, status from account where number = $1", number.as_str())
        .fetch_optional(tx)
        .await?;
    let fault = match row {
        None => format!("There is no account {number} at this branch"),
        Some(row) if row.customer_id != customer.id => {
            format!("Account {number} is not {}'s own", customer.name)
        }
        Some(row) if AccountStatus::from_code(&row.status) != Some(AccountStatus::Open) => {
            format!("Account {number} is closed")
        }
        Some(_) => return Ok(()),
    };
    Err(AppError::field("account", fault).into())
}
