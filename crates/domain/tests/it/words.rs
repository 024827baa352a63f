use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use tawi_domain::administration::holidays::HolidayAct;
use tawi_domain::administration::staff_administration::StaffAct;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_product::RepaymentFrequency;
use tawi_domain::credit_ops::repayment_tracking::LoanFilter;
use tawi_domain::customer_ops::account::AccountKind;
use tawi_domain::customer_ops::cif_create::DuplicateSignal;
use tawi_domain::customer_ops::customer::{IdKind, Pep, SourceOfFunds};
use tawi_domain::customer_ops::risk::{RiskBand, RiskReason};
use tawi_domain::language::Language;
use tawi_domain::shared::account::{AccountStatus, Restriction};
use tawi_domain::shared::approval::{Care, Column, RequestState, Verdict};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::chart::GlKind;
use tawi_domain::shared::job::JobStep;
use tawi_domain::shared::permissions::{Area, Role};
use tawi_domain::shared::topic::{ChoiceList, Saying, Topic};

/// Each variant reads back from its word, in the database and on the wire, and from no other.
macro_rules! read_back {
    ($($name:ident),+ $(,)?) => {{
        fn round<T>(all: &[T], code: fn(T) -> &'static str, from_code: fn(&str) -> Option<T>)
        where
            T: Copy + PartialEq + Debug + serde::Serialize + serde::de::DeserializeOwned,
        {
            let mut words = BTreeSet::new();
            for one in all.iter().copied() {
                assert_eq!(from_code(code(one)), Some(one));
                assert!(words.insert(code(one)), "{one:?} shares its word");
                let sent = serde_json::to_string(&one).unwrap();
                assert_eq!(serde_json::from_str::<T>(&sent).unwrap(), one);
            }
            assert_eq!(from_code("no such word"), None);
            assert_eq!(from_code(""), None);
        }
        $(round(&$name::ALL, $name::code, $name::from_code);)+
        BTreeSet::from([$(stringify!($name).to_owned()),+])
    }};
}

#[test]
fn every_word_reads_back_as_its_variant() {
    let tried = read_back!(
        AccountKind,
        AccountStatus,
        Area,
        Care,
        ChoiceList,
        Column,
        DuplicateSignal,
        GlKind,
        HolidayAct,
        IdKind,
        JobStep,
        Language,
        LoanFilter,
        LoanStatus,
        Outcome,
        Pep,
        RepaymentFrequency,
        RequestState,
        Restriction,
        RiskBand,
        RiskReason,
        Role,
        Saying,
        SourceOfFunds,
        StaffAct,
        Topic,
        Verdict,
    );
    assert_eq!(
        tried,
        told(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")),
        "an enum of words is not tried"
    );
}

/// The names of the enums that are told word by word.
fn told(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            names.extend(told(&path));
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let blocks = source.split("\nwords! {").skip(1).filter_map(|block| block.split_once("pub enum "));
        names.extend(blocks.filter_map(|(_, rest)| rest.split_once(' ')).map(|(name, _)| name.to_owned()));
    }
    names
}
