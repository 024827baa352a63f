//! The operation table: a file for each area of the menu, a row for each operation in the order of the
//! rail. Menu, guards, inbox, access tests, the README and the audit read it. An operation without a
//! row, or with two, does not compile.

mod account;
mod administration;
mod books;
mod customers;
mod desk;
mod loans;

use super::operation::{Approval, Area, AuditClass, Limit, Manner, Operation, Spec, Start, VARIANTS};
use super::role::Role;
use crate::shared::place::PlaceKind;

/// The areas in the order of the rail.
const AREAS: [(Area, &[Spec]); 6] = [
    (Area::Desk, desk::ROWS),
    (Area::Customers, customers::ROWS),
    (Area::Loans, loans::ROWS),
    (Area::Books, books::ROWS),
    (Area::Administration, administration::ROWS),
    (Area::Account, account::ROWS),
];

/// Every row, at the place of its operation in the enum.
pub(super) static TABLE: [Spec; VARIANTS.len()] = ordered().0;

/// Every operation in the order of the rail.
pub(super) const MENU: [Operation; VARIANTS.len()] = ordered().1;

/// Puts every row at its operation's place, and tells the order in which rows were met.
const fn ordered() -> ([Spec; VARIANTS.len()], [Operation; VARIANTS.len()]) {
    let mut table = [look(Operation::SignIn, "", ""); VARIANTS.len()];
    let mut menu = VARIANTS;
    let mut has_row = [false; VARIANTS.len()];
    let (mut area, mut met) = (0, 0);
    while area < AREAS.len() {
        let (heading, rows) = AREAS[area];
        let mut row = 0;
        while row < rows.len() {
            let place = rows[row].operation.place();
            assert!(!has_row[place], "an operation has two rows in permissions/table");
            has_row[place] = true;
            table[place] = rows[row];
            table[place].area = heading;
            // Where nobody agrees nobody is bounded.
            if rows[row].checker.is_empty() {
                table[place].limit = Limit::None;
            }
            menu[met] = rows[row].operation;
            met += 1;
            row += 1;
        }
        area += 1;
    }
    assert!(met == VARIANTS.len(), "an operation has no row in permissions/table");
    (table, menu)
}

const fn row(
    operation: Operation,
    code: &'static str,
    title: &'static str,
    manner: Manner,
    audit: AuditClass,
) -> Spec {
    Spec {
        operation,
        code,
        title,
        area: Area::Desk,
        manner,
        start: None,
        maker: &[],
        checker: &[],
        approval: Approval::Never,
        occasion: "",
        limit: Limit::None,
        audit,
        makes: None,
        by_program: false,
    }
}

/// Somebody looks at customers' data.
const fn look(operation: Operation, code: &'static str, title: &'static str) -> Spec {
    row(operation, code, title, Manner::Look, AuditClass::Enquiry)
}

/// A form is sent that changes customers' data.
const fn act(operation: Operation, code: &'static str, title: &'static str) -> Spec {
    row(operation, code, title, Manner::Act, AuditClass::Customer)
}

/// A form is sent that moves money; who agrees to it does so within a personal amount limit.
const fn pay(operation: Operation, code: &'static str, title: &'static str) -> Spec {
    let row = row(operation, code, title, Manner::Act, AuditClass::Money);
    Spec { limit: Limit::CheckerAmount, ..row }
}

/// Something that waits, or a session, is settled.
const fn settle(operation: Operation, code: &'static str, title: &'static str) -> Spec {
    row(operation, code, title, Manner::Settle, AuditClass::Customer)
}

/// The command line does it, nobody else.
const fn program(operation: Operation, code: &'static str, title: &'static str) -> Spec {
    row(operation, code, title, Manner::Program, AuditClass::Administration).or_program()
}

impl Spec {
    /// The roles that do it.
    const fn by(mut self, roles: &'static [Role]) -> Self {
        self.maker = roles;
        self
    }

    /// The page it begins on, with its icon in the rail.
    const fn at(mut self, path: &'static str, icon: &'static str) -> Self {
        self.start = Some(Start { path, icon });
        self
    }

    /// A second person always agrees.
    const fn always(mut self, checkers: &'static [Role]) -> Self {
        self.checker = checkers;
        self.approval = Approval::Always;
        self.occasion = "always";
        self
    }

    /// A second person agrees on an occasion that the review finds.
    const fn when(mut self, occasion: &'static str, checkers: &'static [Role]) -> Self {
        self.checker = checkers;
        self.approval = Approval::WhenFlagged;
        self.occasion = occasion;
        self
    }

    /// The checker agrees within a personal amount limit.
    const fn within_limit(mut self) -> Self {
        self.limit = Limit::CheckerAmount;
        self
    }

    /// What the audit keeps, where it is not what the row begins with.
    const fn audited(mut self, class: AuditClass) -> Self {
        self.audit = class;
        self
    }

    /// What comes of it has a page.
    const fn makes(mut self, place: PlaceKind) -> Self {
        self.makes = Some(place);
        self
    }

    /// The program's own command line does it as well.
    const fn or_program(mut self) -> Self {
        self.by_program = true;
        self
    }
}

/// What the files of rows use.
mod prelude {
    pub(super) use super::super::Role::{
        Administrator, Auditor, BranchManager, ComplianceOfficer, CreditSupervisor, HeadOfBranchBanking,
        LoanOfficer, OperationsSupervisor, RegionalManager, RelationshipOfficer, Teller,
    };
    pub(super) use super::super::operation::AuditClass::{Access, Administration};
    pub(super) use super::super::operation::Operation as Op;
    pub(super) use super::super::operation::Spec;
    pub(super) use super::super::role::Role;
    pub(super) use super::{act, look, pay, program, settle};
    pub(super) use crate::shared::place::PlaceKind as Page;
}
