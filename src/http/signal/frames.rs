//! Frames of WebSocket, without the socket (RFC 6455, section 5). Their heads are read and written by
//! the crate that axum uses, too; here texts are heard where they lie, so that a socket that is silent
//! holds nothing and one that speaks copies nothing that comes in one piece.

use std::io::Cursor;
use std::ops::ControlFlow;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use crate::live::message::FRAME_MOST;

/// The longest message that is read to its end, in bytes. What is a little too large is, so that the
/// page hears why it is closed.
const READ_MOST: usize = 2 * FRAME_MOST;
/// The longest payload of a control frame, in bytes (RFC 6455, section 5.5).
const CONTROL_MOST: usize = 125;

/// What a page said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard<'a> {
    /// A whole text.
    Text(&'a str),
    /// The beginning of something that is no text.
    Binary,
    /// It asks for the same bytes back.
    Ping(&'a [u8]),
    /// It is there.
    Pong,
    /// It says good-bye.
    Close,
}

/// What cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No frame that a page may send here.
    Protocol,
    /// A text that is not UTF-8.
    Encoding,
    /// More than anybody has to say.
    TooLarge,
}

impl Fault {
    /// The close code (RFC 6455, section 7.4.1).
    pub(super) fn code(self) -> u16 {
        match self {
            Self::Protocol => CloseCode::Protocol,
            Self::Encoding => CloseCode::Invalid,
            Self::TooLarge => CloseCode::Size,
        }
        .into()
    }
}

/// What came of a socket and is not heard yet. Nothing is held for a page that is silent.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The beginning of a frame, or frames that nobody asked for yet.
    begun: Vec<u8>,
    /// The text so far of a message in several frames.
    parts: Option<Vec<u8>>,
}

impl Frames {
    /// Gives `each` what is whole, until it breaks off, and keeps the rest. Frames that were there
    /// when it broke off are given by the next call, with no more bytes if need be.
    pub(super) fn take<T>(
        &mut self,
        bytes: &mut [u8],
        each: &mut impl FnMut(Heard<'_>) -> ControlFlow<T>,
    ) -> Result<ControlFlow<T>, Fault> {
        if self.begun.is_empty() {
            let (done, flow) = self.walk(bytes, each)?;
            self.begun.extend_from_slice(&bytes[done..]);
            return Ok(flow);
        }
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let (done, flow) = self.walk(&mut all, each)?;
        match done {
            0 => self.begun = all,
            done if done < all.len() => self.begun = all[done..].to_vec(),
            _ => {}
        }
        Ok(flow)
    }

    /// Gives the whole frames, and says how many bytes they were.
    fn walk<T>(
        &mut self,
        bytes: &mut [u8],
        each: &mut impl FnMut(Heard<'_>) -> ControlFlow<T>,
    ) -> Result<(usize, ControlFlow<T>), Fault> {
        let mut at = 0;
        while let Some(head) = Head::read(&bytes[at..])? {
            let (from, until) = (at + head.length, at + head.length + head.payload);
            let Some(payload) = bytes.get_mut(from..until) else { break };
            unmask(payload, head.mask);
            at = until;
            if let ControlFlow::Break(last) = self.frame(&head, payload, each)? {
                return Ok((at, ControlFlow::Break(last)));
            }
        }
        Ok((at, ControlFlow::Continue(())))
    }

    fn frame<T>(
        &mut self,
        head: &Head,
        payload: &[u8],
        each: &mut impl FnMut(Heard<'_>) -> ControlFlow<T>,
    ) -> Result<ControlFlow<T>, Fault> {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Fault::Encoding);
        Ok(match (head.kind, self.parts.as_mut()) {
            (OpCode::Control(Control::Ping), _) => each(Heard::Ping(payload)),
            (OpCode::Control(Control::Pong), _) => each(Heard::Pong),
            (OpCode::Control(Control::Close), _) => each(Heard::Close),
            (OpCode::Data(Data::Binary), None) => each(Heard::Binary),
            (OpCode::Data(Data::Text), None) if head.is_final => each(Heard::Text(text(payload)?)),
            (OpCode::Data(Data::Text), None) => {
                self.parts = Some(payload.to_vec());
                ControlFlow::Continue(())
            }
            (OpCode::Data(Data::Continue), Some(parts)) => {
                if parts.len() + payload.len() > READ_MOST {
                    return Err(Fault::TooLarge);
                }
                parts.extend_from_slice(payload);
                if !head.is_final {
                    return Ok(ControlFlow::Continue(()));
                }
                let whole = self.parts.take().unwrap_or_default();
                each(Heard::Text(text(&whole)?))
            }
            _ => return Err(Fault::Protocol),
        })
    }
}

/// The head of a frame.
#[derive(Debug)]
struct Head {
    kind: OpCode,
    is_final: bool,
    mask: [u8; 4],
    /// Its own bytes, and those that follow.
    length: usize,
    payload: usize,
}

impl Head {
    /// Nothing while some of it is missing. What pages may not send is refused before it is there.
    fn read(bytes: &[u8]) -> Result<Option<Self>, Fault> {
        let mut cursor = Cursor::new(bytes);
        let read = FrameHeader::parse(&mut cursor).map_err(|_| Fault::Protocol)?;
        let Some((head, payload)) = read else { return Ok(None) };
        let FrameHeader { is_final, rsv1, rsv2, rsv3, opcode: kind, mask } = head;
        // No extension is agreed on, and a page masks what it sends (sections 5.1 and 5.2).
        let (false, Some(mask)) = (rsv1 || rsv2 || rsv3, mask) else { return Err(Fault::Protocol) };
        let payload = usize::try_from(payload).unwrap_or(usize::MAX);
        if matches!(kind, OpCode::Control(_)) && !(is_final && payload <= CONTROL_MOST) {
            return Err(Fault::Protocol);
        }
        if payload > READ_MOST {
            return Err(Fault::TooLarge);
        }
        let length = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
        Ok(Some(Self { kind, is_final, mask, length, payload }))
    }
}

/// Takes the mask off (RFC 6455, section 5.3), sixteen bytes at a time.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let mask: [u8; 16] = std::array::from_fn(|at| mask[at % 4]);
    let mut blocks = payload.chunks_exact_mut(16);
    for block in &mut blocks {
        block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
    blocks.into_remainder().iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
}

/// Writes a text.
pub(super) fn text(out: &mut Vec<u8>, text: &[u8]) {
    frame(out, OpCode::Data(Data::Text), &[text]);
}

/// Writes the answer to a ping.
pub(super) fn pong(out: &mut Vec<u8>, payload: &[u8]) {
    frame(out, OpCode::Control(Control::Pong), &[payload]);
}

/// Writes a good-bye; `reason` is short enough for a control frame.
pub(super) fn close(out: &mut Vec<u8>, code: u16, reason: &str) {
    frame(out, OpCode::Control(Control::Close), &[&code.to_be_bytes(), reason.as_bytes()]);
}

fn frame(out: &mut Vec<u8>, opcode: OpCode, payload: &[&[u8]]) {
    let head = FrameHeader { opcode, ..FrameHeader::default() };
    let length: usize = payload.iter().map(|part| part.len()).sum();
    // Into memory nothing fails.
    let _ = head.format(length as u64, out);
    for part in payload {
        out.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests;
