//! What the server does with a browser's channels: one echoes, one is only counted, one is filled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelMessage};

use super::tally::{BURST, Tally};

/// Bytes in a packet of a burst: with all heads below the usual 1,280 of a tunnel.
const PACKET: usize = 1_170;
/// Packets at once, and how often: 1.5 Mbit/s.
const AT_ONCE: u32 = 8;
const EVERY: Duration = Duration::from_millis(50);

/// Serves a channel by its name until it ends.
pub(super) async fn serve(channel: Arc<dyn DataChannel>, tally: Arc<Tally>) {
    match channel.label().await.as_deref() {
        Ok("up") => count(&*channel, &tally).await,
        Ok("down") => fill(&*channel).await,
        _ => echo(&*channel, &tally).await,
    }
}

async fn echo(channel: &dyn DataChannel, tally: &Tally) {
    while let Some(event) = channel.poll().await {
        let DataChannelEvent::OnMessage(message) = event else { continue };
        if !tally.count(&message.data) {
            break;
        }
        // A full buffer loses the probe, and the browser counts the hole.
        if send_back(channel, message).await.is_err() {
            tracing::trace!("a probe could not be sent back");
        }
    }
}

async fn send_back(
    channel: &dyn DataChannel,
    message: RTCDataChannelMessage,
) -> Result<(), webrtc::error::Error> {
    match std::str::from_utf8(&message.data) {
        Ok(text) if message.is_string => channel.try_send_text(text).await,
        _ => channel.try_send(message.data).await,
    }
}

async fn count(channel: &dyn DataChannel, tally: &Tally) {
    while let Some(event) = channel.poll().await {
        if let DataChannelEvent::OnMessage(message) = event
            && !tally.count_burst(message.data.len(), Instant::now())
        {
            break;
        }
    }
}

/// Sends as much as a picture takes, once, when the browser asks with its first message.
async fn fill(channel: &dyn DataChannel) {
    loop {
        match channel.poll().await {
            Some(DataChannelEvent::OnMessage(_)) => break,
            Some(_) => {}
            None => return,
        }
    }
    let (mut ticks, end) = (tokio::time::interval(EVERY), Instant::now() + BURST);
    while Instant::now() < end {
        ticks.tick().await;
        for _ in 0..AT_ONCE {
            // What does not fit waits for nobody: the line is full, which is what is measured.
            if channel.try_send(BytesMut::zeroed(PACKET)).await.is_err() {
                break;
            }
        }
    }
}
