use rust_decimal::Decimal;
use tawi_domain::shared::fact::Fact;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::{
    Approval, AuditClass, Limit, Operation, Role, approval_limit_holds, can_perform_action, has_permission,
    may_check, requires_supervisor_approval,
};
use tawi_domain::shared::topic::Topic;

/// The table a manager can read: M may do it, C may approve it.
#[test]
fn the_role_and_operation_table() {
    let mut table = String::from("operation            | ");
    for role in Role::ALL {
        table.push_str(&role.code().split('_').map(|word| &word[..1]).collect::<String>());
        table.push(' ');
    }
    for operation in Operation::ALL {
        let spec = operation.spec();
        table.push_str(&format!("\n{:<20} |", spec.code));
        for role in Role::ALL {
            let mark = match (spec.maker.contains(&role), spec.checker.contains(&role)) {
                (true, true) => "MC",
                (true, false) => "M",
                (false, true) => "C",
                (false, false) => ".",
            };
            let width = role.code().split('_').count();
            table.push_str(&format!(" {mark:>width$}"));
        }
        table.push_str(&format!(
            " | {:?}, {}",
            spec.approval,
            spec.start.map_or("no screen", |start| start.path)
        ));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn codes_are_unique_and_read_back() {
    for operation in Operation::ALL {
        assert_eq!(Operation::from_code(operation.code()), Some(operation));
    }
    for role in Role::ALL {
        assert_eq!(role.code().parse(), Ok(role));
    }
}

#[test]
fn an_operation_that_asks_for_approval_has_somebody_to_give_it_who_is_not_only_its_maker() {
    for operation in Operation::ALL {
        let spec = operation.spec();
        assert_eq!(spec.approval == Approval::Never, spec.checker.is_empty(), "{}", spec.code);
        if !spec.checker.is_empty() {
            assert!(
                spec.checker.iter().all(|role| can_perform_action(*role, Operation::Approvals)),
                "{}",
                spec.code
            );
            assert!(
                spec.maker.iter().all(|role| can_perform_action(*role, Operation::Requests)),
                "{}",
                spec.code
            );
        }
    }
}

#[test]
fn the_administrator_and_the_auditor_do_nothing_to_customers_or_money() {
    let desk = [Operation::Approvals, Operation::Notices, Operation::Requests];
    for operation in Operation::ALL.into_iter().filter(|operation| !desk.contains(operation)) {
        let spec = operation.spec();
        let touches = |role| spec.maker.contains(&role) || spec.checker.contains(&role);
        match spec.audit {
            AuditClass::Customer | AuditClass::Money => {
                assert!(!touches(Role::Administrator) && !touches(Role::Auditor), "{}", spec.code);
            }
            AuditClass::Enquiry => assert!(!touches(Role::Administrator), "{}", spec.code),
            AuditClass::Access | AuditClass::Administration => {
                assert!(!spec.checker.contains(&Role::Auditor), "{}", spec.code);
            }
        }
    }
}

#[test]
fn nobody_decides_their_own_request() {
    let (maker, other) = ("OS-002".parse().unwrap(), "OS-001".parse().unwrap());
    assert!(may_check(Role::OperationsSupervisor, &maker, &maker, Operation::CifCreate).is_err());
    assert!(may_check(Role::OperationsSupervisor, &other, &maker, Operation::CifCreate).is_ok());
    assert!(may_check(Role::RelationshipOfficer, &other, &maker, Operation::CifCreate).is_err());
}

#[test]
fn a_checker_without_a_limit_in_the_currency_approves_no_money() {
    let money = |whole: i64, currency| Money::new(Decimal::from(whole), currency).unwrap();
    let kes = |whole| money(whole, Currency::Kes);
    let limited = Operation::ALL.into_iter().filter(|one| one.spec().limit == Limit::CheckerAmount);
    for operation in limited {
        let holds = |amount, limit| approval_limit_holds(operation, Some(amount), limit).is_ok();
        assert!(holds(kes(100), Some(kes(100))));
        assert!(!holds(kes(101), Some(kes(100))));
        assert!(!holds(kes(1), None));
        assert!(!holds(money(1, Currency::Usd), Some(kes(100))));
    }
}

#[test]
fn approval_follows_the_table() {
    let reason = [Fact::new(Topic::RiskIsHigh, "high")];
    assert!(requires_supervisor_approval(Operation::CifCreate, &reason));
    assert!(!requires_supervisor_approval(Operation::CifCreate, &[]));
    assert!(requires_supervisor_approval(Operation::Disbursement, &[]));
    assert!(!requires_supervisor_approval(Operation::Repayment, &reason));
    assert!(has_permission("relationship_officer", "cif_create"));
    assert!(!has_permission("teller", "cif_create"));
    assert!(!has_permission("nobody", "cif_create"));
}
