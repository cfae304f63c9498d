//! A PostgreSQL server for a test, on loopback and a socket only, gone at the end.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::{env, fs, net, process};

use casty_postgres::{PostgresJournal, Settings};
use futures_lite::future::block_on;

/// A server with the user `casty`, whose password is `secret`.
pub(crate) struct Server {
    folder: PathBuf,
    binaries: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    /// Open as long as somebody uses the server: its end, however it comes, ends the server and its folder.
    guard: Option<ChildStdin>,
    watcher: Child,
}

impl Server {
    /// One for all tests of a program.
    pub(crate) fn shared() -> &'static Arc<Self> {
        static SHARED: OnceLock<Arc<Server>> = OnceLock::new();
        SHARED.get_or_init(|| Arc::new(Self::start(&["fsync=off"])))
    }

    /// A new one, with these settings.
    pub(crate) fn start(options: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let binaries = binaries();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("casty-pg-{}-{number}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("a folder for the server");
        let root = fs::metadata(&folder).expect("the folder").uid() == 0;
        let user = root.then(|| postgres_user().expect("a user `postgres`, as root may not run a server"));
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).expect("the folder given away");
        }
        fs::write(folder.join("password"), "secret").expect("the password");
        let watching = format!(
            "cat >/dev/null; '{}/pg_ctl' -D '{folder}/data' stop -m immediate >/dev/null 2>&1; rm -rf '{folder}'",
            binaries.display(),
            folder = folder.display()
        );
        let mut watching = command(user, "sh", &["-c".into(), watching]);
        // A group of its own: what interrupts the tests does not interrupt it.
        let mut watcher = watching.stdin(Stdio::piped()).process_group(0).spawn().expect("a watcher");
        let guard = watcher.stdin.take();
        let mut server = Self { folder, binaries, user, port: 0, guard, watcher };
        server.init(options);
        server.again();
        server
    }

    fn init(&mut self, options: &[&str]) {
        let (data, password) = (self.path("data"), self.path("password"));
        let words = ["-D", &data, "-U", "casty", "--pwfile", &password, "-E", "UTF8", "--locale=C"];
        self.run("initdb", &[&words[..], &["-A", "scram-sha-256", "--no-sync"]].concat());
        // Free a moment ago, and so most likely still.
        let free = net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        self.port = free.expect("a port").port();
        let mut settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\nmax_connections = 50\n",
            self.port,
            self.folder.display()
        );
        for option in options {
            settings = format!("{settings}{option}\n");
        }
        let file = self.folder.join("data/postgresql.conf");
        let written = fs::read_to_string(&file).unwrap_or_default() + &settings;
        fs::write(file, written).expect("the server's settings");
    }

    /// Starts the server, which was stopped.
    pub(crate) fn again(&self) {
        self.run("pg_ctl", &["-D", &self.path("data"), "-l", &self.path("log"), "-w", "start"]);
    }

    /// Ends it as a crash would.
    pub(crate) fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.path("data"), "-m", "immediate", "-w", "stop"]);
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Where it is, over TCP.
    pub(crate) fn url(&self) -> String {
        format!("postgres://casty:secret@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it is, by its socket.
    pub(crate) fn socket(&self) -> String {
        format!(
            "host={} port={} user=casty password=secret dbname=postgres",
            self.folder.display(),
            self.port
        )
    }

    /// What it answers to a superuser: the first column of each row, a line for each.
    pub(crate) fn sql(&self, sql: &str) -> String {
        let words = ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url()];
        self.run("psql", &words)
    }

    /// Starts a session that does this and then waits, until it is dropped.
    pub(crate) fn session(&self, sql: &str) -> Session {
        let words = ["-X", "-q", "-t", "-A", &self.url()].map(String::from);
        let mut command = command(self.user, &self.binary("psql"), &words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("psql");
        let mut input = child.stdin.take().expect("its input");
        writeln!(input, "{sql}\n\\echo ready").expect("psql listens");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        while line.trim() != "ready" {
            line.clear();
            assert!(output.read_line(&mut line).expect("psql answers") > 0, "psql ended");
        }
        Session { child, input: Some(input), _output: output }
    }

    /// Makes an empty journal in a schema of its own, and its settings.
    pub(crate) fn fresh(&self) -> Settings {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let settings = Settings::parse(&self.url()).expect("the URL").schema(name).expect("the schema");
        block_on(PostgresJournal::migrate(&settings)).expect("the tables");
        settings
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn binary(&self, name: &str) -> String {
        self.binaries.join(name).display().to_string()
    }

    fn run(&self, name: &str, words: &[&str]) -> String {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        let mut command = command(self.user, &self.binary(name), &words);
        // The server inherits it: a pipe would stay open as long as the server runs.
        let (out, err) = (self.folder.join("out"), self.folder.join("err"));
        let piped = name != "pg_ctl";
        if piped {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        } else {
            command.stdout(fs::File::create(&out).expect("out")).stderr(fs::File::create(&err).expect("err"));
        }
        let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{name}: {error}"));
        let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name} {words:?}: {said}{}", log());
        String::from_utf8_lossy(&output.stdout).trim().into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.take());
        let _ = self.watcher.wait();
    }
}

/// A session beside the journal's.
pub(crate) struct Session {
    child: Child,
    input: Option<ChildStdin>,
    /// What it says after it was ready fits into the pipe.
    _output: BufReader<ChildStdout>,
}

impl Session {
    /// Does this, and ends.
    pub(crate) fn finish(mut self, sql: &str) {
        if let Some(mut input) = self.input.take() {
            writeln!(input, "{sql}").expect("psql listens");
        }
        assert!(self.child.wait().expect("psql ends").success());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

fn command(user: Option<(u32, u32)>, program: &str, words: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(words).current_dir(env::temp_dir());
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn postgres_user() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// The folder of the newest server on this machine: that of `CASTY_POSTGRES_BIN`, Debian's, or that of the path.
fn binaries() -> PathBuf {
    let has_all = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    debian.sort_by_key(|folder| {
        let version =
            folder.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        core::cmp::Reverse(version.and_then(|version| version.parse::<u32>().ok()))
    });
    let named = env::var_os("CASTY_POSTGRES_BIN").map(PathBuf::from).into_iter();
    let path: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    let found = named.chain(debian).chain(path).find(has_all);
    found.expect("PostgreSQL is not installed here: no initdb and pg_ctl (CASTY_POSTGRES_BIN says where)")
}
