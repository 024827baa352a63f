//! A caller who hangs up stops nothing: what was asked is done to its end, and recorded.

use crate::support::{Served, Story};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CALLS: i64 = 100;
/// What the portal answers once it waits for the rest of a command.
const HEARD: &str = "HTTP/1.1 100 Continue\r\n\r\n";
const REFUSED: &str = "select count(*) from audit_event where outcome = 'refused' and staff_id = 'RO-001'";

/// Refused commands, each hung up on a few milliseconds after the portal has begun to hear it. It says so
/// itself (100 Continue): of a caller who is gone before, nobody knows that they knocked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_refusals_are_recorded_although_nobody_waits_for_them() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    let host = served.url.trim_start_matches("http://").to_owned();
    let body = "operation=loan_application&form=%7B%7D&key=nobody-waits";
    let head = format!(
        "POST /api/submit HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\naccept: application/json\r\n\
         sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        person.cookie,
        body.len()
    );
    let owner = served.test.bank.owner();
    for call in 0..CALLS {
        let mut line = TcpStream::connect(&host).await?;
        line.write_all(head.as_bytes()).await?;
        let mut heard = [0; HEARD.len()];
        line.read_exact(&mut heard).await?;
        assert_eq!(std::str::from_utf8(&heard)?, HEARD);
        line.write_all(body.as_bytes()).await?;
        // Two, three or four milliseconds: how long somebody waits who does not wait.
        tokio::time::sleep(Duration::from_millis(2 + u64::try_from(call % 3)?)).await;
        drop(line);
    }
    let all = async {
        loop {
            let recorded: i64 = sqlx::query_scalar(REFUSED).fetch_one(owner).await?;
            if recorded == CALLS {
                return Story::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(30), all).await.is_err() {
        let recorded: i64 = sqlx::query_scalar(REFUSED).fetch_one(owner).await?;
        return Err(format!("{recorded} of {CALLS} refusals are recorded").into());
    }
    served.finish().await
}
