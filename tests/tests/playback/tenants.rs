//! Recordings of tenants: each is played at its own host only (CONTRACT §14).

use scalelite_core::tenant::Tenant;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::store::Mode;

use super::given::{Given, HOUR, Library, assert_not_found, get, get_with};

in_both_modes!(a_recording_is_played_at_its_tenants_host,);

async fn a_recording_is_played_at_its_tenants_host(mode: Mode) {
    let changes = [
        ("MULTITENANCY_ENABLED", "true"),
        ("URL_HOST", "lb.example.org"),
        ("PROTECTED_RECORDINGS_ENABLED", "true"),
    ];
    let library = Library::start(mode, &changes).await;
    for name in ["acme", "umbrella"] {
        let secrets = vec![name.to_owned().into()];
        let tenant = Tenant { id: format!("id-of-{name}"), ..Tenant::new(name, secrets) };
        library.site.state().add_tenant(&tenant).await.unwrap();
    }
    let acmes = Given { tenant: Some("id-of-acme"), ..Given::default() };
    library.add(acmes).await;
    library.add(Given { id: "locked", url: Some("/video/locked/"), protected: true, ..acmes }).await;
    library.add(Given { id: "nobody's", ..Given::default() }).await;
    let api = library.api().await;
    let at = |host: &str| api.with_host(host);

    let acme = at("acme.lb.example.org");
    assert_eq!(get(&acme, "/video/r-1/").await.status, 200);
    assert_eq!(get(&acme, "/recording/r-1/video").await.status, 307);
    assert_not_found(&get(&acme, "/video/nobody's/").await);
    assert_not_found(&get(&acme, "/recording/nobody's/video").await);

    let token = library.site.state().issue_playback_token("locked", "video", HOUR).await.unwrap();
    let link = format!("/recording/locked/video?token={token}");
    for host in ["umbrella.lb.example.org", "unknown.lb.example.org", "lb.example.org"] {
        for path in ["/video/r-1/", "/recording/r-1/video", "/video/nobody's/", &link] {
            assert_not_found(&get(&at(host), path).await);
        }
    }
    // Elsewhere it was not used up.
    let opened = get(&acme, &link).await;
    assert_eq!(opened.status, 307);
    let cookie = opened.header("set-cookie").unwrap().split_once(';').unwrap().0.to_owned();
    assert_eq!(get_with(&acme, "/video/locked/", &[("cookie", &cookie)]).await.status, 200);
    let other = at("umbrella.lb.example.org");
    assert_not_found(&get_with(&other, "/video/locked/", &[("cookie", &cookie)]).await);
}
