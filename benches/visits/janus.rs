//! Janus with its `VideoRoom`, as Debian ships it, driven over its HTTP interface. A person has a
//! connection up and one down there, as its own pages have.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::forwarding::connected;
use crate::http::Caller;
use crate::page::{Page, Running, Sends, USUAL};

const PLUGINS: &str = "/usr/lib/x86_64-linux-gnu/janus";

/// The process.
pub(crate) struct Janus {
    child: Child,
    address: SocketAddr,
    ip: IpAddr,
    /// Its configuration; gone with it.
    _folder: tempfile::TempDir,
}

/// One handle of the plugin.
struct Handle {
    caller: Caller,
    session: u64,
    id: u64,
    sent: u32,
}

impl Janus {
    /// Starts it; None where it is not installed.
    pub(crate) async fn start(ip: IpAddr) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        write(&folder.path().join("janus.jcfg"), &general(folder.path(), ip));
        let http = format!(
            "general: {{ json = \"compact\"; base_path = \"/janus\"; http = true; port = {port}; \
             interface = \"lo\"; https = false }}\nadmin: {{ admin_http = false }}\n"
        );
        write(&folder.path().join("janus.transport.http.jcfg"), &http);
        write(&folder.path().join("janus.plugin.videoroom.jcfg"), "general: { }\n");
        let child = Command::new("janus")
            .args(["-N", "-F"])
            .arg(folder.path())
            .args(["-s", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let janus = Self { child, address, ip, _folder: folder };
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Some(janus);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("janus does not listen");
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Brings six people into a room.
    pub(crate) async fn fill(&mut self, room: u64, pages: &mut Vec<Running>) {
        let mut desk = self.handle().await;
        let room = room + 1;
        let made = json!({ "request": "create", "room": room, "publishers": 6, "bitrate": 0,
            "audiocodec": "opus", "videocodec": "vp8", "fir_freq": 0 });
        let made = desk.ask(made, None).await;
        assert_eq!(made["plugindata"]["data"]["videoroom"], "created", "{made}");
        let mut feeds = Vec::new();
        let mut keep = vec![desk];
        for person in 0..6_u64 {
            let number = room * 6 + person;
            let up = [Sends::Sound, Sends::Camera];
            let mut page = Page::at(self.ip, number, &up, (0, 0), USUAL).await;
            let mut handle = self.handle().await;
            let join = json!({ "request": "join", "ptype": "publisher", "room": room });
            let joined = handle.ask(join, None).await;
            feeds.push(joined["plugindata"]["data"]["id"].as_u64().unwrap());
            let publish = json!({ "request": "publish" });
            let jsep = json!({ "type": "offer", "sdp": page.offer() });
            let answer = handle.ask(publish, Some(jsep)).await;
            page.accept(answer["jsep"]["sdp"].as_str().unwrap_or_else(|| panic!("{answer}")));
            pages.push(page.run());
            keep.push(handle);
        }
        // A feed is there once its page is connected.
        connected(pages).await;
        for (person, own) in feeds.iter().enumerate() {
            let others: Vec<_> = feeds
                .iter()
                .filter(|feed| *feed != own)
                .map(|feed| json!({ "feed": feed }))
                .collect();
            let mut handle = self.handle().await;
            let join = json!({ "request": "join", "ptype": "subscriber", "room": room, "streams": others });
            let offered = handle.ask(join, None).await;
            let offer = offered["jsep"]["sdp"].as_str().unwrap_or_else(|| panic!("{offered}"));
            let number = 1_000 + u64::try_from(person).unwrap();
            let mut page = Page::at(self.ip, number, &[], (0, 0), USUAL).await;
            let jsep = json!({ "type": "answer", "sdp": page.answer(offer) });
            handle.ask(json!({ "request": "start" }), Some(jsep)).await;
            pages.push(page.run());
        }
    }

    async fn handle(&self) -> Handle {
        let mut caller = Caller::new(self.address);
        let made = post(&mut caller, "/janus", json!({ "janus": "create", "transaction": "a" }));
        let session = made.await["data"]["id"].as_u64().unwrap();
        let attach = json!({ "janus": "attach", "plugin": "janus.plugin.videoroom",
            "transaction": "b" });
        let made = post(&mut caller, &format!("/janus/{session}"), attach).await;
        let id = made["data"]["id"].as_u64().unwrap();
        Handle { caller, session, id, sent: 0 }
    }
}

impl Drop for Janus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Handle {
    /// Asks the plugin, and waits for what comes of it.
    async fn ask(&mut self, body: Value, jsep: Option<Value>) -> Value {
        self.sent += 1;
        let transaction = format!("ask{}", self.sent);
        let mut message = json!({ "janus": "message", "transaction": transaction, "body": body });
        if let Some(jsep) = jsep {
            message["jsep"] = jsep;
        }
        let path = format!("/janus/{}/{}", self.session, self.id);
        let said = post(&mut self.caller, &path, message).await;
        if said["janus"] != "ack" {
            return said;
        }
        loop {
            let answer = self.caller.get(&format!("/janus/{}?maxev=1", self.session)).await;
            let said: Value = serde_json::from_slice(&answer.body).unwrap();
            if said["transaction"] == transaction.as_str() && said["janus"] == "event" {
                return said;
            }
        }
    }
}

async fn post(caller: &mut Caller, path: &str, body: Value) -> Value {
    let answer = caller.post(path, None, &body.to_string()).await;
    serde_json::from_slice(&answer.body).unwrap()
}

fn general(folder: &Path, ip: IpAddr) -> String {
    format!(
        "general: {{ configs_folder = \"{}\"; plugins_folder = \"{PLUGINS}/plugins\"; \
         transports_folder = \"{PLUGINS}/transports\"; debug_level = 2; session_timeout = 0 }}\n\
         nat: {{ ice_enforce_list = \"{ip}\" }}\nplugins: {{ disable = \"libjanus_audiobridge.so,\
         libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,\
         libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,\
         libjanus_videocall.so,libjanus_voicemail.so\" }}\ntransports: {{ disable = \
         \"libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,\
         libjanus_websockets.so\" }}\n",
        folder.display()
    )
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}
