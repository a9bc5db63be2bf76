//! What the parameters of `getRecordings` ask for (CONTRACT §6).

use scalelite_core::bbb::params::Params;
use scalelite_core::recordings::model::{Filter, States};

/// The largest page.
const MOST: i64 = 100;

/// A page of the recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) offset: u64,
    /// 1 to 100.
    pub(super) limit: u32,
}

/// The items of a list with commas; empty ones are none.
pub(super) fn items(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Which recordings are asked for. None where a parameter is there that names nothing: it lets nothing pass.
pub(super) fn filter(params: &Params, tenant_id: Option<&str>) -> Filter {
    let list = |name| params.get(name).map(items).unwrap_or_default();
    let metadata = params.iter().filter_map(|(name, values)| Some((name.strip_prefix("meta_")?, values)));
    let pairs = metadata.flat_map(|(key, values)| {
        let key = key.to_lowercase();
        values.split(',').map(move |value| (key.clone(), value.to_owned()))
    });
    Filter {
        record_ids: list("recordID"),
        meeting_ids: list("meetingID"),
        states: states(params.present("state")),
        metadata: pairs.collect(),
        tenant_id: tenant_id.map(str::to_owned),
    }
}

fn states(list: Option<&str>) -> States {
    let Some(list) = list else { return States::default() };
    let states = items(list);
    if states.iter().any(|state| state == "any") { States::Any } else { States::of(states) }
}

/// The page that is asked for, if one is: by a `limit` that is a number.
pub(super) fn page(params: &Params) -> Option<Page> {
    let number = |name| params.get(name).and_then(number);
    let limit = number("limit")?.clamp(1, MOST);
    let offset = number("offset").unwrap_or(0).max(0);
    Some(Page { offset: offset.unsigned_abs(), limit: u32::try_from(limit).unwrap_or(1) })
}

/// A whole number; one that is too large is the largest.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let most = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Filter {
        filter(&Params::parse(query).unwrap(), None)
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn nothing_asked_for_is_what_is_shown_by_default() {
        assert_eq!(of("recordID=&meetingID=,&state="), Filter::default());
    }

    #[test]
    fn lists() {
        let filter = of("recordID=a,%20b,,c&meetingID=m&state=deleted,published,deleted");
        assert_eq!(filter.record_ids, ["a", "b", "c"]);
        assert_eq!(filter.meeting_ids, ["m"]);
        assert_eq!(filter.states, States::Of(vec!["deleted".into(), "published".into()]));
        assert_eq!(of("state=published,any").states, States::Any);
    }

    #[test]
    fn metadata() {
        assert_eq!(
            of("meta_A-b=1,2&meta_c=&x=1").metadata,
            [pair("a-b", "1"), pair("a-b", "2"), pair("c", "")]
        );
    }

    #[test]
    fn pages() {
        let of = |query| page(&Params::parse(query).unwrap()).map(|page| (page.offset, page.limit));
        for (query, expected) in [
            ("limit=25", Some((0, 25))),
            ("limit=25&offset=50", Some((50, 25))),
            ("limit=0&offset=-1", Some((0, 1))),
            ("limit=-5", Some((0, 1))),
            ("limit=101&offset=x", Some((0, 100))),
            ("limit=99999999999999999999&offset=99999999999999999999", Some((i64::MAX.unsigned_abs(), 100))),
            ("limit=&offset=3", None),
            ("limit=ten", None),
            ("limit=1.5", None),
            ("offset=3", None),
        ] {
            assert_eq!(of(query), expected, "{query}");
        }
    }
}
