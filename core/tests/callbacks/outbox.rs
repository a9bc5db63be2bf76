//! A catalog that has an outbox and nothing else, kept in memory, so that a test can take it away and look into it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use scalelite_core::audit::{Change, NotedChange};
use scalelite_core::callbacks::{
    Analytics, AwaitedEnd, Backlog, CallbackAttributes, DueCallback, EndUrls, Message,
};
use scalelite_core::recordings::catalog::{
    Catalog, CatalogError, Head, Import, Lease, Listed, MetadataChange, Playback, TarMark, TreeWork,
};
use scalelite_core::recordings::model::{Cursor, Filter, Micros, NewRecording, Recording, Shelf};
use scalelite_core::usage::{Month, Usage};

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    rows: Mutex<Vec<Row>>,
    next: AtomicI64,
    away: AtomicBool,
}

#[derive(Debug)]
struct Row {
    callback: DueCallback,
    body: Option<String>,
    queued: Instant,
    due: Instant,
}

impl Outbox {
    pub(crate) fn queue(&self, url: &str) -> i64 {
        self.queue_for(url, None)
    }

    pub(crate) fn queue_for(&self, url: &str, tenant_id: Option<&str>) -> i64 {
        let message = Message::RecordingReady { record_id: "recording".to_owned() };
        self.put(url, tenant_id, message, None)
    }

    pub(crate) fn queue_analytics_of(&self, url: &str, body: &str) -> i64 {
        self.put(url, None, Message::Analytics { bytes: body.len() }, Some(body.to_owned()))
    }

    fn put(&self, url: &str, tenant_id: Option<&str>, message: Message, body: Option<String>) -> i64 {
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        let callback = DueCallback {
            id,
            url: url.to_owned(),
            meeting_id: "meeting".to_owned(),
            message,
            tenant_id: tenant_id.map(str::to_owned),
            failures: 0,
            age: Duration::ZERO,
        };
        self.rows.lock().push(Row { callback, body, queued: Instant::now(), due: Instant::now() });
        id
    }

    /// Whether it is away from now on.
    pub(crate) fn be_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.lock().len()
    }

    pub(crate) fn failures_of(&self, id: i64) -> Option<u32> {
        self.rows.lock().iter().find(|row| row.callback.id == id).map(|row| row.callback.failures)
    }

    fn ask(&self) -> Result<(), CatalogError> {
        if self.away.load(Ordering::SeqCst) { Err(sqlx::Error::PoolTimedOut.into()) } else { Ok(()) }
    }

    fn change(&self, id: i64, after: Duration, failed: u32) -> Result<(), CatalogError> {
        self.ask()?;
        if let Some(row) = self.rows.lock().iter_mut().find(|row| row.callback.id == id) {
            row.due = Instant::now() + after;
            row.callback.failures += failed;
        }
        Ok(())
    }
}

#[async_trait]
impl Catalog for Outbox {
    async fn check(&self) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn migrate(&self) -> Result<Vec<String>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn tidy(&self) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn rest(&self, _filter: &Filter, _after: Option<Cursor>) -> Result<Vec<i64>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn recordings(&self, _ids: &[i64]) -> Result<Vec<Recording>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn page(&self, _filter: &Filter, _offset: u64, _limit: u32) -> Result<Listed, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn chunk(
        &self,
        _filter: &Filter,
        _after: Option<Cursor>,
        _limit: u32,
    ) -> Result<Vec<Recording>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn heads(
        &self,
        _record_ids: &[String],
        _tenant_id: Option<&str>,
    ) -> Result<Vec<Head>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn playback(
        &self,
        _record_id: &str,
        _format: &str,
        _tenant_id: Option<&str>,
    ) -> Result<Option<Playback>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn shelf_for(
        &self,
        _recording: &NewRecording,
        _import_unpublished: bool,
    ) -> Result<Shelf, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn record_import(
        &self,
        _imports: &[Import<'_>],
        _tar: &TarMark,
        _leases: &[Lease],
    ) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn publish(&self, _record_id: &str) -> Result<bool, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn unpublish(&self, _record_id: &str) -> Result<Option<Vec<TreeWork>>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn update(
        &self,
        _record_ids: &[String],
        _tenant_id: Option<&str>,
        _change: &MetadataChange,
    ) -> Result<bool, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn delete(&self, _ids: &[i64]) -> Result<Vec<TreeWork>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn adopt(&self, _ids: &[i64], _tenant_id: &str) -> Result<u64, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn pending_tree_work(&self, _age: Duration, _limit: u32) -> Result<Vec<TreeWork>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn tree_work_done(&self, _ids: &[i64]) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn tree_work_postponed(&self, _ids: &[i64]) -> Result<(), CatalogError> {
        Ok(())
    }

    async fn acquire(&self, _name: &str, _ttl: Duration) -> Result<Option<Lease>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn renew(&self, _lease: &Lease, _ttl: Duration) -> Result<bool, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn release(&self, _lease: &Lease) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn leases(&self, _prefix: &str) -> Result<Vec<Lease>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn is_recorded(&self, _tar: &TarMark) -> Result<bool, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn forget_tars(&self, _spool: &[String]) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn note_changes(&self, _changes: &[Change]) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn changes(&self, _since: Option<Micros>, _limit: u32) -> Result<Vec<NotedChange>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn forget_changes(&self, _age: Duration) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn add_usage(&self, _used: &[Usage]) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn usage(
        &self,
        _month: Option<Month>,
        _tenant_id: Option<&str>,
    ) -> Result<Vec<Usage>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn remember_callbacks(
        &self,
        _meeting_id: &str,
        _attributes: &CallbackAttributes,
    ) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn callbacks_of(
        &self,
        _meeting_id: &str,
        _tenant_id: Option<&str>,
    ) -> Result<Option<CallbackAttributes>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn queue_analytics(&self, _analytics: &Analytics<'_>) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn callback_body(&self, id: i64) -> Result<Option<String>, CatalogError> {
        self.ask()?;
        Ok(self.rows.lock().iter().find(|row| row.callback.id == id).and_then(|row| row.body.clone()))
    }

    async fn take_callbacks(&self, limit: u32, hold: Duration) -> Result<Vec<DueCallback>, CatalogError> {
        self.ask()?;
        let mut taken = Vec::new();
        for row in self.rows.lock().iter_mut() {
            if taken.len() < limit as usize && row.due <= Instant::now() {
                row.due = Instant::now() + hold;
                taken.push(DueCallback { age: row.queued.elapsed(), ..row.callback.clone() });
            }
        }
        Ok(taken)
    }

    async fn backlog(&self) -> Result<Backlog, CatalogError> {
        self.ask()?;
        let rows = self.rows.lock();
        let oldest = rows.iter().map(|row| row.queued.elapsed()).max().unwrap_or_default();
        Ok(Backlog { pending: rows.len() as u64, oldest })
    }

    async fn callback_done(&self, id: i64) -> Result<(), CatalogError> {
        self.ask()?;
        self.rows.lock().retain(|row| row.callback.id != id);
        Ok(())
    }

    async fn callback_failed(&self, id: i64, after: Duration) -> Result<(), CatalogError> {
        self.change(id, after, 1)
    }

    async fn callback_postponed(&self, id: i64, after: Duration) -> Result<(), CatalogError> {
        self.change(id, after, 0)
    }

    async fn await_end(
        &self,
        _meeting_id: &str,
        _urls: &EndUrls,
        _grace: Duration,
    ) -> Result<String, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn awaited_end(&self, _meeting_id: &str) -> Result<Option<String>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn forget_end(&self, _token: &str) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn awaited_ends(&self, _after: Option<&str>, _limit: u32) -> Result<Vec<AwaitedEnd>, CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn meetings_over(&self, _tokens: &[String], _grace: Duration) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn meeting_over(&self, _meeting_id: &str, _grace: Duration) -> Result<(), CatalogError> {
        unreachable!("only the outbox is used")
    }

    async fn end_told(&self, _token: &str, _recording_marks: bool) -> Result<bool, CatalogError> {
        unreachable!("only the outbox is used")
    }
}
