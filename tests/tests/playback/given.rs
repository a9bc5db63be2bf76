//! Recordings to play: rows in the catalog and trees in the store, put there without the importer.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use scalelite_core::config::Config;
use scalelite_core::recordings::catalog::{Catalog, Import, Lease, TarMark};
use scalelite_core::recordings::model::{Micros, NewRecording, PlaybackFormat, Shelf};
use scalelite_core::recordings::store::{Store, TreeName};
use scalelite_core::startup;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::{self, Client};
use scalelite_system_tests::process::{Env, Service};
use scalelite_system_tests::site::{Api, Ran, Site};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wire;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A site with recordings.
pub(crate) struct Library {
    pub(crate) site: Site,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) store: Store,
    changes: Env,
}

/// One format of a recording.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) id: &'a str,
    pub(crate) format: &'a str,
    pub(crate) url: Option<&'a str>,
    pub(crate) published: bool,
    pub(crate) protected: bool,
    pub(crate) tenant: Option<&'a str>,
    pub(crate) files: &'a [(&'a str, &'a str)],
}

impl Default for Given<'_> {
    fn default() -> Self {
        Self {
            id: "r-1",
            format: "video",
            url: Some("/video/r-1/"),
            published: true,
            protected: false,
            tenant: None,
            files: &[],
        }
    }
}

impl Library {
    /// An empty one; `changes` are for the environment of its processes.
    pub(crate) async fn start(mode: Mode, changes: &[(&str, &str)]) -> Self {
        Self::start_with(mode, 0, changes).await
    }

    /// The same at a site with so many servers.
    pub(crate) async fn start_with(mode: Mode, servers: usize, changes: &[(&str, &str)]) -> Self {
        let library = Self::unmigrated(mode, servers, changes).await;
        library.catalog.migrate().await.unwrap();
        library
    }

    /// The same, with the database as it is.
    pub(crate) async fn unmigrated(mode: Mode, servers: usize, changes: &[(&str, &str)]) -> Self {
        let site = Site::start(mode, servers).await;
        let dir = |name: &str| site.dir().join(name).display().to_string();
        let dirs = ["spool", "work", "publish", "unpublish"].map(|name| (variable(name), dir(name)));
        let own = changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let changes: Env =
            [("DB_DISABLED".to_owned(), String::new())].into_iter().chain(dirs).chain(own).collect();
        let env = site.env(&borrowed(&changes));
        let source = |name: &str| env.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let config = Config::from_source(&source).unwrap().config;
        let catalog = startup::open_catalog(&config, 1).await.unwrap().expect("there is a database");
        let store = Store::new(&config.recordings).unwrap();
        store.prepare().await.unwrap();
        Self { site, catalog, store, changes }
    }

    /// The environment of a process here.
    pub(crate) fn env(&self) -> Env {
        self.site.env(&borrowed(&self.changes))
    }

    /// An importer.
    pub(crate) async fn importer(&self) -> Service {
        let mut importer = self.start_importer();
        importer.logged("importing recordings").await;
        importer
    }

    /// An importer that may not be ready yet.
    pub(crate) fn start_importer(&self) -> Service {
        Service::start("scalelite-recording-importer", &[], self.site.dir(), &self.env())
    }

    /// A front end.
    pub(crate) async fn api(&self) -> Api {
        self.api_with(&[]).await
    }

    /// A front end with further changes to its environment.
    pub(crate) async fn api_with(&self, changes: &[(&str, &str)]) -> Api {
        let mut all = borrowed(&self.changes);
        all.extend_from_slice(changes);
        self.site.api_with(&all).await
    }

    /// Runs a task of the operator's tool.
    pub(crate) fn task(&self, words: &[&str]) -> Ran {
        self.task_with_input(words, "")
    }

    /// Runs a task with this on its standard input.
    pub(crate) fn task_with_input(&self, words: &[&str], input: &str) -> Ran {
        self.site.task_with(words, &borrowed(&self.changes), input)
    }

    /// The directory of published trees.
    pub(crate) fn published(&self) -> PathBuf {
        self.site.dir().join("publish")
    }

    /// The directory of unpublished trees.
    pub(crate) fn unpublished(&self) -> PathBuf {
        self.site.dir().join("unpublish")
    }

    /// Adds a format of a recording, and its tree.
    pub(crate) async fn add(&self, given: Given<'_>) {
        let Given { id, format, url, published, protected, tenant, files } = given;
        let shelf = Shelf::of(published);
        let staged = self.store.stage("given").await.unwrap().join("tree");
        for (path, content) in [("metadata.xml", "<recording/>")].iter().chain(files) {
            let path = staged.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        self.store.place(&staged, &TreeName::new(format, id).unwrap(), shelf).await.unwrap();
        self.store.unstage("given").await.unwrap();
        let recording = NewRecording {
            record_id: id.to_owned(),
            meeting_id: "room".to_owned(),
            name: None,
            published,
            state: Some(shelf.name().to_owned()),
            participants: None,
            start: Some(Micros::from_millis(1_700_000_000_000)),
            end: Some(Micros::from_millis(1_700_000_060_000)),
            metadata: tenant.iter().map(|id| ("tenant-id".to_owned(), (*id).to_owned())).collect(),
            format: PlaybackFormat {
                format: format.to_owned(),
                url: url.map(str::to_owned),
                length: Some(1),
                processing_time: None,
                thumbnails: Vec::new(),
            },
        };
        let lease = self.catalog.acquire(&Lease::of_recording(id), HOUR).await.unwrap().expect("it is free");
        let tar = TarMark { file_name: format!("{id}-{format}.tar"), fingerprint: "1".to_owned() };
        let import = Import { formats: &[recording], shelf, protected, bytes: 0 };
        self.catalog.record_import(&[import], &tar, std::slice::from_ref(&lease)).await.unwrap();
        self.catalog.release(&lease).await.unwrap();
    }
}

fn variable(dir: &str) -> String {
    format!("RECORDING_{}_DIR", dir.to_uppercase())
}

fn borrowed(env: &Env) -> Vec<(&str, &str)> {
    env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What a viewer gets at this path.
pub(crate) async fn get(client: &Client, path: &str) -> Answer {
    get_with(client, path, &[]).await
}

/// What a viewer gets who sends these headers.
pub(crate) async fn get_with(client: &Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(client, Method::GET, path, headers).await
}

pub(crate) async fn send(client: &Client, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(method, path);
    client::answer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// What comes back for this path as it is: a client of HTTP would tidy it up.
pub(crate) async fn get_raw(client: &Client, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: lb\r\nConnection: close\r\n\r\n");
    wire::exchange(client.base(), request.as_bytes()).await
}

/// It is the page that everybody gets who may not see something, and tells nothing else.
#[track_caller]
pub(crate) fn assert_not_found(answer: &Answer) {
    assert_eq!(answer.status, 404, "{answer:?}");
    assert!(answer.body.contains("<body id=\"recording_not_found\">"), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for telling in ["x-accel-redirect", "location", "set-cookie", "etag", "content-disposition"] {
        assert_eq!(answer.header(telling), None, "{answer:?}");
    }
}
