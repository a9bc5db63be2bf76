//! Tokens that open a protected recording once.

use std::time::Duration;

use scalelite_core::state::{LiveState, Playable};

use crate::redis_server::eventually;
use crate::store::Store;

const HOUR: Duration = Duration::from_secs(3600);

async fn issue(state: &dyn LiveState) -> String {
    state.issue_playback_token("r-1", "video", HOUR).await.unwrap()
}

async fn opens(state: &dyn LiveState, token: &str) -> bool {
    state.use_playback_token(token, "r-1", "video").await.unwrap()
}

pub(crate) async fn a_token_opens_once(store: &Store) {
    let (first, second) = (issue(&*store.a).await, issue(&*store.a).await);
    assert_ne!(first, second);
    for token in [&first, &second] {
        assert!(token.len() == 64 && token.bytes().all(|b| b"0123456789abcdef".contains(&b)), "{token}");
    }
    assert!(opens(&*store.b, &first).await);
    for state in [&*store.a, &*store.b] {
        assert!(!opens(state, &first).await);
    }
    assert!(opens(&*store.a, &second).await);
}

pub(crate) async fn of_many_at_once_one_is_let_in(store: &Store) {
    let token = issue(&*store.a).await;
    let uses = (0..40).map(|n| opens(if n % 2 == 0 { &*store.a } else { &*store.b }, &token));
    let let_in = futures_util::future::join_all(uses).await;
    assert_eq!(let_in.into_iter().filter(|opened| *opened).count(), 1);
}

pub(crate) async fn for_anything_else_it_is_used_up(store: &Store) {
    let state = &*store.a;
    for (record_id, format) in [("r-2", "video"), ("r-1", "notes"), ("R-1", "video"), ("", "")] {
        let token = issue(state).await;
        assert!(!state.use_playback_token(&token, record_id, format).await.unwrap());
        assert!(!opens(state, &token).await, "{record_id} {format}");
    }
}

pub(crate) async fn what_is_no_token_opens_nothing(store: &Store) {
    let token = issue(&*store.a).await;
    let upper = token.to_uppercase();
    let odd =
        ["", "*", " ", &token[1..], &upper, &format!("{token}\n"), &"0".repeat(64), &"0".repeat(10_000)];
    for odd in odd {
        assert!(!opens(&*store.a, odd).await, "{odd:?}");
    }
    assert!(opens(&*store.a, &token).await);
}

pub(crate) async fn it_expires(store: &Store) {
    // As it cannot be looked at without being used, there are many.
    let playables = [Playable { record_id: "r-1", format: "video" }; 2000];
    let tokens = store.a.issue_playback_tokens(&playables, Duration::from_millis(1)).await.unwrap();
    let long = issue(&*store.a).await;
    let mut tokens = tokens.iter();
    eventually("it expires", || {
        let token = tokens.next().unwrap();
        async move { !opens(&*store.b, token).await }
    })
    .await;
    assert!(opens(&*store.b, &long).await);
}

pub(crate) async fn many_are_made_at_once(store: &Store) {
    let ids: Vec<String> =
        (0..500).map(|n| format!("r-{n}")).chain(["ñ \"q\" \\ <&> %'".to_owned()]).collect();
    let playables: Vec<_> = ids.iter().map(|id| Playable { record_id: id, format: "notes" }).collect();
    let tokens = store.a.issue_playback_tokens(&playables, HOUR).await.unwrap();
    assert_eq!(tokens.len(), ids.len());
    for (token, id) in tokens.iter().zip(&ids) {
        assert!(store.b.use_playback_token(token, id, "notes").await.unwrap(), "{id}");
    }
    assert!(store.a.issue_playback_tokens(&[], HOUR).await.unwrap().is_empty());
}
