use proptest::prelude::*;

use super::*;

/// What was heard, as something that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    Text(String),
    Binary,
    Ping(Vec<u8>),
    Pong,
    Close,
}

fn kept(heard: Heard<'_>) -> Kept {
    match heard {
        Heard::Text(text) => Kept::Text(text.to_owned()),
        Heard::Binary => Kept::Binary,
        Heard::Ping(payload) => Kept::Ping(payload.to_vec()),
        Heard::Pong => Kept::Pong,
        Heard::Close => Kept::Close,
    }
}

/// A frame as a page writes it: its head by the crate's own hand.
fn sent(opcode: OpCode, is_final: bool, payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0xf4, 0x56, 0x07];
    let head = FrameHeader { opcode, is_final, mask: Some(mask), ..FrameHeader::default() };
    let mut out = Vec::new();
    head.format(payload.len() as u64, &mut out).unwrap();
    out.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
    out
}

const TEXT: OpCode = OpCode::Data(Data::Text);
const MORE: OpCode = OpCode::Data(Data::Continue);

/// Hears all of it, piece by piece, breaking off after each when `one` is set.
fn hear(frames: &mut Frames, pieces: &[Vec<u8>], one: bool) -> Result<Vec<Kept>, Fault> {
    let mut all = Vec::new();
    for piece in pieces {
        let mut piece = piece.clone();
        let mut each = |heard: Heard<'_>| {
            all.push(kept(heard));
            if one { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut flow = frames.take(&mut piece, &mut each)?;
        while flow.is_break() {
            flow = frames.take(&mut [], &mut each)?;
        }
    }
    Ok(all)
}

fn one(bytes: Vec<u8>) -> Result<Vec<Kept>, Fault> {
    hear(&mut Frames::default(), &[bytes], false)
}

/// What a page says, and how it is sent: a text perhaps in parts, with pings between them.
fn messages() -> impl Strategy<Value = Vec<(String, Vec<usize>, bool)>> {
    let text = prop_oneof![".{0,40}", "[a-zあ-ん\\r\\n]{100,400}", Just("長".repeat(25_000))];
    prop::collection::vec((text, prop::collection::vec(0..400_usize, 0..3), any::<bool>()), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_was_sent_is_heard_however_it_comes(
        messages in messages(),
        cuts in prop::collection::vec(0..100_000_usize, 0..8),
        breaks in any::<bool>(),
    ) {
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        for (text, parts, ping) in &messages {
            let mut ends: Vec<_> = parts.iter().map(|end| end % (text.len() + 1)).collect();
            ends.sort_unstable();
            let (mut from, mut kind) = (0, TEXT);
            for end in ends {
                bytes.extend(sent(kind, false, &text.as_bytes()[from..end]));
                (from, kind) = (end, MORE);
                if *ping {
                    bytes.extend(sent(OpCode::Control(Control::Ping), true, b"there?"));
                    expected.push(Kept::Ping(b"there?".to_vec()));
                }
            }
            bytes.extend(sent(kind, true, &text.as_bytes()[from..]));
            expected.push(Kept::Text(text.clone()));
        }
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|cut| bytes[cut[0]..cut[1]].to_vec()).collect();
        let mut frames = Frames::default();
        prop_assert_eq!(hear(&mut frames, &pieces, breaks), Ok(expected));
        prop_assert_eq!((frames.begun.capacity(), frames.parts), (0, None), "nothing is held");
    }

    #[test]
    fn nothing_panics_and_nothing_grows(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
    ) {
        let mut frames = Frames::default();
        let _ = hear(&mut frames, &pieces, false);
        prop_assert!(frames.begun.len() <= 6000);
    }
}

#[test]
fn what_pages_may_not_send_is_no_frame() {
    let text = || sent(TEXT, true, b"hello");
    let unmasked = [&[0x81, 5][..], b"hello"].concat();
    let reserved = || [&[text()[0] | 0x40][..], &text()[1..]].concat();
    let long_ping = sent(OpCode::Control(Control::Ping), true, &[0; CONTROL_MOST + 1]);
    for (what, bytes) in [
        ("not masked", unmasked),
        ("an extension", reserved()),
        ("a long ping", long_ping),
        ("a ping in parts", sent(OpCode::Control(Control::Ping), false, b"")),
        ("an unknown kind", [&[0x83][..], &text()[1..]].concat()),
        ("a part of nothing", sent(MORE, true, b"x")),
        ("a text in a text", [sent(TEXT, false, b"a"), text()].concat()),
    ] {
        assert_eq!(one(bytes), Err(Fault::Protocol), "{what}");
    }
    assert_eq!(one(sent(TEXT, true, b"\xff")), Err(Fault::Encoding));
    let half = "長".as_bytes();
    let parts = [sent(TEXT, false, &half[..1]), sent(MORE, true, &half[1..])].concat();
    assert_eq!(one(parts), Ok(vec![Kept::Text("長".to_owned())]), "a character in two parts");
}

#[test]
fn what_is_too_long_is_refused_before_it_is_there() {
    let long = vec![b'a'; READ_MOST];
    assert_eq!(one(sent(TEXT, true, &long)).unwrap().len(), 1);
    let longer = sent(TEXT, true, &[&long[..], b"a"].concat());
    assert_eq!(one(longer[..14].to_vec()), Err(Fault::TooLarge));
    let parts = [sent(TEXT, false, &long), sent(MORE, true, b"a")].concat();
    assert_eq!(one(parts), Err(Fault::TooLarge));
    let endless = [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    assert_eq!(one(endless.to_vec()), Err(Fault::TooLarge));
}

#[test]
fn the_first_is_heard_before_the_second_is_looked_at() {
    let mut bytes = [sent(TEXT, true, b"first"), sent(TEXT, true, b"\xff")].concat();
    let mut frames = Frames::default();
    let first = frames.take(&mut bytes, &mut |heard| ControlFlow::Break(kept(heard)));
    assert_eq!(first, Ok(ControlFlow::Break(Kept::Text("first".to_owned()))));
    assert_eq!(hear(&mut frames, &[vec![]], false), Err(Fault::Encoding));
}

#[test]
fn what_is_written_is_a_frame() {
    let mut out = Vec::new();
    text(&mut out, "長い".as_bytes());
    pong(&mut out, b"there?");
    close(&mut out, 4408, "silent");
    let expected =
        [&[0x81, 6][..], "長い".as_bytes(), &[0x8a, 6], b"there?", &[0x88, 8, 0x11, 0x38]];
    assert_eq!(out, [&expected.concat()[..], b"silent"].concat());
    out.clear();
    text(&mut out, &[b'a'; 300]);
    assert_eq!((&out[..4], out.len()), (&[0x81, 126, 1, 44][..], 304));
}
