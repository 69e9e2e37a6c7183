//! A message to a telephone. Each costs money and reaches somebody who may not have asked for it, so
//! that they are counted before they are sent: per number, and all together (abuse: flooding a
//! victim, premium numbers).

use super::deliver::Told;
use super::tries::Tried;
use crate::actions::{App, Result};
use crate::model::message::Kind;
use crate::out::sms::{Error, Short};
use crate::time::zone;

/// How many messages a number gets a day.
const PER_NUMBER: i64 = 3;
/// And how many more where a doctor waits: those before must not have used up the call.
const CALLS: i64 = 3;

/// Whether a number, as digits, is a mobile telephone of this country: others cost more, or are
/// none that reads.
pub(super) fn is_mobile(number: &str) -> bool {
    let starts = ["060", "070", "080", "090"].iter().any(|start| number.starts_with(start));
    starts && number.len() == 11 && number.bytes().all(|digit| digit.is_ascii_digit())
}

/// Sends a short message.
pub(super) async fn send(app: &App, told: &Told<'_>) -> Result<Tried> {
    let Some(sms) = &app.out.sms else { return Ok(Tried::NotConfigured) };
    let to = told.contact.phone.as_str();
    let zone = told.view.details.zone.parse().unwrap_or(chrono_tz::Asia::Tokyo);
    let day = zone::date_of(zone, told.now);
    // Another index each day: it tells nobody that a number got one yesterday too.
    let index = app.vault.index(&format!("sms {day}"), to);
    let mut tx = app.store.begin().await?;
    tx.lock_sms(day).await?;
    let (own, all) = tx.count_sms(day, &index).await?;
    let most = PER_NUMBER + if told.one.message.kind == Kind::Called { CALLS } else { 0 };
    if own > most {
        return Ok(Tried::Dead("number_limit"));
    }
    if all > i64::from(app.out.sms_daily) {
        return Ok(Tried::Dead("daily_limit"));
    }
    // Counted for good before it is sent: who breaks off in between has sent it, for all we know.
    tx.commit_unaudited().await?;
    let id = told.one.delivery.id.to_string();
    let short = Short { id: &id, to, text: &told.texts.sms, at: told.now };
    match sms.send(&short).await {
        Ok(()) => Ok(Tried::Sent),
        Err(error) => {
            let mut tx = app.store.begin().await?;
            tx.uncount_sms(day, &index).await?;
            tx.commit_unaudited().await?;
            Ok(match error {
                Error::Refused => Tried::Dead(error.code()),
                Error::Unreachable => Tried::Later(error.code().into()),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mobile_telephones_of_the_country_are_written_to() {
        for number in ["09012345678", "08012345678", "07012345678", "06012345678"] {
            assert!(is_mobile(number), "{number}");
        }
        for number in ["0312345678", "0990123456", "05012345678", "+14155550100", "0901234567", ""]
        {
            assert!(!is_mobile(number), "{number}");
        }
    }
}
