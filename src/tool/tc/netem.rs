//! The words of netem (q_netem.c of iproute2 6.1), and `seed`, which later versions have.

use crate::device::qdisc::{Distribution, LossModel, NetemChange, NetemRate, NetemSlot};
use crate::tool::Failure;
use crate::tool::ip::args::{Args, matches};
use crate::tool::number::{i32_in, u32_in, u64_in};

use super::kinds::explained;
use super::number::{self, TICK_NS};

const USAGE: &str = "Usage: ... netem [ limit PACKETS ]\n\
    \x20                [ delay TIME [ JITTER [CORRELATION]]]\n\
    \x20                [ distribution {uniform|normal|pareto|paretonormal} ]\n\
    \x20                [ corrupt PERCENT [CORRELATION]]\n\
    \x20                [ duplicate PERCENT [CORRELATION]]\n\
    \x20                [ loss random PERCENT [CORRELATION]]\n\
    \x20                [ loss state P13 [P31 [P32 [P23 P14]]]\n\
    \x20                [ loss gemodel PERCENT [R [1-H [1-K]]]\n\
    \x20                [ ecn ]\n\
    \x20                [ reorder PERCENT [CORRELATION] [ gap DISTANCE ]]\n\
    \x20                [ rate RATE [PACKETOVERHEAD] [CELLSIZE] [CELLOVERHEAD]]\n\
    \x20                [ slot MIN_DELAY [MAX_DELAY] [packets MAX_PACKETS] [bytes MAX_BYTES]]\n\
    \x20                [ slot distribution {uniform|normal|pareto|paretonormal|custom}\n\
    \x20                  DELAY JITTER [packets MAX_PACKETS] [bytes MAX_BYTES]]\n";

/// Where the files of distributions lie that `tc` names in its words.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/tc/";

fn illegal(what: &str) -> Failure {
    Failure::line(1, format_args!("Illegal \"{what}\""))
}

/// What was read.
struct Read {
    change: NetemChange,
    /// The correlations of delay, loss and doubling, and whether they are sent.
    correlations: (u32, u32, u32),
    correlated: bool,
}

/// Reads the words after `netem`.
pub fn parse(args: &mut Args<'_, &str>) -> Result<NetemChange, Failure> {
    let mut read = Read {
        change: NetemChange {
            limit: 1000,
            ..NetemChange::default()
        },
        correlations: (0, 0, 0),
        correlated: false,
    };
    while let Some(word) = args.take() {
        read.word(word, args)?;
    }
    read.finish()
}

/// Whether the next word begins with a digit, and may be an option's further value.
fn number_follows(args: &Args<'_, &str>) -> bool {
    args.peek()
        .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

fn signed_follows(args: &Args<'_, &str>) -> bool {
    number_follows(args) || args.peek().is_some_and(|word| word.starts_with('-'))
}

fn part(args: &mut Args<'_, &str>, what: &str) -> Result<u32, Failure> {
    let text = args.required()?;
    number::percent(text)
        .map(number::part)
        .ok_or_else(|| illegal(what))
}

/// A time as the kernel's packet clock counts it, in nanoseconds.
fn ticks(args: &mut Args<'_, &str>) -> Result<i64, Failure> {
    let micros = number::time_us(args.required()?).ok_or_else(|| illegal("latency"))?;
    let ticks = i64::from(micros) * 1000 / TICK_NS;
    if ticks >= 1 << 32 {
        let text = format!("Illegal {micros} time (too large)\nIllegal \"latency\"\n");
        return Err(explained(&text, ""));
    }
    Ok(ticks * TICK_NS)
}

fn distribution(args: &mut Args<'_, &str>) -> Result<Distribution, Failure> {
    let name = args.required()?;
    Distribution::named(name).ok_or_else(|| {
        let text = format_args!(
            "No distribution data for {name} ({LIBRARY}/{name}.dist: No such file or directory)"
        );
        Failure::line(1, text)
    })
}

impl Read {
    fn word(&mut self, word: &str, args: &mut Args<'_, &str>) -> Result<(), Failure> {
        let is = |full| matches(word, full);
        if is("limit") {
            let limit = number::size(args.required()?);
            self.change.limit = limit.ok_or_else(|| illegal("limit"))?;
        } else if is("latency") || is("delay") {
            self.delay(args)?;
        } else if is("loss") || is("drop") {
            self.loss(args)?;
        } else if is("seed") {
            let seed = u64_in(args.required()?, 10);
            self.change.seed = Some(seed.ok_or_else(|| illegal("seed"))?);
        } else if is("ecn") {
            self.change.ecn = true;
        } else if is("reorder") {
            self.change.reorder = Some(self.with_correlation(args, "reorder")?);
        } else if is("corrupt") {
            self.change.corrupt = Some(self.with_correlation(args, "corrupt")?);
        } else if is("gap") {
            let gap = u32_in(args.required()?, 0);
            self.change.gap = gap.ok_or_else(|| illegal("gap"))?;
        } else if is("duplicate") {
            self.change.duplicate = part(args, "duplicate")?;
            if number_follows(args) {
                // Sent only where another option has a correlation too, as `tc` does it.
                self.correlations.2 = part(args, "duplicate")?;
            }
        } else if is("distribution") {
            self.change.delay_dist = Some(distribution(args)?);
        } else if is("rate") {
            self.change.rate = Some(rate(args)?);
        } else if is("slot") {
            self.slot(args)?;
        } else if word == "help" {
            return Err(explained("", USAGE));
        } else {
            return Err(explained(&format!("What is \"{word}\"?\n"), USAGE));
        }
        Ok(())
    }

    fn delay(&mut self, args: &mut Args<'_, &str>) -> Result<(), Failure> {
        self.change.latency_ns = ticks(args)?;
        if number_follows(args) {
            self.change.jitter_ns = ticks(args)?;
            if number_follows(args) {
                self.correlations.0 = part(args, "latency")?;
                self.correlated = true;
            }
        }
        Ok(())
    }

    fn with_correlation(
        &mut self,
        args: &mut Args<'_, &str>,
        what: &str,
    ) -> Result<(u32, u32), Failure> {
        let probability = part(args, what)?;
        if !number_follows(args) {
            return Ok((probability, 0));
        }
        self.correlated = true;
        Ok((probability, part(args, what)?))
    }

    fn loss(&mut self, args: &mut Args<'_, &str>) -> Result<(), Failure> {
        if self.change.loss > 0 || self.change.loss_model.is_some() {
            return Err(illegal("duplicate loss argument\n"));
        }
        if !number_follows(args) {
            match args.required()? {
                "random" => {}
                "state" => {
                    self.change.loss_model = Some(four_states(args)?);
                    return Ok(());
                }
                "gemodel" => {
                    self.change.loss_model = Some(two_states(args)?);
                    return Ok(());
                }
                other => {
                    let text = format_args!("Unknown loss parameter: {other}");
                    return Err(Failure::line(1, text));
                }
            }
        }
        self.change.loss = part(args, "loss percent")?;
        if number_follows(args) {
            self.correlated = true;
            self.correlations.1 = part(args, "loss correlation")?;
        }
        Ok(())
    }

    fn slot(&mut self, args: &mut Args<'_, &str>) -> Result<(), Failure> {
        let mut slot = NetemSlot::default();
        let time = |args: &mut Args<'_, &str>, what: &str| {
            number::time_ns(args.required()?).ok_or_else(|| illegal(what))
        };
        if number_follows(args) {
            slot.min_delay = time(args, "slot min_delay")?;
            slot.max_delay = slot.min_delay;
            if number_follows(args) {
                slot.max_delay = time(args, "slot max_delay")?;
                if slot.max_delay < slot.min_delay {
                    return Err(illegal("slot max_delay"));
                }
            }
        } else {
            let word = args.required()?;
            if word != "distribution" {
                return Err(Failure::line(
                    1,
                    format_args!("Unknown slot parameter: {word}"),
                ));
            }
            self.change.slot_dist = Some(distribution(args)?);
            slot.dist_delay = time(args, "slot delay")?;
            slot.dist_jitter = time(args, "slot jitter")?;
            if slot.dist_jitter <= 0 {
                return Err(Failure::line(1, "Non-positive jitter"));
            }
        }
        if args.peek().is_some_and(|word| matches(word, "packets")) {
            let _ = args.take();
            let packets = args.take().and_then(|text| i32_in(text, 0));
            slot.max_packets = packets.ok_or_else(|| illegal("slot packets"))?;
        }
        if args.peek().is_some_and(|word| matches(word, "bytes")) {
            let _ = args.take();
            let bytes = args.take().and_then(number::size);
            let bytes = bytes.and_then(|bytes| i32::try_from(bytes).ok());
            slot.max_bytes = bytes.ok_or_else(|| illegal("slot bytes"))?;
        }
        self.change.slot = Some(slot);
        Ok(())
    }

    fn finish(mut self) -> Result<NetemChange, Failure> {
        let change = &mut self.change;
        let wrong = |text: &str| Err(explained(&format!("{text}\n"), USAGE));
        if change.reorder.is_some_and(|(part, _)| part > 0) {
            if change.latency_ns == 0 {
                return wrong("reordering not possible without specifying some delay");
            }
            change.gap = change.gap.max(1);
        } else if change.gap > 0 {
            return wrong("gap specified without reorder probability");
        }
        if change.ecn && change.loss == 0 && change.loss_model.is_none() {
            return wrong("ecn requested without loss model");
        }
        if change.delay_dist.is_some() && (change.latency_ns == 0 || change.jitter_ns == 0) {
            return wrong("distribution specified but no latency and jitter values");
        }
        if self.correlated {
            change.correlations = Some(self.correlations);
        }
        Ok(self.change)
    }
}

/// Further parts that may follow; those that do not keep their values.
fn parts(args: &mut Args<'_, &str>, values: &mut [(&mut u32, &str)]) -> Result<(), Failure> {
    for (value, what) in values {
        if !number_follows(args) {
            break;
        }
        **value = part(args, what)?;
    }
    Ok(())
}

fn four_states(args: &mut Args<'_, &str>) -> Result<LossModel, Failure> {
    let first = number::percent(args.required()?).ok_or_else(|| illegal("loss p13"))?;
    let (mut p31, mut p32, mut p23, mut p14) = (number::part(1. - first), 0, u32::MAX, 0);
    parts(
        args,
        &mut [
            (&mut p31, "loss p31"),
            (&mut p32, "loss p32"),
            (&mut p23, "loss p23"),
            (&mut p14, "loss p14"),
        ],
    )?;
    Ok(LossModel::FourState {
        p13: number::part(first),
        p31,
        p32,
        p23,
        p14,
        state: Default::default(),
    })
}

fn two_states(args: &mut Args<'_, &str>) -> Result<LossModel, Failure> {
    let p = number::percent(args.required()?).ok_or_else(|| illegal("loss gemodel p"))?;
    // The option is 1 - h.
    let (mut r, mut lossy, mut k1) = (number::part(1. - p), u32::MAX, 0);
    parts(
        args,
        &mut [
            (&mut r, "loss gemodel r"),
            (&mut lossy, "loss gemodel h"),
            (&mut k1, "loss gemodel k"),
        ],
    )?;
    Ok(LossModel::GilbertElliott {
        p: number::part(p),
        r,
        h: u32::MAX - lossy,
        k1,
        bad: false,
    })
}

fn rate(args: &mut Args<'_, &str>) -> Result<NetemRate, Failure> {
    let bad = || illegal("rate");
    let mut rate = NetemRate {
        rate: number::rate(args.required()?).ok_or_else(bad)?,
        ..NetemRate::default()
    };
    if signed_follows(args) {
        rate.packet_overhead = i32_in(args.required()?, 0).ok_or_else(bad)?;
    }
    if number_follows(args) {
        rate.cell_size = u32_in(args.required()?, 0).ok_or_else(bad)?;
    }
    if signed_follows(args) {
        rate.cell_overhead = i32_in(args.required()?, 0).ok_or_else(bad)?;
    }
    Ok(rate)
}
