//! Prints a qdisc as `tc qdisc show` does (`print_qdisc` and each kind's `print_qopt`).
//! Which ones are printed is decided by the list.

use crate::device::qdisc::{LossModel, ROOT, Stats, TbfConfig, Unit, major, minor};
use crate::kernel::netlink::{NetemInfo, QdiscInfo, QdiscOptions};
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};

use super::number::{TICK_NS, general, shown_ns, shown_rate, shown_size, shown_us};

/// The bands of priorities that `pfifo_fast` has.
const PRIOMAP: [u32; 16] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

/// Prints one qdisc, with its device where several may be meant.
pub fn print(out: &mut Printer, options: &Options, info: &QdiscInfo, with_dev: bool) {
    out.open_object(None);
    let kind = info.options.name();
    out.any("kind", kind, format_args!("qdisc {kind}"));
    let handle = format!("{:x}:", major(info.handle) >> 16);
    out.any("handle", &handle, format_args!(" {handle}"));
    if options.resolve {
        out.fp(format_args!("[{:08x}]", info.handle));
    }
    out.word(" ");
    if with_dev {
        out.word("dev ");
        out.painted(
            Color::Ifname,
            "dev",
            info.dev,
            format_args!("{} ", info.dev),
        );
    }
    match info.parent {
        ROOT => out.any("root", true, format_args!("root ")),
        0 => {}
        class => {
            let class = class_name(class);
            out.any("parent", &class, format_args!("parent {class} "));
        }
    }
    if info.refcnt != 1 {
        out.number("refcnt", "refcnt", info.refcnt);
    }
    out.open_object(Some("options"));
    print_options(out, options, &info.options);
    out.close_object();
    out.line_break();
    if options.stats > 0 {
        print_stats(out, &info.stats);
        out.line_break();
        if matches!(info.options, QdiscOptions::FqCodel { .. }) {
            print_fq_codel_stats(out, &info.stats);
            out.line_break();
        }
    }
    out.close_object();
}

fn class_name(class: u32) -> String {
    match (major(class) >> 16, minor(class)) {
        (0, minor) => format!(":{minor:x}"),
        (major, 0) => format!("{major:x}:"),
        (major, minor) => format!("{major:x}:{minor:x}"),
    }
}

fn print_stats(out: &mut Printer, stats: &Stats) {
    out.word(" ");
    out.any(
        "bytes",
        stats.bytes,
        format_args!("Sent {} bytes", stats.bytes),
    );
    out.any(
        "packets",
        stats.packets,
        format_args!(" {} pkt", stats.packets),
    );
    out.any(
        "drops",
        stats.drops,
        format_args!(" (dropped {}", stats.drops),
    );
    out.any(
        "overlimits",
        stats.overlimits,
        format_args!(", overlimits {}", stats.overlimits),
    );
    out.any(
        "requeues",
        stats.requeues,
        format_args!(" requeues {}) ", stats.requeues),
    );
    out.line_break();
    let backlog = shown_size(stats.backlog);
    out.any("backlog", stats.backlog, format_args!(" backlog {backlog}"));
    out.any("qlen", stats.qlen, format_args!(" {}p", stats.qlen));
    out.fp(format_args!(" requeues {}", stats.requeues));
}

/// What `fq_codel` counts: it has nothing to do here.
fn print_fq_codel_stats(out: &mut Printer, stats: &Stats) {
    let largest = 0u32;
    out.any("maxpacket", largest, format_args!("  maxpacket {largest}"));
    out.any(
        "drop_overlimit",
        stats.drops,
        format_args!(" drop_overlimit {}", stats.drops),
    );
    out.any("new_flow_count", 0u32, format_args!(" new_flow_count 0"));
    out.any("ecn_mark", 0u32, format_args!(" ecn_mark 0"));
    out.line_break();
    out.any("new_flows_len", 0u32, format_args!("  new_flows_len 0"));
    out.any("old_flows_len", 0u32, format_args!(" old_flows_len 0"));
}

fn print_options(out: &mut Printer, options: &Options, kind: &QdiscOptions) {
    match kind {
        QdiscOptions::Noqueue => {}
        QdiscOptions::PfifoFast => {
            out.any("bands", 3u32, format_args!("bands 3 "));
            out.open_array(Some("priomap"));
            out.word("priomap");
            for band in PRIOMAP {
                out.item(band, format_args!(" {band}"));
            }
            out.close_array();
            out.json_only("multiqueue", false);
        }
        QdiscOptions::Fifo(Unit::Packets, limit) => {
            out.any("limit", *limit, format_args!("limit {limit}p"));
        }
        QdiscOptions::Fifo(Unit::Bytes, limit) => {
            out.any(
                "limit",
                *limit,
                format_args!("limit {}", shown_size(*limit)),
            );
        }
        QdiscOptions::FqCodel { .. } => print_fq_codel(out, kind),
        QdiscOptions::Tbf(config, buffer_ns, peak_ns) => {
            print_tbf(out, options, config, ticks(*buffer_ns), ticks(*peak_ns));
        }
        QdiscOptions::Netem(info) => print_netem(out, options, info),
    }
}

fn print_fq_codel(out: &mut Printer, kind: &QdiscOptions) {
    let QdiscOptions::FqCodel {
        limit,
        flows,
        quantum,
        target_us,
        interval_us,
        memory_limit,
        ecn,
        drop_batch,
    } = kind
    else {
        return;
    };
    out.any("limit", *limit, format_args!("limit {limit}p "));
    out.number("flows", "flows", *flows);
    out.number("quantum", "quantum", *quantum);
    out.any(
        "target",
        *target_us,
        format_args!("target {} ", shown_us(*target_us)),
    );
    out.any(
        "interval",
        *interval_us,
        format_args!("interval {} ", shown_us(*interval_us)),
    );
    out.any(
        "memory_limit",
        *memory_limit,
        format_args!("memory_limit {} ", shown_size(*memory_limit)),
    );
    if *ecn {
        out.any("ecn", true, format_args!("ecn "));
    }
    out.number("drop_batch", "drop_batch", *drop_batch);
}

/// Nanoseconds in ticks of the packet clock, as the kernel tells them.
fn ticks(nanos: i64) -> u32 {
    u32::try_from(nanos / TICK_NS).unwrap_or(u32::MAX)
}

/// Ticks in whole microseconds (`tc_core_tick2time`).
fn micros(ticks: u32) -> u32 {
    u32::try_from(i64::from(ticks) * TICK_NS / 1000).unwrap_or(u32::MAX)
}

fn print_tbf(out: &mut Printer, options: &Options, config: &TbfConfig, buffer: u32, peak: u32) {
    let details = options.details > 0;
    let bucket = |rate: u64, ticks: u32| (rate as f64 * f64::from(micros(ticks)) / 1e6) as u32;
    print_rate(out, options, "rate", config.rate);
    print_bucket(
        out,
        details,
        ("burst", "burst"),
        bucket(config.rate, buffer),
    );
    if details {
        out.any(
            "mpu",
            config.mpu,
            format_args!("mpu {} ", shown_size(config.mpu)),
        );
    }
    if options.resolve {
        out.shown(
            "burst_raw",
            format_args!("{buffer:x}"),
            format_args!("[{buffer:08x}] "),
        );
    }
    if config.peakrate != 0 {
        let shown = shown_rate(config.peakrate, options.iec);
        out.fp(format_args!("peakrate {shown} "));
        print_bucket(
            out,
            details,
            ("minburst", "mtu"),
            bucket(config.peakrate, peak),
        );
        if details {
            out.any(
                "mpu",
                config.mpu,
                format_args!("mpu {} ", shown_size(config.mpu)),
            );
        }
    }
    let waits = |rate: u64, ticks: u32| {
        1e6 * (f64::from(config.limit) / rate as f64) - f64::from(micros(ticks))
    };
    let mut latency = waits(config.rate, buffer);
    if config.peakrate != 0 {
        latency = latency.max(waits(config.peakrate, peak));
    }
    if latency >= 0. {
        out.json_only("lat", latency as u64);
        out.fp(format_args!("lat {} ", shown_us(latency as u32)));
    }
    if options.resolve || latency < 0. {
        out.any(
            "limit",
            config.limit,
            format_args!("limit {} ", shown_size(config.limit)),
        );
    }
    if config.overhead != 0 {
        out.number("overhead", "overhead", config.overhead);
    }
    if config.atm || details {
        let layer = if config.atm { "atm" } else { "ethernet" };
        out.any("linklayer", layer, format_args!("linklayer {layer} "));
    }
}

/// A bucket's bytes; with details also the cell of a rate table, which the kernel no longer has.
fn print_bucket(out: &mut Printer, details: bool, (short, long): (&str, &str), bytes: u32) {
    let shown = shown_size(bytes);
    match details {
        true => {
            let shown = format!("{shown}/1");
            out.any(long, &shown, format_args!("{long} {shown} "));
        }
        false => out.any(short, bytes, format_args!("{short} {shown} ")),
    }
}

fn print_rate(out: &mut Printer, options: &Options, key: &str, rate: u64) {
    let shown = shown_rate(rate, options.iec);
    out.any(key, rate, format_args!("{key} {shown} "));
}

/// A part of 2^32 - 1: ` key 10%`, in JSON as a part of one.
fn print_part(out: &mut Printer, key: &str, text: &str, part: u32) {
    let of_all = f64::from(part) / f64::from(u32::MAX);
    out.raw(key, &general(of_all, 6));
    out.fp(format_args!(
        "{text} {}%",
        general(100. * f64::from(part) / f64::from(u32::MAX), 6)
    ));
}

/// A correlation: printed as text where there is one.
fn print_corr(out: &mut Printer, present: bool, part: u32) {
    if out.is_json() || present {
        print_part(out, "correlation", "", part);
    }
}

fn print_netem(out: &mut Printer, options: &Options, info: &NetemInfo) {
    let config = &info.config;
    out.any(
        "limit",
        config.limit,
        format_args!("limit {}", config.limit),
    );
    print_delay(out, info);
    if config.loss > 0 {
        out.open_object(Some("loss-random"));
        print_part(out, "loss", " loss", config.loss);
        print_corr(out, info.loss_corr > 0, info.loss_corr);
        out.close_object();
    }
    if let Some(model) = &config.loss_model {
        print_model(out, model);
    }
    if config.duplicate > 0 {
        out.open_object(Some("duplicate"));
        print_part(out, "duplicate", " duplicate", config.duplicate);
        print_corr(out, info.dup_corr > 0, info.dup_corr);
        out.close_object();
    }
    for (key, part, corr) in [
        ("reorder", config.reorder, info.reorder_corr),
        ("corrupt", config.corrupt, info.corrupt_corr),
    ] {
        if let Some((part, _)) = part.filter(|&(part, _)| part > 0) {
            out.open_object(Some(key));
            print_part(out, key, &format!(" {key}"), part);
            print_corr(out, corr > 0, corr);
            out.close_object();
        }
    }
    print_netem_rate(out, options, info);
    print_slot(out, info);
    if let Some(seed) = config.seed {
        out.any("seed", seed, format_args!(" seed {seed}"));
    }
    out.json_only("ecn", config.ecn);
    if config.ecn {
        out.word(" ecn ");
    }
    out.json_only("gap", config.gap);
    if config.gap > 0 {
        out.fp(format_args!(" gap {}", config.gap));
    }
}

fn print_delay(out: &mut Printer, info: &NetemInfo) {
    let (delay, jitter) = (ticks(info.config.latency_ns), ticks(info.config.jitter_ns));
    if delay == 0 {
        return;
    }
    out.open_object(Some("delay"));
    let seconds = |ticks: u32| general(f64::from(micros(ticks)) / 1e6, 6);
    out.raw("delay", &seconds(delay));
    out.raw("jitter", &seconds(jitter));
    out.fp(format_args!(" delay {}", shown_us(micros(delay))));
    if jitter > 0 {
        out.fp(format_args!("  {}", shown_us(micros(jitter))));
    }
    print_corr(out, jitter > 0 && info.delay_corr > 0, info.delay_corr);
    out.close_object();
}

fn print_model(out: &mut Printer, model: &LossModel) {
    match *model {
        LossModel::FourState {
            p13,
            p31,
            p32,
            p23,
            p14,
            ..
        } => {
            out.open_object(Some("loss-state"));
            print_part(out, "p13", " loss state p13", p13);
            for (key, part) in [("p31", p31), ("p32", p32), ("p23", p23), ("p14", p14)] {
                print_part(out, key, &format!(" {key}"), part);
            }
            out.close_object();
        }
        LossModel::GilbertElliott { p, r, h, k1, .. } => {
            out.open_object(Some("loss-gemodel"));
            print_part(out, "p", " loss gemodel p", p);
            for (key, part) in [("r", r), ("1-h", u32::MAX - h), ("1-k", k1)] {
                print_part(out, key, &format!(" {key}"), part);
            }
            out.close_object();
        }
    }
}

fn print_netem_rate(out: &mut Printer, options: &Options, info: &NetemInfo) {
    let Some(rate) = info.config.rate.filter(|rate| rate.rate > 0) else {
        return;
    };
    out.open_object(Some("rate"));
    let shown = shown_rate(rate.rate, options.iec);
    out.any("rate", rate.rate, format_args!(" rate {shown}"));
    print_optional(out, "packetoverhead", rate.packet_overhead);
    out.json_only("cellsize", rate.cell_size);
    if rate.cell_size != 0 {
        out.fp(format_args!(" cellsize {}", rate.cell_size));
    }
    print_optional(out, "celloverhead", rate.cell_overhead);
    out.close_object();
}

/// A number that text has only where it is not zero.
fn print_optional(out: &mut Printer, key: &str, value: i32) {
    out.json_only(key, value);
    if value != 0 {
        out.fp(format_args!(" {key} {value}"));
    }
}

fn print_slot(out: &mut Printer, info: &NetemInfo) {
    let slot = info.config.slot;
    let on = |slot: &crate::device::qdisc::NetemSlot| {
        slot.min_delay | slot.max_delay | slot.dist_jitter != 0
    };
    let Some(slot) = slot.filter(on) else {
        return;
    };
    let time = |out: &mut Printer, key: &str, text: &str, nanos: i64| {
        out.raw(key, &general(nanos as f64 / 1e9, 6));
        out.fp(format_args!("{text} {}", shown_ns(nanos)));
    };
    out.open_object(Some("slot"));
    if slot.dist_jitter > 0 {
        time(out, "distribution", " slot distribution", slot.dist_delay);
        time(out, "jitter", "", slot.dist_jitter);
    } else {
        time(out, "min-delay", " slot", slot.min_delay);
        time(out, "max-delay", "", slot.max_delay);
    }
    print_optional(out, "packets", slot.max_packets);
    print_optional(out, "bytes", slot.max_bytes);
    out.close_object();
}
