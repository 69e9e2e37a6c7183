//! What leaves the house: requests to addresses that others name, mail, short messages. Whoever is
//! outside may be slow, silent or hostile; everything here is bounded in time and size, and an error
//! tells what went wrong without a word of what the other side said.
//!
//! Deliberately absent: the database, and any text of a message.

use std::sync::Arc;

use tokio::sync::Notify;

/// The signature of webhooks.
pub mod hook;
/// Electronic mail, over SMTP or into a folder.
pub mod mail;
/// Short messages to telephones.
pub mod sms;
/// Requests to web addresses that others name.
pub mod web;

/// The ways out of the house, as they are configured.
pub struct Outgoing {
    /// Requests to others' web addresses.
    pub web: web::Client,
    /// Mail, where it is configured.
    pub mail: Option<mail::Mailer>,
    /// Short messages, where they are configured.
    pub sms: Option<Arc<dyn sms::Sms>>,
    /// How many short messages a day may cost money, all together.
    pub sms_daily: u32,
    /// Rung when there is something new to send.
    pub bell: Notify,
}

impl Outgoing {
    /// Ways out by `web` alone.
    pub fn by(web: web::Client) -> Self {
        Self { web, mail: None, sms: None, sms_daily: 0, bell: Notify::new() }
    }
}
