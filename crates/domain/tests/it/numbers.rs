use proptest::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::shared::check_digit::{LikelySlip, damm, damm_holds, likely_slip, mod97, mod97_holds};
use tawi_domain::shared::ids::{
    AccountNumber, BranchNumber, CustomerNumber, Reference, ReferenceKind, RequestKey, StaffId,
};
use tawi_domain::shared::money::{Currency, Money, MoneyError};

#[test]
fn check_digits_give_the_published_vectors() {
    assert_eq!(damm("572"), Some(4));
    assert_eq!(CustomerNumber::from_serial(1_234_567).unwrap().as_str(), "12345671");
    for (body, check) in
        [("001000000001", 90), ("001234567890", 92), ("011098765432", 44), ("000000000000", 98)]
    {
        assert_eq!(mod97(body), Some(check), "{body}");
    }
}

/// Every way of getting one digit wrong, and of swapping two neighbours that differ.
fn slips(whole: &str) -> Vec<String> {
    let digits: Vec<u8> = whole.bytes().collect();
    let mut slips = Vec::new();
    for at in 0..digits.len() {
        for digit in b'0'..=b'9' {
            let mut wrong = digits.clone();
            wrong[at] = digit;
            slips.push(wrong);
        }
        if at > 0 {
            let mut swapped = digits.clone();
            swapped.swap(at - 1, at);
            slips.push(swapped);
        }
    }
    slips.retain(|slip| *slip != digits);
    slips.into_iter().map(|slip| String::from_utf8(slip).unwrap()).collect()
}

proptest! {
    #[test]
    fn customer_numbers_catch_every_single_error_and_swap(serial in 0_u32..10_000_000) {
        let number = CustomerNumber::from_serial(serial).unwrap();
        prop_assert_eq!(&number.as_str().parse::<CustomerNumber>().unwrap(), &number);
        for slip in slips(number.as_str()) {
            prop_assert!(!damm_holds(&slip), "{} passes for {}", slip, number);
            prop_assert!(slip.parse::<CustomerNumber>().is_err());
        }
    }

    #[test]
    fn account_numbers_catch_every_single_error_and_swap(branch in 1_i16..1000, product in 0_u8..100, serial in 0_u32..10_000_000) {
        let branch = BranchNumber::try_from(branch).unwrap();
        let number = AccountNumber::from_parts(branch, product, serial).unwrap();
        prop_assert_eq!(&number.to_string().parse::<AccountNumber>().unwrap(), &number);
        prop_assert_eq!(&number.to_string().replace(' ', "-").parse::<AccountNumber>().unwrap(), &number);
        for slip in slips(number.as_str()) {
            prop_assert!(!mod97_holds(&slip), "{} passes for {}", slip, number);
        }
    }

    #[test]
    fn references_read_back_as_they_were_written(serial in 0_u64..1_000_000_000_000) {
        for kind in [ReferenceKind::Request, ReferenceKind::Receipt] {
            let reference = Reference::new(kind, serial).unwrap();
            prop_assert_eq!(&reference.to_string().parse::<Reference>().unwrap(), &reference);
        }
    }

    #[test]
    fn money_reads_back_as_it_is_shown(cents in 1_i64..1_000_000_000_000_000) {
        let money = Money::new(Decimal::new(cents, 2), Currency::Kes).unwrap();
        prop_assert_eq!(Money::parse(&money.figures(), Currency::Kes).unwrap(), money);
        let stored = serde_json::to_string(&money).unwrap();
        prop_assert_eq!(serde_json::from_str::<Money>(&stored).unwrap(), money);
    }

    #[test]
    fn no_text_makes_money_panic_or_become_less_than_a_cent(text in "\\PC{0,40}") {
        if let Ok(money) = Money::parse(&text, Currency::Kes) {
            prop_assert!(money.amount() >= Decimal::new(1, 2));
        }
    }

    #[test]
    fn no_text_makes_a_number_panic(text in "\\PC{0,40}") {
        let _ = text.parse::<CustomerNumber>();
        let _ = text.parse::<AccountNumber>();
        let _ = text.parse::<Reference>();
        let _ = text.parse::<StaffId>();
        let _ = text.parse::<RequestKey>();
    }
}

#[test]
fn the_message_names_the_likely_slip() {
    let number: AccountNumber = "00100000000190".parse().unwrap();
    let swapped = "00100000000910".parse::<AccountNumber>().unwrap_err().to_string();
    assert!(swapped.contains("swapped"), "{swapped}");
    let wrong = "00100000007190".parse::<AccountNumber>().unwrap_err().to_string();
    assert!(wrong.contains("One figure"), "{wrong}");
    assert_eq!(likely_slip("99999999999999", |digits| digits == number.as_str()), LikelySlip::Unknown);
}

#[test]
fn money_says_what_is_wrong() {
    let fault = |text: &str| Money::parse(text, Currency::Kes).unwrap_err();
    assert_eq!(fault(""), MoneyError::Empty);
    assert_eq!(fault("-5"), MoneyError::Negative);
    assert_eq!(fault("0"), MoneyError::Zero);
    assert_eq!(fault("0.00"), MoneyError::Zero);
    assert_eq!(fault("1.005"), MoneyError::TooManyDecimals);
    assert_eq!(fault("five"), MoneyError::NotANumber);
    assert_eq!(fault("1.2.3"), MoneyError::NotANumber);
    for unclear in
        ["1,5", "1,50", "1,2345", "1000,000", ",500", "1,200,", "1,,200", "1 5", "1,250.5,0", "1'25"]
    {
        assert_eq!(fault(unclear), MoneyError::Grouping, "{unclear}");
    }
    for (typed, amount) in [("1,250,000", 1_250_000), (" 12 500.00 ", 12_500), ("1'000", 1_000), ("0007", 7)]
    {
        assert_eq!(Money::parse(typed, Currency::Kes).unwrap().amount(), amount.into(), "{typed}");
    }
    assert_eq!(fault(&format!("1{}", "0".repeat(30))), MoneyError::TooLarge);
    assert_eq!(fault("10000000000000.01"), MoneyError::TooLarge);
    assert_eq!(Money::parse("1,250.5", Currency::Kes).unwrap().to_string(), "KES 1,250.50");
}

#[test]
fn keys_are_bounded_and_cannot_pass_for_an_approval() {
    assert!("k".repeat(64).parse::<RequestKey>().is_ok());
    let long = "k".repeat(1000).parse::<RequestKey>().unwrap_err().to_string();
    assert!(long.contains("64 characters"), "{long}");
    for bad in ["", "two words", "approval:1", "a\0b", "ключ"] {
        assert!(bad.parse::<RequestKey>().is_err(), "{bad:?}");
    }
}
