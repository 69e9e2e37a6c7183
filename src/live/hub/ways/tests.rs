//! Two directly, three through the room, and the way between.

use super::*;
use crate::time::Clock;

fn people(count: usize) -> (Vec<ParticipantId>, Instant) {
    let mut ids: Vec<_> = (0..count).map(|_| ParticipantId::new()).collect();
    ids.sort_unstable();
    (ids, Clock::System.now())
}

fn set(ids: &[ParticipantId]) -> BTreeSet<ParticipantId> {
    ids.iter().copied().collect()
}

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

#[test]
fn the_third_opens_the_room_and_the_pair_is_kept_until_all_see() {
    let (ids, start) = people(3);
    let mut ways = Ways::new(4, 9);
    assert!(!ways.align(&set(&ids[..1]), start));
    assert!(ways.align(&set(&ids[..2]), start) && ways.epoch() == 4);
    let pair = ways.topology(ids[0]);
    assert_eq!((pair.mode, pair.peers.len(), pair.keep.len()), (Mode::P2p, 1, 0));
    assert!(ways.align(&set(&ids), start) && ways.epoch() == 5, "a rise names all anew");
    let room = ways.topology(ids[0]);
    assert_eq!((room.mode, room.peers.len()), (Mode::Room, 2));
    assert_eq!(room.keep, [pair.peers[0].pc.clone()]);
    assert!(room.peers.iter().all(|one| one.pc == room.peers[0].pc && !one.polite));
    assert_eq!(room.video, Some(OF_THREE));
    assert_eq!(ways.topology(ids[2]).keep, Vec::<String>::new(), "who was not in the pair");
    // What is kept can still be repaired.
    assert_eq!(ways.other_end(ids[0], &pair.peers[0].pc), Some(ids[1]));
    assert!(ways.is_room(ids[0], &room.peers[0].pc) && !ways.is_room(ids[1], &room.peers[0].pc));
    for id in &ids[..2] {
        ways.ready(*id, &ways.topology(*id).peers[0].pc.clone());
    }
    ways.ready(ids[2], &pair.peers[0].pc);
    assert!(!ways.rest(start), "the third sees nothing yet");
    ways.ready(ids[2], &ways.topology(ids[2]).peers[0].pc.clone());
    assert!(ways.rest(start) && !ways.rest(start));
    assert_eq!(ways.topology(ids[0]).keep.len(), 0);
    assert_eq!(ways.other_end(ids[0], &pair.peers[0].pc), None);
    assert!(ways.deeds().is_empty());
}

#[test]
fn keep_ends_after_eight() {
    let (ids, start) = people(3);
    let mut ways = Ways::new(0, 0);
    ways.align(&set(&ids[..2]), start);
    ways.align(&set(&ids), start);
    assert!(!ways.rest(start + seconds(7)) && ways.rest(start + seconds(8)));
}

#[test]
fn back_after_twenty_seconds() {
    let (ids, start) = people(3);
    let mut ways = Ways::new(0, 0);
    ways.align(&set(&ids), start);
    let room = ways.topology(ids[0]).peers[0].pc.clone();
    assert!(ways.align(&set(&ids[..2]), start), "two are left in the room");
    assert_eq!(ways.deeds(), [RoomDeed::Leave { who: ids[2] }]);
    assert_eq!(ways.topology(ids[0]).mode, Mode::Room);
    assert!(!ways.align(&set(&ids[..2]), start + seconds(19)));
    // The third comes back: the wait begins anew the next time.
    assert!(ways.align(&set(&ids), start + seconds(19)));
    assert!(ways.align(&set(&ids[..2]), start + seconds(19)));
    ways.deeds();
    assert!(!ways.align(&set(&ids[..2]), start + seconds(38)));
    let back = start + seconds(39);
    assert!(ways.align(&set(&ids[..2]), back));
    let pair = ways.topology(ids[0]);
    assert_eq!((pair.mode, pair.epoch, pair.keep), (Mode::P2p, 1, vec![room]));
    assert!(ways.deeds().is_empty(), "the room stays for as long as it is kept");
    assert!(ways.rest(back + seconds(8)));
    assert_eq!(ways.deeds(), [RoomDeed::Close]);
}

#[test]
fn whoever_leaves_is_out_of_the_kept_room_at_once() {
    let (ids, start) = people(3);
    let mut ways = Ways::new(0, 0);
    ways.align(&set(&ids), start);
    ways.align(&set(&ids[..2]), start);
    ways.align(&set(&ids[..2]), start + seconds(20));
    ways.deeds();
    assert!(ways.align(&set(&ids[..1]), start + seconds(21)), "alone");
    let deeds = ways.deeds();
    assert!(deeds.contains(&RoomDeed::Close), "{deeds:?}");
    assert_eq!(ways.topology(ids[0]).mode, Mode::None);
}

#[test]
fn names_are_not_used_again() {
    let (ids, start) = people(3);
    let (mut ways, mut after) = (Ways::new(3, 1), Ways::new(3, 77));
    for one in [&mut ways, &mut after] {
        one.align(&set(&ids), start);
    }
    let (before, now) = (ways.topology(ids[0]), after.topology(ids[0]));
    assert_eq!((before.epoch, now.epoch), (3, 3), "as stored");
    assert_ne!(before.peers[0].pc, now.peers[0].pc, "a room does not outlive its process");
    // A room that was closed and opened again, and a pair one of whom came with another page.
    ways.align(&set(&ids[..1]), start);
    ways.align(&set(&ids), start);
    assert_ne!(ways.topology(ids[0]).peers[0].pc, before.peers[0].pc);
    let mut pair = Ways::new(0, 0);
    pair.align(&set(&ids[..2]), start);
    let first = pair.topology(ids[0]).peers[0].pc.clone();
    pair.tear(ids[1]);
    assert!(pair.align(&set(&ids[..2]), start));
    assert_ne!(pair.topology(ids[0]).peers[0].pc, first);
    // Given up by one of them: all begin anew.
    let given = ways.topology(ids[1]).peers[0].pc.clone();
    assert!(ways.give_up(start) && !ways.give_up(start), "once");
    assert!(ways.align(&set(&ids), start));
    assert_ne!(ways.topology(ids[1]).peers[0].pc, given);
    assert_eq!(ways.room_name(ids[1]), Some(ways.topology(ids[1]).peers[0].pc.clone()));
}

#[test]
fn of_four_and_more_cameras_send_less() {
    let (ids, start) = people(6);
    let mut ways = Ways::new(0, 0);
    ways.align(&set(&ids), start);
    assert_eq!(ways.topology(ids[0]).peers.len(), 5);
    assert_eq!(ways.topology(ids[0]).video, Some(OF_MORE));
    ways.align(&set(&ids[..3]), start);
    assert_eq!(ways.deeds().len(), 3);
    assert_eq!(ways.topology(ids[0]).video, Some(OF_THREE));
}

#[test]
fn who_only_looks_on_is_never_connected_directly() {
    let (ids, start) = people(3);
    let mut ways = Ways::new(0, 0);
    ways.quieten(set(&ids[1..2]));
    assert!(ways.align(&set(&ids[..2]), start), "two, one of whom looks on");
    assert_eq!(ways.topology(ids[0]).mode, Mode::Room);
    assert!(!ways.align(&set(&ids[..2]), start + seconds(60)) && !ways.waits());
    for (who, sends) in [(ids[0], true), (ids[1], false)] {
        ways.offer(who, 1, String::new());
        assert_eq!(ways.deeds(), [RoomDeed::Open { who, neg: 1, sdp: String::new(), sends }]);
    }
    // Three, and the one who looked on goes: the others are a pair in the end.
    assert!(ways.align(&set(&ids), start + seconds(60)));
    let two = set(&[ids[0], ids[2]]);
    assert!(ways.align(&two, start + seconds(61)));
    assert!(ways.align(&two, start + seconds(81)));
    assert_eq!(ways.topology(ids[0]).mode, Mode::P2p);
}
