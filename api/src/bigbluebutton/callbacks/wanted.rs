//! What a `create` says of callbacks, and what its server gets instead. Pure.

use scalelite_core::bbb::params::Params;
use scalelite_core::callbacks::EndUrls;

/// Where the front end wants to be told that a recording is ready; the preferred one first. (Like all metadata,
/// BigBlueButton takes these names in any case.)
const READY: [&str; 3] =
    ["meta_bn-recording-ready-url", "meta_bbb-recording-ready-url", "meta_canvas-recording-ready-url"];
const ANALYTICS: &str = "meta_analytics-callback-url";
const END_CALLBACK: &str = "meta_endCallbackUrl";
const MEETING_ENDED: &str = "meetingEndedURL";

/// The path where servers send learning analytics, …
const ANALYTICS_PATH: &str = "/bigbluebutton/api/analytics_callback";
/// … and where they tell that a meeting is over.
const ENDED_PATH: &str = "/bigbluebutton/api/meeting_ended_callback";

/// A parameter that gets another value, or goes.
pub(in super::super) type Change = (String, Option<String>);

/// The callbacks that a `create` names, as (name, URL); a name counts also without a URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in super::super) struct Wanted {
    ready: Vec<(String, String)>,
    analytics: Option<(String, String)>,
    end_callback: Option<(String, String)>,
    meeting_ended: Option<String>,
}

impl Wanted {
    pub(in super::super) fn of(params: &Params) -> Self {
        let of_name = |name: &str| {
            let mut found = params.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
            found.next().map(|(given, url)| (given.to_owned(), url.trim().to_owned()))
        };
        Self {
            ready: READY.iter().filter_map(|name| of_name(name)).collect(),
            analytics: of_name(ANALYTICS),
            end_callback: of_name(END_CALLBACK),
            meeting_ended: params.get(MEETING_ENDED).map(|url| url.trim().to_owned()),
        }
    }

    /// Whether there are any.
    pub(in super::super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn ready(&self) -> Option<&str> {
        self.ready.iter().map(|(_, url)| url.as_str()).find(|url| !url.is_empty())
    }

    pub(super) fn analytics(&self) -> Option<&str> {
        present(self.analytics.as_ref().map(|(_, url)| url))
    }

    /// Who wants to be told of the meeting's end, if anybody does.
    pub(super) fn end(&self) -> Option<EndUrls> {
        let end_callback = present(self.end_callback.as_ref().map(|(_, url)| url)).map(str::to_owned);
        let meeting_ended = present(self.meeting_ended.as_ref()).map(str::to_owned);
        let urls = EndUrls { end_callback, meeting_ended };
        (urls != EndUrls::default()).then_some(urls)
    }

    pub(super) fn changes_of_ready(&self) -> Vec<Change> {
        self.ready.iter().map(|(name, _)| (name.clone(), None)).collect()
    }

    pub(super) fn changes_of_analytics(&self, own_url: &str) -> Vec<Change> {
        let wanted = self.analytics.as_ref().filter(|(_, url)| !url.is_empty());
        wanted
            .map(|(name, _)| (name.clone(), Some(format!("{own_url}{ANALYTICS_PATH}"))))
            .into_iter()
            .collect()
    }

    /// The server tells us once, with the marks of the recording if it can. Without a token it tells nobody.
    pub(super) fn changes_of_end(&self, own_url: &str, token: Option<&str>) -> Vec<Change> {
        let url = token.map(|token| format!("{own_url}{ENDED_PATH}?token={token}"));
        let mut changes = Vec::new();
        let mut tells = false;
        if let Some((name, wanted)) = &self.end_callback {
            tells = !wanted.is_empty();
            changes.push((name.clone(), url.clone().filter(|_| tells)));
        }
        if self.meeting_ended.is_some() {
            changes.push((MEETING_ENDED.to_owned(), url.filter(|_| !tells)));
        }
        changes
    }
}

fn present(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(query: &str) -> Wanted {
        Wanted::of(&Params::parse(query).unwrap())
    }

    fn changes(list: Vec<Change>) -> Vec<(String, String)> {
        list.into_iter().map(|(name, value)| (name, value.unwrap_or_else(|| "gone".to_owned()))).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn the_preferred_url_for_recordings() {
        for (query, expected) in [
            ("meta_canvas-recording-ready-url=c", Some("c")),
            ("meta_canvas-recording-ready-url=c&meta_bbb-recording-ready-url=b", Some("b")),
            ("meta_bbb-recording-ready-url=b&meta_bn-recording-ready-url=n", Some("n")),
            ("meta_bbb-recording-ready-url=b&meta_bn-recording-ready-url=", Some("b")),
            ("META_BBB-Recording-Ready-URL=b", Some("b")),
            ("meta_bn-recording-ready-url=", None),
        ] {
            let wanted = wanted(&format!("{query}&name=x"));
            assert_eq!(wanted.ready(), expected, "{query}");
            let gone = changes(wanted.changes_of_ready());
            assert_eq!(gone.len(), query.split('&').count());
            assert!(gone.iter().all(|(name, value)| query.contains(name) && value == "gone"), "{gone:?}");
        }
        assert!(wanted("name=x&meta_other=https://x/").is_empty());
    }

    #[test]
    fn analytics_come_here_first() {
        let some = wanted("meta_analytics-callback-url=https://f/");
        assert_eq!(some.analytics(), Some("https://f/"));
        let here = "https://lb/bigbluebutton/api/analytics_callback";
        assert_eq!(changes(some.changes_of_analytics("https://lb")), pairs(&[(ANALYTICS, here)]));
        for none in ["", "meta_analytics-callback-url="] {
            assert_eq!(wanted(none).analytics(), None);
            assert!(wanted(none).changes_of_analytics("https://lb").is_empty());
        }
    }

    #[test]
    fn the_server_tells_of_an_end_once() {
        let here = "https://lb/bigbluebutton/api/meeting_ended_callback?token=t";
        let both = wanted("meetingEndedURL=https://e/&meta_endcallbackURL=https://c/");
        let urls = EndUrls {
            end_callback: Some("https://c/".to_owned()),
            meeting_ended: Some("https://e/".to_owned()),
        };
        assert_eq!(both.end(), Some(urls));
        let told = both.changes_of_end("https://lb", Some("t"));
        assert_eq!(changes(told), pairs(&[("meta_endcallbackURL", here), (MEETING_ENDED, "gone")]));
        let untold = both.changes_of_end("https://lb", None);
        assert_eq!(changes(untold), pairs(&[("meta_endcallbackURL", "gone"), (MEETING_ENDED, "gone")]));
        for query in ["meetingEndedURL=https://e/", "meetingEndedURL=https://e/&meta_endCallbackUrl="] {
            let told = changes(wanted(query).changes_of_end("https://lb", Some("t")));
            assert_eq!(told.last(), Some(&(MEETING_ENDED.to_owned(), here.to_owned())), "{query}");
        }
        assert_eq!(wanted("meetingEndedURL=+&meta_endCallbackUrl=").end(), None);
    }
}
