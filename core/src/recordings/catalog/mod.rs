//! The catalog: the database of recordings, of callbacks, and of work that must survive a crash (CONTRACT §10).
//!
//! [`Catalog`] is the one trait, with an implementation for PostgreSQL and one for SQLite. Each operation is one of the domain
//! and one transaction.
//!
//! # Who may touch a recording's files
//!
//! Files and rows cannot change in one step. So whoever changes where a recording's trees are (an import,
//! `publishRecordings`, `deleteRecordings`, a task) holds the recording's *lease* meanwhile, and a change that
//! hides files is committed together with the [`TreeWork`] that it makes necessary: should the process die
//! before that is done, another one does it.

use std::time::Duration;

use async_trait::async_trait;

use super::model::{Cursor, Filter, Micros, NewRecording, Recording, Shelf};
use crate::audit::{Change, NotedChange};
use crate::callbacks::{Analytics, AwaitedEnd, Backlog, CallbackAttributes, DueCallback, EndUrls};
use crate::usage::{Month, Usage};

mod error;
mod lease;
mod values;

pub use error::{CatalogError, MOST_METADATA};
pub use lease::{Lease, TarMark};
pub(super) use values::last_of_each;
pub use values::{Head, Import, Listed, MetadataChange, Playback, TreeWork};

/// The catalog. All operations may be called at the same time, from any number of processes and hosts.
#[async_trait]
pub trait Catalog: Send + Sync + std::fmt::Debug {
    // --- the database itself

    /// Whether the database answers and has all migrations.
    async fn check(&self) -> Result<(), CatalogError>;

    /// Brings an empty database, or an original's, to the schema. Any number of processes may do so at the
    /// same time. Gives the names of the migrations that were applied.
    async fn migrate(&self) -> Result<Vec<String>, CatalogError>;

    /// Sums up what was written bit by bit. Costs nothing where there is nothing to do; once a minute is enough.
    async fn tidy(&self) -> Result<(), CatalogError>;

    // --- asking

    /// `limit` recordings after the first `offset`, and how many there are in all.
    async fn page(&self, filter: &Filter, offset: u64, limit: u32) -> Result<Listed, CatalogError>;

    /// The next recordings after the cursor, at most `limit`; fewer mean that there are no more. It holds no
    /// connection between two calls, so a slow reader keeps nobody waiting.
    async fn chunk(
        &self,
        filter: &Filter,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<Recording>, CatalogError>;

    /// The keys of the rows of all recordings after the cursor, in the same order: for a filter that has to look at
    /// all of them to find the newest, so that it does so once.
    async fn rest(&self, filter: &Filter, after: Option<Cursor>) -> Result<Vec<i64>, CatalogError>;

    /// The recordings of these rows in this order; those that are gone are left out.
    async fn recordings(&self, ids: &[i64]) -> Result<Vec<Recording>, CatalogError>;

    /// The recordings of exactly these IDs that are there (deleted ones too), of a tenant if one is named.
    async fn heads(&self, record_ids: &[String], tenant_id: Option<&str>) -> Result<Vec<Head>, CatalogError>;

    /// What is needed to play a format, if the recording has it (and is the tenant's).
    async fn playback(
        &self,
        record_id: &str,
        format: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Playback>, CatalogError>;

    // --- changing

    /// Where the files of a recording that is about to be imported belong: the operator's last word if there
    /// was one, else unpublished if `import_unpublished`, else as its metadata says.
    async fn shelf_for(
        &self,
        recording: &NewRecording,
        import_unpublished: bool,
    ) -> Result<Shelf, CatalogError>;

    /// Records what a tar held (recordings, metadata, formats, thumbnails), links `callback_data`, queues the
    /// recording-ready callbacks, and notes that this tar is done; all in one transaction, which fails with
    /// [`CatalogError::LeaseLost`] unless every one of `leases` is still held. Old formats and metadata that
    /// the tar lacks stay; a deleted recording is back.
    async fn record_import(
        &self,
        imports: &[Import<'_>],
        tar: &TarMark,
        leases: &[Lease],
    ) -> Result<(), CatalogError>;

    /// Notes the operator's word that a recording is published (`published`, `state`, `publish_updated`). Its
    /// trees stand there by now. False if there is no such recording, or it is deleted.
    async fn publish(&self, record_id: &str) -> Result<bool, CatalogError>;

    /// Notes the operator's word that a recording is unpublished, and that its trees have to be moved. None if
    /// there is no such recording, or it is deleted.
    async fn unpublish(&self, record_id: &str) -> Result<Option<Vec<TreeWork>>, CatalogError>;

    /// Changes all of these recordings (exact IDs, of a tenant if one is named) or, if one of them is not
    /// there, none. Deleted ones count as there, as in the original. True if they were changed. Fails with
    /// [`CatalogError::TooMuchMetadata`] if one of them had more than [`MOST_METADATA`] bytes then.
    async fn update(
        &self,
        record_ids: &[String],
        tenant_id: Option<&str>,
        change: &MetadataChange,
    ) -> Result<bool, CatalogError>;

    /// Marks these recordings (by [`Head::id`]) as deleted, drops their metadata, formats and thumbnails, and
    /// notes which trees have to be removed; all of them in one transaction.
    async fn delete(&self, ids: &[i64]) -> Result<Vec<TreeWork>, CatalogError>;

    /// Adds `tenant-id` to those of these recordings that have none; gives how many that were.
    async fn adopt(&self, ids: &[i64], tenant_id: &str) -> Result<u64, CatalogError>;

    // --- work on files

    /// Work that was noted before `age` ago and is not done yet, at most `limit`, what waits longest first.
    async fn pending_tree_work(&self, age: Duration, limit: u32) -> Result<Vec<TreeWork>, CatalogError>;

    /// Forgets work that is done.
    async fn tree_work_done(&self, ids: &[i64]) -> Result<(), CatalogError>;

    /// Work that cannot be done now counts as noted now, so that other work comes first.
    async fn tree_work_postponed(&self, ids: &[i64]) -> Result<(), CatalogError>;

    // --- leases

    /// Takes the lease of that name for `ttl` if nobody holds it. By the database's clock.
    async fn acquire(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, CatalogError>;

    /// Holds the lease for another `ttl` from now. False if another process has taken it; true also if it had
    /// run out and nobody has.
    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool, CatalogError>;

    /// Gives the lease back, if it is still held.
    async fn release(&self, lease: &Lease) -> Result<(), CatalogError>;

    /// The leases that nobody else has taken and nobody has given back, also those that have run out, whose names
    /// begin with `prefix`: their holders may be alive.
    async fn leases(&self, prefix: &str) -> Result<Vec<Lease>, CatalogError>;

    // --- tars

    /// Whether this very tar was recorded before, see [`record_import`](Self::record_import), and all that it
    /// held is still there and not deleted.
    async fn is_recorded(&self, tar: &TarMark) -> Result<bool, CatalogError>;

    /// Forgets the marks of tars that are no longer in the spool, and leases that ran out long ago.
    /// `spool` are the names of all files there.
    async fn forget_tars(&self, spool: &[String]) -> Result<(), CatalogError>;

    // --- who changed what, see [`audit`](crate::audit)

    /// Notes these changes, as made now by the database's clock; all or none.
    async fn note_changes(&self, changes: &[Change]) -> Result<(), CatalogError>;

    /// Changes that were noted at `since` or later, the newest first, at most `limit`.
    async fn changes(&self, since: Option<Micros>, limit: u32) -> Result<Vec<NotedChange>, CatalogError>;

    /// Forgets changes that were noted `age` ago or earlier.
    async fn forget_changes(&self, age: Duration) -> Result<(), CatalogError>;

    // --- what tenants have used, see [`usage`](crate::usage)

    /// Adds what was used (but recordings and their bytes, which [`record_import`](Self::record_import) counts); all
    /// or none.
    async fn add_usage(&self, used: &[Usage]) -> Result<(), CatalogError>;

    /// What was used in that month by that tenant, or in all months and by all tenants; the newest month first.
    async fn usage(&self, month: Option<Month>, tenant_id: Option<&str>) -> Result<Vec<Usage>, CatalogError>;

    // --- callbacks

    /// Remembers callback URLs of a meeting of that tenant; a URL that is `None` stays as it was.
    async fn remember_callbacks(
        &self,
        meeting_id: &str,
        attributes: &CallbackAttributes,
    ) -> Result<(), CatalogError>;

    /// The callback URLs that are remembered for a meeting of that tenant, or else for one of which it is not known
    /// whose it was; of several rows the newest.
    async fn callbacks_of(
        &self,
        meeting_id: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<CallbackAttributes>, CatalogError>;

    /// Queues learning analytics.
    async fn queue_analytics(&self, analytics: &Analytics<'_>) -> Result<(), CatalogError>;

    /// The text of [`Message::Analytics`](crate::callbacks::Message), if the callback is still there.
    async fn callback_body(&self, id: i64) -> Result<Option<String>, CatalogError>;

    /// Takes callbacks that are due, at most `limit`: nobody else gets them for `hold`. Before that, ends whose
    /// grace is over are queued.
    async fn take_callbacks(&self, limit: u32, hold: Duration) -> Result<Vec<DueCallback>, CatalogError>;

    /// What waits to be delivered.
    async fn backlog(&self) -> Result<Backlog, CatalogError>;

    /// The callback was delivered, or will never be: it is forgotten.
    async fn callback_done(&self, id: i64) -> Result<(), CatalogError>;

    /// The callback failed once more, and is due again `after` from now.
    async fn callback_failed(&self, id: i64, after: Duration) -> Result<(), CatalogError>;

    /// The callback was not tried, and is due again `after` from now.
    async fn callback_postponed(&self, id: i64, after: Duration) -> Result<(), CatalogError>;

    // --- ends of meetings

    /// Notes who wants to be told that a meeting is over which begins now, and gives its token. If the end of an
    /// earlier meeting of that ID is still awaited, that one is over.
    async fn await_end(
        &self,
        meeting_id: &str,
        urls: &EndUrls,
        grace: Duration,
    ) -> Result<String, CatalogError>;

    /// The token of a meeting that goes on, if its end is awaited.
    async fn awaited_end(&self, meeting_id: &str) -> Result<Option<String>, CatalogError>;

    /// The meeting has never begun: nobody is told.
    async fn forget_end(&self, token: &str) -> Result<(), CatalogError>;

    /// Meetings that are not known to be over, in the order of their tokens, after that token.
    async fn awaited_ends(&self, after: Option<&str>, limit: u32) -> Result<Vec<AwaitedEnd>, CatalogError>;

    /// These meetings (by token) are over: it is told after `grace`, unless their servers tell before.
    async fn meetings_over(&self, tokens: &[String], grace: Duration) -> Result<(), CatalogError>;

    /// [`meetings_over`](Self::meetings_over) for the meeting of that ID, if its end is awaited.
    async fn meeting_over(&self, meeting_id: &str, grace: Duration) -> Result<(), CatalogError>;

    /// A server has told that a meeting is over: its callbacks are queued. False if nobody waits for it any more.
    async fn end_told(&self, token: &str, recording_marks: bool) -> Result<bool, CatalogError>;
}
