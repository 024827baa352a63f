//! Configuration: what is enough to start, and what stops the start and says which variable.

use tawi::server::config::{Config, ConfigError};
use tawi_bank::demo;

fn with(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(values)
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
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_PUBLIC_URL", "http://localhost.evil.com")], "TAWI_PUBLIC_URL"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_PUBLIC_URL", "http://127.0.0.1.evil.com")], "TAWI_PUBLIC_URL"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_PUBLIC_URL", "https://tawi.bank@evil.com")], "TAWI_PUBLIC_URL"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_PUBLIC_URL", "https://tawi.bank/portal")], "TAWI_PUBLIC_URL"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_PUBLIC_URL", "https://")], "TAWI_PUBLIC_URL"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_APP_DATABASE_URL", "here")], "TAWI_APP_DATABASE_URL"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_CONNECTIONS", "1")], "TAWI_CONNECTIONS"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_LOG", "loud")], "TAWI_LOG"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_COLOUR", "green")], "TAWI_COLOUR"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_SIGN_INS_PER_MINUTE", "-1")], "TAWI_SIGN_INS_PER_MINUTE"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_TRUSTED_PROXIES", "the proxy")], "TAWI_TRUSTED_PROXIES"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_TRUSTED_PROXIES", "10.0.0.0/33")], "TAWI_TRUSTED_PROXIES"),
        (&[DB, ("TAWI_DEMO", "1"), ("TAWI_MAX_CONNECTIONS", "0")], "TAWI_MAX_CONNECTIONS"),
    ];
    for (values, variable) in cases {
        let error = with(values).unwrap_err().to_string();
        assert!(error.starts_with(variable), "{error} should name {variable}");
    }
}

#[test]
fn a_secret_that_is_wrong_is_not_shown() {
    for variable in ["DATABASE_URL", "TAWI_APP_DATABASE_URL", "TAWI_AUDIT_KEY"] {
        let error = with(&[("TAWI_DEMO", "1"), (variable, "hush-hush")]).unwrap_err().to_string();
        assert!(error.starts_with(variable) && !error.contains("hush-hush"), "{error}");
    }
}

#[test]
fn an_empty_variable_is_one_that_is_not_set() {
    let config = with(&[DB, ("TAWI_DEMO", "1"), ("TAWI_ADDR", ""), ("TAWI_CONNECTIONS", " ")]).unwrap();
    assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
}

/// What the program makes of its own environment and command line.
#[test]
fn the_program_reads_its_environment_and_an_option_goes_before_it() {
    let say = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_tawi"));
        let output = program.args(arguments).env_clear().envs(variables.iter().copied()).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(say(&["verify"], &[]).starts_with("tawi: DATABASE_URL is not set: no database is named"));
    let told = say(&["verify"], &[("TAWI_ADDR", "here")]);
    assert!(told.starts_with("tawi: TAWI_ADDR is \"here\": it must be an address and a port"), "{told}");
    let told = say(&["verify", "--connections", "1"], &[]);
    assert!(told.starts_with("tawi: TAWI_CONNECTIONS is \"1\": it must be a number from 4 to 200"), "{told}");
    assert!(say(&["verify"], &[("TAWI_ADDR", "")]).starts_with("tawi: DATABASE_URL"), "empty is not set");
    let told = say(&["verify", "--addr", "there"], &[("TAWI_ADDR", "127.0.0.1:1")]);
    assert!(told.starts_with("tawi: TAWI_ADDR is \"there\""), "{told}");
}

#[test]
fn another_address_needs_https() {
    let values =
        [DB, ("TAWI_DEMO", "1"), ("TAWI_ADDR", "0.0.0.0:3000"), ("TAWI_PUBLIC_URL", "https://tawi.bank")];
    let unnamed = with(&values).unwrap_err().to_string();
    assert!(unnamed.starts_with("TAWI_TRUSTED_PROXIES is not set"), "{unnamed}");
    for proxies in ["none", "10.0.0.7", "10.0.0.7, fd00::/8"] {
        assert!(with(&[&values[..], &[("TAWI_TRUSTED_PROXIES", proxies)]].concat()).is_ok(), "{proxies}");
    }
}
