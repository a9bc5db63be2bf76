//! Checksums, the top level, unknown calls, calls by session.

use bbb_sim::{Algorithm, NewMeeting, Sim, SimOptions, sign};

use crate::client::{ask, client, element, get};

#[tokio::test]
async fn the_top_level_needs_no_checksum() {
    let sim = Sim::start(SimOptions { bbb_version: "3.0.9".into(), ..SimOptions::default() }).await.unwrap();
    for url in [sim.url().to_owned(), format!("{}/", sim.url())] {
        let answer = client().get(url).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/xml;charset=utf-8");
        let text = answer.text().await.unwrap();
        assert_eq!(element(&text, "bbbVersion"), "3.0.9");
        assert_eq!(element(&text, "version"), "2.0");
    }
    assert_eq!(sim.count("index"), 2);
    let elsewhere = client().get(sim.url().replace("/api", "/apiary")).send().await.unwrap();
    assert_eq!(elsewhere.status(), 404);
}

#[tokio::test]
async fn wrong_and_unaccepted_checksums_fail() {
    let options =
        SimOptions { algorithms: vec![Algorithm::Sha384, Algorithm::Sha512], ..SimOptions::default() };
    let sim = Sim::start(options).await.unwrap();
    for (algorithm, passes) in [
        (Algorithm::Sha1, false),
        (Algorithm::Sha256, false),
        (Algorithm::Sha384, true),
        (Algorithm::Sha512, true),
    ] {
        let checksum = sign(algorithm, "getMeetings", "a=b", sim.secret());
        let url = format!("{}/getMeetings?checksum={checksum}&a=b", sim.url());
        let text = client().get(url).send().await.unwrap().text().await.unwrap();
        assert_eq!(element(&text, "messageKey"), if passes { "noMeetings" } else { "checksumError" });
    }
    let text = ask(&sim, "getRecordings", "").await;
    assert_eq!(element(&text, "message"), "Checksums do not match");
}

#[tokio::test]
async fn a_form_may_carry_parameters_and_checksum() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    sim.add_meeting("r").unwrap();
    sim.add_users("r", 1, 0, 0).unwrap();
    for signed in ["", "meetingID=r"] {
        let checksum = sign(Algorithm::Sha1, "isMeetingRunning", signed, sim.secret());
        let form = format!("meetingID=r&checksum={checksum}");
        let request = client().post(format!("{}/isMeetingRunning", sim.url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        let text = request.send().await.unwrap().text().await.unwrap();
        assert_eq!(element(&text, "running"), "true");
    }
}

#[tokio::test]
async fn other_calls() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    assert_eq!(element(&ask(&sim, "getRecordings", "").await, "messageKey"), "noRecordings");
    assert_eq!(element(&ask(&sim, "noSuchCall", "").await, "messageKey"), "unsupportedRequest");
    assert_eq!(element(&ask(&sim, "getMeetingInfo", "").await, "messageKey"), "missingParamMeetingID");
}

#[tokio::test]
async fn calls_by_session_answer_json() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    sim.add_meeting(NewMeeting { moderator_pw: Some("mp".into()), ..NewMeeting::new("r & s") }).unwrap();
    let join = "meetingID=r+%26+s&fullName=Ada&password=mp&redirect=false";
    let joined = ask(&sim, "join", join).await;
    let by_token = format!("meetingID=r+%26+s&sessionToken={}", element(&joined, "session_token"));

    let answer = get(&sim, "getJoinUrl", &by_token).await;
    assert_eq!(answer.headers()["content-type"], "application/json;charset=utf-8");
    let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(answer["response"]["returncode"], "SUCCESS");
    let again = client().get(answer["response"]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(again.status(), 302);
    assert_eq!(sim.meeting("r & s").unwrap().moderators, 2);

    let dashboard = ask(&sim, "learningDashboard", &by_token).await;
    assert!(dashboard.contains(r#""returncode":"SUCCESS""#), "{dashboard}");
    let unsigned = client().get(format!("{}/learningDashboard?{by_token}", sim.url())).send().await.unwrap();
    assert!(unsigned.text().await.unwrap().contains(r#""returncode":"SUCCESS""#));
    let feedback =
        client().post(format!("{}/feedback", sim.url())).header("content-type", "application/json");
    let body = format!(r#"{{"sessionToken":"{}","rating":5}}"#, element(&joined, "session_token"));
    let feedback = feedback.body(body).send().await.unwrap().text().await.unwrap();
    assert!(feedback.contains(r#""returncode":"SUCCESS""#), "{feedback}");
    for call in ["getJoinUrl", "learningDashboard", "feedback"] {
        assert!(ask(&sim, call, "sessionToken=no").await.contains(r#""returncode":"FAILED""#), "{call}");
    }
}
