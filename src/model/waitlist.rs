//! Waiting for a time to become free.

/// To whom a freed time is offered at once.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
    sqlx::Type,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// To one after the other.
    One,
    /// To all at once; the first to confirm has it.
    All,
    /// To nobody.
    Off,
}
