//! Enums that stand in forms, addresses and the database as words: told once, variant by variant, with
//! the word that is stored and, where people read it, its title.

/// A choice of a form: its word and how people read it.
pub trait Choice: Copy + PartialEq + Sized + 'static {
    /// Every variant, in the order of lists.
    const CHOICES: &'static [Self];

    /// The word in forms, addresses and the database.
    fn word(self) -> &'static str;

    /// As people read it.
    fn words(self) -> &'static str;
}

/// An enum with `ALL`, `code` and `from_code`, and with `title` and [`Choice`] where each variant has a
/// title: `Salary = "salary", "Salary";`.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $code:literal, $title:literal;)+
        }
    ) => {
        $crate::shared::words::words! {
            $(#[$meta])*
            pub enum $name {
                $($(#[$variant_meta])* $variant = $code;)+
            }
        }

        impl $name {
            /// As people read it.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                }
            }
        }

        impl $crate::shared::field::Typed for $name {
            fn read(typed: &str, field: &$crate::shared::field::Field) -> Result<Self, String> {
                Self::from_code(typed.trim()).ok_or_else(|| field.wanted.to_owned())
            }

            fn canonical(&self) -> String {
                self.code().to_owned()
            }
        }

        impl $crate::shared::words::Choice for $name {
            const CHOICES: &'static [Self] = &Self::ALL;

            fn word(self) -> &'static str {
                self.code()
            }

            fn words(self) -> &'static str {
                self.title()
            }
        }
    };
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $code:literal;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// Every variant, in the order of lists.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// The word in forms, addresses and the database.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The variant of a word.
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use words;
