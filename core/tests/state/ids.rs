//! Meeting IDs come from outside: any text is one.

use std::time::Duration;

use scalelite_core::state::{ForgetIf, NewServer};

use crate::given::{self, Create, available, created, is_known, new_server};
use crate::store::Store;

fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        " ",
        "two words",
        " padded ",
        "Prueba 2 ñ",
        "会议室",
        "🎓👩‍🏫",
        "e\u{301}",
        "\u{e9}",
        "it's \"quoted\"",
        "`; DROP TABLE meetings; --",
        "100% %20 %s %",
        "a_b*?[c]\\d",
        "line\nbreak\r\n\ttab",
        "nul\0inside",
        "nul",
        "{tag}",
        "a:b:c",
        "meeting:a",
        "NULL",
        "0",
        "1e3",
        "01",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(1000));
    texts.push("ß".repeat(1000));
    texts
}

pub(crate) async fn any_text_is_a_meeting_id(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let ids = odd_texts();
    for id in &ids {
        created(state, id).await;
    }
    for id in &ids {
        assert_eq!(Create::of(id).existing_on(state).await.meeting.id, *id);
        assert_eq!(state.locate_meeting(id, None).await.unwrap().unwrap().meeting.id, *id);
        assert_eq!(state.join_meeting(id, None).await.unwrap().unwrap().meeting.id, *id);
    }
    let mut listed: Vec<String> =
        state.meetings().await.unwrap().into_iter().map(|meeting| meeting.id).collect();
    listed.sort();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(listed, sorted);
    // Each can be named to be renewed: after this only those not named are left.
    let (short, long) = ids.split_at(ids.len() / 2);
    state.renew_meetings(&ids, Duration::from_secs(1)).await.unwrap();
    state.renew_meetings(long, Duration::from_secs(600)).await.unwrap();
    for id in short {
        crate::redis_server::eventually("it expires", async || !is_known(state, id).await).await;
    }
    for (n, id) in long.iter().enumerate() {
        if n % 2 == 0 {
            assert!(state.forget_meeting(id, ForgetIf::default()).await.unwrap(), "{id:?}");
        } else {
            assert!(state.take_meeting(id, None).await.unwrap().is_some(), "{id:?}");
        }
        assert!(!is_known(state, id).await, "{id:?}");
    }
    assert!(state.meetings().await.unwrap().is_empty());
}

pub(crate) async fn any_text_is_a_password_tag_or_tenant(store: &Store) {
    let state = &*store.a;
    for (n, text) in odd_texts().into_iter().enumerate() {
        let id = format!("s{n}");
        available(state, NewServer { tag: Some(text.clone()), ..new_server(&id) }, 0.0).await;
        let request = Create::of(&id).moderator_pw(&text).tenant(&text);
        let rule =
            scalelite_core::pool::placement::TagRule { wanted: vec![text.clone()], otherwise: Vec::new() };
        let located = request.rule(rule).created_on(state).await;
        assert_eq!((located.server.id.as_str(), located.server.tag.as_ref()), (id.as_str(), Some(&text)));
        let found = state.locate_meeting(&id, Some(&text)).await.unwrap().unwrap().meeting;
        assert_eq!(found, located.meeting);
        assert_eq!((&found.moderator_pw, found.tenant_id.as_ref()), (&text, Some(&text)));
    }
}
