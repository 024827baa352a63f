//! Sessions of the people tests act as, and what streams in them.

use crate::Fallible;
use tawi_bank::shared::notices::Stream;
use tawi_bank::{Bank, Caller};

/// A session of somebody, as a sign-in leaves it. Answers its digest.
pub async fn seated(bank: &Bank, who: &Caller) -> Fallible<[u8; 32]> {
    let digest: Vec<u8> = sqlx::query_scalar(
        "insert into session (digest, staff_id, data, expires_at, ends_at)
         select sha256(gen_random_uuid()::text::bytea), $1, '{}', ends, ends
         from (select clock_timestamp() + make_interval(secs => $2, hours => 1) as ends) moment
         returning digest",
    )
    .bind(who.staff_id.as_str())
    .bind(f64::from(i32::try_from(bank.clock().ahead_seconds())?))
    .fetch_one(bank.owner())
    .await?;
    digest.try_into().map_err(|_| "a digest of another length".into())
}

/// Somebody's stream, in a session of its own, that goes on after a position.
pub async fn listen(bank: &Bank, who: Caller, after: i64) -> Fallible<Stream> {
    let session = seated(bank, &who).await?;
    Ok(Stream::open(bank, who, session, after).await?)
}
