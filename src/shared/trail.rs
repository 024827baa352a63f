//! What happened to something, from the audit.

use super::ui::Unread;
use leptos::prelude::*;
use tawi_domain::shared::audit::{AuditLine, Outcome};
use tawi_domain::shared::dates::format_moment;
use tawi_domain::shared::listing::Listing;

/// What happened to something, newest first.
#[component]
pub fn Trail(
    /// The lines.
    lines: Listing<AuditLine>,
) -> impl IntoView {
    let rows = lines.rows.into_iter().map(|line| {
        let tone = match line.outcome {
            Outcome::Done => "ok",
            Outcome::Waiting => "inf",
            Outcome::Refused => "err",
            Outcome::Read => "",
        };
        let mut who = match &line.staff_id {
            Some(staff_id) => format!("{} ({staff_id}), {}", line.staff_name, line.branch_code),
            None => line.staff_name.clone(),
        };
        // One text: two beside each other, of which one may be missing, do not hydrate.
        if let Some(reference) = &line.reference {
            who.push_str(&format!(", {reference}"));
        }
        view! {
            <li class=tone>
                <span class="dot"></span>
                <div class="flex justify-between gap-3"><b class="font-medium">{line.what}</b><span class="text-muted whitespace-nowrap">{format_moment(line.at)}</span></div>
                <span class="text-muted">{who}</span>
            </li>
        }
    });
    view! {
        <section class="no-print" aria-labelledby="trail">
            <h2 id="trail" class="mb-2.5">"Audit trail"</h2>
            <Unread names=lines.unread/>
            <ol class="stem">{rows.collect_view()}</ol>
        </section>
    }
}
