//! Two tenants with the same names of everything: a walk through all endpoints with the other's host, secret and IDs.
//! Nothing of another tenant is seen, and nothing of it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use reqwest::Method;
use scalelite_core::tenant::Tenant;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::{Client, encode};
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::site::Api;
use scalelite_system_tests::store::Mode;

use crate::playback::given::{Given, HOUR, Library, assert_not_found, get, get_with, send};

in_both_modes!(nothing_of_another_tenant_is_seen_or_changed,);

const TRACK: &[u8] = b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.vtt\"\r\n\r\n\
    WEBVTT\n\n00:01.000 --> 00:02.000\nforeign\n\r\n--XX--\r\n";

/// What a call takes by POST.
#[derive(Clone, Copy)]
enum Post {
    Never,
    Form,
    Document,
    File,
}

/// A call with the IDs of another tenant's meeting and recording.
struct Probe {
    call: &'static str,
    params: &'static [(&'static str, &'static str)],
    /// Whether it goes by GET.
    get: bool,
    post: Post,
    /// What is in the answer to a tenant that has no such thing.
    told: &'static str,
}

const fn meeting(
    call: &'static str,
    params: &'static [(&'static str, &'static str)],
    told: &'static str,
) -> Probe {
    Probe { call, params, get: true, post: Post::Form, told }
}

const ROOM: &[(&str, &str)] =
    &[("meetingID", "room"), ("fullName", "Eve"), ("password", "mp"), ("message", "x"), ("userName", "Eve")];
const NOT_FOUND: &str = "<messageKey>notFound</messageKey>";

const PROBES: [Probe; 17] = [
    meeting("create", ROOM, "<messageKey>internalError</messageKey>"),
    Probe { post: Post::Never, ..meeting("join", ROOM, NOT_FOUND) },
    meeting("isMeetingRunning", ROOM, "<running>false</running>"),
    meeting("getMeetingInfo", ROOM, NOT_FOUND),
    meeting("getMeetings", &[], "<meetingID>own</meetingID>"),
    meeting("end", ROOM, NOT_FOUND),
    Probe { get: false, post: Post::Document, ..meeting("insertDocument", ROOM, NOT_FOUND) },
    meeting("sendChatMessage", ROOM, NOT_FOUND),
    meeting("getJoinUrl", ROOM, NOT_FOUND),
    meeting("learningDashboard", ROOM, NOT_FOUND),
    meeting("feedback", ROOM, NOT_FOUND),
    meeting(
        "getRecordings",
        &[
            ("recordID", "rec,hidden,locked"),
            ("meetingID", "room"),
            ("state", "any"),
            ("meta_tenant-id", "id-of-acme"),
        ],
        "<messageKey>noRecordings</messageKey>",
    ),
    Probe {
        post: Post::Never,
        ..meeting("publishRecordings", &[("recordID", "rec,hidden"), ("publish", "true")], NOT_FOUND)
    },
    meeting(
        "updateRecordings",
        &[("recordID", "rec,hidden"), ("meta_name", "stolen"), ("protect", "true")],
        NOT_FOUND,
    ),
    Probe {
        post: Post::Never,
        ..meeting("deleteRecordings", &[("recordID", "rec,hidden,locked")], NOT_FOUND)
    },
    meeting("getRecordingTextTracks", &[("recordID", "rec")], "noRecordings"),
    Probe {
        get: false,
        post: Post::File,
        ..meeting(
            "putRecordingTextTrack",
            &[("recordID", "rec"), ("kind", "captions"), ("lang", "en")],
            "noRecordings",
        )
    },
];

/// Calls that are no tenant's: they are signed by a server, or bring a token that nobody can guess.
const OF_NO_TENANT: [&str; 2] = ["analytics_callback", "meeting_ended_callback"];

impl Probe {
    /// Sends it in each way that there is.
    async fn answers(&self, client: &Client) -> Vec<Answer> {
        let query = encode(self.params);
        let mut answers = Vec::new();
        if self.get {
            answers.push(client.get(self.call, &query).await);
        }
        match self.post {
            Post::Never => {}
            Post::Form => {
                answers.push(client.post_form(self.call, "", self.params).await);
                answers.push(client.post_form(self.call, &query, &[("x", "y")]).await);
            }
            Post::Document => answers.push(client.post(self.call, &query, "text/xml", "<modules/>").await),
            Post::File => {
                let kind = "multipart/form-data; boundary=XX";
                answers.push(client.post(self.call, &query, kind, TRACK).await);
            }
        }
        answers
    }
}

/// So that a new call is not forgotten here.
#[test]
fn every_call_is_walked() {
    let routes = include_str!("../../../api/src/routes.rs");
    let (_, calls) = routes.split_once("fn calls(").unwrap();
    let (calls, _) = calls.split_once("\n}\n").unwrap();
    let names = calls.split('"').skip(1).step_by(2).filter_map(|text| text.strip_prefix('/'));
    let there: BTreeSet<&str> = names.filter(|name| !OF_NO_TENANT.contains(name)).collect();
    let walked: BTreeSet<&str> = PROBES.iter().map(|probe| probe.call).collect();
    assert_eq!(walked, there, "each call of the API needs a line in PROBES (or in OF_NO_TENANT)");
}

async fn library(mode: Mode) -> Library {
    let changes = [
        ("MULTITENANCY_ENABLED", "true"),
        ("URL_HOST", "lb.example.org"),
        ("PROTECTED_RECORDINGS_ENABLED", "true"),
    ];
    let library = Library::start_with(mode, 2, &changes).await;
    for name in ["acme", "umbrella"] {
        let secrets = vec![name.to_owned().into()];
        let tenant = Tenant { id: format!("id-of-{name}"), ..Tenant::new(name, secrets) };
        library.site.state().add_tenant(&tenant).await.unwrap();
    }
    let acmes = Given { tenant: Some("id-of-acme"), format: "presentation", ..Given::default() };
    let files = &[("video.mp4", "acme's")][..];
    library.add(Given { id: "rec", url: Some("/presentation/rec/"), files, ..acmes }).await;
    library.add(Given { id: "hidden", url: Some("/presentation/hidden/"), published: false, ..acmes }).await;
    library
        .add(Given { id: "locked", url: Some("/presentation/locked/"), protected: true, files, ..acmes })
        .await;
    let umbrellas = Given { tenant: Some("id-of-umbrella"), ..acmes };
    library.add(Given { id: "other", url: Some("/presentation/other/"), ..umbrellas }).await;
    library
}

fn of(api: &Api, host: &str, secret: &str) -> Client {
    api.with_host(host).with_secret(secret)
}

/// All files below a directory with their contents.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
    found
}

/// What there is of the first tenant, as it sees it itself, and what lies on the disk.
async fn all_of(library: &Library, acme: &Client) -> String {
    let recordings = acme.call("getRecordings", &[("recordID", "rec,hidden"), ("state", "any")]).await;
    let protected = acme.call("getRecordings", &[("recordID", "locked")]).await.fields("protected");
    let tracks = acme.call("getRecordingTextTracks", &[("recordID", "rec")]).await;
    let meetings = acme.get("getMeetings", "").await;
    let mut known = library.site.state().meetings().await.unwrap();
    known.sort_by(|a, b| a.id.cmp(&b.id));
    let trees = ["publish", "unpublish"].map(|dir| files(&library.site.dir().join(dir)));
    format!("{}\n{protected:?}\n{}\n{}\n{known:?}\n{trees:?}", recordings.body, tracks.body, meetings.body)
}

async fn nothing_of_another_tenant_is_seen_or_changed(mode: Mode) {
    let library = library(mode).await;
    let api = library.api().await;
    let (acmes, umbrellas, main) = ("acme.lb.example.org", "umbrella.lb.example.org", "lb.example.org");
    let (acme, umbrella) = (of(&api, acmes, "acme"), of(&api, umbrellas, "umbrella"));
    acme.call("create", &[("meetingID", "room"), ("moderatorPW", "mp")]).await.assert_success();
    umbrella.call("create", &[("meetingID", "own")]).await.assert_success();
    let track = [("recordID", "rec"), ("kind", "subtitles"), ("lang", "en")];
    let put =
        acme.post("putRecordingTextTrack", &encode(&track), "multipart/form-data; boundary=XX", TRACK).await;
    assert!(put.body.contains("SUCCESS"), "{put:?}");
    let before = all_of(&library, &acme).await;
    assert!(before.contains("hidden") && before.contains("subtitles") && before.contains("mp4"), "{before}");
    let sims = || (0..2).map(|n| library.site.sim(n));
    sims().for_each(bbb_sim::Sim::clear_requests);

    // The other's IDs with one's own host and secret.
    for probe in &PROBES {
        for answer in probe.answers(&umbrella).await {
            let body = &answer.body;
            assert!(body.contains(probe.told), "{}: {answer:?}", probe.call);
            assert!(
                !body.contains("acme") && !body.contains("<meetingID>room"),
                "{}: {answer:?}",
                probe.call
            );
        }
    }
    // The other's host or secret; a host or a secret of nobody; the load balancer's own.
    for (host, secret) in [
        (acmes, "umbrella"),
        (umbrellas, "acme"),
        (acmes, SECRET),
        (umbrellas, SECRET),
        (main, "acme"),
        (main, SECRET),
        ("unknown.lb.example.org", "acme"),
        (acmes, ""),
        (acmes, "wrong"),
    ] {
        let client = of(&api, host, secret);
        for probe in &PROBES {
            for answer in probe.answers(&client).await {
                assert!(answer.body.contains("checksumError"), "{} at {host}: {answer:?}", probe.call);
            }
        }
    }
    let asked: Vec<String> = sims().flat_map(bbb_sim::Sim::requests).map(|request| request.call).collect();
    assert!(asked.iter().all(|call| call == "getMeetings"), "something reached a server: {asked:?}");

    playback(&library, &api).await;
    assert_eq!(all_of(&library, &acme).await, before);
    acme.call("end", &[("meetingID", "room"), ("password", "mp")]).await.assert_success();
}

/// Links, files and tracks of a recording at any host but its tenant's.
async fn playback(library: &Library, api: &Api) {
    let at = |host: &str| api.with_host(host);
    let acme = at("acme.lb.example.org");
    let token =
        async || library.site.state().issue_playback_token("locked", "presentation", HOUR).await.unwrap();
    let (first, second) = (token().await, token().await);
    let link = |token: &str| format!("/recording/locked/presentation?token={token}");
    let opened = get(&acme, &link(&first)).await;
    assert_eq!(opened.status, 307, "{opened:?}");
    let cookie = opened.header("set-cookie").unwrap().split_once(';').unwrap().0.to_owned();
    assert_eq!(get_with(&acme, "/presentation/locked/video.mp4", &[("cookie", &cookie)]).await.status, 200);
    assert_eq!(get(&acme, "/presentation/rec/video.mp4").await.status, 200);
    let tracks =
        of(api, "acme.lb.example.org", "acme").call("getRecordingTextTracks", &[("recordID", "rec")]).await;
    let (_, track) = tracks.body.split_once("/presentation/rec/").unwrap();
    let track = format!("/presentation/rec/{}", track.split_once('"').unwrap().0);
    assert_eq!(get(&acme, &track).await.status, 200, "{track}");
    for host in ["umbrella.lb.example.org", "unknown.lb.example.org", "lb.example.org"] {
        let client = at(host);
        for path in [
            "/recording/rec/presentation",
            "/recording/hidden/presentation",
            &link(&second),
            "/presentation/rec",
            "/presentation/rec/",
            "/presentation/rec/video.mp4",
            "/presentation/hidden/",
            "/presentation/locked/video.mp4",
            &track,
        ] {
            for method in [Method::GET, Method::HEAD] {
                let answer = send(&client, method.clone(), path, &[("cookie", &cookie)]).await;
                if method == Method::GET {
                    assert_not_found(&answer);
                }
                assert_eq!(answer.status, 404, "{method} {path} at {host}: {answer:?}");
            }
        }
    }
    assert_eq!(get(&acme, &link(&second)).await.status, 307, "elsewhere it was not used up");
}
