use tawi_bank::testing::{TestBank, caller, key};
use tawi_bank::{command::Command, dispatch};
use tawi_domain::customer_ops::cif_create::CifForm;

pub fn form(id: &str, pin: &str, phone: &str) -> CifForm {
    CifForm {
        first_name: "Amina".into(),
        surname: "Kariuki".into(),
        other_names: "Njeri".into(),
        date_of_birth: "08/09/1984".into(),
        id_kind: "national_id".into(),
        id_number: id.into(),
        kra_pin: pin.into(),
        phone: phone.into(),
        email: "a@b.co.ke".into(),
        address: "Milimani".into(),
        occupation: "Trader".into(),
        source_of_funds: "salary".into(),
        pep: "no".into(),
        duplicate_reason: String::new(),
    }
}

#[tokio::test]
async fn a_low_risk_customer_is_registered_at_once() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let test = TestBank::new().await?;
    let customer = form("23456789", "A001234567K", "0722000318")
        .parse(tawi_bank::testing::TODAY)
        .map_err(|e| e.to_string())?;
    let receipt =
        dispatch::submit(&test.bank, &caller("RO-001")?, &Command::CifCreate(Box::new(customer)), key("k1")?)
            .await?;
    println!("{receipt:?}");
    test.finish().await
}
