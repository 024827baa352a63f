//! The ways round a checker. Each that does not hang on what is asked is tried for every kind of approval
//! there is; a kind is an operation whose row in the table asks for a second person.

use crate::support::{Fallible, Story, as_owner, ask, count, exposed, form, register};
use jiff::ToSpan;
use tawi_bank::Bank;
use tawi_bank::approval;
use tawi_bank::shared::staff;
use tawi_domain::shared::approval::{NewDecision, Receipt, RequestState, TargetKind, Verdict};
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::permissions::{Limit, Role};
use tawi_testing::lending::go_on;
use tawi_testing::sample::Deed;
use tawi_testing::samples::kinds;
use tawi_testing::{TODAY, TestBank, as_before, caller, decide, decision, given, key, seat, send, ticket};

const HERE: &str = "NBO-HQ";
const ELSEWHERE: &str = "MSA-01";
/// Somebody whose own role decides nothing, and starts nothing that anybody decides.
const SOMEBODY: &str = "TL-001";

/// A request that waits, what its checker was shown, and how often such a thing was done before.
struct Waiting {
    deed: Deed,
    request: RequestId,
    seen: NewDecision,
    before: i64,
}

impl Waiting {
    async fn new(bank: &Bank, deed: Deed, nth: u32) -> Fallible<Self> {
        let request = deed.ask(bank, nth).await?;
        let seen = decision(bank, &deed.checker()?, request, Verdict::Approve).await?;
        Ok(Self { deed, request, seen, before: deed.effects(bank).await? })
    }

    /// Nothing was decided and nothing done.
    async fn still_waits(&self, bank: &Bank) -> Story {
        let code = self.deed.operation.code();
        assert_eq!(self.state(bank).await?, RequestState::Waiting, "{code}");
        assert_eq!(self.deed.effects(bank).await?, self.before, "{code}");
        Ok(())
    }

    /// Approved and done, once.
    async fn is_done(&self, bank: &Bank) -> Story {
        let code = self.deed.operation.code();
        assert_eq!(self.state(bank).await?, RequestState::Approved, "{code}");
        assert_eq!(self.deed.effects(bank).await?, self.before + 1, "{code}");
        Ok(())
    }

    async fn state(&self, bank: &Bank) -> Fallible<RequestState> {
        Ok(approval::detail(bank, &self.deed.maker()?, self.request).await?.row.state)
    }
}

#[tokio::test]
async fn one_person_is_not_two_whatever_the_role() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let waiting = Waiting::new(&test.bank, deed, 1).await?;
        // The maker takes the checker's role at the same branch as well.
        let role = deed.checker()?.role;
        let second_seat = given(&test.bank, deed.maker, HERE, role, Some(1_000_000)).await?;
        let refused =
            approval::decide(&test.bank, &second_seat, &waiting.seen, key("self")?).await.unwrap_err();
        assert_eq!(refused.status(), 403, "{refused}");
        assert!(refused.to_string().contains("another person"), "{refused}");
        waiting.still_waits(&test.bank).await?;
        staff::end_role(&test.bank, &second_seat.staff_id, HERE, role).await?;
    }
    test.finish().await
}

#[tokio::test]
async fn not_even_the_owner_of_the_database_can_make_maker_and_checker_one() -> Story {
    let test = TestBank::new().await?;
    ask(&test, 1).await?;
    let forged = as_owner(&test, "update approval_request set state = 'approved', checker_id = maker_id, decided_at = now(), effect = 'x'").await;
    assert!(forged.unwrap_err().to_string().contains("maker_is_not_checker"));
    test.finish().await
}

#[tokio::test]
async fn a_payload_edited_after_the_submit_is_refused_by_trigger_and_by_hash() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let waiting = Waiting::new(&test.bank, deed, 1).await?;
        let edited = format!(
            "update approval_request set payload = payload || '{{\"surname\": \"Other\"}}' where id = '{}'",
            waiting.request
        );
        assert!(as_owner(&test, &edited).await.unwrap_err().to_string().contains("never changed"));
        // Somebody who owns the machine can switch the trigger off; the hash still tells.
        as_owner(&test, "alter table approval_request disable trigger all").await?;
        as_owner(&test, &edited).await?;
        as_owner(&test, "alter table approval_request enable trigger all").await?;
        let edited = key(&format!("edited-{}", deed.operation.code()))?;
        let refused = approval::decide(&test.bank, &deed.checker()?, &waiting.seen, edited).await;
        assert_eq!(refused.unwrap_err().status(), 409, "{}", deed.operation.code());
        waiting.still_waits(&test.bank).await?;
    }
    test.finish().await
}

#[tokio::test]
async fn an_amount_that_was_made_smaller_beside_its_content_bounds_nobody() -> Story {
    let test = TestBank::new().await?;
    let mut tried = Vec::new();
    for deed in kinds() {
        let waiting = Waiting::new(&test.bank, deed, 1).await?;
        let detail = approval::detail(&test.bank, &deed.checker()?, waiting.request).await?;
        if detail.review.amount.is_none() {
            continue;
        }
        tried.push(deed.operation);
        as_owner(&test, "alter table approval_request disable trigger all").await?;
        for smaller in
            ["jsonb_set(review, '{amount,amount}', '\"1.00\"')", "jsonb_set(review, '{amount}', 'null')"]
        {
            let edited =
                format!("update approval_request set review = {smaller} where id = '{}'", waiting.request);
            as_owner(&test, &edited).await?;
        }
        as_owner(&test, "alter table approval_request enable trigger all").await?;
        let key = key(&format!("smaller-{}", deed.operation.code()))?;
        approval::decide(&test.bank, &deed.checker()?, &waiting.seen, key).await?;
        assert_eq!(waiting.state(&test.bank).await?, RequestState::Refused, "{}", deed.operation.code());
        assert_eq!(deed.effects(&test.bank).await?, waiting.before, "{}", deed.operation.code());
    }
    let bounded: Vec<_> =
        kinds().map(|deed| deed.operation).filter(|one| one.spec().limit == Limit::CheckerAmount).collect();
    assert_eq!(tried, bounded, "every operation whose checker is bounded by an amount");
    test.finish().await
}

#[tokio::test]
async fn a_decision_on_something_else_than_was_shown_is_refused() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let mut one = Waiting::new(&test.bank, deed, 1).await?;
        let two = Waiting::new(&test.bank, deed, 2).await?;
        one.before = two.before;
        let swapped = NewDecision { request: two.request, ..one.seen.clone() };
        let key = key(&format!("swapped-{}", deed.operation.code()))?;
        let refused = approval::decide(&test.bank, &deed.checker()?, &swapped, key).await.unwrap_err();
        assert_eq!(refused.status(), 409, "{refused}");
        one.still_waits(&test.bank).await?;
        two.still_waits(&test.bank).await?;
    }
    test.finish().await
}

/// What makes a new version of everything of a kind.
fn renewed(kind: TargetKind) -> Option<&'static str> {
    match kind {
        TargetKind::Customer => Some("update customer set version = version + 1"),
        TargetKind::Account => Some("update account set version = version + 1"),
        TargetKind::Loan => Some("update loan set version = version + 1"),
        TargetKind::LoanProduct => Some(
            "insert into loan_product (code, version, terms)
             select distinct on (code) code, version + 1, jsonb_set(terms, '{version}', to_jsonb(version + 1))
             from loan_product order by code, version desc",
        ),
        // The program's own, and a later one's: not a row.
        TargetKind::RiskRules | TargetKind::Later => None,
    }
}

#[tokio::test]
async fn a_stale_version_is_refused() -> Story {
    let test = TestBank::new().await?;
    let mut nth = 0;
    let mut tried = 0;
    for deed in kinds() {
        nth += 1;
        let first = Waiting::new(&test.bank, deed, nth).await?;
        let review = approval::detail(&test.bank, &deed.checker()?, first.request).await?.review;
        for target in review.targets {
            let Some(renewed) = renewed(target.kind) else { continue };
            nth += 1;
            let waiting = Waiting::new(&test.bank, deed, nth).await?;
            as_owner(&test, renewed).await?;
            let stale = key(&format!("stale-{nth}"))?;
            let refused = approval::decide(&test.bank, &deed.checker()?, &waiting.seen, stale).await;
            let refused = refused.unwrap_err();
            assert_eq!(refused.status(), 409, "{refused}");
            assert!(refused.to_string().contains("changed since"), "{refused}");
            waiting.still_waits(&test.bank).await?;
            tried += 1;
        }
    }
    assert!(tried > 2, "hardly anything relies on anything");
    test.finish().await
}

#[tokio::test]
async fn somebody_who_looks_alike_and_was_changed_since_is_looked_at_again() -> Story {
    let test = TestBank::new().await?;
    register(&test.bank, &caller("RO-001")?, &form(1), "first").await?;
    let mut alike = exposed(2);
    alike.phone = form(1).phone;
    alike.duplicate_reason = "Her sister".into();
    let asked = register(&test.bank, &caller("RO-001")?, &alike, "second").await?;
    let request = ticket(asked)?;
    let seen = decision(&test.bank, &caller("OS-001")?, request, Verdict::Approve).await?;
    as_owner(&test, "update customer set version = version + 1").await?;
    let refused = approval::decide(&test.bank, &caller("OS-001")?, &seen, key("stale")?).await.unwrap_err();
    assert_eq!(refused.status(), 409);
    assert!(refused.to_string().contains("changed since"), "{refused}");
    assert_eq!(count(&test, "select count(*) from customer").await?, 1);
    test.finish().await
}

#[tokio::test]
async fn a_right_taken_between_look_and_press_is_gone() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let waiting = Waiting::new(&test.bank, deed, 1).await?;
        let checker = deed.checker()?;
        staff::end_role(&test.bank, &checker.staff_id, HERE, checker.role).await?;
        let refused = approval::decide(&test.bank, &checker, &waiting.seen, key("late")?).await.unwrap_err();
        assert_eq!(refused.status(), 403, "{refused}");
        waiting.still_waits(&test.bank).await?;
        as_before(&test.bank, checker.staff_id.as_str()).await?;
    }
    test.finish().await
}

/// The kinds that a checker decides within a personal limit, with what is at stake in one request, in whole
/// shillings.
async fn limited(bank: &Bank) -> Fallible<Vec<(Deed, i64)>> {
    let mut limited = Vec::new();
    for deed in kinds().filter(|deed| deed.operation.spec().limit == Limit::CheckerAmount) {
        let waiting = Waiting::new(bank, deed, 0).await?;
        let row = approval::detail(bank, &deed.checker()?, waiting.request).await?.row;
        let amount = row.amount.ok_or("a limit, and nothing at stake")?.amount();
        limited.push((deed, i64::try_from(amount)?));
    }
    assert!(limited.len() > 2);
    Ok(limited)
}

#[tokio::test]
async fn a_limit_lowered_between_look_and_press_counts() -> Story {
    let test = TestBank::new().await?;
    for (deed, amount) in limited(&test.bank).await? {
        let waiting = Waiting::new(&test.bank, deed, 1).await?;
        let checker = deed.checker()?;
        let staff_id = checker.staff_id.as_str();
        given(&test.bank, staff_id, HERE, checker.role, Some(amount - 1)).await?;
        let refused = approval::decide(&test.bank, &checker, &waiting.seen, key("above")?).await.unwrap_err();
        assert!(refused.to_string().contains("is above your limit of"), "{refused}");
        waiting.still_waits(&test.bank).await?;
        as_before(&test.bank, staff_id).await?;
    }
    test.finish().await
}

#[tokio::test]
async fn a_sum_split_into_small_requests_counts_as_one() -> Story {
    let test = TestBank::new().await?;
    for (deed, amount) in limited(&test.bank).await? {
        let checker = deed.checker()?;
        // Samples of other kinds rely on some that were approved already.
        let earlier: i64 = sqlx::query_scalar(
            "select coalesce(sum(amount), 0)::bigint from approval_request where operation = $1 and state = 'approved'",
        )
        .bind(deed.operation.code())
        .fetch_one(test.bank.owner())
        .await?;
        let limit = Some(earlier + amount * 5 / 2);
        let mut outcomes = Vec::new();
        for nth in 1..=3 {
            let waiting = Waiting::new(&test.bank, deed, nth).await?;
            // What samples rely on may have been decided by the same person: the limit comes after.
            given(&test.bank, checker.staff_id.as_str(), HERE, checker.role, limit).await?;
            let name = key(&format!("{}-{nth}", deed.operation.code()))?;
            outcomes.push(approval::decide(&test.bank, &checker, &waiting.seen, name).await);
            as_before(&test.bank, checker.staff_id.as_str()).await?;
        }
        let allowed: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(allowed, [true, true, false], "three are more than two and a half: {outcomes:?}");
    }
    test.finish().await
}

#[tokio::test]
async fn a_maker_who_lost_the_right_takes_the_request_along() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let waiting = Waiting::new(&test.bank, deed, 1).await?;
        let (maker, checker) = (deed.maker()?, deed.checker()?);
        staff::end_role(&test.bank, &maker.staff_id, HERE, maker.role).await?;
        let name = format!("orphan-{}", deed.operation.code());
        let refused = approval::decide(&test.bank, &checker, &waiting.seen, key(&name)?).await.unwrap_err();
        assert_eq!(refused.status(), 409, "{refused}");
        as_before(&test.bank, maker.staff_id.as_str()).await?;
        waiting.still_waits(&test.bank).await?;
        decide(&test.bank, &checker, waiting.request, Verdict::Reject, &format!("{name}-clear")).await?;
    }
    test.finish().await
}

#[tokio::test]
async fn an_approved_command_cannot_be_played_again() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let waiting = Waiting::new(&test.bank, deed, 1).await?;
        for round in 0..3 {
            let name = key(&format!("{}-{round}", deed.operation.code()))?;
            let played = approval::decide(&test.bank, &deed.checker()?, &waiting.seen, name).await;
            assert_eq!(played.is_ok(), round == 0, "{played:?}");
        }
        waiting.is_done(&test.bank).await?;
        let forged = format!(
            "update approval_request set state = 'waiting', checker_id = null, decided_at = null, effect = null
             where id = '{}'",
            waiting.request
        );
        assert!(as_owner(&test, &forged).await.unwrap_err().to_string().contains("never changed"));
    }
    test.finish().await
}

#[tokio::test]
async fn two_requests_for_one_thing_do_not_wait_at_once() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let code = deed.operation.code();
        let forms = (deed.forms)(&test.bank, 1).await?;
        deed.send(&test.bank, forms.asked()?, &format!("{code}-one")).await?;
        let again =
            send(&test.bank, &deed.maker()?, deed.operation, forms.asked()?, &format!("{code}-two")).await;
        assert_eq!(again.unwrap_err().status(), 409, "{code}");
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from approval_request where operation = $1 and state = 'waiting'",
        )
        .bind(code)
        .fetch_one(test.bank.owner())
        .await?;
        assert_eq!(waiting, 1, "{code}");
    }
    test.finish().await
}

#[tokio::test]
async fn a_checker_cannot_do_the_deed_directly() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let forms = (deed.forms)(&test.bank, 1).await?;
        let before = deed.effects(&test.bank).await?;
        for form in forms.each() {
            let refused =
                send(&test.bank, &deed.checker()?, deed.operation, form, "direct").await.unwrap_err();
            assert_eq!(refused.status(), 403, "{refused}");
        }
        assert_eq!(deed.effects(&test.bank).await?, before, "{}", deed.operation.code());
    }
    test.finish().await
}

#[tokio::test]
async fn a_checker_from_another_branch_finds_nothing() -> Story {
    let test = TestBank::new().await?;
    for deed in kinds() {
        let waiting = Waiting::new(&test.bank, deed, 1).await?;
        let here_only = |role: &&Role| !role.sees_all_branches();
        let role = deed.operation.spec().checker.iter().find(here_only).ok_or("nobody sits at a branch")?;
        let elsewhere = given(&test.bank, SOMEBODY, ELSEWHERE, *role, Some(10_000_000)).await?;
        let found =
            approval::decide(&test.bank, &elsewhere, &waiting.seen, key("elsewhere")?).await.unwrap_err();
        assert_eq!(found.status(), 404, "{found}");
        let pretends = seat(SOMEBODY, HERE, *role)?;
        let pretended =
            approval::decide(&test.bank, &pretends, &waiting.seen, key("pretends")?).await.unwrap_err();
        assert_eq!(pretended.status(), 403, "a seat nobody gave is not taken");
        waiting.still_waits(&test.bank).await?;
    }
    test.finish().await
}

#[tokio::test]
async fn what_waits_over_night_is_done_on_the_next_day_and_dated_so() -> Story {
    let test = TestBank::new().await?;
    let mut waiting = Vec::new();
    for deed in kinds() {
        waiting.push(Waiting::new(&test.bank, deed, 1).await?);
    }
    let tomorrow = TODAY.tomorrow()?.to_string();
    let journals = count(&test, "select coalesce(max(id), 0) from journal").await?;
    go_on(&test.bank, 1.day()).await?;
    for waiting in &waiting {
        let code = waiting.deed.operation.code();
        let name = key(&format!("next-{code}"))?;
        let done = approval::decide(&test.bank, &waiting.deed.checker()?, &waiting.seen, name).await?;
        assert!(matches!(done, Receipt::Decided { state: RequestState::Approved, .. }), "{done:?}");
        let decided_on: String =
            sqlx::query_scalar("select decided_on::text from approval_request where id = $1")
                .bind(waiting.request.get())
                .fetch_one(test.bank.owner())
                .await?;
        assert_eq!(decided_on, tomorrow, "{code}");
    }
    let posted: Vec<String> = sqlx::query_scalar("select business_date::text from journal where id > $1")
        .bind(journals)
        .fetch_all(test.bank.owner())
        .await?;
    assert!(!posted.is_empty());
    assert!(posted.iter().all(|date| *date == tomorrow), "{posted:?}");
    test.finish().await
}
