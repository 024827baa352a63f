//! The demonstration bank: three branches and a person or more for each role, made through the
//! operations themselves. Making it again changes nothing.

mod life;
mod names;
mod season;

pub use life::{BEGINS, Made, live};

use crate::bank::Bank;
use crate::credit_ops::{loan_product, loan_setup};
use crate::shared::branch::{self, NewBranch};
use crate::shared::error::OpError;
use crate::shared::staff::{self, RoleChange};
use jiff::civil::Date;
use rust_decimal::Decimal;
use tawi_domain::credit_ops::loan_product::{LoanProduct, RepaymentFrequency};
use tawi_domain::credit_ops::schedule::{
    Charge, ChargeAmount, ChargeBase, ChargeClass, ChargeIncome, ChargeTrigger, ClosedDays, DayCount, DueDay,
    Excess, FirstDue, HolidayRule, InterestMethod, LoanTerms,
};
use tawi_domain::shared::ids::BranchNumber;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::Role;
use tawi_domain::shared::rate::Rate;

/// The password of everybody in the demonstration, unless another is given.
pub const PASSWORD: &str = "Wekeza-demo-2026";

/// Number, code and name of the branches.
pub const BRANCHES: &[(i16, &str, &str)] =
    &[(1, "NBO-HQ", "Nairobi Head Office"), (2, "MSA-01", "Mombasa"), (3, "KSM-01", "Kisumu")];

/// Somebody of the demonstration.
#[derive(Debug)]
pub struct Person {
    /// Staff ID.
    pub staff_id: &'static str,
    /// Name.
    pub name: &'static str,
    /// Seats: code of the branch, role, personal limit in whole shillings.
    pub seats: &'static [(&'static str, Role, Option<i64>)],
}

/// The people of the demonstration.
pub const PEOPLE: &[Person] = &[
    Person {
        staff_id: "RO-001",
        name: "Grace Wanjiku Maina",
        seats: &[("NBO-HQ", Role::RelationshipOfficer, None)],
    },
    Person {
        staff_id: "LO-001",
        name: "Brian Otieno Ochieng",
        seats: &[("NBO-HQ", Role::LoanOfficer, None)],
    },
    Person {
        staff_id: "OS-001",
        name: "Halima Abdi Noor",
        seats: &[("NBO-HQ", Role::OperationsSupervisor, Some(500_000))],
    },
    Person {
        staff_id: "CS-001",
        name: "Daniel Kiprotich Koech",
        seats: &[("NBO-HQ", Role::CreditSupervisor, Some(1_000_000))],
    },
    Person { staff_id: "TL-001", name: "Mercy Achieng Odhiambo", seats: &[("NBO-HQ", Role::Teller, None)] },
    Person {
        staff_id: "BM-001",
        name: "Peter Mwangi Kamau",
        seats: &[("NBO-HQ", Role::BranchManager, Some(10_000_000))],
    },
    Person { staff_id: "AU-001", name: "Susan Nyambura Njoroge", seats: &[("NBO-HQ", Role::Auditor, None)] },
    Person {
        staff_id: "AD-001",
        name: "Kevin Mutua Musyoka",
        seats: &[("NBO-HQ", Role::Administrator, None)],
    },
    Person {
        staff_id: "CO-001",
        name: "Fatuma Hassan Ali",
        seats: &[("NBO-HQ", Role::ComplianceOfficer, None)],
    },
    Person {
        staff_id: "HB-001",
        name: "Joyce Chepkemoi Rono",
        seats: &[("NBO-HQ", Role::HeadOfBranchBanking, Some(20_000_000))],
    },
    Person {
        staff_id: "HO-001",
        name: "Samuel Kariuki Gitau",
        seats: &[("NBO-HQ", Role::HeadOffice, Some(100_000_000))],
    },
    Person {
        staff_id: "RM-001",
        name: "Esther Wairimu Ndegwa",
        seats: &[
            ("NBO-HQ", Role::RegionalManager, Some(20_000_000)),
            ("MSA-01", Role::RegionalManager, Some(20_000_000)),
            ("KSM-01", Role::RegionalManager, Some(20_000_000)),
        ],
    },
    Person {
        staff_id: "RO-002",
        name: "Khadija Said Omar",
        seats: &[("MSA-01", Role::RelationshipOfficer, None)],
    },
    Person {
        staff_id: "OS-002",
        name: "Joseph Mwakio Mwadime",
        seats: &[
            ("MSA-01", Role::OperationsSupervisor, Some(500_000)),
            ("MSA-01", Role::RelationshipOfficer, None),
        ],
    },
    Person {
        staff_id: "BM-002",
        name: "Amina Rashid Juma",
        seats: &[("MSA-01", Role::BranchManager, Some(10_000_000))],
    },
    Person {
        staff_id: "RO-003",
        name: "Kelvin Ouma Onyango",
        seats: &[("KSM-01", Role::RelationshipOfficer, None)],
    },
    Person {
        staff_id: "OS-003",
        name: "Mary Atieno Okoth",
        seats: &[("KSM-01", Role::OperationsSupervisor, Some(500_000))],
    },
    Person {
        staff_id: "BM-003",
        name: "George Odera Ogola",
        seats: &[("KSM-01", Role::BranchManager, Some(10_000_000))],
    },
];

/// What the demonstration lends.
pub fn products() -> Result<Vec<LoanProduct>, OpError> {
    let money = |shillings: i64| Money::new(Decimal::from(shillings), Currency::Kes).map_err(OpError::stored);
    let rate = |percent: Decimal| Rate::try_from(percent).map_err(OpError::stored);
    Ok(vec![
        LoanProduct {
            code: "BIASHARA".to_owned(),
            version: 1,
            name: "Biashara loan".to_owned(),
            number_code: 51,
            method: InterestMethod::DecliningEqualInstalment,
            day_count: DayCount::Actual365Fixed,
            rate: rate(Decimal::new(18, 0))?,
            lowest_rate: Some(rate(Decimal::new(14, 0))?),
            highest_rate: Some(rate(Decimal::new(24, 0))?),
            frequencies: RepaymentFrequency::ALL.to_vec(),
            least: money(10_000)?,
            most: money(2_000_000)?,
            shortest_months: 3,
            longest_months: 36,
            fee_percent: Decimal::new(2, 0),
            oldest_at_end_years: 70,
            most_exposure: money(3_000_000)?,
            least_repayment: Some(money(10)?),
            offered: true,
            template: None,
        },
        LoanProduct {
            code: "JAMII".to_owned(),
            version: 1,
            name: "Jamii loan".to_owned(),
            number_code: 52,
            method: InterestMethod::Flat,
            day_count: DayCount::Thirty360,
            rate: rate(Decimal::new(14, 0))?,
            lowest_rate: None,
            highest_rate: None,
            frequencies: vec![RepaymentFrequency::Monthly],
            least: money(5_000)?,
            most: money(300_000)?,
            shortest_months: 1,
            longest_months: 24,
            fee_percent: Decimal::new(1, 0),
            oldest_at_end_years: 65,
            most_exposure: money(1_000_000)?,
            least_repayment: Some(money(10)?),
            offered: true,
            template: None,
        },
        LoanProduct {
            code: "KILIMO".to_owned(),
            version: 1,
            name: "Kilimo loan".to_owned(),
            number_code: 53,
            method: InterestMethod::DecliningEqualInstalment,
            day_count: DayCount::Actual365Fixed,
            rate: rate(Decimal::new(16, 0))?,
            lowest_rate: None,
            highest_rate: None,
            frequencies: vec![RepaymentFrequency::Monthly, RepaymentFrequency::Quarterly],
            least: money(10_000)?,
            most: money(500_000)?,
            shortest_months: 6,
            longest_months: 36,
            fee_percent: Decimal::new(15, 1),
            oldest_at_end_years: 70,
            most_exposure: money(1_500_000)?,
            least_repayment: Some(money(50)?),
            offered: true,
            template: Some(of_the_season(money(250)?)),
        },
    ])
}

/// Terms that use most of what there is: due on the 25th or the next working day, the first instalment three weeks
/// on at least, a fee with each instalment, a penalty on what is unpaid, a fee that is earned over the term,
/// shillings that may be missing, overpayments that are kept.
fn of_the_season(insurance: Money) -> LoanTerms {
    let mut terms = LoanTerms::template(InterestMethod::DecliningEqualInstalment, DayCount::Actual365Fixed);
    terms.dates.due_day = DueDay::Fixed(25);
    terms.dates.first_due = FirstDue::NotBefore { days: 21 };
    terms.dates.closed = ClosedDays { rule: HolidayRule::Next, sundays: true, ..ClosedDays::default() };
    terms.tolerance = 1_000;
    terms.allocation.excess = Excess::Kept;
    let percent = Decimal::new(5, 0);
    let unpaid = ChargeAmount::Percent { percent, of: ChargeBase::InstalmentUnpaid, least: None, most: None };
    let late = ChargeTrigger::OverdueInstalment { grace_days: 7, every_days: 30 };
    let each = ChargeTrigger::EachInstalment;
    terms.charges = vec![
        Charge::new("Crop insurance", ChargeClass::Fee, ChargeAmount::Flat(insurance), each),
        Charge::new("Late payment", ChargeClass::Penalty, unpaid, late),
        Charge::processing_fee(Decimal::new(15, 1), ChargeIncome::OverTerm),
    ];
    terms
}

/// Opens the branches on a business date and takes on the people. Answers how many were new.
pub async fn make(bank: &Bank, business_date: Date, password: &str) -> Result<usize, OpError> {
    for (number, code, name) in BRANCHES {
        let branch = NewBranch {
            number: BranchNumber::try_from(*number).map_err(OpError::stored)?,
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            business_date,
        };
        branch::open(bank, &branch).await?;
    }
    if loan_product::count(bank).await? == 0 {
        for product in products()? {
            loan_setup::publish(bank, &product).await?;
        }
    }
    // Hashing a password takes time: nobody is hashed again once everybody is there.
    if usize::try_from(staff::count(bank).await?).is_ok_and(|people| people >= PEOPLE.len()) {
        return Ok(0);
    }
    let mut new = 0;
    for person in PEOPLE {
        let staff_id = person.staff_id.parse().map_err(OpError::stored)?;
        if !staff::add(bank, &staff_id, person.name, password.to_owned()).await? {
            continue;
        }
        new += 1;
        for (branch_code, role, limit) in person.seats {
            let limit = limit
                .map(|shillings| Money::new(Decimal::from(shillings), Currency::Kes))
                .transpose()
                .map_err(OpError::stored)?;
            let change = RoleChange {
                staff_id: staff_id.clone(),
                branch_code: (*branch_code).to_owned(),
                role: *role,
                from: None,
                until: None,
                limit,
            };
            staff::set_role(bank, &change).await?;
        }
    }
    Ok(new)
}
