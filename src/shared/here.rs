//! Where a page stands and who looks at it: told by the row of the page, read by what is drawn on it.

use super::frame_data::FrameData;
use super::ui::Crumb;
use jiff::civil::Date;
use leptos::prelude::*;
use tawi_domain::shared::permissions::{Operation, Role, can_perform_action};
use tawi_domain::shared::place::Place;

/// Who is signed in, for the pages inside the frame.
#[derive(Debug, Clone, Copy)]
pub struct Seat(
    /// What the frame shows.
    pub Signal<FrameData>,
);

/// The seat of whoever looks.
pub fn seat() -> Seat {
    expect_context::<Seat>()
}

impl Seat {
    /// The branch's business date.
    pub fn today(self) -> Date {
        self.0.with_untracked(|data| data.officer.business_date)
    }

    /// The role.
    pub fn role(self) -> Role {
        self.0.with_untracked(|data| data.officer.role)
    }

    /// Whether whoever looks may do an operation.
    pub fn may(self, operation: Operation) -> bool {
        can_perform_action(self.role(), operation)
    }
}

/// The page that is drawn: its title, and the operation above it.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    /// Its title; pages about one thing show that thing's own.
    pub title: &'static str,
    /// The operation on whose page this one hangs.
    pub under: Option<Operation>,
}

/// The page that is drawn.
pub fn here() -> Here {
    expect_context::<Here>()
}

impl Here {
    /// The way to it, from the top.
    pub fn crumbs(self) -> Vec<Crumb> {
        self.under.map(Crumb::of).into_iter().collect()
    }

    /// The page one step up.
    pub fn back(self) -> String {
        self.under.map_or(Place::Desk, Place::Start).href()
    }
}
