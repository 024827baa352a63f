//! Where things stand in the portal: every path is made here, from the same pattern that the router
//! matches. A page links to `Place::Loan(number)`, never to a text.

use super::ids::{AccountNumber, CustomerNumber, Reference, RequestId, StaffId};
use super::permissions::Operation;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// Something that stands in a path.
trait PathPart: Sized {
    /// Its text, before it is encoded.
    fn text(&self) -> String;

    /// Reads it back.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! path_parts {
    ($($type:ty => $text:ident),+ $(,)?) => {
        $(impl PathPart for $type {
            fn text(&self) -> String {
                self.$text().to_owned()
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })+
    };
}

path_parts!(
    AccountNumber => as_str,
    CustomerNumber => as_str,
    Reference => as_str,
    StaffId => as_str,
    RequestId => to_string,
    String => as_str,
);

macro_rules! places {
    ($($(#[$doc:meta])* $name:ident$(($($part:ident: $type:ty),+))? = $pattern:literal, $title:literal, $icon:literal;)+) => {
        /// A page of the portal.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Place {
            /// The page an operation begins on; the desk for one that begins elsewhere.
            Start(Operation),
            $($(#[$doc])* $name$(($($type),+))?,)+
        }

        /// What kind of thing a page is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum PlaceKind {
            $($(#[$doc])* $name,)+
        }

        impl PlaceKind {
            /// Every kind.
            pub const ALL: [Self; [$($pattern),+].len()] = [$(Self::$name),+];

            /// The path with its parts named: what the router matches.
            pub const fn pattern(self) -> &'static str {
                match self {
                    $(Self::$name => $pattern,)+
                }
            }

            /// As people read it.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)+
                }
            }

            /// Name of its icon.
            pub const fn icon(self) -> &'static str {
                match self {
                    $(Self::$name => $icon,)+
                }
            }

            /// The page of one thing, by the number or code that people know it by; the parts of a page
            /// that has several stand between slashes.
            pub fn of(self, text: &str) -> Option<Place> {
                match self {
                    $(Self::$name => {
                        $(let mut parts = text.split('/');
                        $(let $part = <$type>::read(parts.next()?)?;)+)?
                        Some(Place::$name$(($($part),+))?)
                    })+
                }
            }
        }

        impl Place {
            /// The path of the page.
            pub fn href(&self) -> String {
                match self {
                    Self::Start(operation) => {
                        fill(operation.spec().start.map_or(PlaceKind::Desk.pattern(), |start| start.path), &[])
                    }
                    $(Self::$name$(($($part),+))? => {
                        fill(PlaceKind::$name.pattern(), &[$($($part.text()),+)?])
                    })+
                }
            }
        }
    };
}

places! {
    /// The desk.
    Desk = "/", "Desk", "gauge";
    /// A request somebody may decide.
    Approval(id: RequestId) = "/approvals/:id?", "Request", "inbox";
    /// A request of one's own.
    Request(id: RequestId) = "/requests/:id?", "Request", "list-checks";
    /// The receipt of something done.
    Receipt(reference: Reference) = "/receipts/:reference", "Receipt", "receipt-text";
    /// A customer's file.
    Customer(number: CustomerNumber) = "/customers/:number", "Customer", "user-round";
    /// A customer's account.
    Account(number: AccountNumber) = "/accounts/:number", "Account", "wallet";
    /// A loan.
    Loan(number: AccountNumber) = "/loans/:number", "Loan", "hand-coins";
    /// Paying a loan out.
    PayOut(number: AccountNumber) = "/loans/:number/pay-out", "Pay out a loan", "banknote";
    /// Taking a repayment of a loan.
    Repay(number: AccountNumber) = "/loans/:number/repay", "Repay a loan", "hand-coins";
    /// Somebody on the staff.
    Person(id: StaffId) = "/staff/:id", "Person", "users";
    /// Putting somebody on the staff.
    NewPerson = "/staff/new", "Add a person", "users";
    /// A change of somebody on the staff, named by its word.
    StaffChange(id: StaffId, act: String) = "/staff/:id/:act", "Change", "users";
    /// Opening a branch.
    NewBranch = "/branches/new", "Open a branch", "landmark";
    /// A change of the calendar.
    HolidayChange = "/holidays/change", "Holiday", "calendar-days";
    /// A parameter, by its code.
    Parameter(code: String) = "/parameters/:code", "Change a parameter", "sliders-horizontal";
}

impl PlaceKind {
    /// What a link to one of them says after it was made.
    pub fn invitation(self) -> String {
        let title = self.title().to_lowercase();
        // One opens an account at the counter; its page is something else.
        let page = if self == Self::Account { "'s page" } else { "" };
        format!("Open the {title}{page}")
    }
}

impl Place {
    /// The path of the page with something more to know: `?customer=12345671`.
    pub fn href_with(&self, pairs: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("{}?{query}", self.href())
    }
}

/// What is not written as it is in a part of a path: all but letters, figures and the marks that RFC 3986
/// calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Fills the parts of a pattern, in order; a part that may be missing and is goes.
fn fill(pattern: &str, parts: &[String]) -> String {
    let mut parts = parts.iter();
    let mut path = String::with_capacity(pattern.len() + 16);
    for segment in pattern.split('/').skip(1) {
        let filled: Option<String> = match segment.strip_prefix(':') {
            None => Some(segment.to_owned()),
            Some(_) => parts.next().map(|part| utf8_percent_encode(part, ENCODED).to_string()),
        };
        if let Some(filled) = filled {
            path.push('/');
            path.push_str(&filled);
        }
    }
    path
}
