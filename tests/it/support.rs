//! A portal on a database of its own, and people who knock at it.

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use tawi::server::config::Config;
use tawi::server::router;
use tawi::server::serve::{Bounds, serve};
use tawi::server::site::Site;
use tawi::server::state::Portal;
use tawi_domain::shared::permissions::Operation;
use tawi_testing::{TestBank, admin_url};
use tokio::sync::oneshot;

pub type Story = Result<(), Box<dyn std::error::Error + Send + Sync>>;
pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A portal that serves on a port of its own.
pub struct Served {
    pub test: TestBank,
    pub url: String,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<()>,
}

impl Served {
    pub async fn start() -> Fallible<Self> {
        Self::of(TestBank::live().await?).await
    }

    /// A portal that serves what a database holds.
    pub async fn of(test: TestBank) -> Fallible<Self> {
        Self::configured(test, &[("TAWI_SIGN_INS_PER_MINUTE", "100000")]).await
    }

    /// The same with variables of its own.
    pub async fn configured(test: TestBank, variables: &[(&str, &str)]) -> Fallible<Self> {
        let own = [("DATABASE_URL", test.url()), ("TAWI_DEMO", "1")];
        let config = Config::read(&[&own, variables].concat())?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (bounds, proxies) = (Bounds::of(config.max_connections, 64), config.proxies.clone());
        let app = router::portal(Portal::new(test.bank.clone(), config, Site::default()));
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move {
            // Whoever holds the other end has let go of it.
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve(listener, app, bounds, proxies, stopped));
        Ok(Self { test, url, stop, server })
    }

    /// Lets the portal end as a signal would, and answers the bank.
    pub async fn ended(self) -> Fallible<TestBank> {
        self.test.bank.hub().stop();
        drop(self.stop);
        self.server.await?;
        Ok(self.test)
    }

    pub async fn finish(self) -> Story {
        self.ended().await?.finish().await
    }

    /// Somebody who has not signed in.
    pub fn anonymous(&self) -> Fallible<Person> {
        let client = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(60)).build()?;
        Ok(Person { client, url: self.url.clone(), cookie: String::new() })
    }

    /// Somebody signed in, in their first or only seat.
    pub async fn person(&self, staff_id: &str) -> Fallible<Person> {
        let mut person = self.anonymous()?;
        let form = format!("staff_id={staff_id}&password={}", tawi_bank::demo::PASSWORD);
        let answer = person.form("/sign-in", &form).await?;
        person.take_cookie(&answer)?;
        if location(&answer).starts_with("/sign-in/seat") {
            let (branch, role, _) = tawi_bank::demo::PEOPLE
                .iter()
                .find(|known| known.staff_id == staff_id)
                .and_then(|known| known.seats.first())
                .ok_or("no seat")?;
            let number =
                tawi_bank::demo::BRANCHES.iter().find(|(_, code, _)| code == branch).ok_or("no branch")?.0;
            let answer = person.form("/sign-in/seat", &format!("seat={number}%3A{}", role.code())).await?;
            person.take_cookie(&answer)?;
        }
        Ok(person)
    }
}

/// A form as it travels to a door of every command.
pub fn sent(operation: Operation, form: &serde_json::Value, more: &[(&str, &str)]) -> String {
    let form = form.to_string();
    let own = [("operation", operation.code()), ("form", form.as_str())];
    form_urlencoded::Serializer::new(String::new()).extend_pairs(own).extend_pairs(more).finish()
}

pub fn location(answer: &Response) -> String {
    answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The session's cookie that an answer sets.
pub fn session_cookie(answer: &Response) -> Option<String> {
    let set = answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut named = set.filter_map(|cookie| cookie.split(';').next());
    named.find(|cookie| cookie.starts_with("__Host-tawi=")).map(str::to_owned)
}

/// A browser, as far as doors care.
#[derive(Clone)]
pub struct Person {
    pub client: Client,
    url: String,
    pub cookie: String,
}

impl Person {
    fn take_cookie(&mut self, answer: &Response) -> Story {
        self.cookie = session_cookie(answer).ok_or("no cookie was set")?;
        Ok(())
    }

    /// The same browser with another session.
    pub fn with(self, cookie: String) -> Self {
        Self { cookie, ..self }
    }

    /// A page. A machine under load has kept one waiting for good, seldom and never twice: then what the database
    /// does at that moment is printed, and the page asked for once more.
    pub async fn get(&self, path: &str) -> Fallible<Response> {
        match self.page(path).await {
            Err(error) if error.is_timeout() => {
                eprintln!("{path} did not answer: {:#?}", under_way().await?);
                Ok(self.page(path).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn page(&self, path: &str) -> Result<Response, reqwest::Error> {
        let page = self.client.get(format!("{}{path}", self.url)).header(COOKIE, &self.cookie);
        page.header("accept", "text/html").send().await
    }

    /// A form posted by hand, as without WASM.
    pub async fn form(&self, path: &str, body: &str) -> Fallible<Response> {
        self.post(path, body, "text/html", &[]).await
    }

    /// A server function called by the page.
    pub async fn call(&self, door: &str, body: &str) -> Fallible<Response> {
        self.post(&format!("/api/{door}"), body, "application/json", &[]).await
    }

    /// The same with headers of its own.
    pub async fn call_with(&self, door: &str, body: &str, headers: &[(&str, &str)]) -> Fallible<Response> {
        self.post(&format!("/api/{door}"), body, "application/json", headers).await
    }

    /// A form posted by hand, with headers of its own.
    pub async fn form_with(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Fallible<Response> {
        self.post(path, body, "text/html", headers).await
    }

    /// The head of a page.
    pub async fn head(&self, path: &str) -> Fallible<Response> {
        Ok(self.client.head(format!("{}{path}", self.url)).header(COOKIE, &self.cookie).send().await?)
    }

    /// A stream, as soon as it has begun.
    pub async fn stream(&self, path: &str) -> Fallible<Response> {
        let stream = self.client.get(format!("{}{path}", self.url)).header(COOKIE, &self.cookie);
        Ok(stream.header("accept", "text/event-stream").send().await?)
    }

    async fn post(
        &self,
        path: &str,
        body: &str,
        accept: &str,
        headers: &[(&str, &str)],
    ) -> Fallible<Response> {
        let mut post = self
            .client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", accept)
            .header("sec-fetch-site", "same-origin");
        if !headers.iter().any(|(name, _)| *name == "cookie") {
            post = post.header(COOKIE, &self.cookie);
        }
        for (name, value) in headers {
            post = post.header(*name, *value);
        }
        Ok(post.body(body.to_owned()).send().await?)
    }
}

/// What every session of the cluster is doing, and what it waits for.
async fn under_way() -> Fallible<Vec<String>> {
    let mut admin = PgConnection::connect(&admin_url()?).await?;
    let sessions =
        "select concat_ws(' | ', datname, usename, state, wait_event_type, wait_event, left(query, 200))
        from pg_stat_activity where state <> 'idle' and pid <> pg_backend_pid()";
    Ok(sqlx::query_scalar(sessions).fetch_all(&mut admin).await?)
}
