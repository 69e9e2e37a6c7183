//! Somebody who tries the line, without a browser. The tests of the line check and the soak share it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::time::timeout;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
    RTCIceGatheringState, RTCSessionDescription, SettingEngineBuilder,
};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SOON: Duration = Duration::from_secs(8);

struct Gathered(mpsc::Sender<()>);

#[async_trait]
impl PeerConnectionEventHandler for Gathered {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.0.try_send(());
        }
    }
}

/// One who tries the line: a connection with lossy, unordered channels, as the page makes it.
pub(crate) struct Browser {
    pub(crate) connection: Box<dyn PeerConnection>,
    pub(crate) channel: Arc<dyn DataChannel>,
    pub(crate) up: Arc<dyn DataChannel>,
    pub(crate) down: Arc<dyn DataChannel>,
    pub(crate) offer: String,
}

impl Browser {
    pub(crate) async fn new() -> Self {
        Self::by(RTCConfigurationBuilder::new()).await
    }

    pub(crate) async fn by(configuration: RTCConfigurationBuilder) -> Self {
        let (gathered, mut gathering) = mpsc::channel(1);
        let settings = SettingEngineBuilder::new().with_include_loopback_candidate(true).build();
        let builder = PeerConnectionBuilder::new()
            .with_configuration(configuration.build())
            .with_setting_engine(settings)
            .with_handler(Arc::new(Gathered(gathered)))
            .with_udp_addrs(vec![SocketAddr::new(LOCAL, 0)]);
        let connection = Box::pin(builder.build()).await.unwrap();
        let lossy = || RTCDataChannelInit {
            ordered: false,
            max_retransmits: Some(0),
            ..Default::default()
        };
        let channel = connection.create_data_channel("probe", Some(lossy())).await.unwrap();
        let up = connection.create_data_channel("up", Some(lossy())).await.unwrap();
        let down = connection.create_data_channel("down", Some(lossy())).await.unwrap();
        let offer = connection.create_offer(None).await.unwrap();
        connection.set_local_description(offer).await.unwrap();
        timeout(SOON, gathering.recv()).await.unwrap();
        let offer = connection.local_description().await.unwrap().sdp;
        Self { connection: Box::new(connection), channel, up, down, offer }
    }

    /// The offer as a browser without permission for the camera makes it: a name that only its own
    /// network could resolve.
    pub(crate) fn hidden_offer(&self) -> String {
        let hide = |line: &str| {
            let mut words: Vec<&str> = line.split(' ').collect();
            if line.starts_with("a=candidate:") {
                words[4] = "6f6d1c2e-0a57-4a46-a0b1-2f3c6b0b8d11.local";
            }
            words.join(" ") + "\r\n"
        };
        self.offer.lines().map(hide).collect()
    }

    pub(crate) async fn connect(&self, answer: String) {
        let answer = RTCSessionDescription::answer(answer).unwrap();
        self.connection.set_remote_description(answer).await.unwrap();
        let open = async {
            while !matches!(self.channel.poll().await.unwrap(), DataChannelEvent::OnOpen) {}
        };
        timeout(SOON, open).await.expect("the channel opens");
    }

    pub(crate) async fn probe(&self, seq: u32) {
        let text = format!("{{\"seq\":{seq},\"pad\":\"{}\"}}", "x".repeat(170));
        self.channel.send_text(&text).await.unwrap();
    }

    /// The next message that comes back.
    pub(crate) async fn echo(&self) -> (bool, Vec<u8>) {
        let next = async {
            loop {
                if let DataChannelEvent::OnMessage(message) = self.channel.poll().await.unwrap() {
                    return (message.is_string, message.data.to_vec());
                }
            }
        };
        timeout(SOON, next).await.expect("an echo")
    }
}
