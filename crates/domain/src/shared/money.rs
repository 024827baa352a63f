//! Money: a decimal amount and its currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A currency the bank keeps accounts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Kenya shilling, two decimals.
    Kes,
    /// United States dollar, two decimals.
    Usd,
}

impl Currency {
    /// ISO 4217 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Kes => "KES",
            Self::Usd => "USD",
        }
    }

    /// Decimals of the smallest unit that an account can hold.
    pub fn decimals(self) -> u32 {
        match self {
            Self::Kes | Self::Usd => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        match code {
            "KES" => Ok(Self::Kes),
            "USD" => Ok(Self::Usd),
            _ => Err(MoneyError::UnknownCurrency),
        }
    }
}

/// The largest amount the books take in one line: 10^15 smallest units.
const LARGEST: Decimal = Decimal::from_parts(1_316_134_912, 2328, 0, false, 0);

/// Why a text or a number is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Nothing was typed.
    #[error("Enter an amount")]
    Empty,
    /// Not a number.
    #[error("An amount is written in figures, for example 1,250.00")]
    NotANumber,
    /// A separator where none belongs: `1,5` may mean one and a half or fifteen, so it is neither.
    #[error("Commas stand between thousands and a point before the cents: 1,250.50")]
    Grouping,
    /// More decimals than the currency has.
    #[error("An amount has two decimals at most")]
    TooManyDecimals,
    /// Zero.
    #[error("An amount must be more than zero")]
    Zero,
    /// Below zero.
    #[error("An amount cannot be negative")]
    Negative,
    /// Above the largest amount.
    #[error("This amount is larger than the books can hold")]
    TooLarge,
    /// Two currencies met.
    #[error("Amounts in different currencies cannot be added")]
    MixedCurrencies,
    /// A currency code the bank does not use.
    #[error("The bank keeps no accounts in this currency")]
    UnknownCurrency,
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | ' ' | '\u{a0}' | '\'')
}

/// Whether separators stand between thousands alone: one to three figures, then three behind each.
fn is_grouped_by_thousands(text: &str) -> bool {
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(is_separator).map(str::len);
    let first = groups.next().unwrap_or_default();
    let is_grouped = match groups.next() {
        None => true,
        Some(second) => (1..=3).contains(&first) && second == 3 && groups.all(|group| group == 3),
    };
    is_grouped && !cents.contains(is_separator)
}

/// A non-negative amount in one currency, never finer than the currency's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawMoney", into = "RawMoney")]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

#[derive(Serialize, Deserialize)]
struct RawMoney {
    amount: Decimal,
    currency: Currency,
}

impl TryFrom<RawMoney> for Money {
    type Error = MoneyError;

    fn try_from(raw: RawMoney) -> Result<Self, MoneyError> {
        Self::new(raw.amount, raw.currency)
    }
}

impl From<Money> for RawMoney {
    fn from(money: Money) -> Self {
        Self { amount: money.amount, currency: money.currency }
    }
}

impl Money {
    /// An amount of zero or more. Refuses what the currency cannot hold; nothing is rounded.
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(MoneyError::Negative);
        }
        if amount > LARGEST {
            return Err(MoneyError::TooLarge);
        }
        let mut exact = amount.normalize();
        if exact.scale() > currency.decimals() {
            return Err(MoneyError::TooManyDecimals);
        }
        exact.rescale(currency.decimals());
        Ok(Self { amount: exact, currency })
    }

    /// Zero in a currency.
    pub fn zero(currency: Currency) -> Self {
        Self { amount: Decimal::new(0, currency.decimals()), currency }
    }

    /// Reads what an officer typed: commas, spaces and apostrophes are welcome between thousands and
    /// nowhere else; zero is refused.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let text = text.trim();
        let figures: String = text.chars().filter(|c| !is_separator(*c)).collect();
        if figures.is_empty() {
            return Err(MoneyError::Empty);
        }
        if figures.starts_with('-') {
            return Err(MoneyError::Negative);
        }
        if !figures.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(MoneyError::NotANumber);
        }
        if !is_grouped_by_thousands(text) {
            return Err(MoneyError::Grouping);
        }
        let whole = figures.split('.').next().unwrap_or_default().trim_start_matches('0');
        if whole.len() > 18 {
            return Err(MoneyError::TooLarge);
        }
        let amount = Decimal::from_str_exact(&figures).map_err(|_| MoneyError::NotANumber)?;
        if amount.is_zero() {
            return Err(MoneyError::Zero);
        }
        Self::new(amount, currency)
    }

    /// The amount, with the currency's decimals.
    pub fn amount(self) -> Decimal {
        self.amount
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The sum of two amounts of one currency.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies);
        }
        let sum = self.amount.checked_add(other.amount).ok_or(MoneyError::TooLarge)?;
        Self::new(sum, self.currency)
    }

    /// The figures alone, with thousands separators: `1,250.00`.
    pub fn figures(self) -> String {
        let plain = self.amount.to_string();
        let (whole, cents) = plain.split_once('.').unwrap_or((&plain, "00"));
        let mut grouped = String::with_capacity(plain.len() + whole.len() / 3);
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{grouped}.{cents}")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency.code(), self.figures())
    }
}
