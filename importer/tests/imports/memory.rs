//! A catalog in memory, as far as an importer needs one, so that a test can take it away, hold it up and look
//! into it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use scalelite_core::audit::{Change, NotedChange};
use scalelite_core::callbacks::{Analytics, AwaitedEnd, Backlog, CallbackAttributes, DueCallback, EndUrls};
use scalelite_core::recordings::catalog::{
    Catalog, CatalogError, Head, Import, Lease, Listed, MetadataChange, Playback, TarMark, TreeWork,
};
use scalelite_core::recordings::model::{Cursor, Filter, Micros, NewRecording, Recording, Shelf};
use scalelite_core::usage::{Month, Usage};
use tokio::sync::Semaphore;

const UNUSED: &str = "an importer does not ask for this";

#[derive(Debug)]
pub(crate) struct Memory {
    rows: Mutex<Rows>,
    away: AtomicBool,
    /// Recording an import takes a permit; one that is held up waits for it.
    gate: Semaphore,
    waiting: AtomicBool,
}

#[derive(Debug, Default)]
struct Rows {
    recordings: BTreeMap<String, Recorded>,
    marks: HashMap<String, (TarMark, Vec<String>)>,
    leases: HashMap<String, (Lease, Instant)>,
    work: Vec<TreeWork>,
    tokens: u64,
}

/// A recording as it was imported.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorded {
    pub(crate) published: bool,
    pub(crate) protected: bool,
    pub(crate) formats: BTreeSet<String>,
    pub(crate) name: Option<String>,
    /// How often: a callback is queued each time.
    pub(crate) times: usize,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            rows: Mutex::default(),
            away: AtomicBool::new(false),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            waiting: AtomicBool::new(false),
        }
    }

    /// Nothing is recorded until [`let_go`](Self::let_go).
    pub(crate) fn hold_up(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn let_go(&self) {
        self.waiting.store(false, Ordering::SeqCst);
        self.gate.add_permits(1000);
    }

    /// Whether an import is about to be recorded, and is held up.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::SeqCst)
    }

    pub(crate) fn be_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn recorded(&self, record_id: &str) -> Option<Recorded> {
        self.rows.lock().recordings.get(record_id).cloned()
    }

    pub(crate) fn all(&self) -> BTreeMap<String, Recorded> {
        self.rows.lock().recordings.clone()
    }

    pub(crate) fn leases_held(&self) -> usize {
        self.rows.lock().leases.values().filter(|(_, until)| *until > Instant::now()).count()
    }

    /// Takes a lease away from whoever has it.
    pub(crate) fn steal(&self, name: &str, ttl: Duration) -> Lease {
        let mut rows = self.rows.lock();
        rows.leases.remove(name);
        rows.lease(name, ttl)
    }

    pub(crate) fn note_work(&self, work: TreeWork) {
        self.rows.lock().work.push(work);
    }

    pub(crate) fn work_left(&self) -> usize {
        self.rows.lock().work.len()
    }

    pub(crate) fn set_published(&self, record_id: &str, published: bool) {
        self.rows.lock().recordings.get_mut(record_id).unwrap().published = published;
    }

    fn ask(&self) -> Result<(), CatalogError> {
        if self.away.load(Ordering::SeqCst) { Err(sqlx::Error::PoolTimedOut.into()) } else { Ok(()) }
    }
}

impl Rows {
    fn lease(&mut self, name: &str, ttl: Duration) -> Lease {
        self.tokens += 1;
        let lease = Lease { name: name.to_owned(), token: format!("token-{}", self.tokens) };
        self.leases.insert(name.to_owned(), (lease.clone(), Instant::now() + ttl));
        lease
    }
}

#[async_trait]
impl Catalog for Memory {
    async fn check(&self) -> Result<(), CatalogError> {
        self.ask()
    }

    async fn migrate(&self) -> Result<Vec<String>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn tidy(&self) -> Result<(), CatalogError> {
        self.ask()
    }

    async fn rest(&self, _filter: &Filter, _after: Option<Cursor>) -> Result<Vec<i64>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn recordings(&self, _ids: &[i64]) -> Result<Vec<Recording>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn page(&self, _filter: &Filter, _offset: u64, _limit: u32) -> Result<Listed, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn chunk(
        &self,
        _filter: &Filter,
        _after: Option<Cursor>,
        _limit: u32,
    ) -> Result<Vec<Recording>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn heads(
        &self,
        record_ids: &[String],
        _tenant_id: Option<&str>,
    ) -> Result<Vec<Head>, CatalogError> {
        self.ask()?;
        let rows = self.rows.lock();
        let head = |record_id: &String| {
            let recorded = rows.recordings.get(record_id)?;
            Some(Head {
                id: 1,
                record_id: record_id.clone(),
                published: recorded.published,
                state: None,
                formats: recorded.formats.iter().cloned().collect(),
            })
        };
        Ok(record_ids.iter().filter_map(head).collect())
    }

    async fn playback(
        &self,
        _record_id: &str,
        _format: &str,
        _tenant_id: Option<&str>,
    ) -> Result<Option<Playback>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn shelf_for(
        &self,
        recording: &NewRecording,
        import_unpublished: bool,
    ) -> Result<Shelf, CatalogError> {
        self.ask()?;
        Ok(Shelf::of(recording.published && !import_unpublished))
    }

    async fn record_import(
        &self,
        imports: &[Import<'_>],
        tar: &TarMark,
        leases: &[Lease],
    ) -> Result<(), CatalogError> {
        self.waiting.store(self.gate.available_permits() == 0, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        self.ask()?;
        let mut rows = self.rows.lock();
        for lease in leases {
            if rows.leases.get(&lease.name).is_none_or(|(held, _)| held != lease) {
                return Err(CatalogError::LeaseLost(lease.name.clone()));
            }
        }
        assert!(leases.iter().any(|lease| lease.name == Lease::of_tar(&tar.file_name)));
        for import in imports {
            let record_id = &import.formats[0].record_id;
            assert!(leases.iter().any(|lease| lease.name == Lease::of_recording(record_id)));
            let recorded = rows.recordings.entry(record_id.clone()).or_default();
            recorded.published = import.shelf.is_published();
            recorded.protected = import.protected;
            recorded.formats.extend(import.formats.iter().map(|format| format.format.format.clone()));
            recorded.name = import.formats.last().unwrap().name.clone();
            recorded.times += 1;
        }
        let ids = imports.iter().map(|import| import.formats[0].record_id.clone()).collect();
        rows.marks.insert(tar.file_name.clone(), (tar.clone(), ids));
        Ok(())
    }

    async fn publish(&self, _record_id: &str) -> Result<bool, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn unpublish(&self, _record_id: &str) -> Result<Option<Vec<TreeWork>>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn update(
        &self,
        _record_ids: &[String],
        _tenant_id: Option<&str>,
        _change: &MetadataChange,
    ) -> Result<bool, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn delete(&self, _ids: &[i64]) -> Result<Vec<TreeWork>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn adopt(&self, _ids: &[i64], _tenant_id: &str) -> Result<u64, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn pending_tree_work(&self, _age: Duration, limit: u32) -> Result<Vec<TreeWork>, CatalogError> {
        self.ask()?;
        Ok(self.rows.lock().work.iter().take(limit as usize).cloned().collect())
    }

    async fn tree_work_done(&self, ids: &[i64]) -> Result<(), CatalogError> {
        self.ask()?;
        self.rows.lock().work.retain(|work| !ids.contains(&work.id));
        Ok(())
    }

    async fn tree_work_postponed(&self, _ids: &[i64]) -> Result<(), CatalogError> {
        Ok(())
    }

    async fn acquire(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, CatalogError> {
        self.ask()?;
        let mut rows = self.rows.lock();
        let is_held = rows.leases.get(name).is_some_and(|(_, until)| *until > Instant::now());
        Ok((!is_held).then(|| rows.lease(name, ttl)))
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool, CatalogError> {
        self.ask()?;
        let mut rows = self.rows.lock();
        let Some((held, until)) = rows.leases.get_mut(&lease.name) else { return Ok(false) };
        *until = (*until).max(Instant::now() + ttl);
        Ok(held == lease)
    }

    async fn release(&self, lease: &Lease) -> Result<(), CatalogError> {
        self.ask()?;
        let mut rows = self.rows.lock();
        if rows.leases.get(&lease.name).is_some_and(|(held, _)| held == lease) {
            rows.leases.remove(&lease.name);
        }
        Ok(())
    }

    async fn leases(&self, prefix: &str) -> Result<Vec<Lease>, CatalogError> {
        self.ask()?;
        let rows = self.rows.lock();
        let held = rows.leases.values().map(|(lease, _)| lease);
        Ok(held.filter(|lease| lease.name.starts_with(prefix)).cloned().collect())
    }

    async fn is_recorded(&self, tar: &TarMark) -> Result<bool, CatalogError> {
        self.ask()?;
        let rows = self.rows.lock();
        Ok(rows.marks.get(&tar.file_name).is_some_and(|(mark, ids)| {
            mark == tar && ids.iter().all(|record_id| rows.recordings.contains_key(record_id))
        }))
    }

    async fn forget_tars(&self, spool: &[String]) -> Result<(), CatalogError> {
        self.ask()?;
        self.rows.lock().marks.retain(|name, _| spool.contains(name));
        Ok(())
    }

    async fn note_changes(&self, _changes: &[Change]) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn changes(&self, _since: Option<Micros>, _limit: u32) -> Result<Vec<NotedChange>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn forget_changes(&self, _age: Duration) -> Result<(), CatalogError> {
        self.ask()
    }

    async fn add_usage(&self, _used: &[Usage]) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn usage(
        &self,
        _month: Option<Month>,
        _tenant_id: Option<&str>,
    ) -> Result<Vec<Usage>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn remember_callbacks(
        &self,
        _meeting_id: &str,
        _attributes: &CallbackAttributes,
    ) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn callbacks_of(
        &self,
        _meeting_id: &str,
        _tenant_id: Option<&str>,
    ) -> Result<Option<CallbackAttributes>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn queue_analytics(&self, _analytics: &Analytics<'_>) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn callback_body(&self, _id: i64) -> Result<Option<String>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn take_callbacks(&self, _limit: u32, _hold: Duration) -> Result<Vec<DueCallback>, CatalogError> {
        self.ask()?;
        Ok(Vec::new())
    }

    async fn backlog(&self) -> Result<Backlog, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn callback_done(&self, _id: i64) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn callback_failed(&self, _id: i64, _after: Duration) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn callback_postponed(&self, _id: i64, _after: Duration) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn await_end(
        &self,
        _meeting_id: &str,
        _urls: &EndUrls,
        _grace: Duration,
    ) -> Result<String, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn awaited_end(&self, _meeting_id: &str) -> Result<Option<String>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn forget_end(&self, _token: &str) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn awaited_ends(&self, _after: Option<&str>, _limit: u32) -> Result<Vec<AwaitedEnd>, CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn meetings_over(&self, _tokens: &[String], _grace: Duration) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn meeting_over(&self, _meeting_id: &str, _grace: Duration) -> Result<(), CatalogError> {
        unreachable!("{UNUSED}")
    }

    async fn end_told(&self, _token: &str, _recording_marks: bool) -> Result<bool, CatalogError> {
        unreachable!("{UNUSED}")
    }
}
