//! Starting: what cannot work is said in one line, with a code and what to do, and exit code 2.

use crate::client::{Process, TOKEN, command, send};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Ends with code 2, soon, and says nothing but one line that holds all of these.
fn check(command: &mut Command, holds: &[&str]) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(output.stdout.is_empty());
    for part in holds {
        assert!(stderr.contains(part), "{part} is not in {stderr}");
    }
    assert!(!stderr.contains(TOKEN));
}

#[test]
fn a_taken_port_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut fresh = Command::new(env!("CARGO_BIN_EXE_tillpost-collector"));
    fresh.args(["--app", "abc123", "--listen", &address, "--data"]).arg(folder.path());
    check(&mut fresh, &["address_taken", &address, "--listen"]);
}

#[test]
fn a_database_that_cannot_be_opened_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    check(&mut command(&file), &["database_unusable", "--data"]);
    std::fs::write(folder.path().join("tillpost.db"), "this is no database, and long enough to be taken for one")
        .unwrap();
    check(&mut command(folder.path()), &["database_unusable", "tillpost.db", "--data"]);
    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir(other.path().join("tillpost.db")).unwrap();
    check(&mut command(other.path()), &["database_unusable"]);
}

#[test]
fn a_database_in_use_or_of_a_newer_collector_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path(), &[], Stdio::null());
    check(&mut command(folder.path()), &["database_in_use", "--data"]);
    drop(process);
    let connection = rusqlite::Connection::open(folder.path().join("tillpost.db")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    check(&mut command(folder.path()), &["database_newer"]);
}

#[test]
fn a_bad_option_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let with = |arguments: &[&str]| {
        let mut command = command(folder.path());
        command.args(arguments);
        command
    };
    for (arguments, holds) in [
        (vec!["--max-body", "big"], "--max-body"),
        (vec!["--none"], "--none"),
        (vec!["--origin", "*"], "no wildcard"),
        (vec!["--origin", "https://a.example/shop"], "--origin"),
        (vec!["--app", "a b"], "--app"),
        (vec!["--app", TOKEN], "secret"),
        (vec!["--demo", "--www", "/none"], "--www"),
        (vec!["--token-file", "/none"], "/none"),
        (vec!["--config", "/none"], "/none"),
    ] {
        check(&mut with(&arguments), &["config_invalid", holds]);
    }
    for (toml, holds) in [
        ("listen = 8080", "listen"),
        ("portt = 8080", "portt"),
        ("[attributes]\nprice = \"money\"", "money"),
        ("app = ", "line 1"),
    ] {
        let file = folder.path().join("bad.toml");
        std::fs::write(&file, toml).unwrap();
        check(&mut with(&["--config", file.to_str().unwrap()]), &["config_invalid", "bad.toml", holds]);
    }
    check(with(&[]).env("TILLPOST_MAX_BODY", "big"), &["config_invalid", "--max-body"]);
    check(with(&[]).env("TILLPOST_TOKEN", &TOKEN[..63]), &["config_invalid", "64", "63"]);
    let mut without_app = Command::new(env!("CARGO_BIN_EXE_tillpost-collector"));
    check(without_app.args(["--listen", "127.0.0.1:0", "--data"]).arg(folder.path()), &["config_invalid", "--app"]);
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("collector.toml");
    std::fs::write(&file, "max-body = 1100\nmax-records = 1\nrequest-timeout = 9\napp = [\"from-file\"]\n").unwrap();
    let status = |options: &[&str], environment: Option<&str>, bytes: usize, app: &str| {
        let file = file.to_str().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tillpost-collector"));
        command.args(["--listen", "127.0.0.1:0", "--config", file, "--data"]).arg(folder.path()).args(options);
        if let Some(limit) = environment {
            command.env("TILLPOST_MAX_BODY", limit);
        }
        let process = Process::spawn(&mut command, Stdio::null());
        let mut body = format!(r#"{{"v":1,"app":"{app}","visitor":"v","records":[]}}"#);
        body += &" ".repeat(bytes - body.len());
        send(process.address, "POST", "/api/public/batch/", &[crate::client::JSON], body.as_bytes()).status
    };
    assert_eq!(status(&[], None, 1_100, "from-file"), 200);
    assert_eq!(status(&[], None, 1_101, "from-file"), 413);
    assert_eq!(status(&[], Some("1200"), 1_200, "from-file"), 200);
    assert_eq!(status(&["--max-body", "1300", "--app", "flag"], Some("1200"), 1_300, "flag"), 200);
    assert_eq!(status(&["--max-body", "1300", "--app", "flag"], Some("1200"), 1_301, "flag"), 413);
}

#[test]
fn help_names_every_option_of_the_environment() {
    let output = command(Path::new("x")).arg("--help").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8(output.stdout).unwrap();
    let options = help.lines().filter_map(|line| line.trim_start().strip_prefix("--")).collect::<Vec<_>>();
    assert!(options.len() > 10);
    for option in options {
        let name = option.split([' ', '\n']).next().unwrap();
        assert!(help.contains(&format!("TILLPOST_{}", name.to_uppercase().replace('-', "_"))), "{name}");
    }
}
