//! The matches `owner`, `connlimit` and `recent` for a packet (xt_owner.c, xt_connlimit.c, xt_recent.c).
//! What they remember is in `memory`. Which process sends a packet is not in it: all of them are of root.

use super::Context;
use crate::netns::filter::conntrack::{Tuple, unpack};
use crate::netns::filter::rule::{ConnLimit, Family, Maybe, Owner};
use crate::netns::filter::tables::{Hook, Tokens};

/// Whose packet it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sender {
    /// No socket's.
    Nobody,
    /// One of the kernel's own sockets: answers and errors of ICMP.
    Kernel,
    /// A program's.
    Program,
}

fn sender(context: &Context<'_, '_>) -> Sender {
    let (parts, way) = (&context.parts, context.way);
    let local = way.hook == Hook::Output || way.iif == 0 && way.mac.is_none();
    let kind = parts.icmp(context.frame.bytes()).map(|(kind, _)| kind);
    match (parts.family, parts.protocol, kind) {
        // IGMP is sent without one.
        _ if !local => Sender::Nobody,
        (Family::V4, 2, _) => Sender::Nobody,
        (Family::V4, _, Some(8)) | (Family::V6, _, Some(128)) => Sender::Program,
        (_, _, Some(_)) => Sender::Kernel,
        _ => Sender::Program,
    }
}

/// Users and groups are asked of programs only (`owner_mt`).
pub(super) fn owner_holds(owner: &Owner, context: &Context<'_, '_>) -> bool {
    let sender = sender(context);
    let socket = owner
        .socket
        .is_none_or(|is| is == (sender != Sender::Nobody));
    let is_root = |ids: Option<Maybe<(u32, u32)>>| {
        ids.is_none_or(|ids| ids.test(|(first, _)| sender == Sender::Program && *first == 0))
    };
    socket && is_root(owner.uid) && is_root(owner.gid)
}

/// Whether so many connections of the packet's network are open (`connlimit_mt`).
pub(super) fn connlimit_holds(
    limit: &ConnLimit,
    tokens: &mut Tokens,
    context: &Context<'_, '_>,
) -> bool {
    let (parts, connections) = (&context.parts, &*context.connections);
    let entry = unpack(context.frame.ct).and_then(|(id, _)| connections.entry(id));
    let own = match entry {
        Some(entry) => Some(entry.original),
        None => Tuple::of(parts, context.frame.bytes()),
    };
    let Some(own) = own else {
        return false;
    };
    let side = match limit.of_destination {
        true => parts.dst,
        false => parts.src,
    };
    let network = side & parts.family.mask(limit.bits);
    let counted = tokens.counted.get_or_insert_default();
    let count = counted.count(context.facts.now, network, own, connections);
    (count > limit.limit as usize) != limit.upto
}
