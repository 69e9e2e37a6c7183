//! The forwarding rooms of the program in a process of their own: offers come in lines, answers go
//! out in lines.

use std::io::Write;
use std::net::IpAddr;
use std::process::Stdio;

use onshin::live::media::ports::Ports;
use onshin::live::media::room::{RoomDeed, RoomSaid, Rooms, Settings};
use onshin::live::reach::Reach;
use onshin::model::{BookingId, ParticipantId};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use uuid::Uuid;

use crate::page::{Page, Running, Sends, USUAL};

/// Where the rooms are to be, for the process that holds them.
pub(crate) const ADDRESS: &str = "ONSHIN_BENCH_ROOMS";

/// An offer or an answer.
#[derive(Deserialize, Serialize)]
struct Line {
    visit: u128,
    who: u128,
    sdp: String,
}

/// Holds rooms until nobody asks any more.
pub(crate) fn serve(ip: IpAddr) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let rooms = Rooms::new(Settings {
            ip,
            told: None,
            ports: Ports::default(),
            reach: Reach::default(),
        });
        let mut heard = rooms.heard().unwrap();
        tokio::spawn(async move {
            while let Some((visit, said)) = heard.recv().await {
                let RoomSaid::Answer { who, sdp, .. } = said else { continue };
                let line = Line { visit: visit.0.as_u128(), who: who.0.as_u128(), sdp };
                let mut out = std::io::stdout().lock();
                writeln!(out, "{}", serde_json::to_string(&line).unwrap()).unwrap();
                out.flush().unwrap();
            }
        });
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Line { visit, who, sdp } = serde_json::from_str(&line).unwrap();
            let who = ParticipantId(Uuid::from_u128(who));
            rooms.deed(
                BookingId(Uuid::from_u128(visit)),
                RoomDeed::Open { who, neg: 1, sdp, sends: true },
            );
        }
    });
}

/// The process, as the one who loads it sees it.
pub(crate) struct Forwarder {
    child: Child,
    asks: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    ip: IpAddr,
}

impl Forwarder {
    pub(crate) fn start(ip: IpAddr) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(ADDRESS, ip.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let asks = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, asks, answers, ip }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Brings six people into a room.
    pub(crate) async fn fill(&mut self, room: u64, pages: &mut Vec<Running>) {
        for person in 0..6_u64 {
            let up = [Sends::Sound, Sends::Camera, Sends::Screen];
            let mut page = Page::at(self.ip, room * 6 + person, &up, (5, 6), USUAL).await;
            let (visit, who) = (u128::from(room) + 1, u128::from(person) + 1);
            let line = Line { visit, who, sdp: page.offer() };
            let text = serde_json::to_string(&line).unwrap() + "\n";
            self.asks.write_all(text.as_bytes()).await.unwrap();
            let answer = self.answers.next_line().await.unwrap().unwrap();
            let answer: Line = serde_json::from_str(&answer).unwrap();
            page.accept(&answer.sdp);
            pages.push(page.run());
        }
    }
}
