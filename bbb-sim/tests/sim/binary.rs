//! The program `bbb-sim`.

use std::process::Stdio;

use bbb_sim::{Algorithm, sign};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::client::{DEADLINE, client};

#[tokio::test]
async fn it_announces_serves_and_stops() {
    for signal in ["TERM", "INT"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bbb-sim"))
            .args([
                "--servers",
                "3",
                "--secret",
                "S",
                "--meetings-per-server",
                "2",
                "--users-per-meeting",
                "4",
            ])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for number in 0..3 {
            let line = timeout(DEADLINE, lines.next_line()).await.unwrap().unwrap().unwrap();
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(line["secret"], "S");
            let query = format!("meetingID=sim-{number}-1");
            let checksum = sign(Algorithm::Sha512, "getMeetingInfo", &query, "S");
            let url = format!("{}/getMeetingInfo?{query}&checksum={checksum}", line["url"].as_str().unwrap());
            let text = client().get(url).send().await.unwrap().text().await.unwrap();
            assert!(text.contains("<participantCount>4</participantCount>"), "{text}");
        }
        let pid = child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().await.unwrap().success());
        assert!(timeout(DEADLINE, child.wait()).await.unwrap().unwrap().success(), "{signal}");
        assert_eq!(lines.next_line().await.unwrap(), None);
    }
}

#[tokio::test]
async fn it_explains_itself_and_its_mistakes() {
    let run = |arguments: &'static [&'static str]| {
        Command::new(env!("CARGO_BIN_EXE_bbb-sim")).args(arguments).output()
    };
    assert!(String::from_utf8_lossy(&run(&["--version"]).await.unwrap().stdout).starts_with("bbb-sim "));
    assert!(String::from_utf8_lossy(&run(&["--help"]).await.unwrap().stdout).contains("--port-base"));
    assert!(!run(&["--servers", "0"]).await.unwrap().status.success());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output =
        Command::new(env!("CARGO_BIN_EXE_bbb-sim")).args(["--port-base", &port]).output().await.unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("server 0"), "{output:?}");
}
