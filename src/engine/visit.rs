//! Who may say what in a visit, and how two people's connection is named.

use std::fmt::{self, Write};

use chrono_tz::Tz;

use crate::model::ParticipantId;
use crate::model::booking::Booking;
use crate::time::span::Span;

pub use crate::model::visit::{Role, VisitState};

use super::booking;

pub mod queue;

/// Makes the kinds of message with their names on the wire.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $text:literal,)+) => {
        /// What kind of message a page sends.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $kind,)+ }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// Its name in the field `t`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $text,)+ }
            }

            /// The kind of this name.
            pub fn named(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            }
        }
    };
}

kinds! {
    /// The ticket at the door; said before anybody is seated.
    Hello = "hello",
    /// What the page found out about its devices and line.
    Precheck = "precheck",
    /// A person waits to be let in.
    Knock = "knock",
    /// Lets a person in.
    Admit = "admit",
    /// Does not let a person in.
    Deny = "deny",
    /// Asks a person who waits for more patience.
    Hold = "hold",
    /// The patient's answer to whether a third person may come in.
    Consent = "consent",
    /// A description of a connection.
    Sdp = "sdp",
    /// Ways on which a connection could run.
    Ice = "ice",
    /// A connection carries pictures.
    Ready = "ready",
    /// Whether camera and microphone are on.
    State = "state",
    /// How good a connection is.
    Quality = "quality",
    /// A line of text.
    Chat = "chat",
    /// What is being said, in writing.
    Caption = "caption",
    /// Sends a person out for good.
    Remove = "remove",
    /// Asks a person to switch their microphone off.
    MuteRequest = "mute_request",
    /// Ends the visit for all.
    End = "end",
    /// Leaves the visit.
    Leave = "leave",
    /// Asks for relay servers anew.
    Turn = "turn",
    /// Says only which messages were handled.
    Ack = "ack",
    /// Asks whether anybody is there.
    Ping = "ping",
}

/// Whether a person who is seated may send a message of the kind. The clinic's own people count as
/// admitted. Who waits may say only what concerns themselves.
pub const fn may_send(role: Role, admitted: bool, kind: Kind) -> bool {
    let inside = role.is_host() || admitted;
    match kind {
        // The door has heard it already.
        Kind::Hello => false,
        Kind::Ping | Kind::Ack | Kind::Leave | Kind::Turn | Kind::State => true,
        Kind::Knock | Kind::Precheck => !role.is_host(),
        Kind::Admit | Kind::Deny | Kind::Hold => role.is_host(),
        Kind::Consent => matches!(role, Role::Patient) && admitted,
        Kind::End | Kind::Remove | Kind::MuteRequest => matches!(role, Role::Clinician),
        Kind::Caption => inside && role.may_caption(),
        Kind::Chat => inside && role.may_chat(),
        Kind::Sdp | Kind::Ice | Kind::Ready | Kind::Quality => inside && role.takes_media(),
    }
}

/// What a page in this part may do, as it is told.
pub const fn caps(role: Role) -> &'static [&'static str] {
    match role {
        Role::Clinician => &["media", "chat", "caption", "admit", "remove", "end"],
        Role::Staff => &["admit"],
        Role::Patient => &["media", "chat", "caption", "consent"],
        Role::Nurse | Role::Interpreter => &["media", "chat", "caption"],
        Role::FamilyProxy | Role::Specialist => &["media", "chat"],
        Role::Observer => &[],
    }
}

/// Whether `a` gives way when `a` and `b` offer at the same time. Exactly one of two does: the one
/// whose id is the greater text.
pub fn polite(a: ParticipantId, b: ParticipantId) -> bool {
    // The text of a UUID sorts as its bytes do.
    a > b
}

/// The name of the connection between two people; the same whoever asks. A rise of `epoch` means
/// that it has to be built anew.
pub fn pc_id(a: ParticipantId, b: ParticipantId, epoch: i64) -> String {
    format!("p2p:{}:{}:{epoch}", a.min(b), a.max(b))
}

/// Whether a text is [`pc_id`] of these. Asked for each message, so no text is made for it.
pub fn is_pc_id(text: &str, a: ParticipantId, b: ParticipantId, epoch: i64) -> bool {
    let mut rest = Compared(text);
    write!(rest, "p2p:{}:{}:{epoch}", a.min(b), a.max(b)).is_ok() && rest.0.is_empty()
}

/// Takes from a text what is written, as long as it is the same.
struct Compared<'a>(&'a str);

impl fmt::Write for Compared<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// The name of a person's one connection with the forwarding room. Rooms are no rows: `opening`
/// tells one from those before it, those of an earlier process too.
pub fn room_pc_id(who: ParticipantId, epoch: i64, opening: u32) -> String {
    format!("room:{who}:{epoch}:{opening}")
}

/// When the visit's room is open: as long as the patient can check in. Nothing if the booking's
/// times make no day in this zone.
pub fn window(booking: &Booking, zone: Tz) -> Option<Span> {
    booking::check_in_window(booking, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row per kind: clinician, staff, patient, nurse, interpreter, family proxy (and so
    /// specialist), observer, all admitted; and whoever waits.
    const TABLE: &[(Kind, [bool; 8])] = {
        const T: bool = true;
        const F: bool = false;
        &[
            (Kind::Hello, [F, F, F, F, F, F, F, F]),
            (Kind::Precheck, [F, F, T, T, T, T, T, T]),
            (Kind::Knock, [F, F, T, T, T, T, T, T]),
            (Kind::Admit, [T, T, F, F, F, F, F, F]),
            (Kind::Deny, [T, T, F, F, F, F, F, F]),
            (Kind::Hold, [T, T, F, F, F, F, F, F]),
            (Kind::Consent, [F, F, T, F, F, F, F, F]),
            (Kind::Sdp, [T, F, T, T, T, T, T, F]),
            (Kind::Ice, [T, F, T, T, T, T, T, F]),
            (Kind::Ready, [T, F, T, T, T, T, T, F]),
            (Kind::State, [T, T, T, T, T, T, T, T]),
            (Kind::Quality, [T, F, T, T, T, T, T, F]),
            (Kind::Chat, [T, F, T, T, T, T, F, F]),
            (Kind::Caption, [T, F, T, T, T, F, F, F]),
            (Kind::Remove, [T, F, F, F, F, F, F, F]),
            (Kind::MuteRequest, [T, F, F, F, F, F, F, F]),
            (Kind::End, [T, F, F, F, F, F, F, F]),
            (Kind::Leave, [T, T, T, T, T, T, T, T]),
            (Kind::Turn, [T, T, T, T, T, T, T, T]),
            (Kind::Ack, [T, T, T, T, T, T, T, T]),
            (Kind::Ping, [T, T, T, T, T, T, T, T]),
        ]
    };

    #[test]
    fn every_role_may_say_what_the_table_lists_and_nothing_else() {
        let listed: Vec<Kind> = TABLE.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(listed, Kind::ALL);
        for (kind, row) in TABLE {
            for role in Role::ALL {
                let column = match role {
                    Role::Clinician => 0,
                    Role::Staff => 1,
                    Role::Patient => 2,
                    Role::Nurse => 3,
                    Role::Interpreter => 4,
                    Role::FamilyProxy | Role::Specialist => 5,
                    Role::Observer => 6,
                };
                for admitted in [true, false] {
                    let expected = row[if admitted || role.is_host() { column } else { 7 }];
                    let is = may_send(*role, admitted, *kind);
                    assert_eq!(is, expected, "{role:?} admitted={admitted} {kind:?}");
                }
            }
        }
    }

    #[test]
    fn what_a_page_is_told_that_it_may_do_is_what_is_taken_from_it() {
        let deeds = [
            ("chat", Kind::Chat),
            ("caption", Kind::Caption),
            ("consent", Kind::Consent),
            ("admit", Kind::Admit),
            ("remove", Kind::Remove),
            ("end", Kind::End),
        ];
        for role in Role::ALL {
            let told = caps(*role);
            assert_eq!(told.contains(&"media"), role.sends_media(), "{role:?}");
            for (name, kind) in deeds {
                assert_eq!(told.contains(&name), may_send(*role, true, kind), "{role:?} {name}");
            }
        }
    }

    #[test]
    fn whoever_is_no_host_and_not_the_patient_is_a_third_person() {
        for role in Role::ALL {
            assert_eq!(role.is_third(), !role.is_host() && *role != Role::Patient);
            assert!(role.takes_media() || !role.sends_media(), "{role:?}");
        }
    }

    #[test]
    fn exactly_one_of_two_is_polite_and_both_name_the_connection_alike() {
        for _ in 0..100 {
            let (a, b) = (ParticipantId::new(), ParticipantId::new());
            assert_eq!(polite(a, b), a.to_string() > b.to_string());
            assert_ne!(polite(a, b), polite(b, a));
            assert_eq!(pc_id(a, b, 3), pc_id(b, a, 3));
            assert_ne!(pc_id(a, b, 3), pc_id(a, b, 4));
            let name = pc_id(a, b, 31);
            assert!(is_pc_id(&name, a, b, 31) && is_pc_id(&name, b, a, 31));
            assert!(!is_pc_id(&name, a, b, 3) && !is_pc_id(&name, a, b, 310));
            assert!(!is_pc_id(&name, a, ParticipantId::new(), 31) && !is_pc_id("", a, b, 31));
            assert!(!is_pc_id(&name[..name.len() - 1], a, b, 31));
            assert!(!is_pc_id(&name.replace(":31", "31"), a, b, 31));
        }
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        assert!(Kind::ALL.iter().all(|kind| Kind::named(kind.as_str()) == Some(*kind)));
        assert_eq!(Kind::named("subscribe"), None);
    }
}
