//! Who runs a task: whoever has become another user by `sudo`, else the user of the process.

use std::fs;

use crate::environment;

/// Where the users of this host stand.
const USERS: &str = "/etc/passwd";

/// The user's name, or the number where it has none.
pub(super) fn name() -> String {
    let id = rustix::process::getuid().as_raw();
    sudo(environment::variable("SUDO_USER"))
        .or_else(|| find(&fs::read_to_string(USERS).ok()?, id))
        .unwrap_or_else(|| format!("uid {id}"))
}

fn sudo(variable: Option<String>) -> Option<String> {
    variable.filter(|name| !name.trim().is_empty())
}

/// The name of a user in a file like `/etc/passwd`.
fn find(users: &str, id: u32) -> Option<String> {
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password) = (fields.next()?, fields.next()?);
        (fields.next()?.parse() == Ok(id)).then_some(name)
    });
    named.filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_names() {
        let users = "root:x:0:0:root:/root:/bin/sh\nnonsense\nalice:x:1000:1000::/:/bin/sh\n";
        assert_eq!(find(users, 0).as_deref(), Some("root"));
        assert_eq!(find(users, 1000).as_deref(), Some("alice"));
        assert_eq!(find(users, 1), None);
        assert_eq!(sudo(Some("bob".to_owned())).as_deref(), Some("bob"));
        assert_eq!(sudo(Some(String::new())), None);
    }
}
