//! The options of `owner`, `connlimit` and `recent` (libxt_owner, libxt_connlimit, libxt_recent).
//! What they mean for a packet is in `eval`.

use crate::netns::filter::rule::{
    ConnLimit, Family, Maybe, Owner, Recent, RecentDo, number as addr_number,
};
use crate::netns::filter::words::{WordsError, address, number};

fn bad(name: &str, option: &str, text: &str) -> WordsError {
    WordsError::problem(format_args!(
        "{name}: Bad value for \"--{option}\" option: \"{text}\""
    ))
}

fn whole(name: &str, option: &str, text: &str) -> Result<u32, WordsError> {
    let value = number(text, u32::MAX.into());
    value
        .map(|value| value as u32)
        .ok_or_else(|| out_of_range(name, option))
}

fn out_of_range(name: &str, option: &str) -> WordsError {
    WordsError::problem(format_args!(
        "{name}: bad value for option \"--{option}\", or out of range.\n"
    ))
}

/// Whether `!` may stand before an option of `connlimit` or `recent`.
pub(super) fn turns(option: &str) -> bool {
    const TURNS: [&str; 6] = [
        "connlimit-above",
        "connlimit-upto",
        "set",
        "rcheck",
        "update",
        "remove",
    ];
    TURNS.contains(&option)
}

pub(super) fn read_owner(
    owner: &mut Owner,
    option: &str,
    text: &str,
    not: bool,
) -> Result<(), WordsError> {
    if option == "socket-exists" {
        owner.socket = Some(!not);
        return Ok(());
    }
    let (first, last) = match text {
        "root" => ("0", "0"),
        text => text.split_once('-').unwrap_or((text, text)),
    };
    // The highest number is that of nobody at all.
    let id = |text| number(text, u64::from(u32::MAX) - 1).map(|id| id as u32);
    let ids = id(first)
        .zip(id(last))
        .ok_or_else(|| bad("owner", option, text))?;
    let ids = Some(Maybe { not, value: ids });
    match option {
        "uid-owner" => owner.uid = ids,
        _ => owner.gid = ids,
    }
    Ok(())
}

pub(super) fn read_connlimit(
    family: Family,
    limit: &mut ConnLimit,
    option: &str,
    text: &str,
    not: bool,
) -> Result<(), WordsError> {
    match option {
        "connlimit-above" | "connlimit-upto" => {
            limit.limit = whole("connlimit", option, text)?;
            limit.upto = (option == "connlimit-upto") != not;
        }
        // What is longer than an address is the whole of it.
        "connlimit-mask" => {
            let bits = u32::from(family.bits());
            limit.bits = whole("connlimit", option, text)?.min(bits) as u8;
        }
        option => limit.of_destination = option == "connlimit-daddr",
    }
    Ok(())
}

pub(super) fn read_recent(
    family: Family,
    recent: &mut Recent,
    option: &str,
    text: &str,
    not: bool,
) -> Result<(), WordsError> {
    let what = match option {
        "set" => RecentDo::Set,
        "rcheck" => RecentDo::Check,
        "update" => RecentDo::Update,
        "remove" => RecentDo::Remove,
        "seconds" => {
            recent.seconds = match whole("recent", option, text)? {
                0 => {
                    return Err(WordsError::problem(format_args!(
                        "recent: bad value for option \"--seconds\", or out of range (1-4294967295).\n"
                    )));
                }
                seconds => seconds,
            };
            return Ok(());
        }
        "hitcount" => {
            recent.hits = whole("recent", option, text)?;
            return Ok(());
        }
        "name" => {
            recent.name = text.chars().take(199).collect();
            return Ok(());
        }
        "mask" => {
            let mask = address::address(family, text).ok_or_else(|| bad("recent", option, text))?;
            recent.mask = addr_number(mask);
            return Ok(());
        }
        "reap" | "rttl" | "rsource" | "rdest" => {
            recent.reap |= option == "reap";
            recent.ttl |= option == "rttl";
            recent.of_destination =
                option == "rdest" || option != "rsource" && recent.of_destination;
            return Ok(());
        }
        _ => return Err(bad("recent", option, text)),
    };
    if let Some(earlier) = recent.what {
        let name = |what: RecentDo| match what {
            RecentDo::Set => "set",
            RecentDo::Check => "rcheck",
            RecentDo::Update => "update",
            RecentDo::Remove => "remove",
        };
        let mut both = [earlier.value, what];
        both.sort_unstable();
        return Err(WordsError::problem(format_args!(
            "recent: option \"--{}\" cannot be used together with \"--{}\".\n",
            name(both[0]),
            name(both[1])
        )));
    }
    recent.what = Some(Maybe { not, value: what });
    Ok(())
}
