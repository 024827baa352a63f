//! Small charts, drawn as SVG on the server and in the browser; the table beside them says the same.

use leptos::prelude::*;

/// Width and height of the drawing, in its own units.
const SIDE: u64 = 1000;

/// A share of the side, in whole units.
fn share(part: u64, of: u64) -> u64 {
    part.saturating_mul(SIDE).checked_div(of).unwrap_or(0)
}

/// A balance falling over the term: one value a step, the largest first. Amounts in whole shillings.
#[component]
pub fn BalanceCurve(
    /// What it shows, for those who do not see it.
    label: String,
    /// The planned balance after each step.
    planned: Vec<u64>,
    /// The steps that lie behind.
    past: usize,
    /// Words under the left end.
    from: String,
    /// Words under the right end.
    until: String,
) -> impl IntoView {
    let most = planned.iter().copied().max().unwrap_or(0);
    let steps = u64::try_from(planned.len().saturating_sub(1).max(1)).unwrap_or(1);
    let mut path = String::new();
    let mut real = String::new();
    for (at, balance) in planned.iter().enumerate() {
        let (x, y) = (share(u64::try_from(at).unwrap_or(0), steps), SIDE - share(*balance, most));
        let part = if at == 0 { format!("M{x} {y}") } else { format!("H{x}V{y}") };
        if at <= past {
            real.push_str(&part);
        }
        path.push_str(&part);
    }
    let today = share(u64::try_from(past).unwrap_or(0), steps);
    let area = format!("{real}V{SIDE}H0Z");
    view! {
        <div class="chart">
            <div class="plot [--h:8rem]">
                <svg class="shape" viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label=label>
                    <path d="M0 1000H1000M0 500H1000M0 0H1000" stroke="var(--line)" stroke-width="1" fill="none"/>
                    <path d=path fill="none" stroke="var(--color-primary)" stroke-width="1.5" stroke-dasharray="4 3" opacity=".75"/>
                    <path d=area fill="var(--color-primary)" opacity=".13"/>
                    <path d=real fill="none" stroke="var(--color-primary)" stroke-width="2"/>
                    <path d=format!("M{today} 0V1000") stroke="var(--color-accent)" stroke-width="1.5"/>
                </svg>
            </div>
        </div>
        <p class="flex justify-between text-xs text-muted mt-1"><span>{from}</span><span>{until}</span></p>
    }
}

/// Principal and interest of each instalment, in whole shillings.
#[component]
pub fn InstalmentBars(
    /// What it shows, for those who do not see it.
    label: String,
    /// Principal and interest of each.
    parts: Vec<(u64, u64)>,
) -> impl IntoView {
    let most = parts.iter().map(|(principal, interest)| principal + interest).max().unwrap_or(0);
    let width = SIDE / u64::try_from(parts.len().max(1)).unwrap_or(1);
    let bars = parts.into_iter().enumerate().map(|(at, (principal, interest))| {
        let x = u64::try_from(at).unwrap_or(0) * width + width / 8;
        let (low, high) = (share(principal, most), share(interest, most));
        let thick = (width * 3 / 4).max(1);
        view! {
            <rect x=x y=SIDE - low width=thick height=low fill="var(--color-primary)"/>
            <rect x=x y=SIDE - low - high width=thick height=high fill="var(--color-accent)"/>
        }
    });
    view! {
        <div class="chart">
            <div class="plot [--h:6rem]">
                <svg class="shape" viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label=label>
                    <path d="M0 1000H1000M0 0H1000" stroke="var(--line)" stroke-width="1" fill="none"/>
                    {bars.collect_view()}
                </svg>
            </div>
        </div>
        <p class="key mt-1"><span><i class="k1"></i>"Principal"</span><span><i class="k2"></i>"Interest"</span></p>
    }
}
