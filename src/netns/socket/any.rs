//! The sockets of a namespace that may never have had one: they take no room until then.
//! What they do is in `table`.

use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use super::Sockets;
use crate::engine::{Random, Seed};

/// What a namespace has that never had a socket; nothing is drawn from its random numbers.
static NONE: LazyLock<Sockets> = LazyLock::new(|| Sockets::new(Seed(0).stream("no sockets")));

/// The sockets of one namespace: made by the first call that may change them.
#[derive(Clone, Debug)]
pub struct AnySockets {
    /// The stream of TCP's numbers, as it is at the beginning.
    random: Random,
    made: Option<Box<Sockets>>,
}

impl AnySockets {
    /// No sockets; `random` is the stream of TCP's numbers.
    pub const fn new(random: Random) -> Self {
        Self { random, made: None }
    }

    /// The sockets, to give them what came, where there are some.
    #[inline]
    pub fn some(&mut self) -> Option<&mut Sockets> {
        self.made.as_deref_mut().filter(|made| !made.is_empty())
    }
}

impl Deref for AnySockets {
    type Target = Sockets;

    #[inline]
    fn deref(&self) -> &Sockets {
        self.made.as_deref().unwrap_or_else(|| &NONE)
    }
}

impl DerefMut for AnySockets {
    #[inline]
    fn deref_mut(&mut self) -> &mut Sockets {
        let Self { random, made } = self;
        made.get_or_insert_with(|| Box::new(Sockets::new(random.clone())))
    }
}
