//! Which server gets a new meeting (CONTRACT §3.2, §3.3).

use super::server::ServerId;

/// The tags that a meeting asks for; [`UNTAGGED`] stands for servers without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRule {
    /// Any of these will do. Empty: none asked for.
    pub wanted: Vec<String>,
    /// If there is no such server, any of these will do. Empty: the wanted tags are required.
    pub otherwise: Vec<String>,
}

impl Default for TagRule {
    fn default() -> Self {
        Self { wanted: Vec::new(), otherwise: vec![UNTAGGED.to_owned()] }
    }
}

/// The tag that matches servers without one.
pub const UNTAGGED: &str = "none";

impl TagRule {
    /// Reads `a;b`, with a trailing `!` where it is required.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (tags, insisted) = match text.strip_suffix('!') {
            Some(tags) => (tags, true),
            None => (text, false),
        };
        let wanted: Vec<String> = tags.split(';').filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        let required = insisted && !wanted.is_empty();
        Self { wanted, otherwise: if required { Vec::new() } else { vec![UNTAGGED.to_owned()] } }
    }

    /// No server will do.
    #[must_use]
    pub fn nothing() -> Self {
        Self { wanted: Vec::new(), otherwise: Vec::new() }
    }

    /// Whether servers without a wanted tag will not do.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.otherwise.is_empty()
    }

    /// The rule for one who may only use servers with one of these tags; none if the rule requires others.
    #[must_use]
    pub fn within(mut self, allowed: &[String]) -> Option<Self> {
        self.wanted.retain(|tag| allowed.contains(tag));
        if self.is_required() {
            return (!self.wanted.is_empty()).then_some(self);
        }
        if self.otherwise.iter().any(|tag| !allowed.contains(tag)) {
            self.otherwise = allowed.to_vec();
        }
        Some(self)
    }

    /// As the request wrote it, less the `!`.
    #[must_use]
    pub fn text(&self) -> String {
        self.wanted.join(";")
    }
}

fn matches(tags: &[String], tag: Option<&str>) -> bool {
    tags.iter().any(|wanted| tag.unwrap_or(UNTAGGED) == wanted)
}

/// An available server: enabled and online.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its ID.
    pub id: ServerId,
    /// Its load.
    pub load: f64,
    /// Its tag.
    pub tag: Option<String>,
}

/// Why there is no server for a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoServer {
    /// None is available, or none without a tag.
    NoneAvailable,
    /// Servers are available, but none with a tag that is required.
    TagUnavailable,
}

/// The least-loaded candidate that the tag rule allows; of equally loaded ones that of the lowest ID.
pub fn choose<'c>(candidates: &'c [Candidate], rule: &TagRule) -> Result<&'c Candidate, NoServer> {
    let least = |allowed: &dyn Fn(&Candidate) -> bool| {
        candidates
            .iter()
            .filter(|candidate| allowed(candidate))
            .min_by(|a, b| a.load.total_cmp(&b.load).then_with(|| a.id.cmp(&b.id)))
    };
    if candidates.is_empty() {
        return Err(NoServer::NoneAvailable);
    }
    if let Some(tagged) = least(&|candidate| matches(&rule.wanted, candidate.tag.as_deref())) {
        return Ok(tagged);
    }
    if rule.is_required() {
        return Err(NoServer::TagUnavailable);
    }
    // A server that is tagged with that very word is not for everybody.
    let will_do = |tag: Option<&str>| tag != Some(UNTAGGED) && matches(&rule.otherwise, tag);
    least(&|candidate| will_do(candidate.tag.as_deref())).ok_or(NoServer::NoneAvailable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidate(id: &str, load: f64, tag: Option<&str>) -> Candidate {
        Candidate { id: id.into(), load, tag: tag.map(str::to_owned) }
    }

    fn chosen(candidates: &[Candidate], rule: &str) -> Result<String, NoServer> {
        choose(candidates, &TagRule::parse(rule)).map(|c| c.id.to_string())
    }

    #[test]
    fn reads_rules() {
        assert_eq!(TagRule::parse(""), TagRule::default());
        assert_eq!(TagRule::parse("!"), TagRule::default());
        let rule = TagRule::parse("a;b!");
        assert!(rule.is_required());
        assert_eq!(rule.text(), "a;b");
    }

    #[test]
    fn only_allowed_tags() {
        let allowed = |tags: &str| tags.split(';').map(str::to_owned).collect::<Vec<_>>();
        let within = |rule: &str, tags: &str| {
            let rule = TagRule::parse(rule).within(&allowed(tags))?;
            Some((rule.wanted.join(";"), rule.otherwise.join(";")))
        };
        for (rule, tags, expected) in [
            ("", "none;a", Some(("", "none"))),
            ("", "a;b", Some(("", "a;b"))),
            ("a", "a;b", Some(("a", "a;b"))),
            ("a", "none;a", Some(("a", "none"))),
            ("c", "none;a", Some(("", "none"))),
            ("c", "a;b", Some(("", "a;b"))),
            ("c;a!", "a;b", Some(("a", ""))),
            ("c!", "a;b", None),
            ("none!", "a;b", None),
        ] {
            let expected = expected.map(|(wanted, otherwise)| (wanted.to_owned(), otherwise.to_owned()));
            assert_eq!(within(rule, tags), expected, "{rule} within {tags}");
        }
    }

    #[test]
    fn follows_the_tag_rule() {
        let pool = [
            candidate("u1", 5.0, None),
            candidate("u2", 7.0, None),
            candidate("a1", 9.0, Some("a")),
            candidate("b1", 8.0, Some("b")),
        ];
        assert_eq!(chosen(&pool, ""), Ok("u1".into()));
        assert_eq!(chosen(&pool, "a"), Ok("a1".into()));
        assert_eq!(chosen(&pool, "a;b"), Ok("b1".into()));
        assert_eq!(chosen(&pool, "a;none!"), Ok("u1".into()));
        assert_eq!(chosen(&pool, "c"), Ok("u1".into()));
        assert_eq!(chosen(&pool, "c!"), Err(NoServer::TagUnavailable));
        assert_eq!(chosen(&pool[2..], ""), Err(NoServer::NoneAvailable));
        assert_eq!(chosen(&[], "c!"), Err(NoServer::NoneAvailable));
        assert_eq!(choose(&pool, &TagRule::nothing()), Err(NoServer::TagUnavailable));
    }

    proptest! {
        #[test]
        fn no_allowed_server_is_less_loaded(
            loads in proptest::collection::vec((0.0..50.0_f64, 0..3_usize), 1..12),
            rule in "(a|b|none|a;b|c)?!?",
        ) {
            let tags = [None, Some("a"), Some("b")];
            let pool: Vec<_> = loads
                .iter()
                .enumerate()
                .map(|(n, &(load, tag))| candidate(&format!("s{n:02}"), load, tags[tag]))
                .collect();
            let rule = TagRule::parse(&rule);
            if let Ok(best) = choose(&pool, &rule) {
                let tagged = matches(&rule.wanted, best.tag.as_deref());
                prop_assert!(tagged || (best.tag.is_none() && !rule.is_required()));
                for other in &pool {
                    let allowed = if tagged { matches(&rule.wanted, other.tag.as_deref()) } else { other.tag.is_none() };
                    prop_assert!(!allowed || other.load >= best.load);
                }
            }
        }
    }
}
