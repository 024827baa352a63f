//! One's own account.

use super::prelude::*;

pub(super) const ROWS: &[Spec] = &[
    settle(Op::SignIn, "sign_in", "Sign in").by(&Role::ALL).audited(Access),
    settle(Op::Sessions, "sessions", "Signed in")
        .at("/sessions", "monitor-smartphone")
        .by(&Role::ALL)
        .audited(Access),
];
