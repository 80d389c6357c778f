//! The words of each kind of qdisc but netem (q_fifo.c, q_tbf.c, q_fq_codel.c).
//! Kinds that Linux has and the simulator has not are told from words that are none.

use crate::device::qdisc::{TbfConfig, Unit};
use crate::kernel::netlink::{FqCodelOptions, QdiscKind};
use crate::tool::Failure;
use crate::tool::ip::args::{Args, matches};
use crate::tool::number::{i32_in, u16_in, u32_in};

use super::{netem, number};

/// Kinds that Linux has and the simulator has not.
const KNOWN: &[&str] = &[
    "atm",
    "cake",
    "cbs",
    "choke",
    "codel",
    "drr",
    "dsmark",
    "etf",
    "ets",
    "fq",
    "fq_pie",
    "gred",
    "hfsc",
    "hhf",
    "htb",
    "mq",
    "mqprio",
    "multiq",
    "pfifo_head_drop",
    "pie",
    "plug",
    "prio",
    "qfq",
    "red",
    "sfb",
    "sfq",
    "skbprio",
    "taprio",
    "teql0",
];

/// Reads the words after a kind, also where it is to be taken away.
pub fn parse(name: &str, args: &mut Args<'_, &str>) -> Result<QdiscKind, Failure> {
    Ok(match name {
        "pfifo" => QdiscKind::Fifo(Unit::Packets, fifo(name, args)?),
        "bfifo" => QdiscKind::Fifo(Unit::Bytes, fifo(name, args)?),
        "tbf" => QdiscKind::Tbf(tbf(args)?),
        "netem" => QdiscKind::Netem(Box::new(netem::parse(args)?)),
        "fq_codel" => QdiscKind::FqCodel(fq_codel(args)?),
        "pfifo_fast" => {
            if !args.is_empty() {
                let text = format_args!("qdisc '{name}' does not support option parsing");
                return Err(Failure::line(255, text));
            }
            QdiscKind::PfifoFast
        }
        known if KNOWN.contains(&known) => {
            return Err(Failure::not_simulated(format_args!("the qdisc {known}")));
        }
        other => {
            if let Some(word) = args.peek() {
                let text = format_args!(
                    "Unknown qdisc \"{other}\", hence option \"{word}\" is unparsable"
                );
                return Err(Failure::line(1, text));
            }
            match other {
                "noqueue" => QdiscKind::Noqueue,
                other => QdiscKind::Unknown(other.to_owned()),
            }
        }
    })
}

const FIFO_USAGE: &str = "Usage: ... <[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]\n";

fn fifo(name: &str, args: &mut Args<'_, &str>) -> Result<Option<u32>, Failure> {
    let mut limit = None;
    while let Some(word) = args.take() {
        match word {
            "limit" => {
                let text = args.required()?;
                let bad = || {
                    let text = format_args!("{name}: Illegal value for \"limit\": \"{text}\"");
                    Failure::line(1, text)
                };
                limit = Some(number::size(text).ok_or_else(bad)?);
            }
            "help" => return Err(explained("", FIFO_USAGE)),
            word => {
                let text = format!("{name}: unknown parameter \"{word}\"\n");
                return Err(explained(&text, FIFO_USAGE));
            }
        }
    }
    Ok(limit)
}

/// What is wrong, and the usage behind it.
pub(super) fn explained(why: &str, usage: &str) -> Failure {
    Failure {
        stderr: format!("{why}{usage}"),
        status: 1,
    }
}

const TBF_USAGE: &str = "Usage: ... tbf limit BYTES burst BYTES[/BYTES] rate KBPS [ mtu BYTES[/BYTES] ]\n\
    \t[ peakrate KBPS ] [ latency TIME ] [ overhead BYTES ] [ linklayer TYPE ]\n";

fn tbf_illegal(key: &str, value: &str) -> Failure {
    Failure::line(
        1,
        format_args!("tbf: illegal value for \"{key}\": \"{value}\""),
    )
}

fn tbf_twice(key: &str) -> Failure {
    Failure::line(1, format_args!("tbf: duplicate \"{key}\" specification"))
}

/// The words of a token bucket as they were read.
#[derive(Default)]
struct Bucket {
    config: TbfConfig,
    latency_us: u32,
}

fn tbf(args: &mut Args<'_, &str>) -> Result<TbfConfig, Failure> {
    let mut read = Bucket::default();
    while let Some(word) = args.take() {
        if !read.plain(word, args)? && !read.other(word, args)? {
            if word == "help" {
                return Err(explained("", TBF_USAGE));
            }
            let text = format!("tbf: unknown parameter \"{word}\"\n");
            return Err(explained(&text, TBF_USAGE));
        }
    }
    read.finish()
}

impl Bucket {
    /// Limit, latency and the buckets; says whether the word is one of them.
    fn plain(&mut self, word: &str, args: &mut Args<'_, &str>) -> Result<bool, Failure> {
        let config = &mut self.config;
        if matches(word, "limit") {
            let text = args.required()?;
            if config.limit != 0 {
                return Err(tbf_twice("limit"));
            }
            if self.latency_us != 0 {
                let text = "tbf: specifying both \"latency\" and \"limit\" is not allowed";
                return Err(Failure::line(1, text));
            }
            config.limit = number::size(text).ok_or_else(|| tbf_illegal("limit", text))?;
        } else if matches(word, "latency") {
            let text = args.required()?;
            if self.latency_us != 0 {
                return Err(tbf_twice("latency"));
            }
            if config.limit != 0 {
                let text = "tbf: specifying both \"limit\" and \"/latency\" is not allowed";
                return Err(Failure::line(1, text));
            }
            self.latency_us = number::time_us(text).ok_or_else(|| tbf_illegal("latency", text))?;
        } else if matches(word, "burst") || matches!(word, "buffer" | "maxburst") {
            let text = args.required()?;
            if config.burst != 0 {
                return Err(tbf_twice("buffer/burst/maxburst"));
            }
            config.burst = size_and_cell(text).ok_or_else(|| tbf_illegal(word, text))?;
        } else if matches!(word, "mtu" | "minburst") {
            let text = args.required()?;
            if config.mtu != 0 {
                return Err(tbf_twice("mtu/minburst"));
            }
            config.mtu = size_and_cell(text).ok_or_else(|| tbf_illegal(word, text))?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Rates and what a frame counts.
    fn other(&mut self, word: &str, args: &mut Args<'_, &str>) -> Result<bool, Failure> {
        let config = &mut self.config;
        match word {
            "mpu" => {
                let text = args.required()?;
                if config.mpu != 0 {
                    return Err(tbf_twice("mpu"));
                }
                config.mpu = number::size(text).ok_or_else(|| tbf_illegal("mpu", text))?;
            }
            "rate" => {
                let text = args.required()?;
                if config.rate != 0 {
                    return Err(tbf_twice("rate"));
                }
                config.rate = number::rate(text).ok_or_else(|| tbf_illegal("rate", text))?;
            }
            word if matches(word, "peakrate") => {
                let text = args.required()?;
                if config.peakrate != 0 {
                    return Err(tbf_twice("peakrate"));
                }
                config.peakrate =
                    number::rate(text).ok_or_else(|| tbf_illegal("peakrate", text))?;
            }
            word if matches(word, "overhead") => {
                let text = args.required()?;
                if config.overhead != 0 {
                    return Err(tbf_twice("overhead"));
                }
                config.overhead = u16_in(text, 10).ok_or_else(|| tbf_illegal("overhead", text))?;
            }
            word if matches(word, "linklayer") => {
                let text = args.required()?;
                config.atm = match text {
                    text if matches(text, "ethernet") => false,
                    text if matches(text, "atm") || matches(text, "adsl") => true,
                    text => return Err(tbf_illegal("linklayer", text)),
                };
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn finish(self) -> Result<TbfConfig, Failure> {
        let mut config = self.config;
        let mut why = String::new();
        for (missing, text) in [
            (config.rate == 0, "the \"rate\" parameter is mandatory."),
            (config.burst == 0, "the \"burst\" parameter is mandatory."),
            (
                config.peakrate != 0 && config.mtu == 0,
                "when \"peakrate\" is specified, \"mtu\" must also be specified.",
            ),
            (
                config.limit == 0 && self.latency_us == 0,
                "either \"limit\" or \"latency\" is required.",
            ),
        ] {
            if missing {
                why.push_str(&format!("tbf: {text}\n"));
            }
        }
        if !why.is_empty() {
            return Err(explained(&why, TBF_USAGE));
        }
        if config.limit == 0 {
            let waits = |rate: u64, bucket: u32| {
                rate as f64 * f64::from(self.latency_us) / 1e6 + f64::from(bucket)
            };
            let mut limit = waits(config.rate, config.burst);
            if config.peakrate != 0 {
                limit = limit.min(waits(config.peakrate, config.mtu));
            }
            config.limit = limit as u32;
        }
        Ok(config)
    }
}

/// `1600/8`: a size, and the cell of a rate table, which the kernel no longer has (`get_size_and_cell`).
fn size_and_cell(text: &str) -> Option<u32> {
    let Some((size, cell)) = text.split_once('/') else {
        return number::size(text);
    };
    let cell = u32::try_from(i32_in(cell, 0)?).ok()?;
    cell.is_power_of_two().then_some(number::size(size)?)
}

const FQ_CODEL_USAGE: &str = "Usage: ... fq_codel\t[ limit PACKETS ] [ flows NUMBER ]\n\
    \t\t\t[ memory_limit BYTES ]\n\
    \t\t\t[ target TIME ] [ interval TIME ]\n\
    \t\t\t[ quantum BYTES ] [ [no]ecn ]\n\
    \t\t\t[ ce_threshold TIME ]\n\
    \t\t\t[ ce_threshold_selector VALUE/MASK ]\n\
    \t\t\t[ drop_batch SIZE ]\n";

fn fq_codel(args: &mut Args<'_, &str>) -> Result<FqCodelOptions, Failure> {
    let mut options = FqCodelOptions::default();
    let illegal = |key: &str| Failure::line(1, format_args!("Illegal \"{key}\""));
    while let Some(word) = args.take() {
        match word {
            "limit" | "flows" | "quantum" | "drop_batch" => {
                let value = u32_in(args.required()?, 0).ok_or_else(|| illegal(word))?;
                let place = match word {
                    "limit" => &mut options.limit,
                    "flows" => &mut options.flows,
                    "quantum" => &mut options.quantum,
                    _ => &mut options.drop_batch,
                };
                *place = Some(value);
            }
            "target" | "interval" => {
                let value = number::time_us(args.required()?).ok_or_else(|| illegal(word))?;
                match word {
                    "target" => options.target_us = Some(value),
                    _ => options.interval_us = Some(value),
                }
            }
            "memory_limit" => {
                let value = number::size(args.required()?).ok_or_else(|| illegal(word))?;
                options.memory_limit = Some(value);
            }
            "ecn" => options.ecn = Some(true),
            "noecn" => options.ecn = Some(false),
            "help" => return Err(explained("", FQ_CODEL_USAGE)),
            word => return Err(explained(&format!("What is \"{word}\"?\n"), FQ_CODEL_USAGE)),
        }
    }
    Ok(options)
}
