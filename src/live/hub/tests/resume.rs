//! A page that comes back with its token hears what it missed, once and in order.

use super::*;

impl Visit {
    fn resumed(&self, tab: &str, heard: Heard) -> Page {
        let joining = self.joining(self.patient, Role::Patient, tab, at(20));
        self.seat(Joining { admitted: true, heard: Some(heard), ..joining })
    }
}

/// The patient's last number, and what was said after their socket broke: a description, chat, and
/// what is not said again.
async fn away(visit: &Visit) -> (Page, u64) {
    let mut doctor = visit.join(visit.doctor, Role::Clinician, "d", at(0));
    let mut patient = visit.join(visit.patient, Role::Patient, "p", at(0));
    visit.say(&patient, &json!({"t": "knock"}));
    visit.hub.knocked(visit.booking, visit.patient, at(0));
    visit.hub.admitted(visit.booking, visit.patient, 1);
    let heard = patient.heard().await;
    let last = heard.iter().filter_map(|message| message["seq"].as_u64()).max().unwrap();
    visit.hub.left(&patient.seat, at(10));
    visit.say(&doctor, &sdp(visit.patient, &visit.pc(), 1));
    visit.say(&doctor, &json!({"t": "quality", "pc": visit.pc(), "rtt_ms": 5}));
    visit.say(&doctor, &json!({"t": "caption", "text": "a", "lang": "ja", "final": true}));
    visit.say(&doctor, &json!({"t": "chat", "text": "are you there"}));
    doctor.heard().await;
    (doctor, last)
}

fn kinds(heard: &[Value]) -> Vec<&str> {
    heard.iter().map(|message| message["t"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_same_page_hears_what_it_missed() {
    let visit = Visit::new();
    let (mut doctor, last) = away(&visit).await;
    let mut back = visit.resumed("p", Heard::UpTo(last));
    let heard = back.heard().await;
    assert_eq!(kinds(&heard), ["resumed", "sdp", "chat"]);
    assert_eq!((&heard[0]["continuity"], &heard[0]["seq"]), (&json!(true), &json!(last)));
    assert_eq!(heard[0].get("snapshot"), None);
    let numbers: Vec<_> = heard[1..].iter().map(|message| message["seq"].as_u64()).collect();
    assert_eq!(numbers, [Some(last + 1), Some(last + 2)]);
    assert_eq!(back.seat.raised_epoch(), None);
    assert_eq!(kinds(&doctor.heard().await), ["participant"]);

    // What was handled is not kept any longer: whoever says otherwise starts from a snapshot.
    let ack = json!({"t": "ack", "ack": last + 2});
    assert_eq!(visit.say(&back, &ack), []);
    visit.hub.left(&back.seat, at(21));
    let mut again = visit.resumed("p", Heard::UpTo(last + 2));
    assert_eq!(kinds(&again.heard().await), ["resumed"]);
    visit.hub.left(&again.seat, at(22));
    let mut liar = visit.resumed("p", Heard::UpTo(last));
    let heard = liar.heard().await;
    assert_eq!(kinds(&heard), ["resumed"]);
    assert_eq!(heard[0]["continuity"], false);
    assert_eq!(heard[0]["snapshot"]["admission"], "admitted");
}

#[tokio::test]
async fn what_another_hub_or_another_page_heard_does_not_count() {
    for (tab, heard) in
        [("p", Heard::Elsewhere), ("other", Heard::UpTo(7)), ("p", Heard::UpTo(u64::MAX))]
    {
        let visit = Visit::new();
        away(&visit).await;
        let mut back = visit.resumed(tab, heard);
        let messages = back.heard().await;
        assert_eq!(messages[0]["t"], "resumed");
        assert_eq!(messages[0]["continuity"], false, "{tab} {heard:?}");
        assert_eq!(messages[0]["snapshot"]["topology"]["mode"], "p2p");
        assert!(!kinds(&messages).contains(&"chat"), "{messages:#?}");
        // The numbers go on from what this first message says.
        let first = messages[0]["seq"].as_u64().unwrap();
        let numbers: Vec<_> = messages[1..].iter().filter_map(|m| m["seq"].as_u64()).collect();
        assert!(numbers.iter().zip(first + 1..).all(|(is, should)| *is == should), "{numbers:?}");
    }
}

#[tokio::test]
async fn whoever_was_not_seated_here_has_heard_nothing_here() {
    // After a restart the doctor comes first, and much is said; then the patient comes with a number
    // of the process before, which could by chance be one of these.
    let visit = Visit::new();
    let joining = visit.joining(visit.doctor, Role::Clinician, "d", at(0));
    let present = Present {
        participant: visit.patient,
        role: Role::Patient,
        name: "Patient".to_owned(),
        tab: "p".to_owned(),
    };
    let doctor = visit.seat(Joining { present: vec![present], ..joining });
    for _ in 0..5 {
        visit.say(&doctor, &json!({"t": "chat", "text": "hello"}));
    }
    let mut back = visit.resumed("p", Heard::UpTo(3));
    assert_eq!(back.heard().await[0]["continuity"], false);
}

#[tokio::test]
async fn the_fifth_socket_of_an_account_sends_the_first_away() {
    let hub = Hub::default();
    let account = crate::model::AccountId::new();
    let open = |seconds| {
        let visit = Visit { hub: hub.clone(), ..Visit::new() };
        let joining = visit.joining(visit.doctor, Role::Clinician, "d", at(seconds));
        visit.seat(Joining { account: Some(account), ..joining })
    };
    let mut pages: Vec<_> = (0..4).map(open).collect();
    for page in &mut pages {
        assert_eq!(kinds(&page.heard().await), ["welcome"]);
    }
    let mut fifth = open(5);
    assert_eq!(kinds(&fifth.heard().await), ["welcome"]);
    let heard = pages[0].heard().await;
    assert_eq!(kinds(&heard), ["bye", "closed"]);
    assert_eq!(heard[1]["code"], 4409);
    for page in &mut pages[1..] {
        assert_eq!(page.heard().await, [] as [Value; 0]);
    }
}
