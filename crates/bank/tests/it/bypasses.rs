//! The ways round a checker, each for every kind of approval there is, the races with real concurrency.

use crate::support::{Story, as_owner, ask, cash_to_vault, count, decide, decision, exposed, form, register};
use jiff::civil::date;
use rust_decimal::Decimal;
use tawi_bank::business_date;
use tawi_bank::shared::approval;
use tawi_bank::shared::staff::{self, RoleChange};
use tawi_bank::{Bank, Caller, dispatch};
use tawi_domain::shared::approval::{Receipt, RequestState, Verdict};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::Role;
use tawi_testing::{TestBank, caller, key, seat};

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Every kind of request: how it is made, and who may decide it.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Customer,
    Journal,
}

const KINDS: [Kind; 2] = [Kind::Customer, Kind::Journal];

impl Kind {
    fn maker(self) -> Fallible<Caller> {
        caller(match self {
            Self::Customer => "RO-001",
            Self::Journal => "OS-001",
        })
    }

    fn checker(self) -> Fallible<Caller> {
        caller(match self {
            Self::Customer => "OS-001",
            Self::Journal => "BM-001",
        })
    }

    fn elsewhere(self) -> Fallible<Caller> {
        caller(match self {
            Self::Customer => "OS-002",
            Self::Journal => "BM-002",
        })
    }

    async fn ask(self, bank: &Bank, nth: u32) -> Fallible<RequestId> {
        let maker = self.maker()?;
        let receipt = match self {
            Self::Customer => register(bank, &maker, &exposed(nth), &format!("c{nth}")).await?,
            Self::Journal => {
                dispatch::submit(
                    bank,
                    &maker,
                    &cash_to_vault("1000", &format!("transfer {nth}"))?,
                    key(&format!("j{nth}"))?,
                )
                .await?
            }
        };
        match receipt {
            Receipt::Waiting { request, .. } => Ok(request),
            other => Err(format!("a ticket, not {other:?}").into()),
        }
    }

    /// How often the deed of requests was done.
    async fn effects(self, test: &TestBank) -> Fallible<i64> {
        Ok(match self {
            Self::Customer => count(test, "select count(*) from customer").await?,
            Self::Journal => count(test, "select count(*) from journal").await?,
        })
    }
}

async fn stays_waiting(test: &TestBank, kind: Kind) -> Fallible<()> {
    assert_eq!(
        count(test, "select count(*) from approval_request where state <> 'waiting'").await?,
        0,
        "{kind:?}"
    );
    assert_eq!(kind.effects(test).await?, 0, "{kind:?}");
    Ok(())
}

#[tokio::test]
async fn one_person_is_not_two_whatever_the_role() -> Story {
    for kind in KINDS {
        let test = TestBank::new().await?;
        let request = kind.ask(&test.bank, 1).await?;
        // The maker takes the checker's role at the same branch as well.
        let maker = kind.maker()?;
        let role = kind.checker()?.role;
        let change = RoleChange {
            staff_id: maker.staff_id.clone(),
            branch_code: "NBO-HQ".into(),
            role,
            from: None,
            until: None,
            limit: Some(Money::new(Decimal::from(1_000_000), Currency::Kes)?),
        };
        staff::set_role(&test.bank, &change).await?;
        let second_seat = seat(maker.staff_id.as_str(), "NBO-HQ", role)?;
        let seen = decision(&test.bank, &kind.checker()?, request, Verdict::Approve).await?;
        let refused = approval::decide(&test.bank, &second_seat, &seen, key("self")?).await.unwrap_err();
        assert_eq!(refused.status(), 403, "{refused}");
        assert!(refused.to_string().contains("another person"), "{refused}");
        stays_waiting(&test, kind).await?;
        test.finish().await?;
    }
    Ok(())
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
    for kind in KINDS {
        let test = TestBank::new().await?;
        let request = kind.ask(&test.bank, 1).await?;
        let seen = decision(&test.bank, &kind.checker()?, request, Verdict::Approve).await?;
        let edited = "update approval_request set payload = payload || '{\"surname\": \"Other\", \"narrative\": \"Other\"}'";
        assert!(as_owner(&test, edited).await.unwrap_err().to_string().contains("never changed"));
        // Somebody who owns the machine can switch the trigger off; the hash still tells.
        as_owner(&test, "alter table approval_request disable trigger all").await?;
        as_owner(&test, edited).await?;
        as_owner(&test, "alter table approval_request enable trigger all").await?;
        let refused =
            approval::decide(&test.bank, &kind.checker()?, &seen, key("edited")?).await.unwrap_err();
        assert_eq!(refused.status(), 409, "{refused}");
        stays_waiting(&test, kind).await?;
        test.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_decision_on_something_else_than_was_shown_is_refused() -> Story {
    for kind in KINDS {
        let test = TestBank::new().await?;
        let (one, two) = (kind.ask(&test.bank, 1).await?, kind.ask(&test.bank, 2).await?);
        let mut seen = decision(&test.bank, &kind.checker()?, one, Verdict::Approve).await?;
        seen.request = two;
        let refused =
            approval::decide(&test.bank, &kind.checker()?, &seen, key("swapped")?).await.unwrap_err();
        assert_eq!(refused.status(), 409);
        stays_waiting(&test, kind).await?;
        test.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_stale_version_is_refused() -> Story {
    let test = TestBank::new().await?;
    register(&test.bank, &caller("RO-001")?, &form(1), "first").await?;
    let mut alike = exposed(2);
    alike.phone = form(1).phone;
    alike.duplicate_reason = "Her sister".into();
    let Receipt::Waiting { request, .. } = register(&test.bank, &caller("RO-001")?, &alike, "second").await?
    else {
        return Err("a ticket".into());
    };
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
    for kind in KINDS {
        let test = TestBank::new().await?;
        let request = kind.ask(&test.bank, 1).await?;
        let checker = kind.checker()?;
        let seen = decision(&test.bank, &checker, request, Verdict::Approve).await?;
        staff::end_role(&test.bank, &checker.staff_id, "NBO-HQ", checker.role).await?;
        let refused = approval::decide(&test.bank, &checker, &seen, key("late")?).await.unwrap_err();
        assert_eq!(refused.status(), 403, "{refused}");
        stays_waiting(&test, kind).await?;
        test.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_limit_lowered_between_look_and_press_counts() -> Story {
    let test = TestBank::new().await?;
    let request = Kind::Journal.ask(&test.bank, 1).await?;
    let checker = caller("BM-001")?;
    let seen = decision(&test.bank, &checker, request, Verdict::Approve).await?;
    let lower = RoleChange {
        staff_id: checker.staff_id.clone(),
        branch_code: "NBO-HQ".into(),
        role: Role::BranchManager,
        from: None,
        until: None,
        limit: Some(Money::new(Decimal::from(999), Currency::Kes)?),
    };
    staff::set_role(&test.bank, &lower).await?;
    let refused = approval::decide(&test.bank, &checker, &seen, key("above")?).await.unwrap_err();
    assert!(refused.to_string().contains("above your limit of KES 999.00"), "{refused}");
    stays_waiting(&test, Kind::Journal).await?;
    test.finish().await
}

#[tokio::test]
async fn a_sum_split_into_small_requests_counts_as_one() -> Story {
    let test = TestBank::new().await?;
    let checker = caller("BM-001")?;
    let limit = RoleChange {
        staff_id: checker.staff_id.clone(),
        branch_code: "NBO-HQ".into(),
        role: Role::BranchManager,
        from: None,
        until: None,
        limit: Some(Money::new(Decimal::from(2500), Currency::Kes)?),
    };
    staff::set_role(&test.bank, &limit).await?;
    let mut outcomes = Vec::new();
    for nth in 0..3 {
        let request = Kind::Journal.ask(&test.bank, nth).await?;
        outcomes
            .push(decide(&test.bank, &checker, request, Verdict::Approve, &format!("d{nth}")).await.is_ok());
    }
    assert_eq!(outcomes, [true, true, false], "three times 1,000 are more than 2,500");
    test.finish().await
}

#[tokio::test]
async fn a_maker_who_lost_the_right_takes_the_request_along() -> Story {
    for kind in KINDS {
        let test = TestBank::new().await?;
        let request = kind.ask(&test.bank, 1).await?;
        let (maker, checker) = (kind.maker()?, kind.checker()?);
        staff::end_role(&test.bank, &maker.staff_id, "NBO-HQ", maker.role).await?;
        let refused = decide(&test.bank, &checker, request, Verdict::Approve, "orphan").await.unwrap_err();
        assert_eq!(refused.status(), 409, "{refused}");
        stays_waiting(&test, kind).await?;
        decide(&test.bank, &checker, request, Verdict::Reject, "clear").await?;
        test.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_approved_command_cannot_be_played_again() -> Story {
    for kind in KINDS {
        let test = TestBank::new().await?;
        let request = kind.ask(&test.bank, 1).await?;
        let seen = decision(&test.bank, &kind.checker()?, request, Verdict::Approve).await?;
        for round in 0..3 {
            let played =
                approval::decide(&test.bank, &kind.checker()?, &seen, key(&format!("p{round}"))?).await;
            assert_eq!(played.is_ok(), round == 0);
        }
        assert_eq!(kind.effects(&test).await?, 1);
        let forged = as_owner(&test, "update approval_request set state = 'waiting', checker_id = null, decided_at = null, effect = null").await;
        assert!(forged.unwrap_err().to_string().contains("never changed"));
        test.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn two_requests_for_one_thing_do_not_wait_at_once() -> Story {
    let test = TestBank::new().await?;
    Kind::Journal.ask(&test.bank, 1).await?;
    let again =
        dispatch::submit(&test.bank, &caller("OS-001")?, &cash_to_vault("1000", "transfer 1")?, key("dup")?)
            .await;
    assert_eq!(again.unwrap_err().status(), 409);
    assert_eq!(count(&test, "select count(*) from approval_request").await?, 1);
    test.finish().await
}

#[tokio::test]
async fn a_checker_cannot_do_the_deed_directly() -> Story {
    let test = TestBank::new().await?;
    let refused = register(&test.bank, &caller("OS-001")?, &form(1), "direct").await.unwrap_err();
    assert_eq!(refused.status(), 403);
    let journal =
        dispatch::submit(&test.bank, &caller("BM-001")?, &cash_to_vault("5", "direct")?, key("direct")?)
            .await;
    assert_eq!(journal.unwrap_err().status(), 403);
    assert_eq!(count(&test, "select count(*) from journal").await?, 0);
    test.finish().await
}

#[tokio::test]
async fn a_checker_from_another_branch_finds_nothing() -> Story {
    for kind in KINDS {
        let test = TestBank::new().await?;
        let request = kind.ask(&test.bank, 1).await?;
        let seen = decision(&test.bank, &kind.checker()?, request, Verdict::Approve).await?;
        let elsewhere =
            approval::decide(&test.bank, &kind.elsewhere()?, &seen, key("elsewhere")?).await.unwrap_err();
        assert_eq!(elsewhere.status(), 404);
        let pretends = seat(kind.elsewhere()?.staff_id.as_str(), "NBO-HQ", kind.checker()?.role)?;
        let pretended = approval::decide(&test.bank, &pretends, &seen, key("pretends")?).await.unwrap_err();
        assert_eq!(pretended.status(), 403, "a seat nobody gave is not taken");
        stays_waiting(&test, kind).await?;
        test.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_posted_is_to_the_cent_what_was_shown() -> Story {
    let test = TestBank::new().await?;
    let receipt =
        dispatch::submit(&test.bank, &caller("OS-001")?, &cash_to_vault("1,234.50", "odd")?, key("odd")?)
            .await?;
    let Receipt::Waiting { request, title, .. } = receipt else { return Err("a ticket".into()) };
    assert_eq!(title, "Post a general journal of KES 1,234.50");
    decide(&test.bank, &caller("BM-001")?, request, Verdict::Approve, "yes").await?;
    assert_eq!(
        count(&test, "select (sum(debit) * 100)::bigint from posting where gl_code = '1020'").await?,
        123_450
    );
    for text in ["10.005", "1e3", "0x10"] {
        assert!(cash_to_vault(text, "x").is_err(), "{text} is refused, not rounded");
    }
    test.finish().await
}

#[tokio::test]
async fn a_deed_approved_on_the_next_day_is_dated_the_next_day() -> Story {
    let test = TestBank::new().await?;
    let request = Kind::Journal.ask(&test.bank, 1).await?;
    business_date::move_forward(&test.bank, "NBO-HQ", date(2026, 3, 27)).await?;
    decide(&test.bank, &caller("BM-001")?, request, Verdict::Approve, "next").await?;
    assert_eq!(count(&test, "select count(*) from journal where business_date = '2026-03-27'").await?, 1);
    assert_eq!(count(&test, "select count(*) from journal where business_date <> '2026-03-27'").await?, 0);
    test.finish().await
}

/// Several decide at once; exactly one verdict counts and its deed is done at most once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_races_of_approve_against_approve_and_reject() -> Story {
    let test = TestBank::new().await?;
    // A second person with the right to decide.
    let change = RoleChange {
        staff_id: "CO-001".parse()?,
        branch_code: "NBO-HQ".into(),
        role: Role::OperationsSupervisor,
        from: None,
        until: None,
        limit: None,
    };
    staff::set_role(&test.bank, &change).await?;
    let second = seat("CO-001", "NBO-HQ", Role::OperationsSupervisor)?;
    let mut approved = 0;
    for round in 0..200 {
        let request = Kind::Customer.ask(&test.bank, round).await?;
        let first = Kind::Customer.checker()?;
        let verdict = if round % 2 == 0 { Verdict::Approve } else { Verdict::Reject };
        let (yes, other) = (
            decision(&test.bank, &first, request, Verdict::Approve).await?,
            decision(&test.bank, &second, request, verdict).await?,
        );
        let (bank, colleague) = (test.bank.clone(), second.clone());
        let (one_key, two_key) = (key(&format!("r{round}a"))?, key(&format!("r{round}b"))?);
        let rival = tokio::spawn(async move { approval::decide(&bank, &colleague, &other, two_key).await });
        let one = approval::decide(&test.bank, &first, &yes, one_key).await;
        let two = rival.await?;
        let winners: Vec<&Receipt> =
            [&one, &two].into_iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(winners.len(), 1, "round {round}: {one:?} {two:?}");
        for outcome in [&one, &two] {
            assert!(matches!(outcome, Ok(_) | Err(AppError::Conflict(_))), "round {round}: {outcome:?}");
        }
        if matches!(winners[0], Receipt::Decided { state: RequestState::Approved, .. }) {
            approved += 1;
        }
    }
    assert_eq!(Kind::Customer.effects(&test).await?, approved);
    assert_eq!(
        count(&test, "select count(*) from idempotency_key where key like 'approval:%'").await?,
        approved
    );
    test.finish().await
}

/// The right to decide is taken while the decision is on its way: either it came first or it is refused,
/// never half.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_races_of_approve_against_a_right_being_taken() -> Story {
    let test = TestBank::new().await?;
    let checker = Kind::Journal.checker()?;
    let role = RoleChange {
        staff_id: checker.staff_id.clone(),
        branch_code: "NBO-HQ".into(),
        role: checker.role,
        from: None,
        until: None,
        limit: Some(Money::new(Decimal::from(10_000_000), Currency::Kes)?),
    };
    let mut done = 0;
    for round in 0..100 {
        staff::set_role(&test.bank, &role).await?;
        let request = Kind::Journal.ask(&test.bank, round).await?;
        let yes = decision(&test.bank, &checker, request, Verdict::Approve).await?;
        let (bank, staff_id, taken) = (test.bank.clone(), checker.staff_id.clone(), checker.role);
        let taking = tokio::spawn(async move { staff::end_role(&bank, &staff_id, "NBO-HQ", taken).await });
        let decided = approval::decide(&test.bank, &checker, &yes, key(&format!("t{round}"))?).await;
        taking.await??;
        match decided {
            Ok(_) => done += 1,
            Err(AppError::NotAllowed(_)) => {}
            Err(other) => return Err(format!("round {round}: {other}").into()),
        }
    }
    assert_eq!(Kind::Journal.effects(&test).await?, done);
    test.finish().await
}
