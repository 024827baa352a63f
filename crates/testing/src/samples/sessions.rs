//! One's own sessions.

use crate::Fallible;
use crate::sample::{Knock, Looks, Open, Sample};
use jiff::SignedDuration;
use tawi_bank::{Bank, Caller};

pub(super) const SAMPLE: Sample = Sample::Settle(Looks {
    by: "RO-001",
    knocks: |bank, who, nth| {
        Box::pin(async move {
            let digest = another_session(bank, who).await?;
            let key = format!("end-{}-{nth}", who.staff_id);
            Ok(vec![
                Knock::at("own_sessions", &[]).open_to(Open::SignedIn),
                Knock::at("end_session", &[("digest", digest.as_str()), ("key", key.as_str())])
                    .open_to(Open::SignedIn),
            ])
        })
    },
});

/// A session on another machine, as its owner's list names it.
async fn another_session(bank: &Bank, who: &Caller) -> Fallible<String> {
    let ends_at = bank.clock().now().checked_add(SignedDuration::from_hours(1))?;
    Ok(sqlx::query_scalar(
        "insert into session (digest, staff_id, data, expires_at, ends_at)
         values (sha256(gen_random_uuid()::text::bytea), $1, '{}', $2::timestamptz, $2::timestamptz)
         returning encode(digest, 'hex')",
    )
    .bind(who.staff_id.as_str())
    .bind(ends_at.to_string())
    .fetch_one(bank.owner())
    .await?)
}
