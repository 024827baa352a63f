use tawi_domain::shared::approval::{DecisionForm, RequestState, Verdict};

fn form(verdict: &str, note: &str) -> DecisionForm {
    DecisionForm {
        request: "019a0000-0000-7000-8000-000000000000".into(),
        payload_hash: "00".into(),
        verdict: verdict.into(),
        note: note.into(),
        key: "k".into(),
    }
}

#[test]
fn rejecting_and_sending_back_need_words_approving_does_not() {
    assert_eq!(form("approve", "").parse().unwrap().verdict, Verdict::Approve);
    assert!(form("reject", "  ").parse().unwrap_err().of("note").unwrap().contains("why"));
    assert!(form("send_back", "").parse().unwrap_err().of("note").unwrap().contains("question"));
    assert_eq!(form("reject", " no papers ").parse().unwrap().note.as_deref(), Some("no papers"));
    assert!(form("reject", &"x".repeat(501)).parse().is_err());
    assert!(form("burn", "").parse().is_err());
}

#[test]
fn states_read_back_from_their_words() {
    for state in [
        RequestState::Waiting,
        RequestState::Approved,
        RequestState::Refused,
        RequestState::Rejected,
        RequestState::SentBack,
        RequestState::Withdrawn,
    ] {
        assert_eq!(RequestState::from_code(state.code()), Some(state));
    }
}
