//! The trait of the catalog over the functions of a database. Both databases have the same modules with the same
//! functions, on their own kind of `link`.

/// Implements [`Catalog`](super::catalog::Catalog) for a type by the functions of the modules that stand where this is.
macro_rules! impl_catalog {
    ($database:ident) => {
        const _: () = {
            use std::time::Duration;

            use async_trait::async_trait;

            use $crate::audit::{Change, NotedChange};
            use $crate::callbacks::{
                Analytics, AwaitedEnd, Backlog, CallbackAttributes, DueCallback, EndUrls,
            };
            use $crate::recordings::catalog::{
                Catalog, CatalogError, Head, Import, Lease, Listed, MetadataChange, Playback, TarMark,
                TreeWork,
            };
            use $crate::recordings::model::{Cursor, Filter, Micros, NewRecording, Recording, Shelf};
            use $crate::usage::{Month, Usage};

            #[async_trait]
            impl Catalog for $database {
                async fn check(&self) -> Result<(), CatalogError> {
                    database::check(&self.link).await
                }

                async fn migrate(&self) -> Result<Vec<String>, CatalogError> {
                    database::migrate(&self.link).await
                }

                async fn tidy(&self) -> Result<(), CatalogError> {
                    database::tidy(&self.link).await
                }

                async fn page(
                    &self,
                    filter: &Filter,
                    offset: u64,
                    limit: u32,
                ) -> Result<Listed, CatalogError> {
                    find::page(&self.link, filter, offset, limit).await
                }

                async fn chunk(
                    &self,
                    filter: &Filter,
                    after: Option<Cursor>,
                    limit: u32,
                ) -> Result<Vec<Recording>, CatalogError> {
                    find::chunk(&self.link, filter, after, limit).await
                }

                async fn rest(
                    &self,
                    filter: &Filter,
                    after: Option<Cursor>,
                ) -> Result<Vec<i64>, CatalogError> {
                    find::rest(&self.link, filter, after).await
                }

                async fn recordings(&self, ids: &[i64]) -> Result<Vec<Recording>, CatalogError> {
                    find::recordings(&self.link, ids).await
                }

                async fn heads(
                    &self,
                    record_ids: &[String],
                    tenant_id: Option<&str>,
                ) -> Result<Vec<Head>, CatalogError> {
                    find::heads(&self.link, record_ids, tenant_id).await
                }

                async fn playback(
                    &self,
                    record_id: &str,
                    format: &str,
                    tenant_id: Option<&str>,
                ) -> Result<Option<Playback>, CatalogError> {
                    find::playback(&self.link, record_id, format, tenant_id).await
                }

                async fn shelf_for(
                    &self,
                    recording: &NewRecording,
                    import_unpublished: bool,
                ) -> Result<Shelf, CatalogError> {
                    imports::shelf_for(&self.link, recording, import_unpublished).await
                }

                async fn record_import(
                    &self,
                    imports: &[Import<'_>],
                    tar: &TarMark,
                    leases: &[Lease],
                ) -> Result<(), CatalogError> {
                    imports::record(&self.link, imports, tar, leases).await
                }

                async fn publish(&self, record_id: &str) -> Result<bool, CatalogError> {
                    changes::publish(&self.link, record_id).await
                }

                async fn unpublish(&self, record_id: &str) -> Result<Option<Vec<TreeWork>>, CatalogError> {
                    changes::unpublish(&self.link, record_id).await
                }

                async fn update(
                    &self,
                    record_ids: &[String],
                    tenant_id: Option<&str>,
                    change: &MetadataChange,
                ) -> Result<bool, CatalogError> {
                    changes::update(&self.link, record_ids, tenant_id, change).await
                }

                async fn delete(&self, ids: &[i64]) -> Result<Vec<TreeWork>, CatalogError> {
                    changes::delete(&self.link, ids).await
                }

                async fn adopt(&self, ids: &[i64], tenant_id: &str) -> Result<u64, CatalogError> {
                    changes::adopt(&self.link, ids, tenant_id).await
                }

                async fn pending_tree_work(
                    &self,
                    age: Duration,
                    limit: u32,
                ) -> Result<Vec<TreeWork>, CatalogError> {
                    tree_work::pending(&self.link, age, limit).await
                }

                async fn tree_work_done(&self, ids: &[i64]) -> Result<(), CatalogError> {
                    tree_work::done(&self.link, ids).await
                }

                async fn tree_work_postponed(&self, ids: &[i64]) -> Result<(), CatalogError> {
                    tree_work::postponed(&self.link, ids).await
                }

                async fn acquire(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, CatalogError> {
                    leases::acquire(&self.link, name, ttl).await
                }

                async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool, CatalogError> {
                    leases::renew(&self.link, lease, ttl).await
                }

                async fn release(&self, lease: &Lease) -> Result<(), CatalogError> {
                    leases::release(&self.link, lease).await
                }

                async fn leases(&self, prefix: &str) -> Result<Vec<Lease>, CatalogError> {
                    leases::held(&self.link, prefix).await
                }

                async fn is_recorded(&self, tar: &TarMark) -> Result<bool, CatalogError> {
                    imports::is_recorded(&self.link, tar).await
                }

                async fn forget_tars(&self, spool: &[String]) -> Result<(), CatalogError> {
                    imports::forget(&self.link, spool).await
                }

                async fn note_changes(&self, changes: &[Change]) -> Result<(), CatalogError> {
                    audit::note(&self.link, changes).await
                }

                async fn changes(
                    &self,
                    since: Option<Micros>,
                    limit: u32,
                ) -> Result<Vec<NotedChange>, CatalogError> {
                    audit::list(&self.link, since, limit).await
                }

                async fn forget_changes(&self, age: Duration) -> Result<(), CatalogError> {
                    audit::forget(&self.link, age).await
                }

                async fn add_usage(&self, used: &[Usage]) -> Result<(), CatalogError> {
                    usage::add(&self.link, used).await
                }

                async fn usage(
                    &self,
                    month: Option<Month>,
                    tenant_id: Option<&str>,
                ) -> Result<Vec<Usage>, CatalogError> {
                    usage::list(&self.link, month, tenant_id).await
                }

                async fn remember_callbacks(
                    &self,
                    meeting_id: &str,
                    attributes: &CallbackAttributes,
                ) -> Result<(), CatalogError> {
                    callbacks::remember(&self.link, meeting_id, attributes).await
                }

                async fn callbacks_of(
                    &self,
                    meeting_id: &str,
                    tenant_id: Option<&str>,
                ) -> Result<Option<CallbackAttributes>, CatalogError> {
                    callbacks::of_meeting(&self.link, meeting_id, tenant_id).await
                }

                async fn queue_analytics(&self, analytics: &Analytics<'_>) -> Result<(), CatalogError> {
                    callbacks::queue_analytics(&self.link, analytics).await
                }

                async fn callback_body(&self, id: i64) -> Result<Option<String>, CatalogError> {
                    callbacks::body(&self.link, id).await
                }

                async fn take_callbacks(
                    &self,
                    limit: u32,
                    hold: Duration,
                ) -> Result<Vec<DueCallback>, CatalogError> {
                    ends::queue_over(&self.link).await?;
                    callbacks::take(&self.link, limit, hold).await
                }

                async fn backlog(&self) -> Result<Backlog, CatalogError> {
                    callbacks::backlog(&self.link).await
                }

                async fn callback_done(&self, id: i64) -> Result<(), CatalogError> {
                    callbacks::done(&self.link, id).await
                }

                async fn callback_failed(&self, id: i64, after: Duration) -> Result<(), CatalogError> {
                    callbacks::put_off(&self.link, id, after, 1).await
                }

                async fn callback_postponed(&self, id: i64, after: Duration) -> Result<(), CatalogError> {
                    callbacks::put_off(&self.link, id, after, 0).await
                }

                async fn await_end(
                    &self,
                    meeting_id: &str,
                    urls: &EndUrls,
                    grace: Duration,
                ) -> Result<String, CatalogError> {
                    ends::wait_for(&self.link, meeting_id, urls, grace).await
                }

                async fn awaited_end(&self, meeting_id: &str) -> Result<Option<String>, CatalogError> {
                    ends::of_meeting(&self.link, meeting_id).await
                }

                async fn forget_end(&self, token: &str) -> Result<(), CatalogError> {
                    ends::forget(&self.link, token).await
                }

                async fn awaited_ends(
                    &self,
                    after: Option<&str>,
                    limit: u32,
                ) -> Result<Vec<AwaitedEnd>, CatalogError> {
                    ends::list(&self.link, after, limit).await
                }

                async fn meetings_over(
                    &self,
                    tokens: &[String],
                    grace: Duration,
                ) -> Result<(), CatalogError> {
                    ends::over(&self.link, tokens, grace).await
                }

                async fn meeting_over(&self, meeting_id: &str, grace: Duration) -> Result<(), CatalogError> {
                    ends::over_by_meeting(&self.link, meeting_id, grace).await
                }

                async fn end_told(&self, token: &str, recording_marks: bool) -> Result<bool, CatalogError> {
                    ends::told(&self.link, token, recording_marks).await
                }
            }
        };
    };
}
