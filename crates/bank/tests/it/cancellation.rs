//! A browser may go away at any moment; what it leaves behind must not fall on somebody else.

use crate::support::{Story, count};
use tawi_bank::customer_ops::enquiries;
use tawi_testing::{TestBank, caller};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_dropped_anywhere_leave_no_transaction_open() -> Story {
    let test = TestBank::new().await?;
    let who = caller("RO-001")?;
    for round in 0..400_u32 {
        let (bank, who) = (test.bank.clone(), who.clone());
        let request =
            tokio::spawn(async move { enquiries::search(&bank, &who, "nobody of this name").await.is_ok() });
        for _ in 0..round % 40 {
            tokio::task::yield_now().await;
        }
        request.abort();
        // Either it was dropped, or it had come to its end.
        let _ = request.await;
    }
    // Who holds every connection of the pool knows that all have come back.
    let mut held = Vec::new();
    for _ in 0..24 {
        held.push(test.bank.pool().acquire().await?);
    }
    let open = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
    assert_eq!(count(&test, open).await?, 0, "connections came back inside a transaction");
    drop(held);
    test.finish().await
}
