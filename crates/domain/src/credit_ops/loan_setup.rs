//! Setting up loan products: what the page shows of those on offer.

use super::loan_product::LoanProduct;
use super::schedule::DatedPercent;
use crate::shared::listing::Listing;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Products, and what the day adds to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanOffer {
    /// Every product in its newest version.
    pub products: Listing<LoanProduct>,
    /// Excise duty on fees, percent, by the day it holds from.
    pub excise: Vec<DatedPercent>,
    /// Days without work at the branch, from its business date on.
    #[serde(with = "crate::shared::dates::days")]
    pub holidays: Vec<Date>,
}
