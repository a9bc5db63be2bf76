//! Each way to misbehave.

use std::time::{Duration, Instant};

use bbb_sim::{Fault, Sim, SimOptions};
use socket2::{Domain, Socket, Type};
use tokio::time::timeout;

use crate::client::{DEADLINE, ask, client, element, get, url};

async fn sim() -> Sim {
    Sim::start(SimOptions::default()).await.unwrap()
}

#[tokio::test]
async fn down_refuses_connections_and_comes_back_on_the_same_port() {
    let sim = sim().await;
    let keeping = client();
    let meetings = url(&sim, "getMeetings", "");
    for round in 0..20 {
        assert_eq!(keeping.get(&meetings).send().await.unwrap().status(), 200, "round {round}");
        sim.set_fault(Fault::Down);
        let error = std::net::TcpStream::connect(sim.address()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        assert!(keeping.get(&meetings).send().await.is_err(), "kept connections are closed too");
        assert!(keeping.get(&meetings).send().await.unwrap_err().is_connect());
        let other = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        assert!(other.bind(&sim.address().into()).is_err(), "the port stays ours");
        sim.set_fault(Fault::None);
    }
}

#[tokio::test]
async fn a_port_that_is_down_is_given_to_nobody() {
    let down = sim().await;
    down.set_fault(Fault::Down);
    for _ in 0..200 {
        assert_ne!(sim().await.address(), down.address());
    }
    drop(down);
}

#[tokio::test]
async fn dropping_frees_the_port() {
    let first = sim().await;
    let address = first.address();
    first.stop().await;
    assert!(std::net::TcpStream::connect(address).is_err());
    let second = Sim::start(SimOptions { port: address.port(), ..SimOptions::default() }).await.unwrap();
    assert_eq!(second.address(), address);
    assert!(Sim::start(SimOptions { port: address.port(), ..SimOptions::default() }).await.is_err());
}

#[tokio::test]
async fn one_call_fails_and_the_others_work() {
    let sim = sim().await;
    sim.set_fault_for("create", Fault::failing("internalError"));
    assert_eq!(element(&ask(&sim, "create", "meetingID=r").await, "messageKey"), "internalError");
    assert_eq!(element(&ask(&sim, "getMeetings", "").await, "messageKey"), "noMeetings");
    sim.set_fault_for("create", Fault::None);
    assert_eq!(element(&ask(&sim, "create", "meetingID=r").await, "returncode"), "SUCCESS");

    sim.set_fault(Fault::Http500);
    sim.set_fault_for("getMeetings", Fault::Garbage);
    assert_eq!(get(&sim, "end", "meetingID=r").await.status(), 500);
    assert!(ask(&sim, "getMeetings", "").await.contains("<html>"));
    assert!(sim.has_meeting("r"));
    sim.clear_faults();
    assert_eq!(get(&sim, "end", "meetingID=r").await.status(), 200);
}

#[tokio::test]
async fn bad_answers() {
    let sim = sim().await;
    sim.set_fault(Fault::Truncated);
    let text = ask(&sim, "getMeetings", "").await;
    assert!(text.starts_with("<response>") && !text.contains("</response>"), "{text}");
    sim.set_fault(Fault::NoReturncode);
    let text = ask(&sim, "getMeetings", "").await;
    assert!(text.ends_with("</response>") && !text.contains("returncode"), "{text}");
    sim.set_fault(Fault::Garbage);
    let answer = get(&sim, "getMeetings", "").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/html;charset=utf-8".parse().unwrap())
    );
    assert_eq!(sim.count("getMeetings"), 3);
}

#[tokio::test]
async fn reset_reads_and_closes() {
    let sim = sim().await;
    for fault in [Fault::Reset, Fault::Down] {
        sim.set_fault_for("create", fault);
        let error = client().get(url(&sim, "create", "meetingID=r")).send().await.unwrap_err();
        assert!(!error.is_connect() && format!("{error:?}").contains("ConnectionReset"), "{error:?}");
    }
    assert_eq!(sim.count("create"), 2);
    assert!(!sim.has_meeting("r"));
}

#[tokio::test]
async fn hang_lasts_until_the_faults_change() {
    let sim = sim().await;
    sim.set_fault(Fault::Hang);
    let call = tokio::spawn(client().get(url(&sim, "create", "meetingID=r")).send());
    let deadline = Instant::now() + DEADLINE;
    while sim.count("create") == 0 {
        assert!(Instant::now() < deadline);
        tokio::task::yield_now().await;
    }
    // That nothing comes can only be seen by waiting a little.
    assert!(timeout(Duration::from_millis(100), get(&sim, "getMeetings", "")).await.is_err());
    assert!(!call.is_finished());
    sim.clear_faults();
    assert!(call.await.unwrap().is_err());
    assert!(!sim.has_meeting("r"));
}

#[tokio::test]
async fn slow_acts_first_and_answers_later() {
    let sim = sim().await;
    sim.set_fault(Fault::Slow(Duration::from_secs(3600)));
    let call = tokio::spawn(client().get(url(&sim, "create", "meetingID=r")).send());
    let deadline = Instant::now() + DEADLINE;
    while !sim.has_meeting("r") {
        assert!(Instant::now() < deadline);
        tokio::task::yield_now().await;
    }
    assert!(!call.is_finished());
    sim.set_fault(Fault::Slow(Duration::from_millis(40)));
    sim.set_latency(Duration::from_millis(30));
    let begin = Instant::now();
    ask(&sim, "getMeetings", "").await;
    assert!(begin.elapsed() >= Duration::from_millis(70));
    call.abort();
}

#[tokio::test]
async fn endless_never_ends() {
    let sim = sim().await;
    sim.set_fault(Fault::Endless);
    let mut answer = get(&sim, "getMeetings", "").await;
    let (mut read, mut begin) = (0, Vec::new());
    while read < 20 << 20 {
        let chunk = answer.chunk().await.unwrap().unwrap();
        read += chunk.len();
        if begin.len() < 100 {
            begin.extend_from_slice(&chunk);
        }
    }
    assert!(begin.starts_with(b"<response>\n<returncode>SUCCESS"));
    drop(answer);
    sim.clear_faults();
    assert_eq!(get(&sim, "getMeetings", "").await.status(), 200);
}

#[tokio::test]
async fn a_body_too_large_is_refused() {
    let sim = Sim::start(SimOptions { max_body: 1000, ..SimOptions::default() }).await.unwrap();
    let request = client().post(url(&sim, "create", "meetingID=r")).header("content-type", "text/xml");
    assert_eq!(request.body(vec![b' '; 1001]).send().await.unwrap().status(), 413);
}
