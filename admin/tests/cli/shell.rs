//! Completions and manual pages.

use std::fs;
use std::process::Command;

use crate::site::Site;

#[test]
fn bash_completes_names_with_colons() {
    let site = Site::new();
    let script = site.dir.path().join("completions.bash");
    fs::write(&script, site.run(&["completions", "bash"]).clean()).unwrap();
    let completed = |words: &str| {
        let line = format!(
            "source '{}'; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
             _scalelite_with_colons scalelite \"${{COMP_WORDS[COMP_CWORD]}}\" ''; echo \"${{COMPREPLY[@]}}\"",
            script.display()
        );
        let output = Command::new("bash").args(["--norc", "-c", &line]).output().unwrap();
        assert!(output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    // As bash splits what was typed.
    assert_eq!(completed("scalelite servers : en"), "enable");
    assert_eq!(completed("scalelite servers : add"), "add addAll");
    assert_eq!(completed("scalelite tenantS"), "tenantSettings tenantSettings:add tenantSettings:remove");
    assert_eq!(completed("scalelite db : schema : l"), "load");
    assert_eq!(completed("scalelite servers : update --lo"), "--load-multiplier");
    assert_eq!(completed("scalelite servers : update ID --se"), "--secret");
}

#[test]
fn other_shells_know_the_tasks() {
    let site = Site::new();
    let zsh = site.run(&["completions", "zsh"]).clean();
    assert!(zsh.starts_with("#compdef scalelite\n") && zsh.contains("\n'servers\\:add:Add a server"));
    assert!(!zsh.contains("\n'servers:add:"));
    let fish = site.run(&["completions[fish]"]).clean();
    assert!(fish.contains("-a \"servers:add\" -d 'Add a server"));
    assert!(site.run(&["completions", "tcsh"]).failed().contains("[possible values: bash, zsh, fish]"));
}

#[test]
fn manual_pages() {
    let site = Site::with(&[("PORT", "they need no configuration")]);
    let page = site.run(&["man"]).clean();
    for part in [".TH scalelite 1", "servers:add", "Examples:"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let dir = site.dir.path().join("man/man1");
    assert_eq!(site.run(&["man", "--to", dir.to_str().unwrap()]).clean(), "");
    assert_eq!(fs::read_to_string(dir.join("scalelite.1")).unwrap(), page);
    let task = fs::read_to_string(dir.join("scalelite-servers:update.1")).unwrap();
    assert!(task.contains("load\\-multiplier") && task.contains("Examples:"), "{task}");
    fs::write(site.dir.path().join("file"), "").unwrap();
    assert!(site.run(&["man", "--to", "file"]).failed().starts_with("ERROR: cannot write file: "));
}
