//! Reads a capture file and prints its frames, or writes those that match to another.
//! The bytes of the file are the caller's.

use super::{Lines, Options, words};
use crate::program::{Console, Piece};
use crate::wire::filter::{Filter, Source};
use crate::wire::pcap::{Reader, Writer};
use crate::wire::print::{LinkType, Names};

/// Does what `-r` asks with the content of a file; gives the exit status.
///
/// The filter comes as an error where it could not be read. `names` are those of the interfaces here, which the frames of `-i any` show by index.
pub fn read(
    options: &Options,
    name: &str,
    file: &[u8],
    filter: Result<&str, String>,
    names: Names,
    console: &mut Console,
) -> i32 {
    match try_read(options, name, file, filter, names, console) {
        Ok(()) => 0,
        Err(complaint) => {
            console.err(format!("tcpdump: {complaint}\n"));
            1
        }
    }
}

fn try_read(
    options: &Options,
    name: &str,
    file: &[u8],
    filter: Result<&str, String>,
    names: Names,
    console: &mut Console,
) -> Result<(), String> {
    let reader = Reader::new(file).map_err(|error| error.to_string())?;
    console.err(words::reading(name, reader.link(), reader.snaplen()));
    let number = reader.link();
    let link = number.link_type();
    let source = Source {
        link: link.unwrap_or(LinkType::Ethernet),
        live: false,
    };
    let filter = Filter::compile_for(filter?, source).map_err(|error| error.to_string())?;
    let mut output = Output {
        lines: Lines::new(options).with_interface_names(names),
        writer: options
            .write
            .as_ref()
            .map(|_| Writer::with_precision(number, reader.snaplen(), options.nanoseconds)),
        link: match link {
            Some(link) => Some(link),
            None if !options.prints() || options.count_only => None,
            None => {
                return Err(format!(
                    "packet printing is not supported for link type {}: use -w",
                    number.0
                ));
            }
        },
        prints: options.prints() && !options.count_only,
    };
    let mut failure = Ok(());
    let mut frames = 0u32;
    let limit = options.count.unwrap_or(u32::MAX);
    for record in reader {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                failure = Err(format!("pcap_loop: {error}"));
                break;
            }
        };
        if !filter.matches(record.bytes, record.original_len as usize) {
            continue;
        }
        output.frame(&record, console);
        frames += 1;
        if frames >= limit {
            break;
        }
    }
    output.finish(options, console);
    if options.count_only {
        let plural = if frames == 1 { "" } else { "s" };
        console.out(format!("{frames} packet{plural}\n"));
    }
    failure
}

/// Where matching frames go.
struct Output {
    lines: Lines,
    writer: Option<Writer>,
    link: Option<LinkType>,
    prints: bool,
}

impl Output {
    fn frame(&mut self, record: &crate::wire::pcap::Record<'_>, console: &mut Console) {
        if let Some(writer) = &mut self.writer {
            writer.record(record.time_ns, record.original_len, record.bytes);
        }
        if let (true, Some(link)) = (self.prints, self.link) {
            console.out(self.lines.frame(record, link));
        }
    }

    fn finish(self, options: &Options, console: &mut Console) {
        let (Some(writer), Some(path)) = (self.writer, &options.write) else {
            return;
        };
        let bytes = writer.into_bytes();
        if path == "-" {
            console.out(bytes);
            return;
        }
        console.pieces.push(Piece::File {
            path: path.clone(),
            fresh: true,
            bytes,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::pcap::LinkNumber;

    fn sample() -> Vec<u8> {
        let mut writer = Writer::new(LinkNumber::ETHERNET, 262_144);
        for operation in [1u8, 2] {
            let mut frame = [0; 42];
            frame[12..14].copy_from_slice(&[0x08, 0x06]);
            frame[14..22].copy_from_slice(&[0, 1, 8, 0, 6, 4, 0, operation]);
            writer.record(u64::from(operation) * 1_000_000_000, 42, &frame);
        }
        writer.into_bytes()
    }

    fn run(options: &Options, file: &[u8], filter: &str) -> (String, String, i32, Console) {
        let mut console = Console::default();
        let status = read(
            options,
            "x.pcap",
            file,
            Ok(filter),
            Names::new(),
            &mut console,
        );
        let text = |wanted: fn(&Piece) -> Option<&Vec<u8>>| {
            let bytes: Vec<u8> = console
                .pieces
                .iter()
                .filter_map(wanted)
                .flatten()
                .copied()
                .collect();
            String::from_utf8(bytes).expect("text")
        };
        let out = text(|piece| match piece {
            Piece::Out(bytes) => Some(bytes),
            _ => None,
        });
        let err = text(|piece| match piece {
            Piece::Err(bytes) => Some(bytes),
            _ => None,
        });
        (out, err, status, console)
    }

    const BANNER: &str =
        "reading from file x.pcap, link-type EN10MB (Ethernet), snapshot length 262144\n";

    #[test]
    fn frames_of_a_file_are_printed_up_to_the_count() {
        let options = Options {
            count: Some(1),
            ..Options::default()
        };
        let (out, err, status, _) = run(&options, &sample(), "");
        assert_eq!(
            out,
            "00:00:01.000000 ARP, Request who-has 0.0.0.0 tell 0.0.0.0, length 28\n"
        );
        assert_eq!((err.as_str(), status), (BANNER, 0));
    }

    #[test]
    fn matching_frames_are_written() {
        let options = Options {
            write: Some("y.pcap".to_owned()),
            ..Options::default()
        };
        let (out, _, status, console) = run(&options, &sample(), "arp[7] = 2");
        assert_eq!((out.as_str(), status), ("", 0));
        let Some(Piece::File { path, bytes, .. }) = console.pieces.last() else {
            panic!("a file is written");
        };
        assert_eq!((path.as_str(), bytes.len()), ("y.pcap", 24 + 16 + 42));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_when_it_is_met() {
        let file = sample();
        let options = Options::default();
        let (out, err, status, _) = run(&options, &file[..90], "");
        assert_eq!((out.lines().count(), status), (1, 1));
        assert_eq!(
            err,
            format!(
                "{BANNER}tcpdump: pcap_loop: truncated dump file; tried to read 16 header bytes, only got 8\n"
            )
        );
        let (_, err, status, _) = run(&options, b"hello", "");
        assert_eq!(
            (err.as_str(), status),
            ("tcpdump: unknown file format\n", 1)
        );
        let (_, err, _, _) = run(&options, &file, "icmp and arp");
        assert_eq!(
            err,
            format!("{BANNER}tcpdump: expression rejects all packets\n")
        );
    }

    #[test]
    fn frames_can_only_be_counted() {
        let options = Options {
            count_only: true,
            ..Options::default()
        };
        assert_eq!(run(&options, &sample(), "").0, "2 packets\n");
        assert_eq!(run(&options, &sample(), "arp[7] = 2").0, "1 packet\n");
    }
}
