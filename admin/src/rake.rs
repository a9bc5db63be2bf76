//! The spelling of rake: `servers:add[url,secret,2,tag]`, also several tasks in one command line.
//!
//! Pure: words in, argument vectors for the command-line parser out. What rake does, this does: white space
//! around an argument is dropped, a backslash takes the next character as it is, and arguments that a task
//! does not have are ignored. Beyond rake, an argument may stand in quotes, and a shell may have split the
//! brackets at a space.

/// A task by its name, and how many arguments it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known<'a> {
    pub(crate) name: &'a str,
    pub(crate) arguments: usize,
}

/// The argument vectors of the tasks in a command line, one for each. A line that is not in rake's spelling
/// comes back as it is, in one vector.
pub(crate) fn split(words: &[String], known: &[Known<'_>]) -> Vec<Vec<String>> {
    let find = |name: &str| known.iter().find(|task| task.name == name);
    let words = join_split_brackets(words, &|name| find(name).is_some());
    let first = words.iter().find(|word| !is_flag(word));
    let first_has_brackets = first.is_some_and(|word| brackets(word).is_some());
    // What follows a task without arguments can only be another task; or it is the value of a flag.
    let first_has_no_arguments = first.and_then(|word| find(word)).is_some_and(|task| task.arguments == 0)
        && words.get(1).is_some_and(|word| !is_flag(word));
    let any_has_brackets =
        words.iter().any(|word| brackets(word).is_some_and(|(name, _)| find(name).is_some()));
    let only_tasks = words.iter().filter(|word| !is_flag(word)).all(|word| find(word).is_some());
    if !(first_has_brackets || first_has_no_arguments || any_has_brackets || only_tasks) {
        return vec![words];
    }
    let mut flags: Vec<String> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    for word in words {
        match lines.last_mut() {
            None if is_flag(&word) => flags.push(word),
            Some(line) if is_flag(&word) => line.flags.push(word),
            _ => {
                let (name, inner) = brackets(&word).unwrap_or((&word, ""));
                let mut values = arguments(inner);
                values.truncate(find(name).map_or(usize::MAX, |task| task.arguments));
                lines.push(Line { name: name.to_owned(), flags: std::mem::take(&mut flags), values });
            }
        }
    }
    if lines.is_empty() {
        return vec![flags];
    }
    lines.into_iter().map(Line::into_vector).collect()
}

struct Line {
    name: String,
    flags: Vec<String>,
    values: Vec<String>,
}

impl Line {
    /// Flags that stand before the first task may be meant for the program itself (`--help`), but all of
    /// them work after the task's name as well.
    fn into_vector(self) -> Vec<String> {
        let mut vector = vec![self.name];
        vector.extend(self.flags);
        if !self.values.is_empty() {
            vector.push("--".to_owned());
            vector.extend(self.values);
        }
        vector
    }
}

fn is_flag(word: &str) -> bool {
    word.starts_with('-')
}

/// The parts of `name[inner]`.
fn brackets(word: &str) -> Option<(&str, &str)> {
    let (name, rest) = word.split_once('[')?;
    Some((named(name)?, rest.strip_suffix(']')?))
}

fn named(name: &str) -> Option<&str> {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_'));
    plain.then_some(name)
}

/// Joins `servers:add[url,` and `secret]`, which a shell splits at the space.
fn join_split_brackets(words: &[String], is_task: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut joined = Vec::new();
    let mut rest = words;
    while let Some((word, others)) = rest.split_first() {
        let open = !word.ends_with(']') && word.split_once('[').is_some_and(|(name, _)| is_task(name));
        match others.iter().position(|other| other.ends_with(']')).filter(|_| open) {
            Some(last) => {
                joined.push(rest[..last + 2].join(" "));
                rest = &others[last + 1..];
            }
            None => {
                joined.push(word.clone());
                rest = others;
            }
        }
    }
    joined
}

/// The arguments between the brackets. Nothing at all is none; after a comma there is always one more, if
/// only an empty one.
pub(crate) fn arguments(inner: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = Some(inner).filter(|inner| !inner.is_empty());
    while let Some(text) = rest {
        let (value, after) = quoted(text).unwrap_or_else(|| plain(text));
        values.push(value);
        rest = after;
    }
    values
}

/// An argument up to the next comma, and what follows the comma.
fn plain(text: &str) -> (String, Option<&str>) {
    let mut value = String::new();
    // Where the value ends without its trailing white space; an escaped space is no such space.
    let mut end = 0;
    let mut chars = text.trim_start().char_indices();
    let begun = text.len() - text.trim_start().len();
    let mut after = None;
    while let Some((at, c)) = chars.next() {
        match c {
            ',' => {
                after = Some(&text[begun + at + 1..]);
                break;
            }
            '\\' => {
                value.push(chars.next().map_or('\\', |(_, escaped)| escaped));
                end = value.len();
            }
            c => {
                value.push(c);
                if !c.is_whitespace() {
                    end = value.len();
                }
            }
        }
    }
    value.truncate(end);
    (value, after)
}

/// An argument that stands in quotes as a whole.
fn quoted(text: &str) -> Option<(String, Option<&str>)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, rest) = text[1..].split_once(quote)?;
    let rest = rest.trim_start();
    match rest.strip_prefix(',') {
        Some(after) => Some((value.to_owned(), Some(after))),
        None => rest.is_empty().then(|| (value.to_owned(), None)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: [Known<'_>; 4] = [
        Known { name: "servers:add", arguments: 4 },
        Known { name: "servers:enable", arguments: 1 },
        Known { name: "poll:all", arguments: 0 },
        Known { name: "status", arguments: 0 },
    ];

    fn lines(words: &[&str]) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        split(&words, &KNOWN).into_iter().map(|line| line.join(" ")).collect()
    }

    #[test]
    fn arguments_as_rake_reads_them() {
        for (inner, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            (",", &["", ""]),
            ("id,secret,2,", &["id", "secret", "2", ""]),
            ("id,,2", &["id", "", "2"]),
            (" a , b c ", &["a", "b c"]),
            (r"a\,b,c\\,\ ", &["a,b", r"c\", " "]),
            (r#""a,b" , 'c]',d"e"#, &["a,b", "c]", "d\"e"]),
            (r#""a"b,c"#, &["\"a\"b", "c"]),
            ("https://h/api?x=1,ñ", &["https://h/api?x=1", "ñ"]),
        ] {
            assert_eq!(arguments(inner), expected, "{inner}");
        }
    }

    #[test]
    fn a_task_with_brackets() {
        assert_eq!(lines(&["servers:add[u,s,2,t]"]), ["servers:add -- u s 2 t"]);
        assert_eq!(lines(&["servers:add[u,s,,t]"]), ["servers:add -- u s  t"]);
        assert_eq!(lines(&["servers:enable[a,b]"]), ["servers:enable -- a"], "rake ignores what is too much");
        assert_eq!(lines(&["servers:enable[]"]), ["servers:enable"]);
        assert_eq!(lines(&["servers:enable[id]", "--yes"]), ["servers:enable --yes -- id"]);
        assert_eq!(lines(&["servers:nable[id]"]), ["servers:nable -- id"]);
        assert_eq!(lines(&["status[x]"]), ["status"]);
    }

    #[test]
    fn several_tasks() {
        assert_eq!(
            lines(&["servers:enable[a]", "poll:all", "status", "--json"]),
            ["servers:enable -- a", "poll:all", "status --json"]
        );
        assert_eq!(lines(&["poll:all", "status"]), ["poll:all", "status"]);
        assert_eq!(lines(&["status", "x[a]"]), ["status", "x -- a"]);
        assert_eq!(lines(&["poll:all", "servers:enable[a]", "x"]), ["poll:all", "servers:enable -- a", "x"]);
    }

    #[test]
    fn brackets_that_a_shell_split() {
        assert_eq!(lines(&["servers:add[u,", "s,", "2]", "status"]), ["servers:add -- u s 2", "status"]);
        assert_eq!(lines(&["servers:add[u,", "s"]), ["servers:add[u, s"]);
    }

    #[test]
    fn the_spelling_of_a_cli_is_left_alone() {
        for line in [
            &["servers:enable", "id"][..],
            &["servers:add", "u", "s", "--tag", "x"],
            &["--help"],
            &["--version"],
            &["help", "servers:add"],
            &["servers:add", "u", "a[b]"],
            &["status", "--flag", "value"],
            &["sttus"],
            &[],
        ] {
            assert_eq!(lines(line), [line.join(" ")]);
        }
    }

    proptest! {
        #[test]
        fn arguments_survive_escaping(values in proptest::collection::vec("[^\\PC]{1,6}", 1..5)) {
            let escaped: Vec<String> =
                values.iter().map(|v| v.chars().flat_map(|c| ['\\', c]).collect()).collect();
            prop_assert_eq!(arguments(&escaped.join(",")), values);
        }

        #[test]
        fn never_panics(words in proptest::collection::vec("[a-z\\[\\], \\\\\"'ñ:-]{0,12}", 0..5)) {
            let _ = split(&words, &KNOWN);
        }
    }
}
