//! The pages inside the frame, a row for each: its component and the file it is in, and the operation on
//! whose page it hangs. Where it stands is the operation's row or the place's pattern, its title too.
//!
//! The WASM is cut into the parts below: a part is fetched when one of its pages is first opened, so that
//! the desk does not wait for the loan book. What several parts use and the desk does not is cut out once
//! more by the tool (`xtask/src/site.rs`). Only the functions marked with `wasm_split` may name pages:
//! whatever else points to one pulls it into the first load.

use crate::shared::here::{Here, seat};
use crate::shared::ui::{Empty, PageHeader, Problem};
use crate::side;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::{
    ChooseView, NestedRoute, OptionalParamSegment, ParamSegment, PartialPathMatch, PathSegment,
    PossibleRouteMatch, SsrMode, StaticSegment,
};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::permissions::{Operation as Op, may_make};
use tawi_domain::shared::place::PlaceKind as At;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// The facts about a page.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its path with its parts named.
    pub path: &'static str,
    /// The operation somebody must be allowed to use to see it.
    pub operation: Op,
    /// Its title, unless it shows one thing's own.
    pub title: &'static str,
    /// The operation on whose page it hangs.
    pub under: Option<Op>,
}

/// The page an operation begins on.
const fn start(operation: Op) -> Row {
    let spec = operation.spec();
    match spec.start {
        Some(start) => Row { path: start.path, operation, title: spec.title, under: None },
        None => panic!("a page of an operation that begins on no page of its own"),
    }
}

/// A page about something, for those who may do an operation.
const fn at(place: At, operation: Op) -> Row {
    Row { path: place.pattern(), operation, title: place.title(), under: None }
}

impl Row {
    const fn under(mut self, operation: Op) -> Self {
        self.under = Some(operation);
        self
    }
}

macro_rules! pages {
    ($(
        $(#[$doc:meta])*
        $part:ident as $split:ident fetched by $fetch:ident {
            $($component:ident in $($module:ident)::+ = $row:expr;)+
        }
    )+) => {
        /// A page inside the frame, in the part it is fetched with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Page {
            $($(#[$doc])* $part($part),)+
        }

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $part {
                $(
                    #[doc = concat!("The page `", stringify!($component), "`.")]
                    $component,
                )+
            }
        )+

        /// Every page with its facts.
        pub const PAGES: &[(Page, Row)] = &[$($((Page::$part($part::$component), $row),)+)+];

        impl Page {
            /// Draws the page; in the browser its part is fetched first.
            async fn draw(self) -> Result<AnyView, SplitLoaderError> {
                match self {
                    $(Self::$part(page) => $split(page).await,)+
                }
            }

            /// Fetches the page's part.
            async fn fetch(self) -> Result<(), SplitLoaderError> {
                match self {
                    $(Self::$part(_) => $fetch().await,)+
                }
            }
        }

        $(
            $(#[$doc])*
            #[wasm_split($split, fallible, preload($fetch))]
            fn $split(page: $part) -> Result<AnyView, SplitLoaderError> {
                side::announce(stringify!($split));
                Ok(match page {
                    $($part::$component => {
                        use crate::$($module)::+::$component;
                        view! { <$component/> }.into_any()
                    })+
                })
            }
        )+
    };
}

pages! {
    /// What every area shares.
    Shared as shared fetched by fetch_shared {
        ApprovalsPage in shared::approvals = start(Op::Approvals);
        RequestsPage in shared::requests = start(Op::Requests);
        ReceiptPage in shared::receipts = at(At::Receipt, Op::Enquiries);
        GeneralJournalPage in shared::general_journal = start(Op::GeneralJournal);
        SessionsPage in shared::sessions = start(Op::Sessions);
    }
    /// Customers and their accounts.
    Customers as customers fetched by fetch_customers {
        SearchPage in customer_ops::enquiries = start(Op::Enquiries);
        CifCreatePage in customer_ops::cif_create = start(Op::CifCreate).under(Op::Enquiries);
        CustomerFilePage in credit_ops::customer_file = at(At::Customer, Op::Enquiries).under(Op::Enquiries);
        AccountOpeningPage in customer_ops::account_opening = start(Op::AccountOpening).under(Op::Enquiries);
        AccountPage in customer_ops::accounts = at(At::Account, Op::Enquiries).under(Op::Enquiries);
    }
    /// Loans.
    Loans as loans fetched by fetch_loans {
        LoansPage in credit_ops::repayment_tracking = start(Op::RepaymentTracking);
        LoanApplicationPage in credit_ops::loan_application = start(Op::LoanApplication).under(Op::RepaymentTracking);
        LoanProductsPage in credit_ops::loan_setup = start(Op::LoanSetup).under(Op::RepaymentTracking);
        LoanPage in credit_ops::repayment_tracking = at(At::Loan, Op::Enquiries).under(Op::RepaymentTracking);
        DisbursementPage in credit_ops::disbursement = at(At::PayOut, Op::Disbursement).under(Op::RepaymentTracking);
        RepaymentPage in credit_ops::repayment = at(At::Repay, Op::Repayment).under(Op::RepaymentTracking);
    }
    /// Administration.
    Administration as administration fetched by fetch_administration {
        StaffPage in administration::staff_administration = start(Op::StaffAdministration);
        NewPersonPage in administration::staff_administration = at(At::NewPerson, Op::StaffAdministration).under(Op::StaffAdministration);
        PersonPage in administration::staff_administration = at(At::Person, Op::StaffAdministration).under(Op::StaffAdministration);
        StaffChangePage in administration::staff_administration = at(At::StaffChange, Op::StaffAdministration).under(Op::StaffAdministration);
        BranchesPage in administration::branch_setup = start(Op::BranchSetup);
        NewBranchPage in administration::branch_setup = at(At::NewBranch, Op::BranchSetup).under(Op::BranchSetup);
        HolidaysPage in administration::holidays = start(Op::Holidays);
        HolidayPage in administration::holidays = at(At::HolidayChange, Op::Holidays).under(Op::Holidays);
        ParametersPage in administration::parameters = start(Op::Parameters);
        ParameterPage in administration::parameters = at(At::Parameter, Op::Parameters).under(Op::Parameters);
    }
}

impl Page {
    /// The facts about it.
    fn row(self) -> Option<Row> {
        PAGES.iter().find(|(page, _)| *page == self).map(|(_, row)| *row)
    }
}

impl ChooseView for Page {
    /// The page for those who may do its operation; a plain sentence for everybody else.
    async fn choose(self) -> AnyView {
        let Some(row) = self.row() else { return ().into_any() };
        provide_context(Here { title: row.title, under: row.under });
        if let Err(refusal) = may_make(seat().role(), row.operation) {
            let error = AppError::NotAllowed(refusal.to_string());
            side::set_status(&error);
            return view! {
                <PageHeader title=row.operation.title()/>
                <Problem error=Signal::derive(move || Some(error.clone()))/>
            }
            .into_any();
        }
        match self.draw().await {
            Ok(view) => view,
            Err(_) => view! { <Unfetched title=row.title/> }.into_any(),
        }
    }

    /// Fetches the page's part. The router waits for it before it wakes the page up or replaces the one
    /// before, so that `choose` has nothing to wait for; when it fails, `choose` says so.
    async fn preload(&self) {
        let _ = self.fetch().await;
    }
}

/// The path of a page, as the router matches it.
#[derive(Debug, Clone, Copy)]
struct Pattern(&'static str);

impl PossibleRouteMatch for Pattern {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let mut rest = path;
        let mut params = Vec::new();
        for segment in self.0.split('/').skip(1) {
            let part = match segment.strip_prefix(':') {
                None => StaticSegment(segment).test(rest)?,
                Some(name) => match name.strip_suffix('?') {
                    None => ParamSegment(name).test(rest)?,
                    Some(name) => OptionalParamSegment(name).test(rest)?,
                },
            };
            rest = part.remaining();
            params.extend(part.params());
        }
        let matched = path.len() - rest.len();
        Some(PartialPathMatch::new(rest, params, path.get(..matched).unwrap_or(path)))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        for segment in self.0.split('/').skip(1) {
            match segment.strip_prefix(':') {
                None => StaticSegment(segment).generate_path(path),
                Some(name) => match name.strip_suffix('?') {
                    None => ParamSegment(name).generate_path(path),
                    Some(name) => OptionalParamSegment(name).generate_path(path),
                },
            }
        }
    }
}

/// Every page in the order in which paths are tried: `/loans/new` before `/loans/:number`, which would take it.
fn tried() -> Vec<(Page, Row)> {
    let mut pages = PAGES.to_vec();
    pages.sort_by_key(|(_, row)| row.path.contains("/:"));
    pages
}

/// The routes of every page.
pub fn routes() -> Vec<AnyNestedRoute> {
    tried().into_iter().map(|(page, row)| route(Pattern(row.path), page)).collect()
}

/// The operation that guards the page at a path, if one is there.
pub fn guarded_by(path: &str) -> Option<Op> {
    let leads = |row: &Row| {
        Pattern(row.path).test(path).is_some_and(|found| found.remaining().trim_start_matches('/').is_empty())
    };
    tried().into_iter().find(|(_, row)| leads(row)).map(|(_, row)| row.operation)
}

/// A route whose page is drawn whole before it is sent.
pub fn route<P, V>(path: P, view: V) -> AnyNestedRoute
where
    P: PossibleRouteMatch + Clone + Send + 'static,
    V: ChooseView + Clone + 'static,
{
    NestedRoute::new(path, view).ssr_mode(SsrMode::Async).into_any_nested_route()
}

/// A page whose part did not come.
#[component]
fn Unfetched(title: &'static str) -> impl IntoView {
    view! {
        <PageHeader title=title/>
        <div class="max-w-md">
            <Empty
                icon="wifi-off"
                head="This page could not be fetched"
                words="The network may be away, or the portal was renewed meanwhile. Nothing was lost: load the page again."
            >
                <a class="btn" rel="external" href="">"Load again"</a>
            </Empty>
        </div>
    }
}
