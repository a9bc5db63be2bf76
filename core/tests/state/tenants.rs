//! Tenants and their settings.

use std::sync::Arc;

use futures_util::future::join_all;
use scalelite_core::state::{ForgetIf, LiveState, Placement};
use scalelite_core::tenant::{LRS_FIELDS, Lrs, Tenant, TenantChange, TenantSaved, TenantSetting};
use secrecy::ExposeSecret;

use crate::given::{self, Create, load};
use crate::store::Store;

fn setting(id: &str, param: &str, value: &str, overrides: bool) -> TenantSetting {
    TenantSetting { id: id.to_owned(), ..TenantSetting::new(param, value, overrides) }
}

fn tenant(id: &str, name: &str) -> Tenant {
    Tenant { id: id.to_owned(), ..Tenant::new(name, vec![format!("secret of {id}").into()]) }
}

fn secrets(tenant: &Tenant) -> Vec<&str> {
    tenant.secrets.iter().map(ExposeSecret::expose_secret).collect()
}

async fn add(state: &dyn LiveState, tenant: &Tenant) {
    assert_eq!(state.add_tenant(tenant).await.unwrap(), TenantSaved::Done);
}

async fn names(state: &dyn LiveState) -> Vec<String> {
    state.tenants().await.unwrap().into_iter().map(|tenant| tenant.name).collect()
}

/// Everything about a tenant, with what is secret.
fn all_of(tenant: &Tenant) -> String {
    format!(
        "{} {} {:?} {:?} {:?}",
        tenant.id,
        tenant.name,
        secrets(tenant),
        tenant.lrs.values(),
        tenant.settings
    )
}

pub(crate) async fn found_by_name_with_its_settings(store: &Store) {
    let state = &*store.a;
    assert!(state.tenant_by_name("bank").await.unwrap().is_none());
    let settings = vec![
        setting("1", "record", "false", true),
        setting("3", "logo", "https://l/?a=b&c", false),
        setting("2", "logo", "", true),
    ];
    let bank = Tenant { secrets: vec!["one".into(), "two".into()], settings, ..tenant("id-1", "bank") };
    add(state, &bank).await;
    add(state, &tenant("id-2", "school")).await;
    let found = store.b.tenant_by_name("bank").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.name.as_str()), ("id-1", "bank"));
    assert_eq!(secrets(&found), ["one", "two"]);
    let ids: Vec<_> = found.settings.iter().map(|setting| setting.id.as_str()).collect();
    assert_eq!(ids, ["2", "3", "1"], "by parameter");
    assert_eq!(found.settings[1], bank.settings[1]);
    assert!(state.tenant_by_name("BANK").await.unwrap().is_none());
    assert!(state.tenant_by_name("id-1").await.unwrap().is_none());
    assert!(state.tenant_by_name("school").await.unwrap().unwrap().settings.is_empty());
}

pub(crate) async fn found_by_id_with_its_settings(store: &Store) {
    let state = &*store.a;
    assert!(state.tenant("id-1").await.unwrap().is_none());
    for (id, name) in [("id-1", "bank"), ("id-2", "school"), ("id-3", "id-1")] {
        let settings = vec![setting(&format!("setting of {id}"), "logo", name, true)];
        add(state, &Tenant { settings, ..tenant(id, name) }).await;
    }
    let found = store.b.tenant("id-1").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.name.as_str()), ("id-1", "bank"));
    assert_eq!(secrets(&found), ["secret of id-1"]);
    assert_eq!(found.settings, [setting("setting of id-1", "logo", "bank", true)]);
    for unknown in ["", "bank", "ID-1", "id"] {
        assert!(state.tenant(unknown).await.unwrap().is_none(), "{unknown}");
    }
}

pub(crate) async fn listed_by_name(store: &Store) {
    let state = &*store.a;
    assert!(names(state).await.is_empty());
    for n in (0..250).rev() {
        let settings = vec![setting(&format!("s{n}"), "n", &n.to_string(), false)];
        add(state, &Tenant { settings, ..tenant(&format!("id-{n}"), &format!("t{n:03}")) }).await;
    }
    let all = store.b.tenants().await.unwrap();
    assert_eq!(all.len(), 250);
    for (n, tenant) in all.iter().enumerate() {
        assert_eq!((tenant.name.as_str(), tenant.settings.len()), (format!("t{n:03}").as_str(), 1));
        assert_eq!(tenant.settings[0].value, n.to_string());
    }
}

pub(crate) async fn what_is_taken_is_not_added(store: &Store) {
    let state = &*store.a;
    let settings = vec![setting("s", "logo", "1", false)];
    add(state, &Tenant { settings: settings.clone(), ..tenant("id-1", "bank") }).await;
    let before = all_of(&state.tenant("id-1").await.unwrap().unwrap());
    assert_eq!(state.add_tenant(&tenant("id-1", "other")).await.unwrap(), TenantSaved::IdTaken);
    assert_eq!(state.add_tenant(&tenant("id-2", "bank")).await.unwrap(), TenantSaved::NameTaken);
    let thief = Tenant { settings, ..tenant("id-3", "thief") };
    assert_eq!(state.add_tenant(&thief).await.unwrap(), TenantSaved::IdTaken);
    assert_eq!(names(state).await, ["bank"]);
    assert_eq!(all_of(&state.tenant("id-1").await.unwrap().unwrap()), before);
    assert!(state.tenant_by_name("thief").await.unwrap().is_none());
    assert!(state.tenant_by_name("other").await.unwrap().is_none());
}

pub(crate) async fn of_many_with_one_name_one_is_added(store: &Store) {
    let adding = (0..20).map(|n| {
        let state: Arc<dyn LiveState> = Arc::clone(if n % 2 == 0 { &store.a } else { &store.b });
        tokio::spawn(async move { state.add_tenant(&tenant(&format!("id-{n}"), "one")).await.unwrap() })
    });
    let saved: Vec<_> = join_all(adding).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(saved.iter().filter(|saved| **saved == TenantSaved::Done).count(), 1, "{saved:?}");
    assert_eq!(names(&*store.a).await, ["one"]);
    assert!(store.a.tenant_by_name("one").await.unwrap().is_some());
}

pub(crate) async fn changed_in_what_is_named(store: &Store) {
    let state = &*store.a;
    let settings = vec![setting("s1", "a", "1", false), setting("s2", "b", "2", true)];
    add(state, &Tenant { settings, ..tenant("id-1", "bank") }).await;
    add(state, &tenant("id-2", "school")).await;
    let change = async |change: TenantChange| {
        assert_eq!(state.change_tenant("id-1", &change).await.unwrap(), TenantSaved::Done);
        store.b.tenant("id-1").await.unwrap().unwrap()
    };
    let before = all_of(&state.tenant("id-1").await.unwrap().unwrap());
    assert_eq!(all_of(&change(TenantChange::default()).await), before);
    let change_of_secrets =
        TenantChange { secrets: Some(vec!["x".into(), "y".into()]), ..TenantChange::default() };
    let changed = change(change_of_secrets).await;
    assert_eq!(
        (secrets(&changed), changed.name.as_str(), changed.settings.len()),
        (vec!["x", "y"], "bank", 2)
    );
    let changed = change(TenantChange {
        put_settings: vec![setting("s1", "a", "one", true), setting("s3", "c", "3", false)],
        drop_settings: vec!["s2".to_owned(), "unknown".to_owned()],
        ..TenantChange::default()
    })
    .await;
    assert_eq!(changed.settings, [setting("s1", "a", "one", true), setting("s3", "c", "3", false)]);
    assert_eq!(secrets(&changed), ["x", "y"]);
    let unknown = state.change_tenant("id-9", &TenantChange::default()).await.unwrap();
    assert_eq!(unknown, TenantSaved::Unknown);
    let saved = state.put_tenant_setting("id-9", &setting("s9", "a", "1", false)).await.unwrap();
    assert_eq!(saved, TenantSaved::Unknown);
    assert!(!state.remove_tenant_setting("s9", None).await.unwrap());
}

pub(crate) async fn renamed_and_found_by_the_new_name_only(store: &Store) {
    let state = &*store.a;
    add(state, &Tenant { settings: vec![setting("s", "a", "1", false)], ..tenant("id-1", "bank") }).await;
    add(state, &tenant("id-2", "school")).await;
    let rename = async |id: &str, name: &str| {
        let change = TenantChange {
            name: Some(name.to_owned()),
            secrets: Some(vec![name.into()]),
            ..TenantChange::default()
        };
        state.change_tenant(id, &change).await.unwrap()
    };
    assert_eq!(rename("id-1", "bank").await, TenantSaved::Done, "to its own name");
    assert_eq!(rename("id-1", "school").await, TenantSaved::NameTaken);
    assert_eq!(secrets(&state.tenant("id-1").await.unwrap().unwrap()), ["bank"], "nothing is changed");
    assert_eq!(rename("id-1", "credit").await, TenantSaved::Done);
    assert!(store.b.tenant_by_name("bank").await.unwrap().is_none());
    let found = store.b.tenant_by_name("credit").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.settings.len()), ("id-1", 1));
    // The old name is free.
    assert_eq!(rename("id-2", "bank").await, TenantSaved::Done);
    assert_eq!(store.b.tenant_by_name("bank").await.unwrap().unwrap().id, "id-2");
    assert_eq!(names(state).await, ["bank", "credit"]);
    assert!(state.tenant_by_name("school").await.unwrap().is_none());
}

pub(crate) async fn its_lrs_is_kept_and_changed(store: &Store) {
    let state = &*store.a;
    let full = Lrs::from_values(LRS_FIELDS.map(|name| Some(format!("{name} ñ"))));
    add(state, &Tenant { lrs: full.clone(), ..tenant("id-1", "bank") }).await;
    add(state, &tenant("id-2", "school")).await;
    assert_eq!(store.b.tenant_by_name("bank").await.unwrap().unwrap().lrs.values(), full.values());
    assert_eq!(store.b.tenants().await.unwrap()[0].lrs.values(), full.values());
    assert_eq!(store.b.tenant("id-2").await.unwrap().unwrap().lrs.values(), [None; 8]);
    let basic = [Some("e"), Some("u"), Some("p"), Some(""), Some(""), None, Some(""), Some("")];
    let lrs = Lrs::from_changes(basic.map(|value| value.map(str::to_owned)));
    let change = TenantChange { lrs, ..TenantChange::default() };
    assert_eq!(state.change_tenant("id-1", &change).await.unwrap(), TenantSaved::Done);
    let found = store.b.tenant("id-1").await.unwrap().unwrap();
    let expected = [Some("e"), Some("u"), Some("p"), None, None, Some("kc_client_secret ñ"), None, None];
    assert_eq!(found.lrs.values(), expected);
    assert_eq!(secrets(&found), ["secret of id-1"]);
}

pub(crate) async fn removed_with_its_settings(store: &Store) {
    let state = &*store.a;
    for (id, name, own) in [("id-1", "bank", "s1"), ("id-2", "school", "s2")] {
        let settings = vec![setting(own, "a", "1", false)];
        add(state, &Tenant { settings, ..tenant(id, name) }).await;
    }
    assert!(state.remove_tenant("id-1").await.unwrap());
    assert!(!state.remove_tenant("id-1").await.unwrap());
    assert!(!state.remove_tenant("school").await.unwrap());
    assert!(store.b.tenant("id-1").await.unwrap().is_none());
    assert!(store.b.tenant_by_name("bank").await.unwrap().is_none());
    assert!(!state.remove_tenant_setting("s1", None).await.unwrap(), "it went with its tenant");
    assert_eq!(names(&*store.b).await, ["school"]);
    assert_eq!(state.tenant("id-2").await.unwrap().unwrap().settings.len(), 1);
    // Both ID and name are free.
    add(state, &tenant("id-1", "bank")).await;
    assert!(state.tenant("id-1").await.unwrap().unwrap().settings.is_empty());
}

pub(crate) async fn a_setting_is_its_tenants(store: &Store) {
    let state = &*store.a;
    add(state, &tenant("id-1", "bank")).await;
    add(state, &tenant("id-2", "school")).await;
    let own = setting("s1", "a", "1", false);
    assert_eq!(state.put_tenant_setting("id-1", &own).await.unwrap(), TenantSaved::Done);
    let stolen = setting("s1", "a", "2", true);
    assert_eq!(state.put_tenant_setting("id-2", &stolen).await.unwrap(), TenantSaved::IdTaken);
    let change = TenantChange { drop_settings: vec!["s1".to_owned()], ..TenantChange::default() };
    assert_eq!(state.change_tenant("id-2", &change).await.unwrap(), TenantSaved::Done);
    assert!(!state.remove_tenant_setting("s1", Some("id-2")).await.unwrap());
    assert_eq!(store.b.tenant("id-1").await.unwrap().unwrap().settings, [own]);
    assert!(state.tenant("id-2").await.unwrap().unwrap().settings.is_empty());
    assert!(state.remove_tenant_setting("s1", Some("id-1")).await.unwrap());
    assert!(!state.remove_tenant_setting("s1", None).await.unwrap());
    assert!(store.b.tenant("id-1").await.unwrap().unwrap().settings.is_empty());
    assert_eq!(state.put_tenant_setting("id-1", &stolen).await.unwrap(), TenantSaved::Done);
    assert!(state.remove_tenant_setting("s1", None).await.unwrap());
}

/// Some of many meetings at once.
async fn created_at_once(store: &Store, requests: Vec<Create>) -> usize {
    let tasks = requests.into_iter().enumerate().map(|(n, request)| {
        let state: Arc<dyn LiveState> = Arc::clone(if n % 2 == 0 { &store.a } else { &store.b });
        tokio::spawn(async move { request.on(&*state).await })
    });
    let placements: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    let created = placements.iter().filter(|placement| matches!(placement, Placement::Created(_))).count();
    let refused =
        placements.iter().filter(|placement| matches!(placement, Placement::TooManyMeetings)).count();
    assert_eq!(created + refused, placements.len(), "{placements:?}");
    created
}

pub(crate) async fn no_more_meetings_at_once_than_it_may_have(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    Create::of("other's").tenant("t2").created_on(state).await;
    Create::of("nobody's").created_on(state).await;
    let requests = (0..40).map(|n| Create::of(&format!("m{n}")).tenant("t1").max_meetings(7)).collect();
    assert_eq!(created_at_once(store, requests).await, 7);
    let total = load(state, "a").await.unwrap() + load(state, "b").await.unwrap();
    assert!((total - 9.0).abs() < f64::EPSILON, "those refused count nowhere: {total}");
    // Others, those without a limit, and a higher one.
    Create::of("x1").tenant("t2").max_meetings(2).created_on(state).await;
    Create::of("x2").max_meetings(0).created_on(state).await;
    Create::of("x3").tenant("t1").created_on(state).await;
    Create::of("x4").tenant("t1").max_meetings(9).created_on(state).await;
    let refused = Create::of("x5").tenant("t1").max_meetings(9).on(state).await;
    assert!(matches!(refused, Placement::TooManyMeetings), "{refused:?}");
    let refused = Create::of("x5").tenant("t3").max_meetings(0).on(state).await;
    assert!(matches!(refused, Placement::TooManyMeetings), "{refused:?}");
}

pub(crate) async fn what_is_over_leaves_room(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    let two = |id: &str| Create::of(id).tenant("t").max_meetings(2);
    let full = async || matches!(two("one more").on(&*store.b).await, Placement::TooManyMeetings);
    let first = two("m1").created_on(state).await;
    two("m2").created_on(state).await;
    assert!(full().await);
    two("m1").existing_on(state).await;
    // One that moves on is none more.
    two("m1").failed(&[first.server.id.as_str()]).created_on(state).await;
    assert!(full().await);
    assert!(state.take_meeting("m1", Some("t")).await.unwrap().is_some());
    two("m3").created_on(state).await;
    assert!(full().await);
    assert!(state.forget_meeting("m2", ForgetIf::default()).await.unwrap());
    let released = two("m4").created_on(state).await;
    assert!(full().await);
    state.release_meeting("m4", &released.server.id).await.unwrap();
    two("short").ttl(std::time::Duration::from_secs(1)).created_on(state).await;
    crate::redis_server::eventually("one expires", async || !full().await).await;
    // Asking whether there is room made one.
    assert!(matches!(two("another").on(state).await, Placement::TooManyMeetings));
    let on = two("one more").existing_on(state).await.server.id;
    assert!(state.remove_server(&on).await.unwrap());
    two("m5").created_on(state).await;
}
