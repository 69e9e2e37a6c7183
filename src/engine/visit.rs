//! Who may say what in a visit, and how two people's connection is named.

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
    /// The patient waits to be let in.
    Knock = "knock",
    /// Lets a patient in.
    Admit = "admit",
    /// Does not let a patient in.
    Deny = "deny",
    /// A description of a connection.
    Sdp = "sdp",
    /// Ways on which a connection could run.
    Ice = "ice",
    /// Whether camera and microphone are on.
    State = "state",
    /// How good a connection is.
    Quality = "quality",
    /// A line of text.
    Chat = "chat",
    /// Ends the visit for all.
    End = "end",
    /// Leaves the visit.
    Leave = "leave",
    /// Asks for relay servers anew.
    Turn = "turn",
    /// Asks whether anybody is there.
    Ping = "ping",
}

/// Whether a person who is seated may send a message of the kind. The clinic's own people count as
/// admitted. A patient who waits may say only what concerns themselves.
pub const fn may_send(role: Role, admitted: bool, kind: Kind) -> bool {
    match kind {
        // The door has heard it already.
        Kind::Hello => false,
        Kind::Ping | Kind::Leave | Kind::Turn | Kind::State => true,
        Kind::Knock | Kind::Precheck => matches!(role, Role::Patient),
        Kind::Admit | Kind::Deny => role.is_host(),
        Kind::End => matches!(role, Role::Clinician),
        Kind::Chat => role.is_host() || admitted,
        Kind::Sdp | Kind::Ice | Kind::Quality => match role {
            Role::Clinician => true,
            Role::Staff => false,
            Role::Patient => admitted,
        },
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

/// When the visit's room is open: as long as the patient can check in. Nothing if the booking's
/// times make no day in this zone.
pub fn window(booking: &Booking, zone: Tz) -> Option<Span> {
    booking::check_in_window(booking, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row per kind: clinician, staff, admitted patient, waiting patient.
    const TABLE: &[(Kind, [bool; 4])] = &[
        (Kind::Hello, [false, false, false, false]),
        (Kind::Precheck, [false, false, true, true]),
        (Kind::Knock, [false, false, true, true]),
        (Kind::Admit, [true, true, false, false]),
        (Kind::Deny, [true, true, false, false]),
        (Kind::Sdp, [true, false, true, false]),
        (Kind::Ice, [true, false, true, false]),
        (Kind::State, [true, true, true, true]),
        (Kind::Quality, [true, false, true, false]),
        (Kind::Chat, [true, true, true, false]),
        (Kind::End, [true, false, false, false]),
        (Kind::Leave, [true, true, true, true]),
        (Kind::Turn, [true, true, true, true]),
        (Kind::Ping, [true, true, true, true]),
    ];

    #[test]
    fn every_role_may_say_what_the_table_lists_and_nothing_else() {
        let listed: Vec<Kind> = TABLE.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(listed, Kind::ALL);
        for (kind, [clinician, staff, patient, waiting]) in TABLE {
            for admitted in [true, false] {
                let patient = if admitted { patient } else { waiting };
                for (role, expected) in
                    [(Role::Clinician, clinician), (Role::Staff, staff), (Role::Patient, patient)]
                {
                    let is = may_send(role, admitted, *kind);
                    assert_eq!(is, *expected, "{role:?} admitted={admitted} {kind:?}");
                }
            }
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
        }
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        assert!(Kind::ALL.iter().all(|kind| Kind::named(kind.as_str()) == Some(*kind)));
        assert_eq!(Kind::named("subscribe"), None);
    }
}
