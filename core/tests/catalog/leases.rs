//! Leases.

use std::time::Duration;

use scalelite_core::recordings::catalog::{Catalog, Lease};

use crate::given::TTL;

pub(crate) async fn held_by_one(catalog: &dyn Catalog) {
    let lease = catalog.acquire("tar:a", TTL).await.unwrap().unwrap();
    assert!(catalog.acquire("tar:a", TTL).await.unwrap().is_none());
    assert!(catalog.acquire("tar:b", TTL).await.unwrap().is_some());
    assert!(catalog.renew(&lease, TTL).await.unwrap());
    let stranger = Lease { token: "another".to_owned(), ..lease.clone() };
    assert!(!catalog.renew(&stranger, TTL).await.unwrap());
    catalog.release(&stranger).await.unwrap();
    assert!(catalog.acquire("tar:a", TTL).await.unwrap().is_none());
    catalog.release(&lease).await.unwrap();
    assert!(!catalog.renew(&lease, TTL).await.unwrap());
    assert!(catalog.acquire("tar:a", TTL).await.unwrap().is_some());
}

pub(crate) async fn a_lease_runs_out(catalog: &dyn Catalog) {
    let short = Duration::from_millis(50);
    let first = catalog.acquire("tar:a", short).await.unwrap().unwrap();
    let second = loop {
        if let Some(lease) = catalog.acquire("tar:a", TTL).await.unwrap() {
            break lease;
        }
    };
    assert!(!catalog.renew(&first, TTL).await.unwrap());
    assert!(catalog.renew(&second, TTL).await.unwrap());
    // One that ran out and that nobody took is still its holder's.
    let third = catalog.acquire("tar:b", short).await.unwrap().unwrap();
    tokio::time::sleep(short * 2).await;
    assert_eq!(
        catalog.leases("tar:b").await.unwrap(),
        std::slice::from_ref(&third),
        "its holder may be alive"
    );
    assert!(catalog.renew(&third, TTL).await.unwrap());
    assert!(catalog.acquire("tar:b", TTL).await.unwrap().is_none());
}

pub(crate) async fn listed_by_prefix(catalog: &dyn Catalog) {
    let a = catalog.acquire("tar:a%", TTL).await.unwrap().unwrap();
    let b = catalog.acquire("tar:ab", TTL).await.unwrap().unwrap();
    catalog.acquire("recording:a", TTL).await.unwrap().unwrap();
    assert_eq!(catalog.leases("tar:").await.unwrap(), [a.clone(), b]);
    assert_eq!(catalog.leases("tar:a%").await.unwrap(), [a]);
    assert_eq!(catalog.leases("").await.unwrap().len(), 3);
}

pub(crate) async fn one_of_many_at_once(catalog: &dyn Catalog) {
    let tries = (0..20).map(|_| catalog.acquire("tar:a", TTL));
    let taken = futures_util::future::join_all(tries).await;
    assert_eq!(taken.into_iter().filter_map(Result::unwrap).count(), 1);
}
