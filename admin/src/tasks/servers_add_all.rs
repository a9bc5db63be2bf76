//! `servers:addAll`: a file's list of servers is added, all of them or none.

use std::collections::HashSet;

use scalelite_core::audit::without_user;
use scalelite_core::operating::api_url;
use scalelite_core::pool::server::ServerId;
use scalelite_core::state::NewServer;
use secrecy::SecretString;
use url::Url;
use yaml_serde::Value;

use super::servers::new_id;
use super::servers_file::{FileError, Written, as_written, document, read, scalar};
use super::{Context, TaskError, multiplier};
use crate::output::complain;

/// A server of a list.
#[derive(Debug)]
struct Listed {
    url: String,
    secret: SecretString,
    tag: Option<String>,
    load_multiplier: Option<String>,
}

/// `servers:addAll`: nothing is added unless all can be.
pub(super) async fn add_all(context: &mut Context, path: &str) -> Result<(), TaskError> {
    let listed = parse_list(&read(path)?)?;
    let taken = context.state.servers().await?;
    let mut taken: HashSet<ServerId> = taken.into_iter().map(|server| server.route.id).collect();
    let mut new = Vec::new();
    for (index, Listed { url, secret, tag, load_multiplier }) in listed.into_iter().enumerate() {
        let number = index + 1;
        let parsed = api_url::parse(&url);
        let parsed = parsed.map_err(|error| FileError::Entry { number, problem: error.to_string() })?;
        let id = new_id(context, &parsed);
        if !taken.insert(id.clone()) {
            return Err(already_there(number, &id).into());
        }
        let load_multiplier = match load_multiplier {
            Some(text) => multiplier::read(&text, &mut context.out)?,
            None => 1.0,
        };
        new.push(NewServer { id, url, secret, tag, load_multiplier });
    }
    context.record.nothing();
    for (index, server) in new.iter().enumerate() {
        if !context.state.add_server(server).await? {
            return Err(already_there(index + 1, &server.id).into());
        }
        context.record.step(&server.id, format_args!("created url={}", without_user(&server.url)));
        if let Some(warning) = api_url::warning(&server.url) {
            complain(warning);
        }
        context.out.line(format!("server: {}", server.url))?;
        context.out.line(format!("id: {}", server.id))?;
    }
    Ok(())
}

fn already_there(number: usize, id: &ServerId) -> FileError {
    FileError::Entry { number, problem: format!("Server already exists with id '{id}'") }
}

fn parse_list(text: &str) -> Result<Vec<Listed>, FileError> {
    let document = document(text)?;
    let servers = document.get("servers").and_then(Value::as_sequence).ok_or(FileError::NoList)?;
    let written = Written::of_list(text);
    let listed = servers.iter().enumerate().map(|(index, server)| {
        let number = index + 1;
        let written = written.get(index);
        let part = |name| server.get(name).and_then(scalar).filter(|text| !text.is_empty());
        let missing = |what| FileError::Missing { number, what };
        let exact = |what, written: Option<&str>| match server.get(what).filter(|value| !value.is_null()) {
            None => Ok(None),
            Some(value) => match as_written(value, written) {
                Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
                None => Err(FileError::Quotes { number, what }),
            },
        };
        Ok(Listed {
            url: complete(part("url").ok_or_else(|| missing("url"))?),
            secret: exact("secret", written.and_then(Written::secret))?
                .ok_or_else(|| missing("secret"))?
                .into(),
            tag: exact("tag", written.and_then(Written::tag))?,
            load_multiplier: server
                .get("load_multiplier")
                .filter(|value| !value.is_null())
                .map(|value| scalar(value).unwrap_or_default()),
        })
    });
    listed.collect()
}

/// The original's example has a bare host name for a URL: the API is at its usual place then.
fn complete(url: String) -> String {
    let bare = !url.contains('/') && Url::parse(&format!("https://{url}/")).is_ok();
    if bare { format!("https://{url}/bigbluebutton/api") } else { url }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn lists_are_read() {
        let text = "servers:\n- url: bbb1.example.com\n  secret: s1\n- url: http://b/api\n  secret: 12\n  tag: t\n  \
                    load_multiplier: 2\n";
        let [first, second] = &parse_list(text).unwrap()[..] else { panic!("two servers") };
        assert_eq!(first.url, "https://bbb1.example.com/bigbluebutton/api");
        assert_eq!(
            (second.url.as_str(), second.secret.expose_secret(), second.load_multiplier.as_deref()),
            ("http://b/api", "12", Some("2"))
        );
        assert_eq!((first.tag.as_deref(), second.tag.as_deref()), (None, Some("t")));
    }

    #[test]
    fn lists_that_cannot_be_used() {
        for (text, error) in [
            ("a: b", "expected a list"),
            ("servers: {}", "expected a list"),
            ("servers: [{url: u}]", "server 1 of the list has no secret"),
            ("servers: [{secret: s}]", "server 1 of the list has no url"),
            ("servers: [", "not a usable YAML"),
            (
                "servers: [{url: u, secret: s}, {url: u, secret: 0x1F}]",
                "server 2 of the list: secret must be a text",
            ),
            ("servers: [{url: u, secret: 12345678e9}]", "server 1 of the list: secret must be a text"),
            ("servers: [{url: u, secret: .5}]", "server 1 of the list: secret must be a text"),
            ("servers: [{url: u, secret: +5}]", "server 1 of the list: secret must be a text"),
            ("servers: [{url: u, secret: true}]", "server 1 of the list: secret must be a text"),
            ("servers: [{url: u, secret: s, tag: 3.10}]", "server 1 of the list: tag must be a text"),
        ] {
            let found = parse_list(text).unwrap_err().to_string();
            assert!(found.starts_with(error), "{found}");
        }
        let digits = "123456789012345678901234567890123456";
        for long in [digits.to_owned(), format!("-{digits}"), digits.repeat(3)] {
            let found = parse_list(&format!("servers:\n- url: u\n  secret: {long}"));
            assert!(
                found.as_ref().is_ok_and(|all| all[0].secret.expose_secret() == long)
                    || found.is_err_and(|error| error.to_string().contains("put it in quotes")
                        && !error.to_string().contains(digits)),
                "{long}"
            );
        }
    }
}
