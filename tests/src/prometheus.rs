//! What Prometheus would read of a process: the text format, strictly, and `promtool`'s word on it.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::process::Service;

/// All samples of one scrape, by name and labels as they are written: `name{a="b"}`.
#[derive(Debug)]
pub struct Scrape {
    /// The text.
    pub text: String,
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    /// Asks a process that tells its metrics at a port of its choice.
    pub async fn of(service: &mut Service) -> Self {
        let address = service.logged("metrics are told at=").await;
        Self::at(&format!("http://{}/metrics", address.trim())).await
    }

    /// Asks at a URL.
    pub async fn at(url: &str) -> Self {
        let answer = reqwest::get(url).await.expect("metrics are told");
        assert_eq!(answer.status(), 200);
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        let text = answer.text().await.expect("all of them come");
        Self { samples: samples(&text), text }
    }

    /// The value of a sample; 0 where there is none.
    #[must_use]
    pub fn value(&self, sample: &str) -> f64 {
        self.samples.get(sample).copied().unwrap_or_default()
    }

    /// Has `promtool` look for mistakes.
    pub fn lint(&self) {
        let mut promtool = Command::new("promtool");
        promtool
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut promtool = promtool.spawn().expect("there is `promtool` (apt install prometheus)");
        promtool.stdin.take().unwrap().write_all(self.text.as_bytes()).unwrap();
        let found = promtool.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&[found.stdout, found.stderr].concat()).into_owned();
        assert!(found.status.success() && told.trim().is_empty(), "{told}\n{}", self.text);
    }
}

/// Every line is a comment, empty, or a sample of a metric whose type is told before; none is told twice.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let (mut types, mut samples) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(told) = line.strip_prefix("# TYPE ") {
            let (name, kind) = told.split_once(' ').expect(line);
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').expect(line);
        let name = sample.split('{').next().unwrap();
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
        let is_histogram = base.and_then(|base| types.get(base)).is_some_and(|kind| kind == "histogram");
        assert!(is_histogram || types.contains_key(name), "no type before: {line}");
        let value: f64 = value.parse().expect(line);
        assert!(samples.insert(sample.to_owned(), value).is_none(), "twice: {line}");
    }
    samples
}
