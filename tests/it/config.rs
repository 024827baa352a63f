//! Configuration: what is enough to start, and what stops the start and says which variable.

use tawi::server::config::{Config, ConfigError};
use tawi_bank::demo;

fn with(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(|name| values.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned()))
}

const DB: (&str, &str) = ("DATABASE_URL", "postgres://tawi@localhost/tawi");

#[test]
fn a_demonstration_needs_a_database_and_nothing_else() {
    let config = with(&[DB, ("TAWI_DEMO", "1")]).unwrap();
    assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
    assert_eq!(config.demo_password.as_deref(), Some(demo::PASSWORD));
}

#[test]
fn wrong_values_stop_the_start_and_say_which() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[], "DATABASE_URL"),
        (&[("DATABASE_URL", "mysql://x")], "DATABASE_URL"),
        (&[DB], "TAWI_AUDIT_KEY"),
        (&[DB, ("TAWI_AUDIT_KEY", "abc")], "TAWI_AUDIT_KEY"),
        (&[DB, ("TAWI_DEMO", "perhaps")], "TAWI_DEMO"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_ADDR", "here")], "TAWI_ADDR"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_ADDR", "0.0.0.0:3000")], "TAWI_ADDR"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_PUBLIC_URL", "http://tawi.bank")], "TAWI_PUBLIC_URL"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_CONNECTIONS", "1")], "TAWI_CONNECTIONS"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_SIGN_INS_PER_MINUTE", "-1")], "TAWI_SIGN_INS_PER_MINUTE"),
    ];
    for (values, variable) in cases {
        let error = with(values).unwrap_err().to_string();
        assert!(error.starts_with(variable), "{error} should name {variable}");
    }
}

#[test]
fn another_address_needs_https() {
    let values =
        [DB, ("TAWI_DEMO", "1"), ("TAWI_ADDR", "0.0.0.0:3000"), ("TAWI_PUBLIC_URL", "https://tawi.bank")];
    assert!(with(&values).is_ok());
}
