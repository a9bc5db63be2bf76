//! Meetings: listed, shown, ended.

use std::time::{Duration, Instant};

use bbb_sim::{Fault, NewMeeting};
use scalelite_core::pool::server::AdminState;
use scalelite_core::state::ServerChange;

use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn list_asks_their_servers() {
    let site = Site::new();
    assert_eq!(site.run(&["meetings"]).clean(), "");
    let sim = site.server("b1").await;
    site.meeting("m1", &sim).await;
    site.meeting("m2", &sim).await;
    let one = |id: &str| format!("\nMeetingID: {id}\n\tServer ID: b1\n\tServer Url: {}\n", sim.url());
    assert_eq!(site.run(&["meetings"]).clean(), one("m1") + &one("m2"));
    assert_eq!(site.run(&["meetings:list[m2:m1]"]).clean(), one("m2") + &one("m1"));
    assert_eq!(site.run(&["meetings:list", "m2"]).clean(), one("m2"));
    assert_eq!(site.run(&["meetings[m1:no]"]).failed(), "ERROR: No meeting found with id: no\n");

    sim.end_meeting("m1");
    let ran = site.run(&["meetings"]);
    assert_eq!((ran.code, ran.out), (0, one("m2")));
    assert!(
        ran.err.starts_with("\nFailed to get meeting id=m1 status: the server answered notFound"),
        "{}",
        ran.err
    );

    let json: serde_json::Value = serde_json::from_str(&site.run(&["meetings", "--json"]).clean()).unwrap();
    let keys: Vec<&String> = json[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "server_id", "tenant_id", "voice_bridge"]);
    assert_eq!((&json[0]["id"], &json[1]["server_id"]), (&"m1".into(), &"b1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn end_asks_first() {
    let site = Site::new();
    let sim = site.server("b1").await;
    for meeting in ["m1", "m2", "m3"] {
        site.meeting(meeting, &sim).await;
    }
    let question = "WARNING: You are trying to clear active meetings.\n\
        If you still wish to continue please enter `yes`\n";
    assert_eq!(site.run_with_input(&["meetings:end"], "no\n").clean(), format!("{question}OK\n"));
    assert_eq!(site.run(&["meetings:end"]).failed(), "ERROR: no answer; use --yes\n");
    assert_eq!(site.known().await.len(), 3);

    let err = site.run_with_input(&["meetings:end[m1:no]"], "yes\n").failed();
    assert_eq!(err, "ERROR: No meeting found with id: no\n");
    assert_eq!(site.known().await.len(), 3, "all or none");

    let ran = site.run_with_input(&["meetings:end[m1]"], "yes\n");
    assert_eq!((ran.code, ran.out), (0, format!("{question}OK\n")));
    assert_eq!(ran.err, "Clearing Meeting id=m1\n");
    assert_eq!(site.known().await, ["m2", "m3"]);

    sim.end_meeting("m2");
    let ran = site.run(&["meetings:end", "--yes"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "OK\n"));
    assert!(ran.err.contains("WARNING: Could not end meeting id=m2: "), "{}", ran.err);
    assert!(ran.err.ends_with("Clearing Meeting id=m3\n"), "{}", ran.err);
    assert_eq!((site.known().await.len(), sim.meeting_count()), (0, 0));
    assert_eq!(site.run(&["meetings:end", "--yes"]).err, "No meetings to clear\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_holds_up_no_other() {
    let site = Site::with(&[("RESPONSE_TIMEOUT", "1"), ("CONNECT_TIMEOUT", "1")]);
    let hanging = site.server("b1").await;
    for length in 1..=40 {
        site.meeting(&"a".repeat(length), &hanging).await;
    }
    let change = ServerChange { state: Some(AdminState::Cordoned), ..Default::default() };
    assert!(site.state().await.change_server(&"b1".into(), &change).await.unwrap());
    let sim = site.server("b2").await;
    site.meeting("z1", &sim).await;
    hanging.set_fault(Fault::Hang);

    let began = Instant::now();
    let ran = site.run(&["meetings"]);
    assert!(ran.out.contains("MeetingID: z1\n"), "{ran:?}");
    assert!(ran.err.contains("was not asked again"), "{ran:?}");
    let ran = site.run(&["meetings:end", "--yes"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "OK\n"));
    assert!(ran.err.starts_with("Clearing Meeting id=z1\n"), "{ran:?}");
    assert_eq!(ran.err.matches("WARNING: Could not end").count(), 40, "{ran:?}");
    assert!(hanging.count("end") < 20, "{}", hanging.count("end"));
    assert_eq!((site.known().await.len(), sim.meeting_count()), (0, 0));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn info_shows_what_the_server_knows() {
    let site = Site::new();
    let sim = site.server("b1").await;
    site.meeting("m1", &sim).await;
    let metadata = [("bbb-origin", "Moodle & Co"), ("bbb-context", "Course")];
    let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let meeting =
        NewMeeting { name: "Lesson".to_owned(), recording: true, metadata, ..NewMeeting::from("m1") };
    sim.add_meeting(meeting).unwrap();
    let internal = sim.meeting("m1").unwrap().internal_meeting_id;
    let out = site.run(&["meetings:info[m1]"]).clean();
    let begin = format!(
        "\nMeeting ID: m1\n\tMeeting Name: Lesson\n\tInternal MeetingID: {internal}\n\tCreated Date: "
    );
    assert!(out.starts_with(&begin), "{out}");
    let end =
        format!("\tRecording Enabled: true\n\tServer id: b1\n\tSerevr url: {}\n\tMetaData:\n", sim.url());
    assert!(out.contains(&end), "{out}");
    assert!(
        out.contains("\t\tbbb-origin: Moodle & Co\n\t\tbbb-context: Course\n\t\tbbb-context-id: \n"),
        "{out}"
    );

    assert_eq!(site.run(&["meetings:info"]).failed(), "Error: Please input a meetingID!\n");
    let unknown = "WARNING: Could not get info for meeting id=no: it is not known\n";
    assert_eq!(site.run(&["meetings:info", "no"]).failed(), unknown);
    sim.set_fault(Fault::Down);
    let ran = site.run(&["meetings:info", "m1"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.starts_with("WARNING: Could not get info for meeting id=m1: "), "{}", ran.err);
}
