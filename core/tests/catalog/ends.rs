//! Meetings whose end is awaited: told once, with or without their servers' word.

use std::time::Duration;

use scalelite_core::callbacks::{EndUrls, Message};
use scalelite_core::recordings::catalog::Catalog;

const NOW: Duration = Duration::ZERO;
const LATER: Duration = Duration::from_secs(600);

fn both(name: &str) -> EndUrls {
    EndUrls {
        end_callback: Some(format!("https://{name}/callback?a=b&c")),
        meeting_ended: Some(format!("https://{name}/ended")),
    }
}

/// What is told now, by URL.
async fn told(catalog: &dyn Catalog) -> Vec<(String, String, Option<bool>)> {
    let due = catalog.take_callbacks(100, LATER).await.unwrap();
    let mut told: Vec<_> = due
        .into_iter()
        .map(|callback| match callback.message {
            Message::MeetingEnded { recording_marks } => (callback.url, callback.meeting_id, recording_marks),
            other => panic!("{other:?}"),
        })
        .collect();
    told.sort();
    told
}

async fn awaited(catalog: &dyn Catalog) -> Vec<String> {
    let ends = catalog.awaited_ends(None, 100).await.unwrap();
    let mut ids: Vec<String> = ends.into_iter().map(|end| end.meeting_id).collect();
    ids.sort();
    ids
}

pub(crate) async fn told_by_the_server(catalog: &dyn Catalog) {
    let token = catalog.await_end("m", &both("f"), LATER).await.unwrap();
    assert!(token.len() >= 32, "{token}");
    assert_eq!(catalog.awaited_end("m").await.unwrap().as_ref(), Some(&token));
    assert_eq!(catalog.awaited_end("M").await.unwrap(), None);
    for wrong in ["", "m", "0", &token[1..]] {
        assert!(!catalog.end_told(wrong, true).await.unwrap(), "{wrong}");
    }
    assert!(catalog.end_told(&token, true).await.unwrap());
    let expected = [("https://f/callback?a=b&c", Some(true)), ("https://f/ended", None)];
    let expected = expected.map(|(url, marks)| (url.to_owned(), "m".to_owned(), marks));
    assert_eq!(told(catalog).await, expected);
    // Neither the server nor a poller makes it be told again.
    assert!(!catalog.end_told(&token, true).await.unwrap());
    catalog.meetings_over(&[token], NOW).await.unwrap();
    catalog.meeting_over("m", NOW).await.unwrap();
    assert!(told(catalog).await.is_empty());
    assert!(awaited(catalog).await.is_empty());
}

pub(crate) async fn told_without_the_server(catalog: &dyn Catalog) {
    let only = |url: &str| EndUrls { end_callback: Some(url.to_owned()), meeting_ended: None };
    let lost = catalog.await_end("lost", &only("https://lost/"), LATER).await.unwrap();
    catalog.await_end("ended", &only("https://ended/"), LATER).await.unwrap();
    let other = EndUrls { end_callback: None, meeting_ended: Some("https://other/".to_owned()) };
    let other = catalog.await_end("other", &other, LATER).await.unwrap();
    let alive = catalog.await_end("alive", &only("https://alive/"), LATER).await.unwrap();
    assert_eq!(awaited(catalog).await, ["alive", "ended", "lost", "other"]);
    assert!(told(catalog).await.is_empty());
    catalog.meetings_over(&[lost.clone(), other], NOW).await.unwrap();
    catalog.meeting_over("ended", NOW).await.unwrap();
    let expected = [
        ("https://ended/", "ended", Some(false)),
        ("https://lost/", "lost", Some(false)),
        ("https://other/", "other", None),
    ];
    let expected = expected.map(|(url, meeting, marks)| (url.to_owned(), meeting.to_owned(), marks));
    assert_eq!(told(catalog).await, expected);
    // A server that was only thought dead comes too late.
    assert!(!catalog.end_told(&lost, true).await.unwrap());
    assert!(told(catalog).await.is_empty());
    assert_eq!(awaited(catalog).await, ["alive"]);
    assert!(catalog.end_told(&alive, false).await.unwrap());
}

pub(crate) async fn the_servers_word_counts_within_the_grace(catalog: &dyn Catalog) {
    let token = catalog.await_end("m", &both("f"), LATER).await.unwrap();
    catalog.meeting_over("m", LATER).await.unwrap();
    assert!(told(catalog).await.is_empty());
    assert!(awaited(catalog).await.is_empty());
    assert_eq!(catalog.awaited_end("m").await.unwrap(), None);
    // The grace is not begun again, nor cut short.
    catalog.meetings_over(std::slice::from_ref(&token), NOW).await.unwrap();
    catalog.meeting_over("m", NOW).await.unwrap();
    assert!(told(catalog).await.is_empty());
    assert!(catalog.end_told(&token, true).await.unwrap());
    assert_eq!(told(catalog).await[0].2, Some(true));
}

pub(crate) async fn an_earlier_meeting_of_the_same_id_is_over(catalog: &dyn Catalog) {
    let first = catalog.await_end("m", &both("first"), NOW).await.unwrap();
    let second = catalog.await_end("m", &both("second"), NOW).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(catalog.awaited_end("m").await.unwrap().as_ref(), Some(&second));
    let urls =
        |told: Vec<(String, String, Option<bool>)>| told.into_iter().map(|told| told.0).collect::<Vec<_>>();
    assert_eq!(urls(told(catalog).await), ["https://first/callback?a=b&c", "https://first/ended"]);
    assert!(catalog.end_told(&second, false).await.unwrap());
    assert_eq!(urls(told(catalog).await), ["https://second/callback?a=b&c", "https://second/ended"]);
}

pub(crate) async fn a_meeting_that_never_began_is_not_over(catalog: &dyn Catalog) {
    let token = catalog.await_end("m", &both("f"), LATER).await.unwrap();
    catalog.forget_end(&token).await.unwrap();
    assert!(!catalog.end_told(&token, true).await.unwrap());
    catalog.meeting_over("m", NOW).await.unwrap();
    assert!(told(catalog).await.is_empty());
}

pub(crate) async fn listed_bit_by_bit(catalog: &dyn Catalog) {
    for number in 0..25 {
        catalog.await_end(&format!("{number:02}"), &both("f"), LATER).await.unwrap();
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let ends = catalog.awaited_ends(after.as_deref(), 10).await.unwrap();
        let Some(last) = ends.last() else { break };
        after = Some(last.token.clone());
        found.extend(ends.into_iter().map(|end| end.meeting_id));
    }
    found.sort();
    assert_eq!(found, (0..25).map(|number| format!("{number:02}")).collect::<Vec<_>>());
}

pub(crate) async fn told_once_by_many_at_once(catalog: &dyn Catalog) {
    let mut tokens = Vec::new();
    for number in 0..10 {
        tokens.push(
            catalog.await_end(&format!("{number}"), &both(&format!("f{number}")), LATER).await.unwrap(),
        );
    }
    catalog.meetings_over(&tokens, NOW).await.unwrap();
    let takes = futures_util::future::join_all((0..4).map(|_| catalog.take_callbacks(100, LATER)));
    let tells = futures_util::future::join_all(tokens.iter().map(|token| catalog.end_told(token, true)));
    let (takes, _) = tokio::join!(takes, tells);
    let mut urls: Vec<String> =
        takes.into_iter().flat_map(Result::unwrap).map(|callback| callback.url).collect();
    urls.extend(told(catalog).await.into_iter().map(|told| told.0));
    let all = urls.len();
    urls.sort();
    urls.dedup();
    assert_eq!((all, urls.len()), (20, 20));
}
