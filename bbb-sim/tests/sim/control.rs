//! Commands over HTTP.

use std::time::Instant;

use bbb_sim::{Fault, Fleet, Sim, SimOptions};
use serde_json::{Value, json};

use crate::client::{DEADLINE, ask, client, element, get};

async fn command(sim: &Sim, path: &str, body: Value) -> (u16, Value) {
    let url = format!("http://{}/sim/{path}", sim.address());
    let answer = client().post(url).body(body.to_string()).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

async fn look(sim: &Sim, path: &str) -> Value {
    let answer = client().get(format!("http://{}/sim/{path}", sim.address())).send().await.unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn meetings_and_users() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    let done = (200, json!({}));
    assert_eq!(command(&sim, "meeting", json!({ "meeting_id": "r" })).await, done);
    let users = json!({ "meeting_id": "r", "attendees": 3, "moderators": 1, "videos": 2 });
    assert_eq!(command(&sim, "users", users).await, done);
    let meetings = look(&sim, "meetings").await;
    assert_eq!(meetings[0]["meeting_id"], "r");
    assert_eq!(meetings[0]["participants"], 4);
    assert_eq!(meetings[0]["videos"], 2);
    for too_many in
        [json!({ "meeting_id": "r", "attendees": u32::MAX }), json!({ "meeting_id": "r", "videos": 100_001 })]
    {
        assert_eq!(command(&sim, "meeting", too_many.clone()).await.0, 400);
        assert_eq!(command(&sim, "users", too_many).await.0, 400);
    }
    let left = command(&sim, "leave", json!({ "meeting_id": "r", "count": 9 })).await;
    assert_eq!(left, (200, json!({ "left": 4 })));
    assert_eq!(command(&sim, "end", json!({ "meeting_id": "r" })).await, done);
    assert_eq!(command(&sim, "end", json!({ "meeting_id": "r" })).await.0, 404);
    assert_eq!(command(&sim, "users", json!({ "attendees": 3 })).await.0, 400);
    assert_eq!(command(&sim, "nonsense", json!({})).await.0, 404);
    assert_eq!(look(&sim, "counts").await, json!({}), "commands are not counted");
    ask(&sim, "getMeetings", "x=1").await;
    assert_eq!(look(&sim, "counts").await, json!({ "getMeetings": 1 }));
    assert_eq!(look(&sim, "requests").await[0]["call"], "getMeetings");
}

#[tokio::test]
async fn faults() {
    let fleet = Fleet::start(2, SimOptions::default()).await.unwrap();
    let failing = json!({ "fault": "failing", "call": "create", "message_key": "k", "message": "a < b" });
    assert_eq!(command(&fleet[0], "fault", failing).await.0, 200);
    let text = ask(&fleet[0], "create", "meetingID=r").await;
    assert_eq!((element(&text, "messageKey"), element(&text, "message")), ("k", "a &lt; b"));
    for fault in ["slow", "garbage", "truncated", "no_returncode", "http500", "endless", "reset", "none"] {
        assert_eq!(command(&fleet[0], "fault", json!({ "fault": fault })).await, (200, json!({})), "{fault}");
    }
    assert_eq!(command(&fleet[0], "fault", json!({ "fault": "tired" })).await.0, 400);
    assert_eq!(command(&fleet[0], "clear", json!({})).await.0, 200);
    assert_eq!(element(&ask(&fleet[0], "create", "meetingID=r").await, "returncode"), "SUCCESS");

    assert_eq!(command(&fleet[0], "fault", json!({ "fault": "down" })).await, (200, json!({})));
    assert!(std::net::TcpStream::connect(fleet[0].address()).is_err());
    assert_eq!(command(&fleet[1], "fault?server=0", json!({ "fault": "none" })).await.0, 200);
    assert_eq!(get(&fleet[0], "getMeetings", "").await.status(), 200);
    assert_eq!(command(&fleet[1], "fault?server=2", json!({ "fault": "none" })).await.0, 404);
}

#[tokio::test]
async fn a_fault_may_end_by_itself() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    assert_eq!(command(&sim, "fault", json!({ "fault": "down", "for_ms": 50 })).await.0, 200);
    let deadline = Instant::now() + DEADLINE;
    while tokio::net::TcpStream::connect(sim.address()).await.is_err() {
        assert!(Instant::now() < deadline);
        tokio::task::yield_now().await;
    }
    sim.set_fault(Fault::None);
}
