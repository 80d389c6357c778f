//! What a filter expression means: tests on bytes of a frame, joined by and, or and not.
//! Knows no protocol: offsets were computed before. A load beyond the captured bytes rejects the frame, as in BPF.

/// The frame does not hold what a test loads: no match, whatever the rest says.
pub(super) struct Rejected;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Constant(bool),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    Test(Value, Relation, Value),
    /// The frame carried a tag that the device took off (`vlan_tag_present`); with a number, that tag.
    OffloadedTag(Option<u16>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Greater,
    GreaterOrEqual,
    /// They have a bit in common (`BPF_JSET`).
    Intersect,
}

/// A number of 32 bits, from the frame or computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Constant(u32),
    /// Length of the frame on the wire.
    Length,
    Load(Box<Load>),
    Operation(Operation, Box<Value>, Box<Value>),
}

/// Bytes of the frame, in network order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Load {
    /// Where, from the start of the frame.
    pub(super) base: u32,
    /// Where the IPv4 header is whose length is added, for the header behind it.
    pub(super) behind_ipv4: Option<u32>,
    /// What is added to that.
    pub(super) index: Value,
    /// 1, 2 or 4.
    pub(super) size: u32,
}

/// An arithmetic operation; all wrap at 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
}

/// A frame as a filter sees it.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) length: u32,
    pub(super) offloaded_tag: Option<u16>,
}

impl Condition {
    /// A test of bytes at a fixed place against a constant.
    pub(super) fn compare(base: u32, size: u32, relation: Relation, with: u32) -> Self {
        Self::Test(Value::load(base, size), relation, Value::Constant(with))
    }

    /// Bytes at a fixed place, under a mask.
    pub(super) fn masked(base: u32, size: u32, mask: u32, value: u32) -> Self {
        let all = match size {
            1 => 0xff,
            2 => 0xffff,
            _ => u32::MAX,
        };
        if mask & all == all {
            return Self::compare(base, size, Relation::Equal, value);
        }
        if mask == 0 {
            return Self::Constant(value == 0);
        }
        let load = Box::new(Value::load(base, size));
        let masked = Value::Operation(Operation::And, load, Box::new(Value::Constant(mask)));
        Self::Test(masked, Relation::Equal, Value::Constant(value))
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self::And(Box::new(self), Box::new(other))
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }

    pub(super) fn not(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Whether the frame meets the condition.
    pub(super) fn holds(&self, frame: Frame<'_>) -> Result<bool, Rejected> {
        Ok(match self {
            Self::Constant(value) => *value,
            Self::And(first, second) => first.holds(frame)? && second.holds(frame)?,
            Self::Or(first, second) => first.holds(frame)? || second.holds(frame)?,
            Self::Not(inner) => !inner.holds(frame)?,
            Self::Test(left, relation, right) => relation.holds(left.of(frame)?, right.of(frame)?),
            Self::OffloadedTag(None) => frame.offloaded_tag.is_some(),
            Self::OffloadedTag(Some(number)) => frame
                .offloaded_tag
                .is_some_and(|tag| tag & 0x0fff == *number),
        })
    }
}

impl Relation {
    pub(super) fn holds(self, left: u32, right: u32) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Intersect => left & right != 0,
        }
    }
}

impl Value {
    /// Bytes at a fixed place.
    pub(super) fn load(base: u32, size: u32) -> Self {
        Self::Load(Box::new(Load {
            base,
            behind_ipv4: None,
            index: Self::Constant(0),
            size,
        }))
    }

    /// The number, where the frame holds what it takes.
    pub(super) fn of(&self, frame: Frame<'_>) -> Result<u32, Rejected> {
        match self {
            Self::Constant(value) => Ok(*value),
            Self::Length => Ok(frame.length),
            Self::Load(load) => load.of(frame),
            Self::Operation(operation, left, right) => {
                operation.apply(left.of(frame)?, right.of(frame)?)
            }
        }
    }

    /// The number, where it depends on no frame.
    pub(super) fn constant(&self) -> Option<u32> {
        match self {
            Self::Constant(value) => Some(*value),
            _ => None,
        }
    }
}

impl Load {
    fn of(&self, frame: Frame<'_>) -> Result<u32, Rejected> {
        let mut at = u64::from(self.base);
        if let Some(header) = self.behind_ipv4 {
            let first = bytes(frame, u64::from(header), 1)?;
            at += u64::from(first[0] & 0xf) * 4;
        }
        // The index wraps, as a negative one does.
        let index = self.index.of(frame)?;
        let at = u64::from((at as u32).wrapping_add(index));
        let found = bytes(frame, at, u64::from(self.size))?;
        Ok(found
            .iter()
            .fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }
}

fn bytes(frame: Frame<'_>, at: u64, len: u64) -> Result<&[u8], Rejected> {
    let range = at as usize..(at + len) as usize;
    frame.bytes.get(range).ok_or(Rejected)
}

impl Operation {
    pub(super) fn apply(self, left: u32, right: u32) -> Result<u32, Rejected> {
        Ok(match self {
            Self::Add => left.wrapping_add(right),
            Self::Subtract => left.wrapping_sub(right),
            Self::Multiply => left.wrapping_mul(right),
            Self::Divide => left.checked_div(right).ok_or(Rejected)?,
            Self::Modulo => left.checked_rem(right).ok_or(Rejected)?,
            Self::And => left & right,
            Self::Or => left | right,
            Self::Xor => left ^ right,
            Self::ShiftLeft => left.checked_shl(right).unwrap_or(0),
            Self::ShiftRight => left.checked_shr(right).unwrap_or(0),
        })
    }
}
