//! Sign-in, the choice of a seat, sign-out: plain forms, sessions with a new id at each step, and a mark on the device
//! of whoever has signed in.

use super::address::Address;
use super::door;
use super::pages::Unavailable;
use super::state::Portal;
use crate::pages::guarded_by;
use crate::shared::entrance::{Entrance, SignInAgainForm};
use crate::shared::error::DoorError;
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use serde::Deserialize;
use tawi_bank::shared::auth;
use tawi_bank::shared::device::{Device, Origin};
use tawi_bank::shared::error::OpError;
use tawi_bank::shared::guessing::EASILY_GUESSED;
use tawi_bank::shared::own_password::{Chooser, choose_password};
use tawi_bank::shared::session::{LASTING, WHO, Who, digest_of, retire};
use tawi_bank::shared::sign_in_tries::NO_TRY_LEFT;
use tawi_bank::{Bank, demo};
use tawi_domain::shared::constants::DEVICE_DAYS;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::BranchNumber;
use tawi_domain::shared::permissions::Role;
use tawi_domain::shared::staff::{Assignment, PasswordForm, SignInForm, is_own_path};
use tower_sessions::Session;

/// The longest name of a browser that is kept, in characters.
const LONGEST_USER_AGENT: usize = 300;

fn back(path: &str, why: &str, staff: &str, next: &str) -> Redirect {
    let mut query = form_query(&[("why", why), ("staff", staff), ("next", next)]);
    query.insert(0, '?');
    Redirect::to(&format!("{path}{query}"))
}

/// A query string of the pairs that have a value.
fn form_query(pairs: &[(&str, &str)]) -> String {
    let told = pairs.iter().filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(told).finish()
}

/// Where somebody goes on: to a page there is, or to the desk.
fn next_of(next: &str) -> String {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let leads = is_own_path(next) && guarded_by(path).is_some();
    if leads { next.to_owned() } else { "/".to_owned() }
}

fn unavailable<T>(error: &AppError) -> Result<T, Unavailable> {
    Err(Unavailable::of(error))
}

/// The cookie of a device's mark.
const DEVICE: &str = "__Host-tawi-device";

/// Where somebody knocks from, with the mark of their device.
pub fn origin(bank: &Bank, address: &Address, headers: &HeaderMap) -> Origin {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies =
        cookies.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    let kept = cookies.find(|(name, _)| *name == DEVICE).map(|(_, kept)| kept);
    Origin::with_marks(bank, address.0.clone(), kept.unwrap_or_default())
}

/// Whether one more may knock from an address. A person's own device is bounded by its own tries, and no stranger at the
/// same address keeps it waiting.
fn is_let_through(portal: &Portal, address: &Address, from: &Origin, staff_id: &str) -> bool {
    let own = staff_id.parse().is_ok_and(|staff_id| from.device_of(&staff_id).is_some());
    own || portal.sign_ins.count(&address.0)
}

/// Marks the device of somebody who has signed in.
fn marked(bank: &Bank, from: &Origin, device: &Device) -> Result<HeaderValue, OpError> {
    let (kept, seconds) = (from.kept_for(bank, device)?, DEVICE_DAYS * 24 * 3600);
    let cookie = format!("{DEVICE}={kept}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
    HeaderValue::from_str(&cookie).map_err(OpError::stored)
}

/// Checks staff ID and password, opens a session under a new id, and asks for a seat where there is a
/// choice.
pub async fn sign_in(
    State(portal): State<Portal>,
    Extension(address): Extension<Address>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Unavailable> {
    let staff: String = form.staff_id.chars().take(20).collect();
    let again = |why: &str| Ok(back("/sign-in", why, &staff, &form.next).into_response());
    let from = origin(&portal.bank, &address, &headers);
    if !is_let_through(&portal, &address, &from, &form.staff_id) {
        return again("many");
    }
    let signed_in = match auth::sign_in(&portal.bank, &form, &from).await {
        Ok(signed_in) => signed_in,
        Err(error @ (AppError::Unavailable { .. } | AppError::Busy)) => return unavailable(&error),
        Err(AppError::Invalid(faults)) => {
            return again(match faults.of("") {
                None => "empty",
                Some(auth::WRONG) => "wrong",
                Some(auth::RUN_OUT) => "run-out",
                Some(NO_TRY_LEFT) => "wait",
                Some(_) => "none",
            });
        }
        Err(_) => return again("wrong"),
    };
    let who = Who {
        staff_id: signed_in.staff_id,
        seat: only_seat(&signed_in.assignments),
        renews: signed_in.must_renew,
        stamp: Some(signed_in.stamp),
    };
    // A sign-in begins a session anew, whatever the cookie was before.
    session.clear().await;
    if let Err(error) = open_session(&session, &headers, &who).await {
        return unavailable(&error);
    }
    let mut answer = onward(&who, &form.next).into_response();
    match marked(&portal.bank, &from, &signed_in.device) {
        Ok(cookie) => drop(answer.headers_mut().append(header::SET_COOKIE, cookie)),
        Err(error) => return unavailable(&error.outward()),
    }
    Ok(answer)
}

/// The seat of somebody who has no choice.
fn only_seat(assignments: &[Assignment]) -> Option<(BranchNumber, Role)> {
    match assignments {
        [only] => Some((only.branch, only.role)),
        _ => None,
    }
}

/// The next step of somebody whose password was right.
fn onward(who: &Who, next: &str) -> Redirect {
    match who {
        Who { renews: true, .. } => back("/sign-in/password", "", "", next),
        Who { seat: Some(_), .. } => Redirect::to(&next_of(next)),
        Who { seat: None, .. } => back("/sign-in/seat", "", "", next),
    }
}

/// Chooses a password of one's own: after a temporary one, or whenever somebody wants another.
pub async fn password(
    State(portal): State<Portal>,
    Extension(address): Extension<Address>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Unavailable> {
    let back = |path: &str, why: &str| back(path, why, "", &form.next).into_response();
    let who = match door::who(&session).await {
        Ok(Some(who)) => who,
        Ok(None) => return Ok(back("/sign-in", "ended")),
        Err(error) => return unavailable(&error),
    };
    let Some(id) = session.id() else { return Ok(back("/sign-in", "ended")) };
    if is_anothers(&form.person, &who) {
        return Ok(back("/sign-in/password", "other"));
    }
    let from = origin(&portal.bank, &address, &headers);
    if !is_let_through(&portal, &address, &from, who.staff_id.as_str()) {
        return Ok(back("/sign-in/password", "many"));
    }
    let chooser =
        Chooser { staff_id: &who.staff_id, session: digest_of(id), renews: who.renews, from: &from };
    let stamp = match choose_password(&portal.bank, &chooser, &form).await {
        Ok(stamp) => stamp,
        Err(error @ (AppError::Unavailable { .. } | AppError::Busy)) => return unavailable(&error),
        Err(AppError::Invalid(faults)) => {
            let fields = ["current", "again", "same"];
            let why = match (faults.of(""), faults.of("password")) {
                (Some(_), _) => "wait",
                (None, Some(EASILY_GUESSED)) => "guessed",
                _ => fields.into_iter().find(|field| faults.of(field).is_some()).unwrap_or("password"),
            };
            return Ok(back("/sign-in/password", why));
        }
        Err(_) => return Ok(back("/sign-in", "ended")),
    };
    let seats = match auth::seats(&portal.bank, &who.staff_id).await {
        Ok(seats) => seats,
        Err(error) => return unavailable(&error),
    };
    let device = from.device_for(&who.staff_id, &stamp);
    let who = Who { seat: who.seat.or_else(|| only_seat(&seats)), renews: false, stamp: Some(stamp), ..who };
    // The session of before has ended with all the others: this one is new.
    session.clear().await;
    if let Err(error) = open_session(&session, &headers, &who).await {
        return unavailable(&error);
    }
    let mut answer = onward(&who, &form.next).into_response();
    if let Ok(cookie) = marked(&portal.bank, &from, &device) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// A new id, so that an id planted before the sign-in is worth nothing after it.
async fn open_session(session: &Session, headers: &HeaderMap, who: &Who) -> Result<(), AppError> {
    let failed = |error: tower_sessions::session::Error| OpError::stored(error).outward();
    let user_agent =
        headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let user_agent: String = user_agent.chars().take(LONGEST_USER_AGENT).collect();
    session.cycle_id().await.map_err(failed)?;
    session.insert("user_agent", user_agent).await.map_err(failed)?;
    session.insert(LASTING, true).await.map_err(failed)?;
    session.insert(WHO, who).await.map_err(failed)?;
    session.save().await.map_err(failed)
}

/// Whether a page was drawn for somebody else than is signed in by now. Pages of versions before say nothing.
fn is_anothers(person: &str, who: &Who) -> bool {
    !person.is_empty() && person != who.staff_id.as_str()
}

/// The seat chosen: `001:relationship_officer`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeatForm {
    person: String,
    seat: String,
    next: String,
}

/// Takes the seat that was chosen.
pub async fn seat(
    State(portal): State<Portal>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<SeatForm>,
) -> Result<Redirect, Unavailable> {
    let who = match door::who(&session).await {
        Ok(Some(who)) => who,
        Ok(None) => return Ok(back("/sign-in", "ended", "", &form.next)),
        Err(error) => return unavailable(&error),
    };
    let chosen = form.seat.split_once(':').and_then(|(branch, role)| {
        let branch = BranchNumber::try_from(branch.parse::<i16>().ok()?).ok()?;
        Some((branch, role.parse::<Role>().ok()?))
    });
    if who.renews {
        return Ok(back("/sign-in/password", "", "", &form.next));
    }
    if is_anothers(&form.person, &who) {
        return Ok(back("/sign-in/seat", "other", "", &form.next));
    }
    let Some((branch, role)) = chosen else { return Ok(back("/sign-in/seat", "seat", "", &form.next)) };
    match auth::take_seat(&portal.bank, &who.staff_id, branch, role).await {
        Ok(()) => {}
        Err(error @ AppError::Unavailable { .. }) => return unavailable(&error),
        Err(_) => return Ok(back("/sign-in/seat", "seat", "", &form.next)),
    }
    let who = Who { seat: Some((branch, role)), ..who };
    match session.id() {
        Some(id) => match retire(&portal.bank, &digest_of(id)).await {
            Ok(true) => {}
            Ok(false) => return Ok(back("/sign-in", "ended", "", &form.next)),
            Err(error) => return unavailable(&error),
        },
        None => return Ok(back("/sign-in", "ended", "", &form.next)),
    }
    match open_session(&session, &headers, &who).await {
        Ok(()) => Ok(Redirect::to(&next_of(&form.next))),
        Err(error) => unavailable(&error),
    }
}

/// Who signs out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignOutForm {
    person: String,
}

/// Ends the session and its streams.
pub async fn sign_out(
    State(portal): State<Portal>,
    session: Session,
    form: Result<Form<SignOutForm>, FormRejection>,
) -> Result<Redirect, Unavailable> {
    let who = match door::who(&session).await {
        Ok(who) => who,
        Err(error) => return unavailable(&error),
    };
    // Another tab has signed somebody else in: they stay.
    let person = form.map(|Form(form)| form.person).unwrap_or_default();
    if who.as_ref().is_some_and(|who| is_anothers(&person, who)) {
        return Ok(Redirect::to("/"));
    }
    if let (Some(who), Some(id)) = (who, session.id()) {
        let digest = digest_of(id);
        if let Err(error) = auth::sign_out(&portal.bank, &who.staff_id, &digest).await {
            return unavailable(&error);
        }
    }
    match session.flush().await {
        Ok(()) => Ok(Redirect::to("/sign-in")),
        Err(error) => unavailable(&OpError::stored(error).outward()),
    }
}

/// Signs the person of a page in again, into the seat the page was drawn for.
pub async fn again(form: SignInAgainForm) -> Result<(), DoorError> {
    let result = try_again(form).await;
    if let Err(error) = &result {
        door::set_status(error);
    }
    result.map_err(DoorError)
}

async fn try_again(form: SignInAgainForm) -> Result<(), AppError> {
    let portal = expect_context::<Portal>();
    let parts = expect_context::<axum::http::request::Parts>();
    let address = parts.extensions.get::<Address>().cloned().ok_or(AppError::NotSignedIn)?;
    let from = origin(&portal.bank, &address, &parts.headers);
    if !is_let_through(&portal, &address, &from, &form.staff_id) {
        return Err(AppError::TooMany);
    }
    let credentials = SignInForm { staff_id: form.staff_id, password: form.password, next: String::new() };
    let signed_in = auth::sign_in(&portal.bank, &credentials, &from).await?;
    if signed_in.must_renew {
        let words = "Your password is a temporary one: choose your own on the sign-in page";
        return Err(AppError::refused(words));
    }
    let branch = BranchNumber::try_from(form.branch).map_err(|fault| AppError::refused(fault.to_string()))?;
    let role = form.role.parse::<Role>().map_err(AppError::refused)?;
    auth::take_seat(&portal.bank, &signed_in.staff_id, branch, role).await?;
    let session = parts.extensions.get::<Session>().cloned().ok_or(AppError::NotSignedIn)?;
    let who = Who {
        staff_id: signed_in.staff_id,
        seat: Some((branch, role)),
        renews: false,
        stamp: Some(signed_in.stamp),
    };
    session.clear().await;
    open_session(&session, &parts.headers, &who).await?;
    if let Some(options) = use_context::<ResponseOptions>() {
        let cookie = marked(&portal.bank, &from, &signed_in.device).map_err(OpError::outward)?;
        options.append_header(header::SET_COOKIE, cookie);
    }
    Ok(())
}

/// What the sign-in pages may know: the seats of somebody whose password was right, the people of a
/// demonstration.
pub async fn entrance() -> Result<Entrance, DoorError> {
    let portal = expect_context::<Portal>();
    let session = door::session().await?;
    let who = door::who(&session).await?;
    let renews = who.as_ref().is_some_and(|who| who.renews);
    let person = who.as_ref().map(|who| who.staff_id.to_string()).unwrap_or_default();
    let seats: Vec<Assignment> = match who {
        Some(who) => auth::seats(&portal.bank, &who.staff_id).await?,
        None => Vec::new(),
    };
    let demo_password = portal.config.demo_password.clone();
    let demo = match &demo_password {
        Some(_) => demo::PEOPLE
            .iter()
            .filter_map(|person| {
                let (branch, role, _) = person.seats.first()?;
                Some((person.staff_id.to_owned(), format!("{}, {branch}", role.title())))
            })
            .collect(),
        None => Vec::new(),
    };
    Ok(Entrance { person, seats, renews, demo, demo_password })
}
