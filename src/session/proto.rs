//! The words between a client and its session: frames with a length and a kind, all bounded.
//! It reads and writes no socket; `docs/session.md` describes the bytes.

use super::backend::{Create, Exec, FileHandle, Signal};
use super::frame::{Malformed, Reader, Writer};

/// The protocol's version: the first byte of a hello.
pub(super) const VERSION: u8 = 1;
/// The longest frame but for a hello, kind and content together.
pub(super) const FRAME_MAX: usize = 1 << 20;
/// The longest hello: two mebibytes of arguments as Linux allows, and the environment.
pub(super) const HELLO_MAX: usize = (2 << 20) + FRAME_MAX;
/// How many bytes of output are put into one frame.
pub(super) const CHUNK: usize = 64 << 10;

/// The first message of a client: who it is and what was called.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Hello {
    /// The session's secret.
    pub token: Vec<u8>,
    /// Which of the three standard files are terminals, as bits 0 to 2.
    pub terminals: u8,
    /// The width of the terminal, 0 where there is none.
    pub columns: u16,
    /// The working directory.
    pub cwd: Vec<u8>,
    /// The words of the command.
    pub argv: Vec<Vec<u8>>,
    /// `NAME=value` pairs.
    pub env: Vec<Vec<u8>>,
}

/// A message of a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Request {
    /// Begins a call.
    Hello(Hello),
    /// A signal came that the tool handles.
    Signal(Signal),
    /// A part of standard input; an empty one is its end.
    Input(Vec<u8>),
    /// A part of the file that was asked for.
    Data(Vec<u8>),
    /// The file is complete, or opened for writing.
    DataEnd,
    /// The system gave no file, for this reason.
    DataError(i32),
    /// The file will take time, and follows by itself.
    DataLater,
}

/// A message of the session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reply {
    /// Print to standard output.
    Stdout(Vec<u8>),
    /// Print to standard error.
    Stderr(Vec<u8>),
    /// End with this status.
    Exit(i32),
    /// Die of this signal.
    Die(Signal),
    /// Stay: catch these signals (bits of [`Signal`]), and send standard input if asked to.
    Running { signals: u32, stdin: bool },
    /// Become another command.
    Exec(Exec),
    /// Run commands one after another.
    Each {
        runs: Vec<(Vec<u8>, Exec)>,
        status: Option<i32>,
    },
    /// Run a command, and stop it when told to by [`Reply::Kill`].
    Timed(Timed),
    /// The time of the command that [`Reply::Timed`] started is over: send it this signal.
    Kill(i32),
    /// Send a file, or standard input where there is no path.
    Read(Option<Vec<u8>>),
    /// Open a file for writing.
    Create {
        handle: FileHandle,
        how: Create,
        path: Vec<u8>,
    },
    /// Add to an open file.
    File(FileHandle, Vec<u8>),
    /// Close a file.
    Close(FileHandle),
    /// The session is over.
    End,
    /// This client is not served; the words say why.
    Refuse(String),
}

/// A command that has a limited time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Timed {
    /// The words of the command.
    pub argv: Vec<String>,
    /// Exit with the command's status even where its time was over.
    pub preserve_status: bool,
    /// Leave the command in the foreground: no process group of its own.
    pub foreground: bool,
    /// Say on standard error which signal is sent.
    pub verbose: bool,
}

impl Request {
    /// Adds the message's frame to `out`.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hello(hello) => {
                Writer::new(out, b'H')
                    .u8(VERSION)
                    .bytes(&hello.token)
                    .u8(hello.terminals)
                    .u32(u32::from(hello.columns))
                    .bytes(&hello.cwd)
                    .words(&hello.argv)
                    .words(&hello.env);
            }
            Self::Signal(signal) => drop(Writer::new(out, b'S').u8(*signal as u8)),
            Self::Input(bytes) => drop(Writer::new(out, b'I').rest(bytes)),
            Self::Data(bytes) => drop(Writer::new(out, b'D').rest(bytes)),
            Self::DataEnd => drop(Writer::new(out, b'E')),
            Self::DataError(number) => drop(Writer::new(out, b'F').i32(*number)),
            Self::DataLater => drop(Writer::new(out, b'L')),
        }
    }

    /// The message of a frame's kind and content.
    pub(super) fn decode(frame: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader(frame);
        let request = match reader.u8()? {
            b'H' => Self::Hello(Self::decode_hello(&mut reader)?),
            b'S' => Self::Signal(reader.signal()?),
            b'I' => Self::Input(reader.rest()),
            b'D' => Self::Data(reader.rest()),
            b'E' => Self::DataEnd,
            b'F' => Self::DataError(reader.i32()?),
            b'L' => Self::DataLater,
            _ => return Err(Malformed),
        };
        reader.end()?;
        Ok(request)
    }

    fn decode_hello(reader: &mut Reader<'_>) -> Result<Hello, Malformed> {
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        Ok(Hello {
            token: reader.bytes()?,
            terminals: reader.u8()?,
            columns: u16::try_from(reader.u32()?).map_err(|_| Malformed)?,
            cwd: reader.bytes()?,
            argv: reader.words()?,
            env: reader.words()?,
        })
    }
}

impl Reply {
    /// Adds the message's frame to `out`.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Stdout(bytes) => drop(Writer::new(out, b'o').rest(bytes)),
            Self::Stderr(bytes) => drop(Writer::new(out, b'e').rest(bytes)),
            Self::Exit(status) => drop(Writer::new(out, b'x').i32(*status)),
            Self::Die(signal) => drop(Writer::new(out, b'd').u8(*signal as u8)),
            Self::Running { signals, stdin } => {
                Writer::new(out, b'r').u32(*signals).u8(u8::from(*stdin));
            }
            Self::Exec(exec) => drop(Writer::new(out, b'b').exec(exec)),
            Self::Each { runs, status } => encode_each(out, runs, *status),
            Self::Timed(timed) => {
                Writer::new(out, b't')
                    .words(&timed.argv)
                    .u8(u8::from(timed.preserve_status))
                    .u8(u8::from(timed.foreground))
                    .u8(u8::from(timed.verbose));
            }
            Self::Kill(signal) => drop(Writer::new(out, b'k').i32(*signal)),
            Self::Read(path) => drop(Writer::new(out, b'R').option(path.as_deref())),
            Self::Create { handle, how, path } => {
                Writer::new(out, b'C')
                    .u32(handle.0)
                    .u8(*how as u8)
                    .bytes(path);
            }
            Self::File(handle, bytes) => drop(Writer::new(out, b'f').u32(handle.0).rest(bytes)),
            Self::Close(handle) => drop(Writer::new(out, b'c').u32(handle.0)),
            Self::End => drop(Writer::new(out, b'z')),
            Self::Refuse(text) => drop(Writer::new(out, b'n').bytes(text.as_bytes())),
        }
    }

    /// The message of a frame's kind and content.
    pub(super) fn decode(frame: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader(frame);
        let reply = match reader.u8()? {
            b'o' => Self::Stdout(reader.rest()),
            b'e' => Self::Stderr(reader.rest()),
            b'x' => Self::Exit(reader.i32()?),
            b'd' => Self::Die(reader.signal()?),
            b'r' => Self::Running {
                signals: reader.u32()?,
                stdin: reader.flag()?,
            },
            b'b' => Self::Exec(reader.exec()?),
            b'a' => decode_each(&mut reader)?,
            b't' => Self::Timed(Timed {
                argv: reader.texts()?,
                preserve_status: reader.flag()?,
                foreground: reader.flag()?,
                verbose: reader.flag()?,
            }),
            b'k' => Self::Kill(reader.i32()?),
            b'R' => Self::Read(match reader.flag()? {
                true => Some(reader.bytes()?),
                false => None,
            }),
            b'C' => decode_create(&mut reader)?,
            b'f' => Self::File(FileHandle(reader.u32()?), reader.rest()),
            b'c' => Self::Close(FileHandle(reader.u32()?)),
            b'z' => Self::End,
            b'n' => Self::Refuse(reader.text()?),
            _ => return Err(Malformed),
        };
        reader.end()?;
        Ok(reply)
    }
}

fn encode_each(out: &mut Vec<u8>, runs: &[(Vec<u8>, Exec)], status: Option<i32>) {
    let mut writer = Writer::new(out, b'a');
    writer.u8(u8::from(status.is_some()));
    writer.i32(status.unwrap_or_default()).count(runs.len());
    for (before, exec) in runs {
        writer.bytes(before).exec(exec);
    }
}

fn decode_each(reader: &mut Reader<'_>) -> Result<Reply, Malformed> {
    let fixed = reader.flag()?;
    let status = reader.i32()?;
    let count = reader.count(21)?;
    let runs = (0..count)
        .map(|_| Ok((reader.bytes()?, reader.exec()?)))
        .collect::<Result<_, Malformed>>()?;
    Ok(Reply::Each {
        runs,
        status: fixed.then_some(status),
    })
}

fn decode_create(reader: &mut Reader<'_>) -> Result<Reply, Malformed> {
    Ok(Reply::Create {
        handle: FileHandle(reader.u32()?),
        how: match reader.u8()? {
            0 => Create::Truncate,
            1 => Create::Append,
            2 => Create::New,
            _ => return Err(Malformed),
        },
        path: reader.bytes()?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::frame::split_frame;
    use super::*;
    use proptest::prelude::*;

    fn exec() -> Exec {
        Exec {
            argv: vec!["bash".into(), "-c".into(), "ip a".into()],
            env: vec![
                ("VETHLAB_NETNS".into(), Some("red".into())),
                ("X".into(), None),
            ],
            notice: Some("leaves".into()),
            failure: "exec of \"bash\" failed: {}".into(),
            failure_status: 255,
        }
    }

    fn replies() -> Vec<Reply> {
        vec![
            Reply::Stdout(b"1: lo\n".to_vec()),
            Reply::Stderr(vec![]),
            Reply::Exit(-1),
            Reply::Die(Signal::Terminate),
            Reply::Running {
                signals: 5,
                stdin: true,
            },
            Reply::Exec(exec()),
            Reply::Each {
                runs: vec![(b"\nnetns: red\n".to_vec(), exec())],
                status: Some(0),
            },
            Reply::Timed(Timed {
                argv: vec!["ping".into()],
                preserve_status: true,
                ..Timed::default()
            }),
            Reply::Kill(15),
            Reply::Read(None),
            Reply::Read(Some(b"batch".to_vec())),
            Reply::Create {
                handle: FileHandle(3),
                how: Create::New,
                path: b"cap.pcap".to_vec(),
            },
            Reply::File(FileHandle(3), vec![1, 2, 3]),
            Reply::Close(FileHandle(3)),
            Reply::End,
            Reply::Refuse("full".into()),
        ]
    }

    fn requests() -> Vec<Request> {
        vec![
            Request::Hello(Hello {
                token: b"secret".to_vec(),
                terminals: 7,
                columns: 80,
                cwd: b"/tmp".to_vec(),
                argv: vec![b"ip".to_vec(), vec![0xff]],
                env: vec![b"TERM=dumb".to_vec()],
            }),
            Request::Signal(Signal::Interrupt),
            Request::Input(vec![]),
            Request::Data(vec![9]),
            Request::DataEnd,
            Request::DataError(2),
            Request::DataLater,
        ]
    }

    #[test]
    fn every_message_comes_back_as_it_was_sent() {
        for reply in replies() {
            let mut bytes = vec![];
            reply.encode(&mut bytes);
            let (end, frame) = split_frame(&bytes, FRAME_MAX).unwrap().unwrap();
            assert_eq!(end, bytes.len());
            assert_eq!(Reply::decode(frame), Ok(reply));
        }
        for request in requests() {
            let mut bytes = vec![];
            request.encode(&mut bytes);
            let (end, frame) = split_frame(&bytes, FRAME_MAX).unwrap().unwrap();
            assert_eq!(end, bytes.len());
            assert_eq!(Request::decode(frame), Ok(request));
        }
    }

    #[test]
    fn part_of_a_frame_waits_for_the_rest() {
        let mut bytes = vec![];
        requests()[0].encode(&mut bytes);
        for end in 0..bytes.len() {
            assert_eq!(split_frame(&bytes[..end], FRAME_MAX), Ok(None));
        }
    }

    #[test]
    fn frame_that_is_empty_or_too_long_is_malformed() {
        assert_eq!(split_frame(&[0, 0, 0, 0], FRAME_MAX), Err(Malformed));
        assert_eq!(
            split_frame(&[255, 255, 255, 127], FRAME_MAX),
            Err(Malformed)
        );
    }

    #[test]
    fn message_cut_short_or_with_more_behind_it_is_malformed() {
        for reply in [exec_frame(), hello_frame()] {
            for end in 0..reply.len() {
                assert!(Reply::decode(&reply[..end]).is_err());
                assert!(Request::decode(&reply[..end]).is_err());
            }
        }
        let mut more = exec_frame();
        more.push(0);
        assert_eq!(Reply::decode(&more), Err(Malformed));
    }

    fn exec_frame() -> Vec<u8> {
        let mut bytes = vec![];
        Reply::Exec(exec()).encode(&mut bytes);
        bytes.split_off(4)
    }

    fn hello_frame() -> Vec<u8> {
        let mut bytes = vec![];
        requests()[0].encode(&mut bytes);
        bytes.split_off(4)
    }

    proptest! {
        #[test]
        fn garbage_is_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = split_frame(&bytes, FRAME_MAX);
            let _ = Request::decode(&bytes);
            let _ = Reply::decode(&bytes);
        }

        #[test]
        fn garbage_behind_a_known_kind_is_never_a_panic(
            kind in proptest::sample::select(&b"HSIDEFLoexdrbatkRCfczn"[..]),
            mut bytes in proptest::collection::vec(0u8..4, 0..100),
        ) {
            bytes.insert(0, kind);
            let _ = Request::decode(&bytes);
            let _ = Reply::decode(&bytes);
        }
    }
}
