//! A meeting from `create` to `end`.

use bbb_sim::{NewMeeting, Sim, SimOptions};

use crate::client::{ask, client, element, get, url};

async fn sim() -> Sim {
    Sim::start(SimOptions::default()).await.unwrap()
}

#[tokio::test]
async fn a_meeting_lives_and_ends() {
    let sim = sim().await;
    assert_eq!(element(&ask(&sim, "getMeetings", "").await, "messageKey"), "noMeetings");

    let query = "name=R%C3%A4ume+%26+mehr&meetingID=room+1&attendeePW=ap&moderatorPW=mp&meta_Bbb-Origin=Moodle\
                 &voiceBridge=71234&record=true&duration=90";
    let created = ask(&sim, "create", query).await;
    assert_eq!(element(&created, "returncode"), "SUCCESS");
    assert_eq!(element(&created, "meetingID"), "room 1");
    assert_eq!(element(&created, "voiceBridge"), "71234");
    assert_eq!(element(&created, "parentMeetingID"), "bbb-none");
    assert_eq!(element(&created, "messageKey"), "");

    let running = ask(&sim, "isMeetingRunning", "meetingID=room%201").await;
    assert_eq!(element(&running, "running"), "false");

    let joined = get(&sim, "join", "meetingID=room+1&fullName=Ada+%3CL%3E&password=mp").await;
    assert_eq!(joined.status(), 302);
    let location = joined.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.contains("/html5client/?sessionToken="), "{location}");
    let joined =
        ask(&sim, "join", "meetingID=room+1&fullName=Bob&role=VIEWER&redirect=false&userID=b1").await;
    assert_eq!(element(&joined, "messageKey"), "successfullyJoined");

    let page = client().get(&location).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Räume &amp; mehr") && page.contains("Ada &lt;L&gt;, a moderator"), "{page}");

    let running = ask(&sim, "isMeetingRunning", "meetingID=room%201").await;
    assert_eq!(element(&running, "running"), "true");
    let info = ask(&sim, "getMeetingInfo", "meetingID=room%201").await;
    for (name, value) in [
        ("meetingName", "Räume &amp; mehr"),
        ("participantCount", "2"),
        ("moderatorCount", "1"),
        ("videoCount", "0"),
        ("running", "true"),
        ("recording", "true"),
        ("duration", "90"),
        ("isBreakout", "false"),
        ("bbb-origin", "Moodle"),
        ("fullName", "Ada &lt;L&gt;"),
        ("role", "MODERATOR"),
    ] {
        assert_eq!(element(&info, name), value, "{name}");
    }
    assert!(info.contains("<userID>b1</userID>"));
    let all = ask(&sim, "getMeetings", "").await;
    assert_eq!(element(&all, "internalMeetingID"), element(&created, "internalMeetingID"));

    let ended = ask(&sim, "end", "meetingID=room+1&password=mp").await;
    assert_eq!(element(&ended, "messageKey"), "sentEndMeetingRequest");
    for call in ["end", "getMeetingInfo"] {
        let gone = ask(&sim, call, "meetingID=room+1").await;
        assert_eq!(element(&gone, "returncode"), "FAILED");
        assert_eq!(element(&gone, "messageKey"), "notFound");
    }
    let running = ask(&sim, "isMeetingRunning", "meetingID=room%201").await;
    assert_eq!(element(&running, "running"), "false");
    let page = client().get(&location).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("This session is over"), "{page}");
    assert_eq!((sim.count("create"), sim.count("join"), sim.count("end")), (1, 2, 2));
}

#[tokio::test]
async fn a_second_create_is_the_same_or_refused() {
    let sim = sim().await;
    let first = ask(&sim, "create", "meetingID=r&attendeePW=a&moderatorPW=m").await;
    for query in ["meetingID=r&attendeePW=a&moderatorPW=m", "meetingID=r&name=other"] {
        let again = ask(&sim, "create", query).await;
        assert_eq!(element(&again, "messageKey"), "duplicateWarning");
        assert_eq!(element(&again, "createTime"), element(&first, "createTime"));
    }
    for query in ["meetingID=r&attendeePW=a&moderatorPW=x", "meetingID=r&moderatorPW=m"] {
        assert_eq!(element(&ask(&sim, "create", query).await, "messageKey"), "idNotUnique");
    }
    sim.add_meeting(NewMeeting { voice_bridge: Some("77777".into()), ..NewMeeting::new("v") }).unwrap();
    let taken = ask(&sim, "create", "meetingID=s&voiceBridge=77777").await;
    assert_eq!(element(&taken, "messageKey"), "nonUniqueVoiceBridge");
    assert_eq!(sim.meeting_count(), 2);
}

#[tokio::test]
async fn join_wants_a_meeting_and_a_right() {
    let sim = sim().await;
    sim.add_meeting(NewMeeting { max_users: 1, attendee_pw: Some("ap".into()), ..NewMeeting::new("r") })
        .unwrap();
    for (query, key) in [
        ("meetingID=q&fullName=X&password=ap", "notFound"),
        ("fullName=X&password=ap", "missingParamMeetingID"),
        ("meetingID=r&password=ap", "missingParamFullName"),
        ("meetingID=r&fullName=X&password=no", "Params required"),
        ("meetingID=r&fullName=X", "Params required"),
        ("meetingID=r&fullName=X&password=ap&createTime=1", "mismatchCreateTimeParam"),
    ] {
        assert_eq!(element(&ask(&sim, "join", query).await, "messageKey"), key, "{query}");
    }
    assert_eq!(get(&sim, "join", "meetingID=r&fullName=X&password=ap").await.status(), 302);
    let full = ask(&sim, "join", "meetingID=r&fullName=Y&password=ap").await;
    assert_eq!(element(&full, "messageKey"), "maxParticipantsReached");
}

#[tokio::test]
async fn slides_and_chat_come_in() {
    let sim = sim().await;
    let slides = r#"<modules><module name="presentation"><document url="https://a/b.pdf" filename="b &amp; c.pdf"/>
        <document name="d.txt">ZA==</document></module></modules>"#;
    let post = |call: &str, query: &str, media: &str, body: &str| {
        let request =
            client().post(url(&sim, call, query)).header("content-type", media).body(body.to_owned());
        async { request.send().await.unwrap() }
    };
    let created = post("create", "meetingID=r", "application/xml", slides).await.text().await.unwrap();
    assert_eq!(element(&created, "returncode"), "SUCCESS");
    let more = post("insertDocument", "meetingID=r", "text/xml; charset=utf-8", slides).await;
    assert_eq!(element(&more.text().await.unwrap(), "returncode"), "SUCCESS");
    let chat =
        post("sendChatMessage", "meetingID=r", "application/x-www-form-urlencoded", "message=Hi+all").await;
    assert_eq!(element(&chat.text().await.unwrap(), "returncode"), "SUCCESS");

    let meeting = sim.meeting("r").unwrap();
    assert_eq!(meeting.documents, ["b & c.pdf", "d.txt", "b & c.pdf", "d.txt"]);
    assert_eq!(meeting.chat, [("System".to_owned(), "Hi all".to_owned())]);
    let recorded = &sim.requests_for("insertDocument")[0];
    assert_eq!(recorded.method, "POST");
    assert_eq!(recorded.path, "/bigbluebutton/api/insertDocument");
    assert_eq!(recorded.content_type.as_deref(), Some("text/xml; charset=utf-8"));
    assert_eq!(recorded.body_text(), slides);
    assert_eq!(recorded.params(), [("meetingID".to_owned(), "r".to_owned())]);

    assert_eq!(post("insertDocument", "meetingID=r", "text/xml", "<modules><module>").await.status(), 500);
    for (call, media) in
        [("insertDocument", "application/x-www-form-urlencoded"), ("end", "text/xml"), ("create", "text/css")]
    {
        let refused = post(call, "meetingID=r", media, "a=b").await.text().await.unwrap();
        assert_eq!(element(&refused, "messageKey"), "unsupportedContentType", "{call} {media}");
    }
    let gone = post("insertDocument", "meetingID=q", "text/xml", slides).await.text().await.unwrap();
    assert_eq!(element(&gone, "messageKey"), "notFound");
}

#[tokio::test]
async fn the_library_moves_users_and_rooms() {
    let sim = sim().await;
    sim.add_meeting(NewMeeting::new("r").created_at(1_700_000_000_000).meta("tenant-id", "t")).unwrap();
    sim.add_users("r", 5, 2, 3).unwrap();
    assert!(sim.add_users("q", 1, 0, 0).is_err());
    let parent = sim.meeting("r").unwrap();
    assert_eq!((parent.participants, parent.moderators, parent.videos), (7, 2, 3));
    sim.add_meeting(NewMeeting::new("r-1").breakout_of(&parent.internal_meeting_id, 1)).unwrap();

    let room = ask(&sim, "getMeetingInfo", "meetingID=r-1").await;
    assert_eq!(element(&room, "isBreakout"), "true");
    assert_eq!(element(&room, "parentMeetingID"), parent.internal_meeting_id);
    let info = ask(&sim, "getMeetingInfo", "meetingID=r").await;
    assert_eq!(element(&info, "createDate"), "Tue Nov 14 22:13:20 UTC 2023");
    assert_eq!(element(&info, "breakout"), sim.meeting("r-1").unwrap().internal_meeting_id);
    assert_eq!(info.matches("<attendee>").count(), 7);
    assert_eq!(info.matches("<hasVideo>true</hasVideo>").count(), 3);

    assert_eq!(sim.remove_users("r", 5), 5);
    assert_eq!(sim.remove_users("r", 5), 2);
    assert!(!sim.meeting("r").unwrap().running);
    assert_eq!(sim.meeting("r").unwrap().videos, 0);
    assert!(sim.end_meeting("r") && !sim.has_meeting("r-1"), "breakout rooms end with their parent");
    sim.add_meeting("s").unwrap();
    sim.forget_all();
    assert!(sim.meetings().is_empty());
}
