//! Who sends and answers on the kernel, started within a namespace: datagrams, pings, a TCP stream.
//! It prints how many nanoseconds that took, and sets nothing up.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType, ipproto, socket};

/// The discard service; and where iperf3 listens.
const DISCARD: u16 = 9;
const BULK: u16 = 5201;
/// With 42 bytes of headers a frame of 60, the shortest.
const PAYLOAD: [u8; 18] = [0; 18];
const PIECE: usize = 65_536;

/// Does what the words say, and prints the time it took.
///
/// # Errors
/// The system's; or that there is no such work.
pub fn run(words: &[String]) -> io::Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let took = match words[..] {
        ["sink"] => return sink(),
        ["serve"] => return serve(),
        ["udp", to, count] => udp(parse(to)?, parse(count)?)?,
        ["ping", own, count] => ping(parse(own)?, parse(count)?)?,
        ["send", to, bytes] => send(parse(to)?, parse(bytes)?)?,
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    };
    writeln!(io::stdout(), "{}", took.as_nanos())
}

fn parse<T: std::str::FromStr>(word: &str) -> io::Result<T> {
    word.parse().map_err(|_| io::ErrorKind::InvalidInput.into())
}

/// Takes datagrams and drops them, until it is killed.
fn sink() -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, DISCARD))?;
    let mut bytes = [0; 2048];
    loop {
        socket.recv(&mut bytes)?;
    }
}

fn udp(to: Ipv4Addr, count: u64) -> io::Result<Duration> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_broadcast(true)?;
    socket.connect((to, DISCARD))?;
    let begun = Instant::now();
    for _ in 0..count {
        // A full queue loses the datagram: what arrives is counted elsewhere.
        let _ = socket.send(&PAYLOAD);
    }
    Ok(begun.elapsed())
}

/// The address of a station, of 10.0.0.0/8.
fn station(number: u32) -> Ipv4Addr {
    Ipv4Addr::from((10 << 24) + number)
}

/// Pings every station but its own, one after the other, by a raw socket.
fn ping(own: u32, count: u32) -> io::Result<Duration> {
    let raw = socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::ICMP))?;
    let socket = UdpSocket::from(raw);
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    // Echo request 1 of process 1, with its checksum.
    let request = [8, 0, 0xf7, 0xfd, 0, 1, 0, 1];
    let mut bytes = [0; 256];
    let begun = Instant::now();
    for to in (1..=count).filter(|&to| to != own) {
        socket.send_to(&request, (station(to), 0))?;
        // Behind an IP header of 20 bytes the reply's type is 0.
        while socket.recv(&mut bytes)? < 28 || bytes[20] != 0 {}
    }
    Ok(begun.elapsed())
}

/// Takes one connection to its end, then says so.
fn serve() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, BULK))?;
    let (mut stream, _) = listener.accept()?;
    let mut bytes = vec![0; PIECE];
    while stream.read(&mut bytes)? > 0 {}
    stream.write_all(&[1])
}

fn send(to: Ipv4Addr, bytes: u64) -> io::Result<Duration> {
    let mut stream = TcpStream::connect((to, BULK))?;
    let piece = vec![0x5a; PIECE];
    let begun = Instant::now();
    let mut left = bytes;
    while left > 0 {
        let now = left.min(PIECE as u64);
        let now = usize::try_from(now).map_err(|_| io::ErrorKind::InvalidInput)?;
        stream.write_all(&piece[..now])?;
        left -= now as u64;
    }
    stream.shutdown(std::net::Shutdown::Write)?;
    stream.read_exact(&mut [0])?;
    Ok(begun.elapsed())
}
