//! How the browser calls the server: one key per call, up to three retries with the same key when the
//! network fails or the server says to come again, and sign-in in place when the session has ended. Commands are made safe to
//! repeat by the key in their form; the header lets the log tell a retry from a second call.

use super::error::DoorError;
use super::presence::{IDLE, SEAT, drawn_for, idle_seconds};
use super::signed_out::sign_in_again;
use bytes::Bytes;
use futures::Stream;
use gloo_net::http::{Method as GlooMethod, RequestBuilder};
use gloo_timers::future::TimeoutFuture;
use http::Method;
use leptos::server_fn::client::Client;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::response::ClientRes;
use send_wrapper::SendWrapper;

/// Waits before the second, third and fourth try, in milliseconds.
const BACK_OFF_MS: [u32; 3] = [200, 600, 1_500];
/// Header that carries the key of a call.
const REQUEST_KEY: &str = "x-request-key";

/// The client of every server function.
#[derive(Debug)]
pub struct PortalClient;

/// A call, kept as text so that it can be sent again.
#[derive(Debug, Clone)]
pub struct Call {
    path: String,
    method: Method,
    content_type: String,
    accepts: String,
    body: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    location: String,
    redirected: bool,
    body: String,
}

fn unsupported<E: FromServerFnError>() -> E {
    E::from_server_fn_error(ServerFnErrorErr::UnsupportedRequestMethod("only text is sent".to_owned()))
}

impl<E: FromServerFnError> ClientReq<E> for Call {
    type FormData = ();

    fn try_new_req_query(
        path: &str,
        content_type: &str,
        accepts: &str,
        query: &str,
        method: Method,
    ) -> Result<Self, E> {
        Self::try_new_req_text(&format!("{path}?{query}"), content_type, accepts, String::new(), method)
    }

    fn try_new_req_text(
        path: &str,
        content_type: &str,
        accepts: &str,
        body: String,
        method: Method,
    ) -> Result<Self, E> {
        Ok(Self {
            path: path.to_owned(),
            method,
            content_type: content_type.to_owned(),
            accepts: accepts.to_owned(),
            body,
        })
    }

    fn try_new_req_bytes(_: &str, _: &str, _: &str, _: Bytes, _: Method) -> Result<Self, E> {
        Err(unsupported())
    }

    fn try_new_req_form_data(_: &str, _: &str, _: &str, (): (), _: Method) -> Result<Self, E> {
        Err(unsupported())
    }

    fn try_new_req_multipart(_: &str, _: &str, (): (), _: Method) -> Result<Self, E> {
        Err(unsupported())
    }

    fn try_new_req_streaming(
        _: &str,
        _: &str,
        _: &str,
        _: impl Stream<Item = Bytes> + Send + 'static,
        _: Method,
    ) -> Result<Self, E> {
        Err(unsupported())
    }
}

impl<E: FromServerFnError> ClientRes<E> for Answer {
    async fn try_into_string(self) -> Result<String, E> {
        Ok(self.body)
    }

    async fn try_into_bytes(self) -> Result<Bytes, E> {
        Ok(Bytes::from(self.body))
    }

    fn try_into_stream(self) -> Result<impl Stream<Item = Result<Bytes, Bytes>> + Send + Sync + 'static, E> {
        Ok(futures::stream::once(std::future::ready(Ok(Bytes::from(self.body)))))
    }

    fn status(&self) -> u16 {
        self.status
    }

    fn status_text(&self) -> String {
        String::new()
    }

    fn location(&self) -> String {
        self.location.clone()
    }

    fn has_redirect(&self) -> bool {
        self.redirected
    }
}

impl Client<DoorError> for PortalClient {
    type Request = Call;
    type Response = Answer;

    fn send(call: Call) -> impl Future<Output = Result<Answer, DoorError>> + Send {
        SendWrapper::new(send_until_answered(call))
    }

    #[expect(refining_impl_trait_reachable, reason = "there are no web sockets")]
    fn open_websocket(
        _: &str,
    ) -> impl Future<
        Output = Result<
            (futures::stream::Empty<Result<Bytes, Bytes>>, futures::sink::Drain<Bytes>),
            DoorError,
        >,
    > + Send {
        std::future::ready(Err(unsupported()))
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        leptos::task::spawn(future);
    }
}

async fn send_until_answered(call: Call) -> Result<Answer, DoorError> {
    let key = random_key();
    let mut tries = BACK_OFF_MS.into_iter();
    loop {
        let outcome = send_once(&call, &key).await;
        let wait = match &outcome {
            // The person signs in again over the page; then the same call goes out again.
            Ok(answer) if answer.status == 401 && !call.path.contains("sign_in") => {
                sign_in_again().await;
                continue;
            }
            Ok(answer) if !comes_again(answer.status, &call.path) => return outcome,
            _ => tries.next(),
        };
        match wait {
            Some(milliseconds) => TimeoutFuture::new(milliseconds).await,
            None => return outcome,
        }
    }
}

/// Whether the same call may get through in a moment. Whoever has tried too often to sign in waits by themselves.
fn comes_again(status: u16, path: &str) -> bool {
    status == 503 || (status == 429 && !path.contains("sign_in"))
}

async fn send_once(call: &Call, key: &str) -> Result<Answer, DoorError> {
    let failed = |error: gloo_net::Error| {
        DoorError::from_server_fn_error(ServerFnErrorErr::Request(error.to_string()))
    };
    let method = match call.method {
        Method::GET => GlooMethod::GET,
        _ => GlooMethod::POST,
    };
    let mut builder = RequestBuilder::new(&call.path)
        .method(method)
        .header("Content-Type", &call.content_type)
        .header("Accept", &call.accepts)
        .header(IDLE, &idle_seconds())
        .header(REQUEST_KEY, key);
    if let Some(seat) = drawn_for() {
        builder = builder.header(SEAT, seat.as_str());
    }
    let request = if call.body.is_empty() { builder.build() } else { builder.body(call.body.clone()) }
        .map_err(failed)?;
    let response = request.send().await.map_err(failed)?;
    let headers = response.headers();
    Ok(Answer {
        status: response.status(),
        location: headers.get("Location").unwrap_or_default(),
        redirected: headers.get("serverfnredirect").is_some(),
        body: response.text().await.map_err(failed)?,
    })
}

fn random_key() -> String {
    leptos::prelude::window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default()
}
