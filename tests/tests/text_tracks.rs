//! Text tracks of recordings: put, listed, played, and kept (CONTRACT §6).

use std::time::Duration;

use reqwest::Method;
use scalelite_core::tenant::Tenant;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::{self, Client, encode};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::moto::Moto;
use serde_json::{Value, json};

use crate::playback::given::{Given, Library, get};
use crate::recordings::tars::drop_tar_with;

const SOON: Duration = Duration::from_secs(30);
const ID: &str = "rec-with-tracks";
const VTT: &str = "WEBVTT\n\n00:01.000 --> 00:02.000\nÜber allen Gipfeln\n";
const SRT: &str = "1\r\n00:00:01,000 --> 00:00:02,000\r\nUp & <i>away</i>\r\n";
const SRT_AS_VTT: &str = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nUp &amp; <i>away</i>\n";

/// A form with a file and another part.
fn form(file: &[u8]) -> Vec<u8> {
    let mut form = b"--XX\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n--XX\r\nContent-Disposition: form-data; \
        name=\"file\"; filename=\"../../a.srt\"\r\nContent-Type: application/x-subrip\r\n\r\n"
        .to_vec();
    form.extend_from_slice(file);
    form.extend_from_slice(b"\r\n--XX--\r\n");
    form
}

async fn put(api: &Client, params: &[(&str, &str)], file: &[u8]) -> Answer {
    api.post("putRecordingTextTrack", &encode(params), "multipart/form-data; boundary=XX", form(file)).await
}

/// Puts a track that is taken.
async fn put_well(api: &Client, [kind, lang, label]: [&str; 3], file: &str) {
    let params = [("recordID", ID), ("kind", kind), ("lang", lang), ("label", label)];
    let expected = format!(
        r#"{{"response":{{"messageKey":"upload_text_track_success","message":"Text track uploaded successfully","recordId":"{ID}","returncode":"SUCCESS"}}}}"#
    );
    let answer = put(api, &params, file.as_bytes()).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, expected.as_str()));
}

/// The answer in JSON.
#[track_caller]
fn told(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    let mut told: Value = serde_json::from_str(&answer.body).unwrap();
    told["response"].take()
}

#[track_caller]
fn assert_refused(answer: &Answer, key: &str, message: &str) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = json!({"returncode": "FAILED", "messageKey": key, "message": message});
    let mut told = told(answer);
    if key == "upload_text_track_failed" {
        assert_eq!(told.as_object_mut().unwrap().remove("recordId"), Some(json!(ID)));
    }
    assert_eq!(told, expected);
}

async fn list(api: &Client, id: &str) -> Answer {
    api.call("getRecordingTextTracks", &[("recordID", id)]).await
}

/// File, kind, language, label and source of each track; the page of the recording finds its file.
async fn tracks(api: &Client) -> Vec<[String; 5]> {
    let told = told(&list(api, ID).await);
    assert_eq!(told["returncode"], "SUCCESS", "{told}");
    let mut tracks = Vec::new();
    for track in told["tracks"].as_array().unwrap() {
        let text = |key: &str| track[key].as_str().unwrap().to_owned();
        let file = text("href");
        let file = file.strip_prefix(&format!("{}/presentation/{ID}/", api.base())).unwrap();
        tracks.push([file.to_owned(), text("kind"), text("lang"), text("label"), text("source")]);
    }
    let listed: Value = serde_json::from_str(&play(api, "captions.json").await).unwrap();
    for (track, listed) in tracks.iter().zip(listed.as_array().unwrap()) {
        assert_eq!(track[0], format!("caption_{}.vtt", listed["locale"].as_str().unwrap()));
        assert_eq!(track[3], listed["localeName"].as_str().unwrap());
    }
    tracks
}

async fn play(api: &Client, file: &str) -> String {
    let answer = get(api, &format!("/presentation/{ID}/{file}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    if file.ends_with(".vtt") {
        assert!(answer.header("content-type").unwrap().starts_with("text/vtt"), "{answer:?}");
    }
    answer.body
}

/// Everything that happens to tracks, in one store.
async fn the_life_of_tracks(library: &Library) {
    let api = library.api_with(&[("SERVE_RECORDINGS", "true")]).await;
    let _importer = library.importer().await;
    let came = [
        ("captions.json", r#"[{"localeName":"English","locale":"en"}]"#),
        ("caption_en.vtt", "WEBVTT live"),
        ("version", "1"),
    ];
    drop_tar_with(library, ID, &came);
    let state = async || api.call("getRecordings", &[("recordID", ID)]).await.field("state");
    eventually("it is listed", SOON, async || state().await.filter(|state| state == "published")).await;
    let live = ["caption_en.vtt", "captions", "en", "English", "live"];
    assert_eq!(tracks(&api).await, [live]);

    put_well(&api, ["captions", "de-at", "Österreichisch <&>"], VTT).await;
    put_well(&api, ["subtitles", "en", ""], SRT).await;
    let german = ["caption_de-AT.vtt", "captions", "de-AT", "Österreichisch <&>", "upload"];
    let english = ["caption_en-x-subtitle.vtt", "subtitles", "en", "en", "upload"];
    assert_eq!(tracks(&api).await, [live, german, english]);
    assert_eq!(play(&api, live[0]).await, "WEBVTT live");
    assert_eq!(play(&api, german[0]).await, VTT);
    assert_eq!(play(&api, english[0]).await, SRT_AS_VTT);

    // In place of another one.
    put_well(&api, ["captions", "de-AT", "Deutsch"], "WEBVTT second").await;
    let german = ["caption_de-AT.vtt", "captions", "de-AT", "Deutsch", "upload"];
    assert_eq!(tracks(&api).await, [live, german, english]);
    assert_eq!(play(&api, german[0]).await, "WEBVTT second");

    // To a hidden recording as well; then they are not played.
    api.call("publishRecordings", &[("recordID", ID), ("publish", "false")]).await.assert_success();
    put_well(&api, ["captions", "fr", "Français"], VTT).await;
    let href = told(&list(&api, ID).await)["tracks"][3]["href"].as_str().unwrap().to_owned();
    assert_eq!(href, format!("{}/presentation/{ID}/caption_fr.vtt", api.base()));
    assert_eq!(get(&api, href.strip_prefix(api.base()).unwrap()).await.status, 404);
    api.call("publishRecordings", &[("recordID", ID), ("publish", "true")]).await.assert_success();
    let french = ["caption_fr.vtt", "captions", "fr", "Français", "upload"];
    assert_eq!(tracks(&api).await, [live, german, english, french]);

    // The recording is made again.
    let came = [
        (
            "captions.json",
            r#"[{"localeName":"English 2","locale":"en"},{"localeName":"German","locale":"de_AT"}]"#,
        ),
        ("caption_en.vtt", "WEBVTT live 2"),
        ("caption_de_AT.vtt", "WEBVTT german"),
        ("version", "2"),
    ];
    drop_tar_with(library, ID, &came);
    eventually("it is imported again", SOON, async || {
        let tar = library.site.dir().join(format!("spool/{ID}.tar"));
        (!tar.exists()).then_some(())
    })
    .await;
    assert_eq!(play(&api, "version").await, "2");
    let live = ["caption_en.vtt", "captions", "en", "English 2", "live"];
    let german = ["caption_de_AT.vtt", "captions", "de-AT", "Deutsch", "upload"];
    assert_eq!(tracks(&api).await, [live, german, english, french]);
    assert_eq!(play(&api, live[0]).await, "WEBVTT live 2");
    assert_eq!(play(&api, german[0]).await, "WEBVTT second");
    assert_eq!(play(&api, english[0]).await, SRT_AS_VTT);

    api.call("deleteRecordings", &[("recordID", ID)]).await.assert_success();
    assert_refused(&list(&api, ID).await, "noRecordings", &format!("No recording found for {ID}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_disk() {
    let library = Library::start(Mode::Embedded, &[("RECORDING_IMPORT_SETTLE", "0.1")]).await;
    the_life_of_tracks(&library).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_bucket() {
    let Some(moto) = Moto::start() else { return };
    let env = moto.env();
    let mut changes: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    changes.push(("RECORDING_IMPORT_SETTLE", "0.1"));
    the_life_of_tracks(&Library::start(Mode::Embedded, &changes).await).await;
}

/// A site with one recording that has a video only.
async fn with_video(changes: &[(&str, &str)]) -> Library {
    let library = Library::start(Mode::Embedded, changes).await;
    library.add(Given { id: ID, ..Given::default() }).await;
    library
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told() {
    let library = with_video(&[]).await;
    let api = library.api().await;
    let good = [("recordID", ID), ("kind", "captions"), ("lang", "en")];
    let with = |name: &str, value: &'static str| {
        good.map(|(known, good)| (known, if known == name { value } else { good }))
    };
    for name in ["recordID", "kind", "lang"] {
        for value in ["", "  "] {
            let answer = put(&api, &with(name, value), VTT.as_bytes()).await;
            assert_refused(&answer, "missingParameter", &format!("Missing param {name}."));
        }
    }
    for kind in ["chapters", "Captions", "captions,subtitles"] {
        let message = "The kind parameter is not set to a permitted value.";
        assert_refused(&put(&api, &with("kind", kind), VTT.as_bytes()).await, "invalidKind", message);
    }
    for lang in ["en_US", "../../etc", "e", "en--us", "english language", "ñ"] {
        let message = "The lang parameter is not a well-formed language tag.";
        assert_refused(&put(&api, &with("lang", lang), VTT.as_bytes()).await, "invalidLang", message);
    }
    for id in ["unknown", "../video", "rec-with-tracks,unknown", "rec-with"] {
        let message = format!("No recording found for {id}");
        assert_refused(&put(&api, &with("recordID", id), VTT.as_bytes()).await, "noRecordings", &message);
        assert_refused(&list(&api, id).await, "noRecordings", &message);
    }
    assert_refused(&list(&api, "").await, "missingParameter", "Missing param recordID.");

    let empty =
        |answer: &Answer| assert_refused(answer, "empty_uploaded_text_track", "Empty uploaded text track.");
    empty(&put(&api, &good, b"").await);
    empty(&api.post_form("putRecordingTextTrack", &encode(&good), &[("file", VTT)]).await);
    empty(&api.send(Method::POST, &api.path("putRecordingTextTrack", &encode(&good))).await);
    for (file, why) in [
        (
            &b"[Script Info]\nTitle: x"[..],
            "the file is neither WebVTT nor SubRip (SRT) with at least one cue",
        ),
        (b"PK\x03\x04", "the file is neither WebVTT nor SubRip (SRT) with at least one cue"),
        (b"WEBVTT\n\n\xfcber", "the file is no text in UTF-8, nor in UTF-16 with a byte order mark"),
    ] {
        let message = format!("Text track upload failed: {why}.");
        assert_refused(&put(&api, &good, file).await, "upload_text_track_failed", &message);
    }
    let told_list = told(&list(&api, ID).await);
    assert_eq!(told_list, json!({"returncode": "SUCCESS", "tracks": []}), "nothing of this is kept");

    let large = [b"WEBVTT\n".to_vec(), vec![b' '; 10 * 1024 * 1024]].concat();
    let message = "Text track upload failed: the file is larger than 10 MiB.";
    assert_refused(&put(&api, &good, &large).await, "upload_text_track_failed", message);
    let larger = put(&api, &good, &vec![b' '; 12 * 1024 * 1024]).await;
    assert_eq!((larger.status, told(&larger)["messageKey"].as_str()), (413, Some("invalidParameters")));
    assert!(put(&api, &good, &large[..10 * 1024 * 1024]).await.body.contains("SUCCESS"));

    let get = api.call("putRecordingTextTrack", &good).await;
    get.assert_failed("unsupportedRequest", "This request is not supported.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_sign_sends_nothing() {
    let library = with_video(&[]).await;
    let api = library.api().await;
    let wrong = api.with_secret("wrong");
    let good = [("recordID", ID), ("kind", "captions"), ("lang", "en")];
    let message = "You did not pass the checksum security check";
    assert_refused(&list(&wrong, ID).await, "checksumError", message);
    assert_refused(&put(&wrong, &good, VTT.as_bytes()).await, "checksumError", message);
    // Not even a checksum in the form, for it would have to be read.
    let unsigned = api.request(Method::POST, "/bigbluebutton/api/putRecordingTextTrack?recordID=x");
    let unsigned = unsigned.header("content-type", "multipart/form-data; boundary=XX").body(form(b"x"));
    assert_refused(&client::answer(unsigned).await, "checksumError", message);
    assert_eq!(told(&list(&api, ID).await)["tracks"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_the_first_format_where_there_is_no_presentation() {
    let library = with_video(&[]).await;
    let api = library.api_with(&[("SERVE_RECORDINGS", "true")]).await;
    let params = encode(&[("recordID", ID), ("kind", "subtitles"), ("lang", "pt-br"), ("label", "Brasil")]);
    let file =
        [&b"\xff\xfe"[..], &VTT.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
    let put =
        api.post("putRecordingTextTrack", &params, "multipart/form-data; boundary=XX", form(&file)).await;
    assert_eq!(told(&put)["returncode"], "SUCCESS");
    let request = api.request(Method::POST, &api.path("getRecordingTextTracks", &format!("recordID={ID}")));
    let request = request.header("x-forwarded-proto", "https").header("x-forwarded-host", "lb.example.org");
    let expected = format!(
        r#"{{"response":{{"returncode":"SUCCESS","tracks":[{{"href":"https://lb.example.org/video/{ID}/caption_pt-BR.vtt","kind":"subtitles","lang":"pt-BR","label":"Brasil","source":"upload"}}]}}}}"#
    );
    assert_eq!(client::answer(request).await.body, expected);
    assert_eq!(get(&api, &format!("/video/{ID}/caption_pt-BR.vtt")).await.body, VTT);
    let work = std::fs::read_dir(library.site.dir().join("work")).unwrap().count();
    assert_eq!(work, 0, "nothing is left of what was on its way");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_all_stay() {
    let library = with_video(&[]).await;
    let (one, other) = (library.api().await, library.api().await);
    let puts = (0..12).map(|n| {
        let (api, lang) = ([&one, &other][n % 2], format!("x-{n}"));
        async move {
            let params = [("recordID", ID), ("kind", "captions"), ("lang", lang.as_str())];
            assert_eq!(told(&put(api, &params, VTT.as_bytes()).await)["returncode"], "SUCCESS");
        }
    });
    futures_util::future::join_all(puts).await;
    assert_eq!(told(&list(&one, ID).await)["tracks"].as_array().unwrap().len(), 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenants_recording_is_none() {
    let changes = [("MULTITENANCY_ENABLED", "true"), ("URL_HOST", "lb.example.org")];
    let library = Library::start(Mode::Embedded, &changes).await;
    for name in ["acme", "umbrella"] {
        let secrets = vec![name.to_owned().into()];
        let tenant = Tenant { id: format!("id-of-{name}"), ..Tenant::new(name, secrets) };
        library.site.state().add_tenant(&tenant).await.unwrap();
    }
    library.add(Given { id: ID, tenant: Some("id-of-acme"), ..Given::default() }).await;
    let api = library.api().await;
    let of = |name: &str| -> Client { api.with_host(&format!("{name}.lb.example.org")).with_secret(name) };
    let good = [("recordID", ID), ("kind", "captions"), ("lang", "en")];
    let message = format!("No recording found for {ID}");
    assert_refused(&put(&of("umbrella"), &good, VTT.as_bytes()).await, "noRecordings", &message);
    assert_refused(&list(&of("umbrella"), ID).await, "noRecordings", &message);
    assert_eq!(told(&put(&of("acme"), &good, VTT.as_bytes()).await)["returncode"], "SUCCESS");
    let told = told(&list(&of("acme"), ID).await);
    assert_eq!(told["tracks"][0]["href"], format!("http://acme.lb.example.org/video/{ID}/caption_en.vtt"));
    assert_refused(&list(&of("umbrella"), ID).await, "noRecordings", &message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_recordings_there_are_none() {
    let library = with_video(&[]).await;
    for off in [[("RECORDING_DISABLED", "true")], [("DB_DISABLED", "true")]] {
        let api = library.api_with(&off).await;
        let good = [("recordID", ID), ("kind", "captions"), ("lang", "en")];
        let message = format!("No recording found for {ID}");
        assert_refused(&put(&api, &good, VTT.as_bytes()).await, "noRecordings", &message);
        assert_refused(&list(&api, ID).await, "noRecordings", &message);
    }
}
