//! Somebody else's client against our relay: `turnutils_uclient` of coturn, as Debian has it.

use std::process::{Command, Output};

use super::{Site, site};

/// Runs the client against the relay: four of its own, who speak with each other by `-y`.
async fn uclient(site: &Site, more: &[&str]) -> Output {
    let (name, password) = site.anyone();
    let server = site.server.local_addr();
    let mut command = Command::new("turnutils_uclient");
    command.args(["-u", &name, "-w", &password, "-p", &server.port().to_string()]);
    command.args(["-n", "50", "-l", "500", "-c"]).args(more).arg(server.ip().to_string());
    let ran = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    ran.expect("turnutils_uclient: tests/tools.sh test installs it (Debian package coturn)")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_of_coturn_loses_nothing() {
    let site = site().await;
    let output = uclient(&site, &["-y", "-m", "4"]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("tot_send_msgs=200, tot_recv_msgs=200"), "{said}");
    assert!(said.contains("Total lost packets 0"), "{said}");
    let counts = site.server.counters();
    assert!(counts.packets_relayed >= 400, "out of one relay and into the other: {counts:?}");
    site.server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_of_coturn_reaches_no_service_of_this_machine() {
    let site = site().await;
    let service = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let port = service.local_addr().unwrap().port().to_string();
    let output = uclient(&site, &["-m", "1", "-e", "127.0.0.1", "-r", &port]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!said.contains("tot_recv_msgs=50"), "{said}");
    assert_eq!(super::arrives(&service).await, None, "{said}");
    let counts = site.server.counters();
    assert!(counts.permissions_refused >= 1 && counts.packets_relayed == 0, "{counts:?}\n{said}");
    site.server.close().await;
}
