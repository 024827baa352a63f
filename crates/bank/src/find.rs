//! The command box: knows what it was given, and finds it in any area.

use crate::approval::{deciders_of, operation_of, oversees};
use crate::bank::Bank;
use crate::customer_ops::enquiries;
use crate::op::{Caller, Look};
use crate::shared::error::OpError;
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::shared::command::{FEWEST_CHARS, Hit};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, Reference, RequestId};
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::permissions::{Operation, can_perform_action};
use tawi_domain::shared::place::{Place, PlaceKind};

/// Customers shown at most.
const MOST_CUSTOMERS: usize = 8;

/// Accounts and loans by number, requests and receipts by reference, customers by all that the search page
/// knows. Text too short to mean anything finds nothing.
pub async fn find(bank: &Bank, caller: &Caller, typed: &str) -> Result<Vec<Hit>, AppError> {
    let typed = typed.trim();
    if typed.chars().count() < FEWEST_CHARS || !can_perform_action(caller.role, Operation::Enquiries) {
        let nothing = Look::Unrecorded("nothing was looked for");
        return bank.look(caller, Operation::SignIn, async |_| Ok((Vec::new(), nothing))).await;
    }
    if let Ok(number) = typed.parse::<AccountNumber>() {
        return looked_up(bank, caller, "number", async |tx| by_number(tx, &number).await).await;
    }
    if let Ok(reference) = typed.parse::<Reference>() {
        return looked_up(bank, caller, "reference", async |tx| by_reference(tx, &reference, caller).await)
            .await;
    }
    let customers = match enquiries::search(bank, caller, typed).await {
        Ok(customers) => customers,
        // The box says nothing about half a name; the search page does.
        Err(AppError::Invalid(_)) => Listing::default(),
        Err(other) => return Err(other),
    };
    Ok(customers
        .into_iter()
        .take(MOST_CUSTOMERS)
        .map(|customer| {
            let detail = format!("{}, {}", customer.number, customer.branch_code);
            Hit::new(PlaceKind::Customer, &Place::Customer(customer.number), customer.name, detail)
        })
        .collect())
}

async fn looked_up(
    bank: &Bank,
    caller: &Caller,
    by: &str,
    look: impl AsyncFnOnce(&mut PgConnection) -> Result<Vec<Hit>, OpError>,
) -> Result<Vec<Hit>, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let hits = look(ctx.conn()).await?;
        let detail = json!({ "by": by, "found": hits.len() });
        Ok((hits, Look::with("command box", "Looked something up by its number", detail)))
    })
    .await
}

// SQL

async fn by_number(tx: &mut PgConnection, number: &AccountNumber) -> Result<Vec<Hit>, OpError> {
    let rows = sqlx::query!(
        r#"
        select false as "is_loan!", p.full_name as "name!"
        from account a join customer c on c.id = a.customer_id join party p on p.id = c.party_id
        where a.number = $1
        union all
        select true, p.full_name
        from loan l join customer c on c.id = l.customer_id join party p on p.id = c.party_id
        where l.number = $1
        "#,
        number.as_str(),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (kind, place) = if row.is_loan {
                (PlaceKind::Loan, Place::Loan(number.clone()))
            } else {
                (PlaceKind::Account, Place::Account(number.clone()))
            };
            Hit::new(kind, &place, number.to_string(), row.name)
        })
        .collect())
}

async fn by_reference(
    tx: &mut PgConnection,
    reference: &Reference,
    caller: &Caller,
) -> Result<Vec<Hit>, OpError> {
    let request = sqlx::query!(
        r#"
        select id, review ->> 'title' as "title!", operation, maker_id, checkers
        from approval_request where reference = $1
        "#,
        reference.as_str()
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(request) = request {
        let deciders = deciders_of(operation_of(&request.operation)?, request.checkers.as_deref())?;
        let decides = deciders.contains(&caller.role);
        if !decides && request.maker_id != caller.staff_id.as_str() && !oversees(caller.role) {
            return Ok(Vec::new());
        }
        let id = RequestId::from(request.id);
        let place = if decides { Place::Approval(id) } else { Place::Request(id) };
        return Ok(vec![Hit::new(PlaceKind::Request, &place, reference.to_string(), request.title)]);
    }
    let journal = sqlx::query_scalar!(
        r#"
        select j.narrative from journal j
        where j.reference = $1
          and exists (select from idempotency_key k
                      where k.receipt ->> 'reference' = $1 and k.receipt ->> 'outcome' = 'done')
        "#,
        reference.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(journal
        .into_iter()
        .map(|narrative| {
            let place = Place::Receipt(reference.clone());
            Hit::new(PlaceKind::Receipt, &place, reference.to_string(), narrative)
        })
        .collect())
}
