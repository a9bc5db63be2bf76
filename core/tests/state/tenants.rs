//! Tenants and their settings.

use scalelite_core::tenant::{Tenant, TenantSetting};
use secrecy::ExposeSecret;

use crate::store::Store;

fn setting(param: &str, value: &str, overrides: bool) -> TenantSetting {
    TenantSetting { param: param.to_owned(), value: value.to_owned(), overrides }
}

pub(crate) async fn found_by_name_with_its_settings(store: &Store) {
    let state = &*store.a;
    assert!(state.tenant_by_name("bank").await.unwrap().is_none());
    let tenant = Tenant {
        id: "id-1".to_owned(),
        name: "bank".to_owned(),
        secrets: vec!["one".into(), "two".into()],
        settings: vec![setting("record", "false", true), setting("logo", "https://l/?a=b&c", false)],
    };
    state.add_tenant(&tenant).await.unwrap();
    let other = Tenant {
        id: "id-2".to_owned(),
        name: "school".to_owned(),
        secrets: Vec::new(),
        settings: Vec::new(),
    };
    state.add_tenant(&other).await.unwrap();
    let first = state.add_tenant_setting("id-1", &setting("duration", "", false)).await.unwrap();
    let second = state.add_tenant_setting("id-2", &setting("duration", "5", true)).await.unwrap();
    assert_ne!(first, second);
    let found = store.b.tenant_by_name("bank").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.name.as_str()), ("id-1", "bank"));
    let secrets: Vec<&str> = found.secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(secrets, ["one", "two"]);
    let by_name = [
        setting("duration", "", false),
        setting("logo", "https://l/?a=b&c", false),
        setting("record", "false", true),
    ];
    assert_eq!(found.settings, by_name);
    assert!(state.tenant_by_name("BANK").await.unwrap().is_none());
    assert!(state.tenant_by_name("id-1").await.unwrap().is_none());
}

pub(crate) async fn found_by_id_with_its_settings(store: &Store) {
    let state = &*store.a;
    assert!(state.tenant("id-1").await.unwrap().is_none());
    for (id, name, secret) in [("id-1", "bank", "one"), ("id-2", "school", "two"), ("id-3", "id-1", "three")]
    {
        let tenant = Tenant {
            id: id.to_owned(),
            name: name.to_owned(),
            secrets: vec![secret.into()],
            settings: vec![setting("logo", name, true)],
        };
        state.add_tenant(&tenant).await.unwrap();
    }
    let found = store.b.tenant("id-1").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.name.as_str()), ("id-1", "bank"));
    assert_eq!(found.secrets[0].expose_secret(), "one");
    assert_eq!(found.settings, [setting("logo", "bank", true)]);
    for unknown in ["", "bank", "ID-1", "id"] {
        assert!(state.tenant(unknown).await.unwrap().is_none(), "{unknown}");
    }
}

pub(crate) async fn a_tenant_without_settings(store: &Store) {
    let tenant =
        Tenant { id: "t".to_owned(), name: "n".to_owned(), secrets: vec!["s".into()], settings: Vec::new() };
    store.a.add_tenant(&tenant).await.unwrap();
    let found = store.b.tenant_by_name("n").await.unwrap().unwrap();
    assert!(found.settings.is_empty());
    assert_eq!(found.secrets.len(), 1);
}
