//! The kit: small components on native elements, in the look of the house.

mod chart;
mod deed;
mod dialog;
mod empty;
mod error_summary;
mod field;
mod form;
mod icon;
mod notice;
mod page_header;
mod pager;
mod skeleton;
mod status;
mod summary;
mod table;
mod toast;

pub use chart::{BalanceCurve, InstalmentBars};
pub use deed::{Deed, again, made};
pub use dialog::{Confirm, Dialog};
pub use empty::Empty;
pub use error_summary::ErrorSummary;
pub use field::LineField;
pub use form::{
    Ask, Choices, FieldGrid, Fields, FormState, crumbs_through, form_page, once_here, read_form, typed_values,
};
pub use icon::Icon;
pub use notice::{Note, Problem, Unread};
pub use page_header::{Crumb, PageHeader, PageTitle};
pub use pager::{Pager, page_here};
pub use skeleton::Skeleton;
pub use status::{CareStatus, RequestStatus, RiskStatus, Status, Tone};
pub use summary::{KeyValue, Summary};
pub use table::{Cell, Table};
pub use toast::{Toaster, Toasts};
