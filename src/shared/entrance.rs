//! What travels between the sign-in pages and their doors.

use serde::{Deserialize, Serialize};
use tawi_domain::shared::staff::Assignment;

/// What the dialog sends: the person is the one whose page it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInAgainForm {
    /// Staff ID of the page's person.
    pub staff_id: String,
    /// As typed.
    pub password: String,
    /// Number of the branch they sat at.
    pub branch: i16,
    /// Code of the role they sat in.
    pub role: String,
}

/// What the sign-in pages say about the branch and this installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entrance {
    /// Staff ID of whoever is signed in; empty where nobody is.
    #[serde(default)]
    pub person: String,
    /// Seats to choose from, once the password was right.
    pub seats: Vec<Assignment>,
    /// Whether a temporary password must be replaced before anything opens.
    pub renews: bool,
    /// People of the demonstration and their shared password; empty outside it.
    pub demo: Vec<(String, String)>,
    /// The demonstration's password.
    pub demo_password: Option<String>,
}
