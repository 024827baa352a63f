//! Signing in: the page, the choice of a seat, and sign-in in place over a page whose session ended.
//! The two pages are plain forms that work without WASM.

use super::api_client::PortalClient;
use super::entrance::{Entrance, SignInAgainForm};
use super::error::DoorError;
use super::frame::{Mark, ThemeButton};
use super::frame_data::FrameData;
use super::ui::{Dialog, Icon, Note, PageTitle, Tone};
use futures::channel::oneshot;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::cell::RefCell;

/// The page on which a password is chosen.
pub const PASSWORD_PAGE: &str = "/sign-in/password";

thread_local! {
    static IN_PLACE: RefCell<Option<RwSignal<bool>>> = const { RefCell::new(None) };
    static WAITING: RefCell<Vec<oneshot::Sender<()>>> = const { RefCell::new(Vec::new()) };
}

/// Opens the sign-in dialog and waits until somebody has signed in through it. Calls that wait at the
/// same time go on together.
pub async fn sign_in_in_place() {
    let (done, signed_in) = oneshot::channel();
    WAITING.with_borrow_mut(|waiting| waiting.push(done));
    IN_PLACE.with_borrow(|open| {
        if let Some(open) = open {
            open.set(true);
        }
    });
    // The sender is only dropped with the page.
    let _ = signed_in.await;
}

/// Somebody has signed in in another tab of this browser: calls that wait go on, and the dialog closes.
pub fn signed_in_elsewhere() {
    let waiting = WAITING.take();
    if waiting.is_empty() {
        return;
    }
    IN_PLACE.with_borrow(|open| {
        if let Some(open) = open {
            open.set(false);
        }
    });
    for call in waiting {
        // A call that was given up meanwhile no longer listens.
        let _ = call.send(());
    }
}

/// Signs the person of a page in again, into the same seat.
#[server(prefix = "/api", endpoint = "sign_in_again", client = PortalClient)]
pub async fn sign_in_again(form: SignInAgainForm) -> Result<(), DoorError> {
    crate::server::sign_in::again(form).await
}

/// What the sign-in pages need to know. Open to everybody: it tells nothing outside a demonstration.
#[server(prefix = "/api", endpoint = "entrance", client = PortalClient)]
pub async fn fetch_entrance() -> Result<Entrance, DoorError> {
    crate::server::sign_in::entrance().await
}

fn why(code: &str) -> Option<&'static str> {
    match code {
        "wrong" => Some("Staff ID or password is wrong. After five wrong tries you wait for 15 minutes."),
        "empty" => Some("Enter your staff ID and your password."),
        "none" => Some("You hold no role at any branch today. The administrator gives roles."),
        "seat" => Some("Choose one of your branches and roles."),
        "many" => Some("Too many tries from this place. Wait a minute and try again."),
        "wait" => Some(
            "Five tries with this staff ID went wrong from here. Wait 15 minutes, or sign in on another device.",
        ),
        "guessed" => Some(
            "This password is easily guessed. Several words that have nothing to do with each other, the bank or you are good.",
        ),
        "other" => Some("Somebody else is signed in in this browser by now: this is their page."),
        "ended" => Some("Your session has ended. Sign in to go on."),
        "run-out" => Some("Your temporary password has run out. The administrator sees to another."),
        "current" => Some("This is not your present password."),
        "again" => Some("The two passwords differ: type the same one twice."),
        "same" => Some("Choose another password than you have."),
        "password" => Some("A password has 12 to 128 characters."),
        _ => None,
    }
}

/// The page around a sign-in form.
#[component]
fn Door(children: Children) -> impl IntoView {
    view! {
        <main class="grid min-h-dvh lg:grid-cols-[minmax(26rem,36rem)_1fr]" id="main">
            <section class="bg-base-100 flex flex-col px-6 sm:px-12 py-6">
                <div class="flex items-center justify-between">
                    <span class="brand !p-0"><Mark/><b>"Tawi"</b></span>
                    <ThemeButton/>
                </div>
                <div class="my-auto py-8 w-full max-w-[22.5rem] mx-auto lg:mx-0 xl:ml-10">{children()}</div>
                <p class="text-[.8125rem] text-muted">{concat!("Version ", env!("CARGO_PKG_VERSION"))}</p>
            </section>
            <aside class="hidden lg:flex flex-col justify-end bg-secondary text-secondary-content p-12 relative overflow-hidden" aria-label="Wekeza Bank">
                <svg class="absolute inset-0 w-full h-full" viewBox="0 0 640 800" preserveAspectRatio="xMaxYMax meet" fill="none" aria-hidden="true">
                    <g transform="translate(-34 14)">
                        <g stroke="currentColor" stroke-width="1.25" opacity=".32">
                            <path d="M470 820V96"/><path d="M470 640c0-78 40-118 118-134"/><path d="M470 520c0-92-52-140-150-158"/>
                            <path d="M470 372c0-70 36-106 106-120"/><path d="M470 262c0-60-34-92-98-104"/>
                        </g>
                        <g fill="currentColor" opacity=".13">
                            <path d="M586 508c-12-62 14-104 92-116 12 76-16 110-92 116Z"/><path d="M322 364c-72 6-112-26-116-104 78-2 114 32 116 104Z"/>
                            <path d="M574 254c-8-54 16-88 82-96 8 64-18 92-82 96Z"/><path d="M374 160c-58 2-90-24-92-88 62 0 92 28 92 88Z"/>
                        </g>
                        <path d="M470 98c-22-46-8-84 52-110 30 62 6 98-52 110Z" fill="var(--color-accent)" opacity=".95"/>
                    </g>
                </svg>
                <p class="relative text-2xl font-medium tracking-tight text-balance max-w-md">"Wekeza Bank"<br/>"branch portal"</p>
            </aside>
        </main>
    }
}

/// The sign-in page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let said = move || query.with(|query| query.get("why").and_then(|code| why(&code)));
    let typed = query.with_untracked(|query| query.get("staff").unwrap_or_default());
    let next = query.with_untracked(|query| query.get("next").unwrap_or_default());
    let open = Resource::new_blocking(|| (), |()| fetch_entrance());
    let shown = RwSignal::new(false);
    let demo = move || {
        open.get().and_then(Result::ok).filter(|entrance| !entrance.demo.is_empty()).map(|entrance| {
            let people = entrance.demo.into_iter().map(|(staff_id, role)| {
                view! { <div><dt>{staff_id}</dt><dd>{role}</dd></div> }
            });
            let password = entrance.demo_password.unwrap_or_default();
            view! {
                <section class="mt-6 pt-4 border-t border-line text-[.8125rem]" aria-labelledby="demo">
                    <h2 id="demo" class="flex items-center gap-1.5 text-accent"><Icon name="flask-conical" class="ic-s"/>"Demonstration"</h2>
                    <p class="text-muted mt-1">"Nobody and nothing here is real. Everybody signs in with "<b class="text-base-content font-medium">{password}</b>"."</p>
                    <dl class="kv mt-2">{people.collect_view()}</dl>
                </section>
            }
        })
    };
    view! {
        <PageTitle text="Sign in"/>
        <Door>
            <h1 class="!text-2xl">"Sign in"</h1>
            <p class="text-muted mt-1 mb-6">"Wekeza Bank branch portal"</p>
            {move || said().map(|words| view! { <div class="mb-4"><Note tone=Tone::Wrong icon="circle-alert" head=words alert=true/></div> })}
            <form class="grid gap-4" method="post" action="/sign-in">
                <input type="hidden" name="next" value=next/>
                <div class="field">
                    <label for="staff_id">"Staff ID"</label>
                    <p class="hint" id="staff-hint">"On your staff card, for example LO-001"</p>
                    <input class="input" id="staff_id" name="staff_id" value=typed autocomplete="username" autocapitalize="characters" spellcheck="false" maxlength="20" aria-describedby="staff-hint"/>
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <span class="input">
                        <input id="password" name="password" type=move || if shown.get() { "text" } else { "password" } autocomplete="current-password" maxlength="200"/>
                        <button type="button" class="iconb -mr-2 !h-7 !w-7" aria-label=move || if shown.get() { "Hide what I type" } else { "Show what I type" } on:click=move |_| shown.update(|shown| *shown = !*shown)>
                            {move || if shown.get() { view! { <Icon name="eye-off"/> } } else { view! { <Icon name="eye"/> } }}
                        </button>
                    </span>
                </div>
                <button class="btn btn-primary mt-1" type="submit">"Sign in"</button>
            </form>
            <p class="mt-6 pt-4 border-t border-line text-[.8125rem] text-muted">
                "Forgotten your password? The administrator asks for a new one: nobody asks you for it by telephone."
            </p>
            <Suspense>{demo}</Suspense>
        </Door>
    }
}

/// For whom a page was drawn: whoever is signed in by the time that it is sent may be somebody else.
fn whose(open: Resource<Result<Entrance, DoorError>>) -> impl IntoView {
    let person = open.get().and_then(Result::ok).map(|entrance| entrance.person).unwrap_or_default();
    view! { <input type="hidden" name="person" value=person/> }
}

/// The choice of branch and role, for people with more than one.
#[component]
pub fn SeatPage() -> impl IntoView {
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next").unwrap_or_default());
    let said = query.with_untracked(|query| query.get("why").and_then(|code| why(&code)));
    let open = Resource::new_blocking(|| (), |()| fetch_entrance());
    let person = move || whose(open);
    let seats = move || {
        let seats = open.get().and_then(Result::ok).map(|entrance| entrance.seats).unwrap_or_default();
        let radios = seats.into_iter().enumerate().map(|(at, seat)| {
            let value = format!("{}:{}", seat.branch.get(), seat.role.code());
            view! {
                <label class="flex items-start gap-3 py-2.5 border-b border-line min-h-11">
                    <input type="radio" class="radio radio-sm radio-primary mt-0.5" name="seat" value=value checked={at == 0}/>
                    <span>
                        <b class="font-medium">{seat.role.title()}</b>
                        <br/>
                        <span class="text-muted text-[.8125rem]">{format!("{} · {}", seat.branch_code, seat.branch_name)}</span>
                    </span>
                </label>
            }
        });
        radios.collect_view()
    };
    view! {
        <PageTitle text="Choose branch and role"/>
        <Door>
            <h1 class="!text-2xl">"Where do you work today?"</h1>
            <p class="text-muted mt-1 mb-6">"You hold more than one role. Choose the one you sit in now."</p>
            {said.map(|words| view! { <div class="mb-4"><Note tone=Tone::Wrong icon="circle-alert" head=words alert=true/></div> })}
            <form method="post" action="/sign-in/seat">
                <input type="hidden" name="next" value=next/>
                <Suspense>{person}</Suspense>
                <fieldset>
                    <legend class="sr-only">"Branch and role"</legend>
                    <Suspense>{seats}</Suspense>
                </fieldset>
                <button class="btn btn-primary mt-5 w-full" type="submit">"Go on"</button>
            </form>
        </Door>
    }
}

/// The choice of a password of one's own.
#[component]
pub fn PasswordPage() -> impl IntoView {
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next").unwrap_or_default());
    let said = query.with_untracked(|query| query.get("why").and_then(|code| why(&code)));
    let open = Resource::new_blocking(|| (), |()| fetch_entrance());
    let field = |name: &'static str, label: &'static str, hint: &'static str, complete: &'static str| {
        let hinted = (!hint.is_empty()).then(|| format!("{name}-hint"));
        view! {
            <div class="field">
                <label for=name>{label}</label>
                {hinted.clone().map(|id| view! { <p class="hint" id=id>{hint}</p> })}
                <input class="input" id=name name=name type="password" autocomplete=complete maxlength="200" aria-describedby=hinted/>
            </div>
        }
    };
    let person = move || whose(open);
    let current = move || {
        let asks = open.get().and_then(Result::ok).is_some_and(|entrance| !entrance.renews);
        asks.then(|| field("current", "Present password", "", "current-password"))
    };
    view! {
        <PageTitle text="Choose a password"/>
        <Door>
            <h1 class="!text-2xl">"Choose a password"</h1>
            <p class="text-muted mt-1 mb-6">"Only you know it. Everywhere else you are signed out."</p>
            {said.map(|words| view! { <div class="mb-4"><Note tone=Tone::Wrong icon="circle-alert" head=words alert=true/></div> })}
            <form class="grid gap-4" method="post" action=PASSWORD_PAGE>
                <input type="hidden" name="next" value=next/>
                <Suspense>{person}</Suspense>
                <Suspense>{current}</Suspense>
                {field("password", "New password", "12 to 128 characters; several words are good", "new-password")}
                {field("again", "New password again", "", "new-password")}
                <button class="btn btn-primary mt-1" type="submit">"Use this password"</button>
            </form>
        </Door>
    }
}

/// Sign-in over the page: what was typed stays, what was sent goes out again.
#[component]
pub fn SignInDialog(data: Signal<FrameData>) -> impl IntoView {
    let open = RwSignal::new(false);
    let password = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    Effect::new(move |_| IN_PLACE.with_borrow_mut(|place| *place = Some(open)));
    // Closing it with Escape would leave a page that answers nothing: it opens again while calls wait.
    Effect::new(move |_| {
        if !open.get() && WAITING.with_borrow(|waiting| !waiting.is_empty()) {
            open.set(true);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let officer = data.with_untracked(|data| data.officer.clone());
        let form = SignInAgainForm {
            staff_id: officer.staff_id.to_string(),
            password: password.get_untracked(),
            branch: officer.branch.get(),
            role: officer.role.code().to_owned(),
        };
        leptos::task::spawn_local(async move {
            match sign_in_again(form).await {
                Ok(()) => {
                    password.set(String::new());
                    fault.set(None);
                    let waiting = WAITING.take();
                    open.set(false);
                    for call in waiting {
                        // A call that was given up meanwhile no longer listens.
                        let _ = call.send(());
                    }
                }
                Err(error) => fault.set(Some(error.to_string())),
            }
            busy.set(false);
        });
    };
    view! {
        <Dialog open=open labelled_by="again">
            <form on:submit=submit>
                <h2 id="again" class="!text-base !leading-6">"Sign in to go on"</h2>
                <p class="text-[.8125rem] text-muted mt-1 mb-3">
                    {move || data.with(|data| format!("The session of {} ({}) has ended. What you typed is kept.", data.officer.name, data.officer.staff_id))}
                </p>
                <div class=move || if fault.get().is_some() { "field bad" } else { "field" }>
                    <label for="again-password">"Password"</label>
                    {move || fault.get().map(|words| view! { <p class="fault" role="alert"><Icon name="circle-alert"/><span>{words}</span></p> })}
                    <input class="input" id="again-password" type="password" autocomplete="current-password" maxlength="200" prop:value=password on:input=move |event| password.set(event_target_value(&event))/>
                </div>
                <div class="flex justify-between items-center gap-2 mt-4">
                    <a class="lnk text-[.8125rem]" rel="external" href="/sign-in">"Somebody else signs in"</a>
                    <button class="btn btn-primary" type="submit">{move || if busy.get() { "Signing in" } else { "Sign in" }}</button>
                </div>
            </form>
        </Dialog>
    }
}
