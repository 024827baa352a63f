//! The pages inside the frame, and the parts the WASM is cut into: a part is fetched when one of its
//! pages is first opened, so that the desk does not wait for the loan book. What several parts use and
//! the desk does not is cut out once more by the tool (`xtask/src/site.rs`).
//!
//! Only the functions marked with `wasm_split` may name pages: whatever else points to one pulls it into
//! the first load.

use crate::administration::branch_setup::{BranchesPage, NewBranchPage};
use crate::administration::holidays::{HolidayPage, HolidaysPage};
use crate::administration::parameters::{ParameterPage, ParametersPage};
use crate::administration::staff_administration::{NewPersonPage, PersonPage, StaffChangePage, StaffPage};
use crate::credit_ops::disbursement::DisbursementPage;
use crate::credit_ops::loan_application::LoanApplicationPage;
use crate::credit_ops::loan_setup::LoanProductsPage;
use crate::credit_ops::repayment_tracking::{CustomerLoans, LoanPage, LoansPage, RepaymentPage};
use crate::customer_ops::account_opening::AccountOpeningPage;
use crate::customer_ops::accounts::AccountPage;
use crate::customer_ops::cif_create::CifCreatePage;
use crate::customer_ops::enquiries::{CustomerPage, SearchPage};
use crate::shared::approvals::{ApprovalsPage, RequestsPage};
use crate::shared::frame::FrameData;
use crate::shared::receipts::ReceiptPage;
use crate::shared::sessions::SessionsPage;
use crate::shared::ui::{Empty, PageHeader, Problem};
use leptos::prelude::*;
use leptos_router::ChooseView;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::permissions::{Operation, can_perform_action, may_make};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Who is signed in, for the pages inside the frame.
#[derive(Clone, Copy)]
pub struct Seat(
    /// What the frame shows.
    pub Signal<FrameData>,
);

/// A page inside the frame, in the part it is fetched with.
#[derive(Debug, Clone, Copy)]
pub enum Page {
    /// What every area shares.
    Shared(Shared),
    /// Customers and their accounts.
    Customers(Customers),
    /// Loans.
    Loans(Loans),
    /// Administration.
    Administration(Administration),
}

/// Pages every area shares.
#[derive(Debug, Clone, Copy)]
pub enum Shared {
    /// What waits for a decision.
    Approvals,
    /// What one has asked for.
    Requests,
    /// A receipt.
    Receipt,
    /// One's own sessions.
    Sessions,
}

/// Pages of customers and their accounts.
#[derive(Debug, Clone, Copy)]
pub enum Customers {
    /// Look a customer up.
    Search,
    /// Register a customer.
    Register,
    /// A customer's file.
    File,
    /// Open an account.
    OpenAccount,
    /// An account.
    Account,
}

/// Pages of loans.
#[derive(Debug, Clone, Copy)]
pub enum Loans {
    /// The branch's loans.
    List,
    /// Apply for one.
    Apply,
    /// What is on offer.
    Products,
    /// A loan.
    Loan,
    /// Pay it out.
    PayOut,
    /// Repay from the account.
    Repay,
}

/// Pages of administration.
#[derive(Debug, Clone, Copy)]
pub enum Administration {
    /// The people.
    Staff,
    /// Somebody new.
    NewPerson,
    /// One person.
    Person,
    /// A change of a person.
    StaffChange,
    /// The branches.
    Branches,
    /// Open one.
    NewBranch,
    /// The calendar.
    Holidays,
    /// Change it.
    Holiday,
    /// What the bank may set.
    Parameters,
    /// Set one.
    Parameter,
}

impl Page {
    /// The operation somebody must be allowed to use to see the page.
    fn operation(self) -> Operation {
        match self {
            Self::Shared(Shared::Approvals) => Operation::Approvals,
            Self::Shared(Shared::Requests) => Operation::Requests,
            Self::Shared(Shared::Sessions) => Operation::Sessions,
            Self::Shared(Shared::Receipt)
            | Self::Customers(Customers::Search | Customers::File | Customers::Account)
            | Self::Loans(Loans::Loan) => Operation::Enquiries,
            Self::Customers(Customers::Register) => Operation::CifCreate,
            Self::Customers(Customers::OpenAccount) => Operation::AccountOpening,
            Self::Loans(Loans::List) => Operation::RepaymentTracking,
            Self::Loans(Loans::Apply) => Operation::LoanApplication,
            Self::Loans(Loans::Products) => Operation::LoanSetup,
            Self::Loans(Loans::PayOut) => Operation::Disbursement,
            Self::Loans(Loans::Repay) => Operation::Repayment,
            Self::Administration(page) => match page {
                Administration::Staff
                | Administration::NewPerson
                | Administration::Person
                | Administration::StaffChange => Operation::StaffAdministration,
                Administration::Branches | Administration::NewBranch => Operation::BranchSetup,
                Administration::Holidays | Administration::Holiday => Operation::Holidays,
                Administration::Parameters | Administration::Parameter => Operation::Parameters,
            },
        }
    }

    /// Draws the page; in the browser its part is fetched first.
    async fn draw(self, data: Signal<FrameData>) -> Result<AnyView, SplitLoaderError> {
        match self {
            Self::Shared(page) => shared(page, data).await,
            Self::Customers(page) => customers(page, data).await,
            Self::Loans(page) => loans(page, data).await,
            Self::Administration(page) => administration(page, data).await,
        }
    }
}

impl ChooseView for Page {
    /// The page for those who may do its operation; a plain sentence for everybody else.
    async fn choose(self) -> AnyView {
        let Seat(data) = expect_context::<Seat>();
        let operation = self.operation();
        let role = data.with_untracked(|data| data.officer.role);
        if let Err(refusal) = may_make(role, operation) {
            let error = AppError::NotAllowed(refusal.to_string());
            set_page_status(&error);
            return view! {
                <PageHeader title=operation.spec().title/>
                <Problem error=Signal::derive(move || Some(error.clone()))/>
            }
            .into_any();
        }
        match self.draw(data).await {
            Ok(view) => view,
            Err(_) => view! { <Unfetched title=operation.spec().title/> }.into_any(),
        }
    }

    /// Fetches the page's part. The router waits for it before it wakes the page up or replaces the one
    /// before, so that `choose` has nothing to wait for; when it fails, `choose` says so.
    async fn preload(&self) {
        let _ = match self {
            Self::Shared(_) => fetch_shared().await,
            Self::Customers(_) => fetch_customers().await,
            Self::Loans(_) => fetch_loans().await,
            Self::Administration(_) => fetch_administration().await,
        };
    }
}

/// Pages every area shares.
#[wasm_split(shared, fallible, preload(fetch_shared))]
fn shared(page: Shared, _data: Signal<FrameData>) -> Result<AnyView, SplitLoaderError> {
    announce("shared");
    Ok(match page {
        Shared::Approvals => view! { <ApprovalsPage/> }.into_any(),
        Shared::Requests => view! { <RequestsPage/> }.into_any(),
        Shared::Receipt => view! { <ReceiptPage/> }.into_any(),
        Shared::Sessions => view! { <SessionsPage/> }.into_any(),
    })
}

/// Pages of customers and their accounts.
#[wasm_split(customers, fallible, preload(fetch_customers))]
fn customers(page: Customers, data: Signal<FrameData>) -> Result<AnyView, SplitLoaderError> {
    announce("customers");
    Ok(match page {
        Customers::Search => view! { <SearchPage data=data/> }.into_any(),
        Customers::Register => view! { <CifCreatePage data=data/> }.into_any(),
        Customers::File => view! { <CustomerPage data=data further=loans_of(data)/> }.into_any(),
        Customers::OpenAccount => view! { <AccountOpeningPage/> }.into_any(),
        Customers::Account => view! { <AccountPage/> }.into_any(),
    })
}

/// Pages of loans.
#[wasm_split(loans, fallible, preload(fetch_loans))]
fn loans(page: Loans, data: Signal<FrameData>) -> Result<AnyView, SplitLoaderError> {
    announce("loans");
    Ok(match page {
        Loans::List => view! { <LoansPage data=data/> }.into_any(),
        Loans::Apply => view! { <LoanApplicationPage data=data/> }.into_any(),
        Loans::Products => view! { <LoanProductsPage/> }.into_any(),
        Loans::Loan => view! { <LoanPage data=data/> }.into_any(),
        Loans::PayOut => view! { <DisbursementPage/> }.into_any(),
        Loans::Repay => view! { <RepaymentPage/> }.into_any(),
    })
}

/// Pages of administration.
#[wasm_split(administration, fallible, preload(fetch_administration))]
fn administration(page: Administration, data: Signal<FrameData>) -> Result<AnyView, SplitLoaderError> {
    announce("administration");
    Ok(match page {
        Administration::Staff => view! { <StaffPage/> }.into_any(),
        Administration::NewPerson => view! { <NewPersonPage/> }.into_any(),
        Administration::Person => view! { <PersonPage/> }.into_any(),
        Administration::StaffChange => view! { <StaffChangePage/> }.into_any(),
        Administration::Branches => view! { <BranchesPage/> }.into_any(),
        Administration::NewBranch => view! { <NewBranchPage/> }.into_any(),
        Administration::Holidays => view! { <HolidaysPage/> }.into_any(),
        Administration::Holiday => view! { <HolidayPage/> }.into_any(),
        Administration::Parameters => view! { <ParametersPage data=data/> }.into_any(),
        Administration::Parameter => view! { <ParameterPage/> }.into_any(),
    })
}

/// The loans on a customer's page: credit operations know customers, not the other way round.
fn loans_of(data: Signal<FrameData>) -> Callback<String, AnyView> {
    let applies =
        can_perform_action(data.with_untracked(|data| data.officer.role), Operation::LoanApplication);
    Callback::new(move |customer| view! { <CustomerLoans customer=customer applies=applies/> }.into_any())
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

/// Tells the browser with the page's head that it will need a part.
fn announce(part: &'static str) {
    #[cfg(not(target_arch = "wasm32"))]
    crate::server::door::announce(part);
    #[cfg(target_arch = "wasm32")]
    let _ = part;
}

/// The status of a page drawn on the server; in the browser there is none to set.
pub fn set_page_status(error: &AppError) {
    #[cfg(not(target_arch = "wasm32"))]
    crate::server::door::set_status(error);
    #[cfg(target_arch = "wasm32")]
    let _ = error;
}
