//! Sessions before a small world of their own: order, bounds, and clients that misbehave.
//! The process tree is left out here: the binary's tests have it.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::backend::*;
use super::directory::Directory;
use super::dummy::{Dummy, S};
use super::frame::split_frame;
use super::proto::{FRAME_MAX, Hello, Reply, Request, VERSION};
use super::server::{Parts, Server};
use super::tree::ProcessTree;

const TOKEN: &str = "the token";

/// A server that is stepped by hand.
struct Lab {
    server: Server<Dummy>,
    directory: Directory,
}

impl Lab {
    fn new() -> Self {
        Self::with_clients(16)
    }

    fn with_clients(clients_max: usize) -> Self {
        let directory = Directory::new(&[std::env::temp_dir(), "/tmp".into()]).unwrap();
        let parts = Parts {
            listener: UnixListener::bind(directory.socket()).unwrap(),
            token: TOKEN.to_owned(),
            tree: ProcessTree::none(),
            bin: directory.bin(),
            rcfile: None,
            follow: false,
            clients_max,
            caught: None,
        };
        let server = Server::new(Dummy::default(), parts).unwrap();
        Self { server, directory }
    }

    fn connect(&self) -> Peer {
        let stream = UnixStream::connect(self.directory.socket()).unwrap();
        stream.set_nonblocking(true).unwrap();
        Peer {
            stream,
            input: vec![],
            seen: vec![],
        }
    }

    fn call(&self, line: &str) -> Peer {
        let mut peer = self.connect();
        peer.send(&hello(line, TOKEN));
        peer
    }

    /// Steps until the peer was told to end, or the other side closed.
    fn run(&mut self, peer: &mut Peer) {
        self.run_until(peer, |peer| peer.is_ended());
    }

    fn run_until(&mut self, peer: &mut Peer, done: impl Fn(&Peer) -> bool) {
        let limit = Instant::now() + Duration::from_secs(20);
        loop {
            let closed = peer.receive();
            if closed || done(peer) {
                return;
            }
            assert!(Instant::now() < limit, "no end: {:?}", peer.seen);
            self.server.pump(Some(Duration::from_millis(1)));
            self.server.step();
        }
    }

    /// Steps until nothing is to be done.
    fn settle(&mut self) {
        while self.server.pump(Some(Duration::from_millis(2))) || self.server.has_work() {
            self.server.step();
        }
    }

    fn text_of(&mut self, line: &str) -> String {
        let mut peer = self.call(line);
        self.run(&mut peer);
        peer.text()
    }
}

/// The client's side of a connection.
struct Peer {
    stream: UnixStream,
    input: Vec<u8>,
    seen: Vec<Reply>,
}

impl Peer {
    fn send(&mut self, request: &Request) {
        let mut bytes = vec![];
        request.encode(&mut bytes);
        self.stream.write_all(&bytes).unwrap();
    }

    /// Whether the other side closed.
    fn receive(&mut self) -> bool {
        let mut room = vec![0; 1 << 16];
        let closed = match self.stream.read(&mut room) {
            Ok(0) => true,
            Ok(length) => {
                self.input.extend(&room[..length]);
                false
            }
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        };
        while let Some((end, frame)) = split_frame(&self.input, FRAME_MAX).unwrap() {
            self.seen.push(Reply::decode(frame).unwrap());
            self.input.drain(..end);
        }
        closed
    }

    fn is_ended(&self) -> bool {
        let ends = |reply: &Reply| {
            matches!(
                reply,
                Reply::Exit(_) | Reply::Refuse(_) | Reply::End | Reply::Exec(_)
            )
        };
        self.seen.iter().any(ends)
    }

    /// What was printed, and the exit status.
    fn text(&self) -> String {
        let part = |reply: &Reply| match reply {
            Reply::Stdout(bytes) | Reply::Stderr(bytes) => {
                String::from_utf8_lossy(bytes).into_owned()
            }
            Reply::Exit(status) => format!("[{status}]"),
            Reply::Refuse(words) => format!("[refused: {words}]"),
            _ => String::new(),
        };
        self.seen.iter().map(part).collect()
    }
}

fn hello(line: &str, token: &str) -> Request {
    Request::Hello(Hello {
        token: token.into(),
        cwd: b"/".to_vec(),
        argv: line.split(' ').map(Into::into).collect(),
        env: vec![b"TERM=dumb".to_vec()],
        ..Hello::default()
    })
}

#[test]
fn call_gets_its_output_and_status() {
    assert_eq!(Lab::new().text_of("say hello"), "hello\n[7]");
}

#[test]
fn tool_that_is_unknown_says_so() {
    let text = Lab::new().text_of("nope");
    assert_eq!(text, "vethlab: nope: this command is not simulated\n[3]");
}

#[test]
fn calls_at_once_are_served_in_the_order_of_the_connections_of_one_process() {
    let mut lab = Lab::new();
    let mut peers: Vec<_> = ["say a", "say b", "say c"]
        .map(|line| lab.call(line))
        .into();
    for peer in &mut peers {
        lab.run(peer);
    }
    assert_eq!(lab.server.backend.log, ["say a", "say b", "say c"]);
}

#[test]
fn clock_jumps_to_what_happens_next_while_somebody_waits() {
    let mut lab = Lab::new();
    let started = Instant::now();
    assert_eq!(lab.text_of("tick 3"), "1\n2\n3\n[0]");
    assert_eq!(lab.server.backend.now_ns, 3 * S + TOOL_COST_NS);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[test]
fn two_that_tick_and_one_that_sleeps_share_one_clock() {
    let mut lab = Lab::new();
    let mut first = lab.call("tick 2");
    let mut second = lab.call("tick 5");
    let mut sleeper = lab.call("sleep 3.5");
    lab.run(&mut sleeper);
    for peer in [&mut first, &mut second] {
        peer.receive();
    }
    assert_eq!(
        (first.text().as_str(), second.text().as_str()),
        ("1\n2\n[0]", "1\n2\n3\n")
    );
    assert_eq!(lab.server.backend.now_ns, 3 * S + S / 2 + 3 * TOOL_COST_NS);
    lab.run(&mut second);
    assert_eq!(second.text(), "1\n2\n3\n4\n5\n[0]");
}

#[test]
fn sleep_passes_time_and_says_what_is_wrong() {
    let mut lab = Lab::new();
    assert_eq!(lab.text_of("sleep 1m"), "[0]");
    assert_eq!(lab.server.backend.now_ns, 60 * S + TOOL_COST_NS);
    let words = "sleep: invalid time interval 'x'\nTry 'sleep --help' for more information.\n[1]";
    assert_eq!(lab.text_of("sleep x"), words);
}

#[test]
fn timeout_sends_its_signal_and_then_kills() {
    let mut lab = Lab::new();
    let mut peer = lab.call("timeout -k 2 -s INT 5 cmd arg");
    lab.run_until(&mut peer, |peer| peer.seen.contains(&Reply::Kill(9)));
    let Reply::Timed(timed) = &peer.seen[0] else {
        panic!("{:?}", peer.seen);
    };
    assert_eq!(timed.argv, ["cmd", "arg"]);
    assert_eq!(peer.seen[1..], [Reply::Kill(2), Reply::Kill(9)]);
    assert_eq!(lab.server.backend.now_ns, 7 * S + TOOL_COST_NS);
}

#[test]
fn timer_of_a_client_that_left_is_gone() {
    let mut lab = Lab::new();
    let mut peer = lab.call("timeout 5 cmd");
    lab.run_until(&mut peer, |peer| !peer.seen.is_empty());
    drop(peer);
    lab.settle();
    assert!(lab.server.clients.is_empty());
    assert_eq!(lab.server.step(), None);
}

#[test]
fn listener_alone_is_stopped_after_an_idle_hour() {
    let mut lab = Lab::new();
    let text = lab.text_of("listen");
    assert!(
        text.starts_with("vethlab: listen is stopped: nothing will happen any more, and"),
        "{text}"
    );
    assert!(text.ends_with("[3]"), "{text}");
    assert_eq!(lab.server.backend.hung_up, [ClientId(1)]);
}

#[test]
fn signal_reaches_the_tool() {
    let mut lab = Lab::new();
    let mut peer = lab.call("tick 1000000");
    lab.run_until(&mut peer, |peer| peer.seen.len() > 3);
    peer.send(&Request::Signal(Signal::Interrupt));
    lab.run(&mut peer);
    assert!(peer.text().ends_with("Interrupt\n[0]"), "{}", peer.text());
}

#[test]
fn client_that_is_killed_leaves_the_world_whole() {
    let mut lab = Lab::new();
    let mut peer = lab.call("tick 1000000");
    lab.run_until(&mut peer, |peer| peer.seen.len() > 3);
    drop(peer);
    lab.settle();
    assert_eq!(lab.server.backend.hung_up, [ClientId(1)]);
    assert!(lab.server.clients.is_empty());
    assert_eq!(lab.text_of("say on"), "on\n[7]");
}

#[test]
fn client_that_is_killed_before_its_turn_was_never_there() {
    let mut lab = Lab::new();
    drop(lab.call("say nothing"));
    lab.settle();
    assert_eq!(lab.text_of("say on"), "on\n[7]");
    assert_eq!(lab.server.backend.log, ["say on"]);
}

#[test]
fn half_a_message_holds_up_nobody() {
    let mut lab = Lab::new();
    let mut bytes = vec![];
    hello("say half", TOKEN).encode(&mut bytes);
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let mut half = lab.connect();
    half.stream.write_all(first).unwrap();
    assert_eq!(lab.text_of("say whole"), "whole\n[7]");
    half.stream.write_all(second).unwrap();
    lab.run(&mut half);
    assert_eq!(half.text(), "half\n[7]");
}

#[test]
fn garbage_ends_its_connection_and_nothing_else() {
    let mut lab = Lab::new();
    let mut long = vec![0xff; 8];
    long.extend([0; 100]);
    let wrong_version = {
        let mut bytes = vec![];
        hello("say x", TOKEN).encode(&mut bytes);
        assert_eq!(bytes[5], VERSION);
        bytes[5] = 99;
        bytes
    };
    for bytes in [b"GET / HTTP/1.1\r\n\r\n".to_vec(), long, wrong_version] {
        let mut peer = lab.connect();
        peer.stream.write_all(&bytes).unwrap();
        lab.run(&mut peer);
        assert!(peer.seen.is_empty());
    }
    assert!(lab.server.backend.log.is_empty());
    assert_eq!(lab.text_of("say on"), "on\n[7]");
}

#[test]
fn second_hello_is_garbage() {
    let mut lab = Lab::new();
    let mut peer = lab.call("tick 1000");
    lab.run_until(&mut peer, |peer| !peer.seen.is_empty());
    peer.send(&hello("say x", TOKEN));
    lab.run(&mut peer);
    assert_eq!(lab.server.backend.log, ["tick 1000"]);
}

#[test]
fn wrong_token_is_refused() {
    let mut lab = Lab::new();
    let mut peer = lab.connect();
    peer.send(&hello("say x", "a guess"));
    lab.run(&mut peer);
    assert_eq!(peer.text(), "[refused: this is not the session's token]");
    assert!(lab.server.backend.log.is_empty());
}

#[test]
fn client_that_does_not_read_is_dropped_at_a_bound() {
    let mut lab = Lab::new();
    let lazy = lab.call("flood");
    lab.settle();
    assert_eq!(lab.text_of("say on"), "on\n[7]");
    assert_eq!(lab.server.backend.log, ["flood", "say on"]);
    lab.settle();
    assert!(lab.server.clients.is_empty(), "the lazy one is still there");
    drop(lazy);
}

#[test]
fn clients_beyond_the_bound_wait_at_the_door() {
    let mut lab = Lab::with_clients(2);
    let silent = [lab.connect(), lab.connect()];
    let mut third = lab.call("say third");
    lab.settle();
    assert_eq!(lab.server.clients.len(), 2);
    drop(silent);
    lab.run(&mut third);
    assert_eq!(third.text(), "third\n[7]");
}

/// Answers the questions of a server from a thread of its own, as the client does.
fn answering(lab: &mut Lab, line: &str, answers: Vec<Request>) -> String {
    let mut peer = lab.call(line);
    let mut other = Peer {
        stream: peer.stream.try_clone().unwrap(),
        input: vec![],
        seen: vec![],
    };
    let thread = std::thread::spawn(move || {
        let asked = |reply: &Reply| matches!(reply, Reply::Read(_) | Reply::Create { .. });
        while !other.seen.iter().any(asked) {
            if other.receive() {
                break;
            }
            std::thread::yield_now();
        }
        for answer in answers {
            other.send(&answer);
        }
        other.seen
    });
    // The thread reads until the question came, this one from then on.
    while !thread.is_finished() {
        lab.server.pump(Some(Duration::from_millis(1)));
        lab.server.step();
    }
    peer.seen = thread.join().unwrap();
    lab.run(&mut peer);
    peer.text()
}

#[test]
fn file_is_read_by_the_client() {
    let mut lab = Lab::new();
    let answers = vec![
        Request::Data(vec![1; 1000]),
        Request::Data(vec![2; 24]),
        Request::DataEnd,
    ];
    assert_eq!(answering(&mut lab, "cat plain", answers), "1024 bytes[0]");
    let answers = vec![Request::DataError(2)];
    let want = "error: No such file or directory[1]";
    assert_eq!(answering(&mut lab, "cat missing", answers), want);
}

#[test]
fn file_that_comes_later_starts_the_call_again() {
    let mut lab = Lab::new();
    let answers = vec![
        Request::DataLater,
        Request::Data(vec![1; 10]),
        Request::DataEnd,
    ];
    assert_eq!(answering(&mut lab, "stdin", answers), "10 bytes[0]");
    let answers = vec![Request::DataLater, Request::DataError(5)];
    assert_eq!(
        answering(&mut lab, "cat fifo", answers),
        "error: Input/output error[1]"
    );
}

#[test]
fn file_is_written_by_the_client() {
    let mut lab = Lab::new();
    let mut peer = lab.call("write out");
    lab.server.pump(Some(Duration::from_millis(1)));
    peer.send(&Request::DataEnd);
    lab.run(&mut peer);
    let create = Reply::Create {
        handle: FileHandle(0),
        how: Create::Truncate,
        path: b"out".to_vec(),
    };
    let file = Reply::File(FileHandle(0), b"written".to_vec());
    assert_eq!(
        peer.seen,
        [create, file, Reply::Close(FileHandle(0)), Reply::Exit(0)]
    );
}

#[test]
fn client_that_does_not_answer_for_a_file_ends_its_call_only() {
    let mut lab = Lab::new();
    let mut peer = lab.call("cat plain");
    // Half-closed: it can be written to, but will never answer.
    peer.stream.shutdown(std::net::Shutdown::Write).unwrap();
    lab.server.pump(Some(Duration::from_millis(1)));
    lab.run(&mut peer);
    assert_eq!(lab.text_of("say on"), "on\n[7]");
}

#[test]
fn standard_input_reaches_the_tool_until_its_end() {
    let mut lab = Lab::new();
    let mut peer = lab.call("echo");
    peer.send(&Request::Input(b"abc".to_vec()));
    peer.send(&Request::Input(vec![]));
    lab.run(&mut peer);
    assert_eq!(peer.text(), "abc[0]");
}

#[test]
fn command_before_a_simulated_command_is_gone_through_at_once() {
    let mut lab = Lab::new();
    assert_eq!(lab.text_of("as red as blue say deep"), "deep\n[7]");
    assert_eq!(lab.text_of("as red /usr/bin/say path"), "path\n[7]");
    assert_eq!(lab.text_of("as red sleep 1"), "[0]");
    let deep = format!("{}say x", "as x ".repeat(100));
    assert!(lab.text_of(&deep).ends_with("[3]"));
}

#[test]
fn real_command_is_left_to_the_client_with_its_namespace() {
    let mut lab = Lab::new();
    for command in ["bash -c true", "./say x", "/opt/bin/say x"] {
        let mut peer = lab.call(&format!("as red {command}"));
        lab.run(&mut peer);
        let Reply::Exec(exec) = &peer.seen[0] else {
            panic!("{:?}", peer.seen);
        };
        assert_eq!(exec.argv.join(" "), command);
        assert_eq!(
            exec.env,
            [("VETHLAB_NETNS".to_owned(), Some("red".to_owned()))]
        );
    }
}

#[test]
fn end_of_the_session_ends_its_clients() {
    let mut lab = Lab::new();
    let mut peer = lab.call("listen");
    lab.run_until(&mut peer, |peer| !peer.seen.is_empty());
    let path: PathBuf = lab.directory.path().to_owned();
    lab.server.close();
    peer.receive();
    assert_eq!(peer.seen.last(), Some(&Reply::End));
    assert_eq!(lab.server.backend.hung_up, [ClientId(1)]);
    drop(lab);
    assert!(!path.exists());
}
