//! Swahili: papers for customers who ask for them in it.

use super::english;
use crate::credit_ops::loan_product::RepaymentFrequency;
use crate::customer_ops::account::AccountKind;
use crate::customer_ops::customer::{Pep, SourceOfFunds, format_phone};
use crate::customer_ops::risk::{RiskBand, RiskReason};
use crate::shared::fact::{Fact, Value};
use crate::shared::permissions::Role;
use crate::shared::topic::{ChoiceList, Saying, Topic};
use jiff::civil::Date;

/// What a fact is called. Fields of parameters are read by the bank's own people and keep their English.
pub fn label(fact: &Fact) -> String {
    if matches!(fact.value, Value::Setting { .. }) {
        return english::label(fact);
    }
    topic(fact.topic).to_owned()
}

/// What a fact says.
pub fn told(fact: &Fact) -> String {
    match (fact.topic, &fact.value) {
        (Topic::Phone, Value::Text(number)) => format_phone(number),
        (Topic::TemporaryPassword, Value::Count(hours)) => {
            format!("Linafaa kwa saa {hours}, kwa kuchagua jingine tu")
        }
        (Topic::Arrears, Value::Money(money)) if money.amount().is_zero() => {
            "Hakuna kilichochelewa".to_owned()
        }
        (Topic::Arrears, Value::Money(money)) => format!("{money} zimechelewa"),
        (Topic::AgeAtEnd, Value::AtMost { is, most }) => {
            format!("{} wakati wa awamu ya mwisho, isizidi {}", value(is), value(most))
        }
        (Topic::InstalmentsFromPayOut, Value::Instalments { .. }) => {
            format!("{}, kuanzia siku mkopo unapotolewa", value(&fact.value))
        }
        (_, of) => value(of),
    }
}

/// What a topic is called.
pub fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Later => "Kutoka toleo jipya la mfumo",
        Topic::Customer => "Mteja",
        Topic::Borrower => "Mkopaji",
        Topic::Holder => "Mwenye akaunti",
        Topic::Name | Topic::BranchName => "Jina",
        Topic::DateOfBirth => "Tarehe ya kuzaliwa",
        Topic::NationalId => "Kitambulisho cha taifa",
        Topic::Passport => "Pasipoti",
        Topic::AlienCard => "Kitambulisho cha mgeni",
        Topic::KraPin => "PIN ya KRA",
        Topic::Phone => "Nambari ya simu",
        Topic::Email => "Barua pepe",
        Topic::Address => "Anwani",
        Topic::Occupation => "Kazi",
        Topic::SourceOfFunds => "Chanzo cha fedha",
        Topic::PoliticallyExposed => "Wadhifa wa kisiasa",
        Topic::AnotherPersonBecause => "Sababu kuwa ni mteja mpya",
        Topic::Risk | Topic::RiskIsHigh | Topic::RiskFactor => "Kiwango cha hatari",
        Topic::SameDocument => "Kitambulisho sawa",
        Topic::SamePin => "PIN ya KRA sawa",
        Topic::SamePhone => "Nambari ya simu sawa",
        Topic::SameNameAndBirth => "Jina na tarehe ya kuzaliwa sawa",
        Topic::AccountKind => "Aina",
        Topic::Account | Topic::AccountAskedFor => "Akaunti",
        Topic::OpeningDeposit | Topic::DepositIsHigh => "Amana ya kufungua",
        Topic::Loan => "Mkopo",
        Topic::Product => "Aina ya mkopo",
        Topic::Amount => "Kiasi",
        Topic::AmountLent => "Kiasi kilichokopeshwa",
        Topic::Instalments | Topic::InstalmentsFromPayOut => "Malipo ya awamu",
        Topic::Interest => "Riba",
        Topic::PaidOutTo => "Hulipwa kwenye akaunti",
        Topic::Purpose => "Kusudi",
        Topic::Standing => "Hali ya mteja",
        Topic::FileReview => "Kumjua mteja",
        Topic::AgeAtEnd => "Umri",
        Topic::Arrears => "Malimbikizo",
        Topic::Exposure => "Jumla ya mikopo",
        Topic::ProcessingFee => "Ada ya kushughulikia mkopo",
        Topic::ExciseDuty => "Ushuru wa bidhaa",
        Topic::PaidIntoAccount => "Kilichowekwa kwenye akaunti",
        Topic::FirstInstalment => "Awamu ya kwanza",
        Topic::TakenFromAccount => "Kimetolewa kwenye akaunti",
        Topic::InterestDue => "Riba iliyofika wakati wake",
        Topic::PrincipalDue => "Mkopo wa msingi uliofika wakati wake",
        Topic::PrincipalInAdvance => "Mkopo wa msingi uliolipwa mapema",
        Topic::InterestUpToToday => "Riba hadi leo",
        Topic::FeesPaid => "Ada",
        Topic::PenaltiesPaid => "Faini",
        Topic::TaxPaid => "Ushuru wa bidhaa kwa ada na faini",
        Topic::PaidTooMuch => "Kilicholipwa zidi",
        Topic::PrincipalOwedAfterwards => "Mkopo wa msingi unaobaki",
        Topic::NextInstalment => "Awamu inayofuata",
        Topic::Narrative | Topic::AppliesTo => "Kwa ajili ya",
        Topic::Debit => "Debiti",
        Topic::Credit => "Krediti",
        Topic::BranchNumber => "Nambari",
        Topic::BranchCode => "Msimbo",
        Topic::Opens => "Linafunguliwa",
        Topic::Books => "Vitabu vya hesabu",
        Topic::Day => "Siku",
        Topic::Becomes => "Inakuwa",
        Topic::Person => "Mfanyakazi",
        Topic::Roles => "Majukumu",
        Topic::TemporaryPassword => "Nywila ya muda",
        Topic::NoLonger => "Si tena",
        Topic::FromNowOn | Topic::CouldSignIn | Topic::CouldActAs => "Kuanzia sasa",
        Topic::Sessions => "Vipindi",
        Topic::Holds | Topic::GetsRole | Topic::HoldsLonger => "Ana jukumu",
        Topic::Role => "Jukumu",
        Topic::FirstDay => "Siku ya kwanza",
        Topic::LastDay => "Siku ya mwisho",
        Topic::Limit | Topic::LimitRises => "Kikomo",
        Topic::CountsFrom => "Inaanza",
        Topic::Setting | Topic::BecomesLooser => "Thamani",
        Topic::AlwaysTwo => "Mtu wa pili",
        Topic::HasOneAlready => "Akaunti zilizopo",
        Topic::AccountOpened => "Akaunti imefunguliwa",
        Topic::LoanPaidOut => "Mkopo umetolewa",
        Topic::RepaymentTaken => "Malipo ya mkopo yamepokelewa",
        Topic::LoanPaidOff => "Mkopo umelipwa wote",
    }
}

/// How a value reads.
pub fn value(of: &Value) -> String {
    match of {
        Value::None => "Hakuna".to_owned(),
        Value::Money(money) => money.to_string(),
        Value::Date(on) => date(*on),
        Value::Rate(rate) => format!("{rate} kwa mwaka"),
        Value::Count(count) => count.to_string(),
        Value::Text(text) => text.clone(),
        Value::Choice { list, code } => choice(*list, code).unwrap_or(code).to_owned(),
        Value::Saying(what) => saying(*what).to_owned(),
        Value::Customer { number, name } => format!("{name}, CIF {number}"),
        Value::Alike { number, name, branch } => format!("{name}, CIF {number} ({branch})"),
        Value::Account(number) => number.to_string(),
        Value::Person { staff_id, name } => format!("{name}, {staff_id}"),
        Value::Rated { band, points } => {
            let band = choice(ChoiceList::RiskBand, band).unwrap_or(band);
            format!("{band}, pointi {points}")
        }
        Value::Factor { reason, seen_in, factor, evidence, points } => {
            let told = reason.as_deref().and_then(RiskReason::from_code).map(|reason| risk(reason, *seen_in));
            let (factor, evidence) = told.unwrap_or_else(|| (factor.clone(), evidence.clone()));
            format!("{factor} ({evidence}), pointi {points}")
        }
        Value::Product { name, version } => format!("{name}, toleo {version}"),
        Value::Instalments { count, each, frequency } => {
            let often = frequency.as_deref().and_then(|code| choice(ChoiceList::RepaymentFrequency, code));
            let often = often.map(|often| format!(", {}", often.to_lowercase())).unwrap_or_default();
            format!("{count} za {each}{often}")
        }
        Value::Due { amount, on } => format!("{amount} tarehe {}", date(*on)),
        Value::AtMost { is, most } => format!("{}, isizidi {}", value(is), value(most)),
        Value::Until { day, good: true } => format!("Faili ni halali hadi {}", date(*day)),
        Value::Until { day, good: false } => format!("Faili lilipaswa kukaguliwa {}", date(*day)),
        Value::Entry { gl_code, gl_title, account, money } => match account {
            Some(number) => format!("{money}, {number} katika {gl_code} {gl_title}"),
            None => format!("{money}, {gl_code} {gl_title}"),
        },
        Value::Seat { role, branch, limit } => {
            let limit = limit.map(|limit| format!(", hadi {limit}")).unwrap_or_default();
            format!("{} katika {branch}{limit}", job(*role))
        }
        Value::Whose { name, what } => format!("{name}: {}", value(what)),
        Value::Setting { .. } => english::value(of),
        Value::LastDay(day) => day.map_or_else(|| saying(Saying::Open).to_owned(), date),
        Value::Change { was, becomes } => format!("{} → {}", value(was), value(becomes)),
    }
}

/// What is said in the same words every time.
fn saying(saying: Saying) -> &'static str {
    match saying {
        Saying::NoBlock => "Mteja hajazuiwa",
        Saying::Blocked => "Mteja amezuiwa",
        Saying::TooLarge => "Zaidi ya kiasi ambacho vitabu vinaweza kubeba",
        Saying::PaidOff => "Hakuna: mkopo umelipwa wote",
        Saying::WhenApproved => "Siku itakapoidhinishwa",
        Saying::BusinessDateWhenApproved => "Tarehe ya kazi ya siku itakapoidhinishwa",
        Saying::WhenDone => "Siku itakapofanywa",
        Saying::EmptyBooks => "Orodha ya hesabu za benki, kila salio sifuri",
        Saying::WorkingDay => "Siku ya kazi",
        Saying::WholeBank => "Benki nzima",
        Saying::NoneYet => "Hana bado",
        Saying::WithFirstRole => {
            "Pamoja na jukumu la kwanza: anayeomba na anayeidhinisha kila mmoja humpa nusu"
        }
        Saying::CanDoNothing => "Hawezi kufanya chochote; vipindi vinaisha mara moja",
        Saying::CanSignIn => "Anaweza kuingia tena, na majukumu aliyonayo",
        Saying::EndAtOnce => "Vinaisha mara moja",
        Saying::Open => "hakuna mwisho",
        Saying::NoLimit => "hakuna",
        Saying::Nothing => "hakuna",
        Saying::ALoan => "Mkopo huhitaji mtu wa pili kila mara",
        Saying::APayOut => "Kutoa mkopo huhitaji mtu wa pili kila mara",
        Saying::AJournal => "Jarida la jumla huhitaji mtu wa pili kila mara",
        Saying::ABranch => "Tawi huwa na vitabu, watu na nambari zake za akaunti, daima",
    }
}

/// A choice of a list; none for a word that a later version added.
fn choice(list: ChoiceList, code: &str) -> Option<&'static str> {
    match list {
        ChoiceList::AccountKind => AccountKind::from_code(code).map(account_kind),
        ChoiceList::RiskBand => RiskBand::from_code(code).map(risk_band),
        ChoiceList::SourceOfFunds => SourceOfFunds::from_code(code).map(source_of_funds),
        ChoiceList::PoliticallyExposed => Pep::from_code(code).map(exposed),
        ChoiceList::RepaymentFrequency => RepaymentFrequency::from_code(code).map(frequency),
    }
}

fn account_kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Savings => "Akaunti ya akiba",
        AccountKind::Current => "Akaunti ya hundi",
    }
}

fn risk_band(band: RiskBand) -> &'static str {
    match band {
        RiskBand::Low => "Hatari ndogo",
        RiskBand::Medium => "Hatari ya wastani",
        RiskBand::High => "Hatari kubwa",
    }
}

fn source_of_funds(source: SourceOfFunds) -> &'static str {
    match source {
        SourceOfFunds::Salary => "Mshahara",
        SourceOfFunds::Business => "Biashara yake",
        SourceOfFunds::Farming => "Kilimo",
        SourceOfFunds::Pension => "Pensheni",
        SourceOfFunds::Investments => "Kodi ya nyumba na uwekezaji",
        SourceOfFunds::Family => "Familia na zawadi",
        SourceOfFunds::RemittanceFromAbroad => "Fedha kutoka ng'ambo",
        SourceOfFunds::Other => "Nyingine",
    }
}

fn exposed(pep: Pep) -> &'static str {
    match pep {
        Pep::NotExposed => "Hapana",
        Pep::Exposed => "Ndiyo",
    }
}

fn frequency(frequency: RepaymentFrequency) -> &'static str {
    match frequency {
        RepaymentFrequency::Weekly => "Kila wiki",
        RepaymentFrequency::Fortnightly => "Kila wiki mbili",
        RepaymentFrequency::Monthly => "Kila mwezi",
        RepaymentFrequency::Quarterly => "Kila miezi mitatu",
    }
}

fn job(role: Role) -> &'static str {
    match role {
        Role::RelationshipOfficer => "Afisa uhusiano",
        Role::LoanOfficer => "Afisa mikopo",
        Role::CreditSupervisor => "Msimamizi wa mikopo",
        Role::OperationsSupervisor => "Msimamizi wa shughuli",
        Role::Teller => "Karani wa fedha",
        Role::BranchManager => "Meneja wa tawi",
        Role::RegionalManager => "Meneja wa kanda",
        Role::HeadOfBranchBanking => "Mkuu wa matawi",
        Role::HeadOffice => "Makao makuu",
        Role::ComplianceOfficer => "Afisa uzingatiaji",
        Role::Auditor => "Mkaguzi",
        Role::Administrator => "Msimamizi wa mfumo",
    }
}

/// The heading of a paper.
pub fn heading(of: &Fact) -> String {
    if of.topic == Topic::AccountOpened {
        return format!("{} imefunguliwa", value(&of.value));
    }
    topic(of.topic).to_owned()
}

/// `8 Septemba 1984`.
fn date(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "Januari", "Februari", "Machi", "Aprili", "Mei", "Juni", "Julai", "Agosti", "Septemba", "Oktoba",
        "Novemba", "Desemba",
    ];
    let month = usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"");
    format!("{} {month} {}", date.day(), date.year())
}

/// A reason of a risk rating, and what it was seen in.
pub fn risk(reason: RiskReason, seen_in: u32) -> (String, String) {
    let (factor, evidence) = match reason {
        RiskReason::PoliticallyExposed => ("Mwenye wadhifa wa kisiasa", "mteja amesema mwenyewe"),
        RiskReason::SourceUnclear => ("Chanzo cha fedha hakieleweki", "“Nyingine” ilichaguliwa"),
        RiskReason::MoneyFromAbroad => ("Fedha kutoka ng'ambo", "chanzo kikuu cha fedha"),
        RiskReason::CashFromTrade => ("Fedha taslimu za biashara", "chanzo kikuu cha fedha"),
        RiskReason::Passport => ("Ametambuliwa kwa pasipoti", "hana kitambulisho cha taifa"),
        RiskReason::ForeignNational => ("Raia wa kigeni", "ametambuliwa kwa kitambulisho cha mgeni"),
        RiskReason::SharedPhone if seen_in == 1 => {
            ("Nambari ya simu ya pamoja", "mteja mwingine mmoja anaitumia")
        }
        RiskReason::SharedPhone => {
            return ("Nambari ya simu ya pamoja".to_owned(), format!("wateja wengine {seen_in} wanaitumia"));
        }
    };
    (factor.to_owned(), evidence.to_owned())
}
