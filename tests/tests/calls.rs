//! What may be called how, and what every call answers when it cannot do as asked (CONTRACT §2).

use reqwest::Method;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::{answer, encode};
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;

in_both_modes!(
    errors_of_every_call,
    wrong_methods_and_unknown_calls,
    content_types,
    forms_count_like_queries,
    calls_are_forwarded,
);

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// Calls about one meeting that a GET can make.
pub(crate) const ABOUT_A_MEETING: [&str; 6] =
    ["create", "join", "isMeetingRunning", "getMeetingInfo", "end", "sendChatMessage"];

#[track_caller]
pub(crate) fn assert_refused(answer: &Answer) {
    answer.assert_failed("checksumError", "You did not pass the checksum security check");
}

#[track_caller]
fn assert_unsupported(answer: &Answer) {
    answer.assert_failed("unsupportedRequest", "This request is not supported.");
}

#[track_caller]
fn assert_not_found(answer: &Answer) {
    let message =
        "We could not find a meeting with that meeting ID - perhaps the meeting is not yet running?";
    answer.assert_failed("notFound", message);
}

pub(crate) async fn with_room(mode: Mode) -> (Site, Api) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    let created =
        api.call("create", &[("meetingID", "room"), ("attendeePW", "ap"), ("moderatorPW", "mp")]).await;
    created.assert_success();
    (site, api)
}
async fn errors_of_every_call(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    for call in ABOUT_A_MEETING {
        for query in ["", "meetingID=", "meetingid=room"] {
            api.get(call, query)
                .await
                .assert_failed("missingParamMeetingID", "You must specify a meeting ID for the meeting.");
        }
    }
    let without = api.post("insertDocument", "", "application/xml", "<modules/>").await;
    without.assert_failed("missingParamMeetingID", "You must specify a meeting ID for the meeting.");
    for call in ["join", "getMeetingInfo", "end", "sendChatMessage", "getJoinUrl", "learningDashboard"] {
        assert_not_found(&api.get(call, "meetingID=unknown").await);
    }
    assert_not_found(&api.post("insertDocument", "meetingID=unknown", "text/xml", "<modules/>").await);
    let running = api.get("isMeetingRunning", "meetingID=unknown").await;
    assert_eq!(running.assert_success().text("running"), "false");
    for call in ["getJoinUrl", "learningDashboard", "feedback"] {
        assert_unsupported(&api.get(call, "sessionToken=x").await);
    }
    let none = api.get("getMeetings", "").await;
    none.assert_success();
    assert_eq!(none.text("messageKey"), "noMeetings");
    assert_eq!(none.text("message"), "no meetings were found on this server");
    assert_eq!(none.text("meetings"), "");
    let asked = site.sim(0).counts();
    assert_eq!(asked.into_keys().collect::<Vec<_>>(), ["getMeetings"], "nothing else reached the server");
}

async fn wrong_methods_and_unknown_calls(mode: Mode) {
    let (site, api) = with_room(mode).await;
    site.sim(0).clear_requests();
    let wrong = [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];
    for call in ABOUT_A_MEETING.into_iter().chain(["getMeetings", "insertDocument"]) {
        for method in &wrong {
            assert_unsupported(&api.send(method.clone(), &api.path(call, "meetingID=room")).await);
        }
        let head = api.send(Method::HEAD, &api.path(call, "meetingID=room")).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{call}");
    }
    assert_unsupported(&api.post_form("join", "meetingID=room&fullName=A", &[("a", "b")]).await);
    assert_unsupported(&api.send(Method::POST, &api.path("join", "meetingID=room&fullName=A")).await);
    assert_unsupported(&api.get("insertDocument", "meetingID=room").await);
    for path in ["/bigbluebutton/api/nonsense", "/bigbluebutton", "/bigbluebutton/api/create/more", "/x/y"] {
        assert_unsupported(&api.send(Method::GET, path).await);
        assert_unsupported(&api.send(Method::POST, path).await);
    }
    assert!(site.sim(0).requests().is_empty(), "nothing was executed");
    assert!(site.meeting("room").await.is_some());
    assert_eq!(site.loads().await, [Some(1.0)], "HEAD of join counts nobody");
    // A slash at the end does no harm.
    let signed = api.path("isMeetingRunning", "meetingID=room").replace('?', "/?");
    api.send(Method::GET, &signed).await.assert_success();
    // Nor do doubled ones, which front ends make from a URL that ends with a slash.
    let signed = api.path("isMeetingRunning", "meetingID=room");
    for (single, doubled) in [("/api/", "/api//"), ("/bigbluebutton/", "//bigbluebutton//")] {
        api.send(Method::GET, &signed.replacen(single, doubled, 1)).await.assert_success();
    }
}

#[tokio::test]
async fn the_top_level_and_the_health_check() {
    let site = Site::start(Mode::Embedded, 0).await;
    let api = site.api_with(&[("BUILD_NUMBER", "v9 <beta>")]).await;
    for path in ["/bigbluebutton/api", "/bigbluebutton/api/", "/bigbluebutton/api?a=b"] {
        for method in [Method::GET, Method::POST] {
            let top = api.send(method, path).await;
            assert_eq!(top.assert_success().text("version"), "2.0");
            assert_eq!(top.text("build"), "v9 <beta>");
        }
        let head = api.send(Method::HEAD, path).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
    }
    for path in ["/", "/health_check"] {
        let health = api.send(Method::GET, path).await;
        assert_eq!((health.status, health.body.as_str()), (200, "success"), "{path}");
        let head = api.send(Method::HEAD, path).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
    }
    let plain = site.api().await.send(Method::GET, "/bigbluebutton/api").await;
    assert_eq!(plain.assert_success().field("build"), None);
}

async fn content_types(mode: Mode) {
    let (site, api) = with_room(mode).await;
    let refused = |answer: &Answer| {
        answer.assert_failed("unsupportedContentType", "POST request Content-Type is missing or unsupported");
    };
    let (json, xml) = ("application/json", "application/xml");
    let query = "meetingID=room&attendeePW=ap&moderatorPW=mp&message=x";
    site.sim(0).clear_requests();
    refused(&api.post("create", query, json, "{}").await);
    refused(&api.post("create", query, "text/plain", "a=b").await);
    refused(&api.post("insertDocument", query, FORM, "a=b").await);
    refused(&api.post("insertDocument", query, json, "{}").await);
    for call in ["isMeetingRunning", "getMeetingInfo", "getMeetings", "end", "sendChatMessage"] {
        refused(&api.post(call, query, xml, "<a/>").await);
        refused(&api.post(call, query, json, "{}").await);
        let untyped = api.request(Method::POST, &api.path(call, query)).body("a=b");
        refused(&answer(untyped).await);
    }
    assert!(site.sim(0).requests().is_empty(), "nothing was executed");
    for content_type in
        [FORM, "application/x-www-form-urlencoded; charset=UTF-8", "APPLICATION/XML", "text/xml"]
    {
        let body = if content_type.contains("form") { "a=b" } else { "<modules></modules>" };
        api.post("create", query, content_type, body).await.assert_success();
    }
    for content_type in ["application/xml;charset=utf-8", "text/xml"] {
        api.post("insertDocument", query, content_type, "<modules></modules>").await.assert_success();
    }
    // Without a body the type does not matter.
    for call in ["create", "getMeetingInfo", "sendChatMessage", "end"] {
        api.send(Method::POST, &api.path(call, query)).await.assert_success();
    }
}

async fn forms_count_like_queries(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    let form = [("meetingID", "from form"), ("name", "Ñandú & more"), ("meta_a", "form")];
    api.post_form("create", "meta_a=query&meetingID=from+query", &form).await.assert_success();
    let request = site.sim(0).requests_for("create").pop().unwrap();
    let given = |name| request.param(name).unwrap();
    assert_eq!(["meetingID", "name", "meta_a"].map(given), ["from query", "Ñandú & more", "query"]);
    let multipart = "--edge\r\nContent-Disposition: form-data; name=\"meetingID\"\r\n\r\nin parts\r\n\
        --edge\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nÑ & +%20\r\n--edge--\r\n";
    api.post("create", "", "multipart/form-data; boundary=edge", multipart).await.assert_success();
    let request = site.sim(0).requests_for("create").pop().unwrap();
    assert_eq!(request.param("name").as_deref(), Some("Ñ & +%20"));
    let asked = [("meetingID", "in parts")];
    for call in ["getMeetingInfo", "isMeetingRunning", "end"] {
        api.post_form(call, "", &asked).await.assert_success();
    }
    assert!(!site.sim(0).has_meeting("in parts"));
}

async fn calls_are_forwarded(mode: Mode) {
    let (site, api) = with_room(mode).await;
    let sim = site.sim(0);
    let info = api.call("getMeetingInfo", &[("meetingID", "room")]).await;
    assert_eq!(
        info.assert_success().text("internalMeetingID"),
        sim.meeting("room").unwrap().internal_meeting_id
    );
    let running = async || api.get("isMeetingRunning", "meetingID=room").await.text("running");
    assert_eq!(running().await, "false");
    sim.add_users("room", 2, 1, 1).unwrap();
    assert_eq!(running().await, "true");
    let listed = api.get("getMeetings", "").await;
    assert_eq!(listed.assert_success().fields("participantCount"), ["3"]);

    let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<modules><module name=\"presentation\">\
        <document name=\"ñ.pdf\">QUJD</document></module></modules>";
    let inserted = api.post("insertDocument", "meetingID=room&x=y", "text/xml", document).await;
    inserted.assert_success();
    let request = sim.requests_for("insertDocument").pop().unwrap();
    assert_eq!(request.body_text(), document);
    assert_eq!(request.content_type.as_deref(), Some("application/xml"));
    assert_eq!(sim.meeting("room").unwrap().documents, ["ñ.pdf"]);

    let said =
        api.call("sendChatMessage", &[("meetingID", "room"), ("message", "hi & bye"), ("userName", "Ñ")]);
    said.await.assert_success();
    assert_eq!(sim.meeting("room").unwrap().chat, [("Ñ".to_owned(), "hi & bye".to_owned())]);
    let joined = api.call("join", &[("meetingID", "room"), ("fullName", "A"), ("role", "MODERATOR")]).await;
    let page = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let session = page.get(joined.location()).send().await.unwrap();
    let session = session.headers()["location"].to_str().unwrap().rsplit('=').next().unwrap().to_owned();
    for call in ["getJoinUrl", "learningDashboard", "feedback"] {
        let told = api.call(call, &[("meetingID", "room"), ("sessionToken", &session)]).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert!(told.body.contains("\"returncode\":\"SUCCESS\""), "{told:?}");
        assert_eq!(told.header("content-type"), Some("application/json"), "{told:?}");
    }

    let ended = api.call("end", &[("meetingID", "room"), ("password", "mp")]).await;
    assert_eq!(ended.assert_success().text("messageKey"), "sentEndMeetingRequest");
    let request = sim.requests_for("end").pop().unwrap();
    let expected = [("meetingID", "room"), ("password", "mp")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(request.params(), expected);
    assert!(!sim.has_meeting("room"));
    assert_not_found(&api.call("end", &[("meetingID", "room")]).await);

    // A server's notFound is passed on, and the meeting is forgotten.
    api.call("create", &[("meetingID", "lost")]).await.assert_success();
    sim.forget_all();
    let lost = api.call("end", &[("meetingID", "lost")]).await;
    lost.assert_failed("notFound", "A meeting with that ID does not exist");
    assert!(site.meeting("lost").await.is_none());
}
#[tokio::test]
async fn calls_about_recordings_where_there_are_none() {
    let site = Site::start(Mode::Embedded, 0).await;
    let api = site.api_with(&[("RECORDING_DISABLED", "true")]).await;
    let none = api.get("getRecordings", &encode(&[("meetingID", "room")])).await;
    assert_eq!(none.assert_success().text("messageKey"), "noRecordings");
    for call in ["publishRecordings", "updateRecordings", "deleteRecordings"] {
        let answer = api.get(call, "recordID=x&publish=true").await;
        answer.assert_failed("notFound", "We could not find recordings");
    }
}
