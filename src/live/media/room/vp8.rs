//! The one thing that the room reads in a picture: whether a key frame begins (RFC 7741, section 4).

/// Whether this payload begins a key frame: the first packet of the first partition of a frame whose
/// header says so.
pub(super) fn begins_key_frame(payload: &[u8]) -> bool {
    let Some(header) = frame_header(payload) else { return false };
    header & 0x01 == 0
}

/// The first byte of the frame's header, if this packet begins a frame.
fn frame_header(payload: &[u8]) -> Option<u8> {
    let (&required, mut rest) = payload.split_first()?;
    let begins = required & 0x17 == 0x10;
    if !begins {
        return None;
    }
    if required & 0x80 != 0 {
        let (&extended, after) = rest.split_first()?;
        rest = after;
        if extended & 0x80 != 0 {
            let long = rest.first()? & 0x80 != 0;
            rest = rest.get(if long { 2 } else { 1 }..)?;
        }
        if extended & 0x40 != 0 {
            rest = rest.get(1..)?;
        }
        if extended & 0x30 != 0 {
            rest = rest.get(1..)?;
        }
    }
    rest.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_frames_are_told_from_the_rest() {
        assert!(begins_key_frame(&[0x10, 0x10]), "no extension");
        assert!(!begins_key_frame(&[0x10, 0x11]), "P is set: another frame is needed");
        assert!(!begins_key_frame(&[0x00, 0x10]), "goes on");
        assert!(!begins_key_frame(&[0x11, 0x10]), "a second partition");
        assert!(begins_key_frame(&[0x90, 0x80, 0x05, 0x10]), "short picture id");
        assert!(begins_key_frame(&[0x90, 0xC0, 0x85, 0x01, 0x02, 0x10]), "long id and TL0PICIDX");
        assert!(begins_key_frame(&[0x90, 0xF0, 0x85, 0x01, 0x02, 0x20, 0x10]), "and TID");
        assert!(!begins_key_frame(&[0x90, 0xC0, 0x85, 0x01, 0x02, 0x11]));
        for length in 0..6 {
            assert!(
                !begins_key_frame(&[0x90, 0xC0, 0x85, 0x01, 0x02, 0x10][..length]),
                "cut short"
            );
        }
    }
}
