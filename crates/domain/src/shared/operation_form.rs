//! Forms of operations: what a page sends, told field by field. The struct as typed, what it parses to and the
//! canonical form come from one list.

use super::field::Field;
use super::form::FieldErrors;
use super::permissions::Operation;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a page sends of one operation, as typed: texts, not yet believed.
pub trait Form: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The operation.
    const OPERATION: Operation;
    /// Its fields, in the order of the page; lists of lines are not among them.
    const FIELDS: &'static [Field];
    /// What it parses to.
    type Parsed;

    /// Reads the whole form on a business date: every fault at once, one message a field. The same call
    /// in the browser and in the bank.
    ///
    /// # Errors
    /// The faults, in the order of the fields.
    fn parse(&self, today: Date) -> Result<Self::Parsed, FieldErrors>;

    /// The canonical form, which parses to the same again: what a request for approval keeps.
    fn of(parsed: &Self::Parsed) -> Self;
}

/// A form's fields: the struct as typed, and `FIELDS`.
macro_rules! fields {
    (
        $(#[$form_doc:meta])*
        pub struct $form:ident {
            $($(#[$doc:meta])* $name:ident = $field:expr;)+
        }
    ) => {
        $(#[$form_doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $form {
            $($(#[$doc])* pub $name: String,)+
        }

        /// The fields of the form, in the order of the page.
        pub const FIELDS: &[$crate::shared::field::Field] = &[$($field.named(stringify!($name)),)+];
    };
}

/// A form that is told field by field: the struct as typed, its answers one by one, and what it parses to,
/// with canonical form. A field is `name: Type = control("Label").hint("…");`, and
/// `=> reader` behind it reads what the type alone cannot. What concerns several answers at once is seen
/// to by the function after `agreed by`.
macro_rules! form {
    (
        $(#[$form_doc:meta])*
        pub struct $form:ident for $operation:ident, $answers:ident $(agreed by $agree:path)?;
        $(#[$parsed_doc:meta])*
        pub struct $parsed:ident {
            $($(#[$doc:meta])* $name:ident: $type:ty = $field:expr $(=> $read:expr)?;)+
        }
    ) => {
        $crate::shared::operation_form::fields! {
            $(#[$form_doc])*
            pub struct $form {
                $($(#[$doc])* $name = $field;)+
            }
        }

        /// The answers that could be read, each for itself.
        #[derive(Debug, Clone)]
        struct $answers {
            $($name: Option<$type>,)+
        }

        $(#[$parsed_doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $parsed {
            $($(#[$doc])* pub $name: $type,)+
        }

        impl $crate::shared::operation_form::Form for $form {
            const OPERATION: $crate::shared::permissions::Operation =
                $crate::shared::permissions::Operation::$operation;
            const FIELDS: &'static [$crate::shared::field::Field] = FIELDS;
            type Parsed = $parsed;

            fn parse(
                &self,
                today: jiff::civil::Date,
            ) -> Result<$parsed, $crate::shared::form::FieldErrors> {
                let mut faults = $crate::shared::form::FieldErrors::default();
                let answers = $answers {
                    $($name: faults.note(
                        $field.named(stringify!($name)).fault_at(),
                        $crate::shared::operation_form::read_with!(&self.$name, $type, $field, $($read)?),
                    ),)+
                };
                $(let answers = $agree(answers, today, &mut faults);)?
                let _ = today;
                let whole = || Some($parsed { $($name: answers.$name?,)+ });
                match whole() {
                    Some(parsed) if faults.is_empty() => Ok(parsed),
                    _ => Err(faults.in_order_of(FIELDS)),
                }
            }

            fn of(parsed: &$parsed) -> Self {
                Self { $($name: $crate::shared::field::Typed::canonical(&parsed.$name),)+ }
            }
        }
    };
}

/// Reads one answer: by its own reader, or as its type says.
macro_rules! read_with {
    ($typed:expr, $type:ty, $field:expr,) => {
        <$type as $crate::shared::field::Typed>::read($typed, &$field)
    };
    ($typed:expr, $type:ty, $field:expr, $read:expr) => {
        $read($typed)
    };
}

pub(crate) use {fields, form, read_with};
