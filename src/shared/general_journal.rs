//! Posting a journal by hand: lines come and go, and what the sides lack shows while it is typed.

use super::ui::{Ask, Deed, FieldGrid, FormState, Icon, Status, Tone, form_page, typed_values};
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use tawi_domain::shared::chart::{SubLedger, gl_account};
use tawi_domain::shared::general_journal::{Balance, JournalForm, JournalLineForm, line_name, postable};
use tawi_domain::shared::journal::{MOST_LINES, Side};
use tawi_domain::shared::money::Currency;

/// Lines an empty journal begins with.
const FIRST_LINES: usize = 2;

/// The page. With `?from=` it begins with what was sent back.
#[component]
pub fn GeneralJournalPage() -> impl IntoView {
    let begun = JournalForm { currency: Currency::Kes.code().to_owned(), ..JournalForm::default() };
    form_page(begun, |begun| view! { <JournalEntry begun=begun/> }.into_any())
}

#[component]
fn JournalEntry(mut begun: JournalForm) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    while begun.lines.len() < FIRST_LINES {
        begun.lines.push(JournalLineForm::default());
    }
    // Lines are told apart by a number that is never given twice: those that stay keep what was typed.
    let next_line = StoredValue::new(begun.lines.len());
    let lines = RwSignal::new((0..begun.lines.len()).collect::<Vec<usize>>());
    let read = move || {
        let mut typed = typed_values(form);
        let mut take = |name: &str| typed.remove(name).unwrap_or_default();
        JournalForm {
            narrative: take("narrative"),
            currency: take("currency"),
            lines: lines
                .with_untracked(|lines| lines.iter().map(|line| read_line(*line, &mut take)).collect()),
        }
    };
    let state = FormState::reading(form, &begun, read);
    let currency = begun.currency.clone();
    let typed = RwSignal::new(begun.clone());
    // What is put right loses its fault while it is typed; sums and faults of the lines follow every key.
    let follow = move || {
        typed.set(read());
        state.typed_below(|field| field.starts_with("lines"));
    };
    // What was typed before the page woke up counts, too.
    Effect::new(move |_| follow());
    let add = move |_| {
        let line = next_line.get_value();
        next_line.set_value(line + 1);
        lines.update(|lines| lines.push(line));
        focus_soon(line_id(line, "gl_code"));
    };
    let full = move || lines.with(|lines| lines.len() >= MOST_LINES);
    let first = StoredValue::new(begun.lines);
    let row = move |line: usize| {
        let begun = first.with_value(|first| first.get(line).cloned().unwrap_or_default());
        let at = Memo::new(move |_| {
            lines.with(|lines| lines.iter().position(|there| *there == line).unwrap_or(0))
        });
        let remove = Callback::new(move |()| {
            let after = lines.with_untracked(|lines| {
                let at = lines.iter().position(|there| *there == line).unwrap_or(0);
                lines.get(at + 1).or_else(|| lines.get(at.checked_sub(1)?)).copied()
            });
            lines.update(|lines| lines.retain(|there| *there != line));
            state.faults.update(|faults| faults.clear_below("lines"));
            follow();
            focus_soon(after.map_or_else(|| ADD.to_owned(), |line| line_id(line, "gl_code")));
        });
        view! { <Line line=line at=at begun=begun state=state remove=remove/> }
    };
    view! {
        <Deed
            state=state
            act="Post it"
            wide=true
            facts=|| "What no other operation books. Loans move through their own operations alone."
        >
            <div on:input=move |_| follow() on:change=move |_| follow()>
                <FieldGrid><Ask state=state name="narrative"/><Ask state=state name="currency"/></FieldGrid>
                <fieldset class="mt-6">
                    <legend class="sec w-full"><h2>"Lines"</h2><span class="aside">{format!("{currency}, a debit or a credit each")}</span></legend>
                    <div class=format!("{LINE_GRID} max-sm:hidden text-[.8125rem] text-muted mb-1") aria-hidden="true">
                        <span>"Account of the chart"</span>
                        <span>"Customer's account"</span>
                        <span class="text-right pr-3">"Debit"</span>
                        <span class="text-right pr-3">"Credit"</span>
                        <span class="w-8 pointer-coarse:w-11"></span>
                    </div>
                    <ol class="grid gap-y-4">
                        <For each=move || lines.get() key=|line| *line children=row/>
                    </ol>
                    <Sums typed=typed/>
                    <LinesFault state=state/>
                    <button class="btn mt-4" id=ADD type="button" disabled=full on:click=add><Icon name="plus"/>"Add a line"</button>
                </fieldset>
            </div>
        </Deed>
    }
}

/// Id of the button that adds a line.
const ADD: &str = "add-line";

/// Id of an input of a line.
fn line_id(line: usize, part: &str) -> String {
    format!("line-{line}-{part}")
}

/// Puts the focus on something that is drawn in a moment.
fn focus_soon(id: String) {
    request_animation_frame(move || {
        let found = document().get_element_by_id(&id);
        if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Focus fails only when the element is gone.
            let _ = element.focus();
        }
    });
}

/// The answers of one line, whose inputs are named after its number.
fn read_line(line: usize, take: &mut impl FnMut(&str) -> String) -> JournalLineForm {
    JournalLineForm {
        gl_code: take(&format!("{line}.gl_code")),
        account: take(&format!("{line}.account")),
        debit: take(&format!("{line}.debit")),
        credit: take(&format!("{line}.credit")),
    }
}

/// One line: the account of the chart, whose account stands behind it, and the amount on its side.
#[component]
fn Line(
    line: usize,
    at: Memo<usize>,
    begun: JournalLineForm,
    state: FormState,
    remove: Callback<()>,
) -> impl IntoView {
    let code = begun.gl_code.clone();
    let accounts = postable().map(|account| {
        let chosen = account.code == code;
        view! { <option value=account.code selected=chosen>{format!("{} {}", account.code, account.title)}</option> }
    });
    let accounts = accounts.collect_view();
    let named = |part: &str| format!("form[{line}.{part}]");
    let id = move |part: &str| line_id(line, part);
    let label = move |words: &'static str| move || format!("{words}, line {}", at.get() + 1);
    let fault = move || state.fault(&line_name(at.get()));
    let bad = move || fault().map(|_| "true");
    let figures = move |part: &'static str, words: &'static str, value: String| {
        view! {
            <input class="input num text-right" id=id(part) name=named(part) type="text" inputmode="decimal" autocomplete="off" maxlength="24" placeholder=words value=value aria-label=label(words) aria-invalid=bad/>
        }
    };
    // Only behind a control account stands a customer's; elsewhere the field is closed, and not sent.
    let chosen = RwSignal::new(begun.gl_code.clone());
    let select = NodeRef::<html::Select>::new();
    // What was chosen before the page woke up counts, too.
    Effect::new(move |_| {
        if let Some(select) = select.get() {
            chosen.set(select.value());
        }
    });
    let closed = move || {
        chosen.with(|code| {
            gl_account(code).is_none_or(|account| account.sub_ledger != Some(SubLedger::ACCOUNTS))
        })
    };
    view! {
        <li
            tabindex="-1"
            class=move || format!("field{}", if fault().is_some() { " bad" } else { "" }) id=move || line_name(at.get())>
            {move || fault().map(|words| view! {
                <p class="fault"><Icon name="circle-alert"/><span><span class="sr-only">"Error: "</span>{words}</span></p>
            })}
            <div class=LINE_GRID>
                <select node_ref=select class="select max-sm:col-span-3" id=id("gl_code") name=named("gl_code") aria-label=label("Account of the chart") aria-invalid=bad on:change=move |event| chosen.set(event_target_value(&event))>
                    <option value="" selected=begun.gl_code.is_empty()>"Choose the account"</option>
                    {accounts}
                </select>
                <input class="input max-sm:col-span-3" id=id("account") name=named("account") type="text" inputmode="numeric" autocomplete="off" maxlength="24" placeholder=move || if closed() { "None behind it" } else { "Customer's account" } disabled=closed value=begun.account aria-label=label("Customer's account") aria-invalid=bad/>
                {figures("debit", "Debit", begun.debit)}
                {figures("credit", "Credit", begun.credit)}
                <button class="iconb" type="button" aria-label=label("Remove") on:click=move |_| remove.run(())><Icon name="x"/></button>
            </div>
        </li>
    }
}

/// What is wrong with the lines together.
#[component]
fn LinesFault(state: FormState) -> impl IntoView {
    move || {
        state.fault("lines").map(|words| view! {
            <div class="field bad mt-3" id="lines" tabindex="-1"><p class="fault"><Icon name="circle-alert"/><span><span class="sr-only">"Error: "</span>{words}</span></p></div>
        })
    }
}

/// Debits, credits and what one side lacks, as typed, each sum below its column. The nodes stay, so that a
/// screen reader hears what changes.
#[component]
fn Sums(typed: RwSignal<JournalForm>) -> impl IntoView {
    let balance = Memo::new(move |_| typed.with(Balance::of));
    let standing = move || match balance.get() {
        Err(fault) => (Tone::Wrong, "circle-alert", fault.to_string()),
        Ok(balance) => match balance.lacks() {
            None if balance.debit.amount().is_zero() => {
                (Tone::Quiet, "circle-dashed", "No amount yet".to_owned())
            }
            None => (Tone::Good, "circle-check", "Debits and credits are equal".to_owned()),
            Some((Side::Debit, money)) => (Tone::Watch, "triangle-alert", format!("Debits lack {money}")),
            Some((Side::Credit, money)) => (Tone::Watch, "triangle-alert", format!("Credits lack {money}")),
        },
    };
    let standing = move || {
        let (tone, icon, word) = standing();
        view! { <Status tone=tone icon=icon word=word/> }
    };
    let sum = move |side: Side| {
        balance.get().map_or_else(
            |_| String::new(),
            |balance| match side {
                Side::Debit => balance.debit.figures(),
                Side::Credit => balance.credit.figures(),
            },
        )
    };
    view! {
        <div class=format!("{LINE_GRID} mt-4 pt-2 pb-2 border-t border-line-2 border-b-[3px] border-b-double")>
            <span class="font-medium max-sm:col-span-3 sm:col-span-2" role="status">{standing}</span>
            <span class="num font-medium text-right pr-3"><span class="sr-only">"Debits "</span>{move || sum(Side::Debit)}</span>
            <span class="num font-medium text-right pr-3"><span class="sr-only">"Credits "</span>{move || sum(Side::Credit)}</span>
            <span class="w-8 pointer-coarse:w-11"></span>
        </div>
    }
}

/// The columns of a line: on a phone, one field a row with the amounts below.
const LINE_GRID: &str = "grid gap-2 items-center grid-cols-[1fr_1fr_auto] sm:grid-cols-[minmax(0,1.8fr)_minmax(0,1.4fr)_minmax(0,1.3fr)_minmax(0,1.3fr)_auto]";
