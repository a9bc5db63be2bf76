//! What tenants have used.

use std::time::Duration;

use chrono::Utc;
use scalelite_core::recordings::catalog::{Catalog, Import, Lease};
use scalelite_core::recordings::model::{NewRecording, Shelf};
use scalelite_core::usage::{Amounts, Month, Usage};

use crate::given::{mark, metadata, new};

const TTL: Duration = Duration::from_secs(60);

fn used(month: &str, tenant_id: &str, meetings: u64, seconds: u64) -> Usage {
    let participants = Duration::from_secs(seconds);
    let amounts = Amounts { meetings, participants, ..Amounts::default() };
    Usage { month: month.parse().unwrap(), tenant_id: tenant_id.to_owned(), amounts }
}

pub(crate) async fn what_is_added_adds_up(catalog: &dyn Catalog) {
    assert!(catalog.usage(None, None).await.unwrap().is_empty());
    catalog.add_usage(&[]).await.unwrap();
    let (odd, long) = ("'\u{e4}%\"", u64::from(u32::MAX) * 1000);
    catalog.add_usage(&[used("2026-02", odd, 2, 7), used("2026-03", "", 1, long)]).await.unwrap();
    catalog.add_usage(&[used("2026-03", "t", 0, 1), used("2026-03", "", 1, 60)]).await.unwrap();
    let (none, t, old) =
        (used("2026-03", "", 2, long + 60), used("2026-03", "t", 0, 1), used("2026-02", odd, 2, 7));
    assert_eq!(catalog.usage(None, None).await.unwrap(), [none.clone(), t.clone(), old.clone()]);
    let march: Month = "2026-03".parse().unwrap();
    assert_eq!(catalog.usage(Some(march), None).await.unwrap(), [none.clone(), t]);
    assert_eq!(catalog.usage(None, Some(odd)).await.unwrap(), [old]);
    assert_eq!(catalog.usage(Some(march), Some("")).await.unwrap(), [none]);
    assert!(catalog.usage(Some(march), Some(odd)).await.unwrap().is_empty());
}

async fn import(catalog: &dyn Catalog, recording: &NewRecording, bytes: u64) {
    let lease = catalog.acquire(&Lease::of_tar("a.tar"), TTL).await.unwrap().unwrap();
    let formats = std::slice::from_ref(recording);
    let imports = [Import { formats, shelf: Shelf::Published, protected: false, bytes }];
    catalog.record_import(&imports, &mark("a.tar"), std::slice::from_ref(&lease)).await.unwrap();
    catalog.release(&lease).await.unwrap();
    let lost = catalog.record_import(&imports, &mark("a.tar"), &[lease]).await;
    lost.expect_err("what is not recorded does not count");
}

pub(crate) async fn imports_are_counted(catalog: &dyn Catalog) {
    let before = Month::of(Utc::now());
    let of_tenant = NewRecording { metadata: metadata(&[("tenant-id", "t")]), ..new("a", "m", 1) };
    import(catalog, &of_tenant, 1000).await;
    import(catalog, &of_tenant, 500).await;
    import(catalog, &new("b", "m", 2), 7).await;
    let counted = catalog.usage(None, None).await.unwrap();
    if Month::of(Utc::now()) != before {
        return; // A month has ended meanwhile.
    }
    let amounts: Vec<_> = counted.iter().map(|usage| (usage.tenant_id.as_str(), usage.amounts)).collect();
    let of = |recordings, bytes| Amounts { recordings, bytes, ..Amounts::default() };
    assert_eq!(
        amounts,
        [("", of(1, 7)), ("t", of(1, 1500))],
        "a recording counts once, what is unpacked always"
    );
    assert_eq!(counted[0].month, before);
}

pub(crate) async fn of_many_at_once_all_count(catalog: &dyn Catalog) {
    let one = [used("2026-03", "b", 1, 60), used("2026-03", "a", 1, 60)];
    let other = [used("2026-03", "a", 1, 60), used("2026-03", "b", 1, 60)];
    let adds = (0..20).map(|n| catalog.add_usage(if n % 2 == 0 { &one } else { &other }));
    futures_util::future::join_all(adds).await.into_iter().for_each(Result::unwrap);
    let all = catalog.usage(None, None).await.unwrap();
    assert_eq!(all, [used("2026-03", "a", 20, 1200), used("2026-03", "b", 20, 1200)]);
}

pub(crate) async fn summing_up_changes_nothing(catalog: &dyn Catalog) {
    let many: Vec<Usage> = (0..1500).map(|n| used("2026-03", ["a", "b"][n % 2], 1, 2)).collect();
    catalog.add_usage(&many).await.unwrap();
    let sums = [used("2026-03", "a", 750, 1500), used("2026-03", "b", 750, 1500)];
    assert_eq!(catalog.usage(None, None).await.unwrap(), sums);
    let (first, second) = tokio::join!(catalog.tidy(), catalog.tidy());
    first.and(second).unwrap();
    assert_eq!(catalog.usage(None, None).await.unwrap(), sums);
    catalog.add_usage(&many[..2]).await.unwrap();
    catalog.tidy().await.unwrap();
    let more = [used("2026-03", "a", 751, 1502), used("2026-03", "b", 751, 1502)];
    assert_eq!(catalog.usage(None, None).await.unwrap(), more);
}
