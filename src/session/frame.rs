//! The bytes of a frame: a length, a kind, and numbers, strings and lists behind them.
//! It knows no message; those are in `proto`.

use super::backend::{Exec, Signal};

/// The most words in a list.
const WORDS_MAX: usize = 1 << 18;

/// Bytes that are no message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Malformed;

/// The end of one encoded frame and the frame's kind and content, or `None` where
/// `bytes` do not hold a whole one yet.
pub(super) fn split_frame(bytes: &[u8], max: usize) -> Result<Option<(usize, &[u8])>, Malformed> {
    let Some(head) = bytes.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*head) as usize;
    if length == 0 || length > max {
        return Err(Malformed);
    }
    Ok(bytes.get(4..4 + length).map(|frame| (4 + length, frame)))
}

/// Writes one frame.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, kind: u8) -> Self {
        let start = out.len();
        out.extend_from_slice(&[0, 0, 0, 0, kind]);
        Self { out, start }
    }

    pub(super) fn u8(&mut self, value: u8) -> &mut Self {
        self.out.push(value);
        self
    }

    pub(super) fn u32(&mut self, value: u32) -> &mut Self {
        self.out.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(super) fn i32(&mut self, value: i32) -> &mut Self {
        self.out.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(super) fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }

    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.count(value.len());
        self.out.extend_from_slice(value);
        self
    }

    pub(super) fn words<W: AsRef<[u8]>>(&mut self, words: &[W]) -> &mut Self {
        self.count(words.len());
        for word in words {
            self.bytes(word.as_ref());
        }
        self
    }

    pub(super) fn option(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            Some(value) => self.u8(1).bytes(value),
            None => self.u8(0),
        }
    }

    pub(super) fn rest(&mut self, value: &[u8]) -> &mut Self {
        self.out.extend_from_slice(value);
        self
    }

    pub(super) fn exec(&mut self, exec: &Exec) -> &mut Self {
        self.words(&exec.argv).count(exec.env.len());
        for (name, value) in &exec.env {
            self.bytes(name.as_bytes())
                .option(value.as_deref().map(str::as_bytes));
        }
        self.option(exec.notice.as_deref().map(str::as_bytes))
            .bytes(exec.failure.as_bytes())
            .i32(exec.failure_status)
    }
}

impl Drop for Writer<'_> {
    /// The length is known at the end.
    fn drop(&mut self) {
        let length = u32::try_from(self.out.len() - self.start - 4).unwrap_or(u32::MAX);
        if let Some(head) = self.out.get_mut(self.start..self.start + 4) {
            head.copy_from_slice(&length.to_le_bytes());
        }
    }
}

/// Reads one frame's content; nothing is taken that is not there.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        let bytes = self.take(4)?.first_chunk().ok_or(Malformed)?;
        Ok(u32::from_le_bytes(*bytes))
    }

    pub(super) fn i32(&mut self) -> Result<i32, Malformed> {
        Ok(self.u32()?.cast_signed())
    }

    pub(super) fn flag(&mut self) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }

    /// A count of things of which each takes at least `size_min` bytes.
    pub(super) fn count(&mut self, size_min: usize) -> Result<usize, Malformed> {
        let count = self.u32()? as usize;
        if count > WORDS_MAX || count.saturating_mul(size_min) > self.0.len() {
            return Err(Malformed);
        }
        Ok(count)
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, Malformed> {
        let count = self.u32()? as usize;
        Ok(self.take(count)?.to_vec())
    }

    pub(super) fn text(&mut self) -> Result<String, Malformed> {
        String::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    pub(super) fn words(&mut self) -> Result<Vec<Vec<u8>>, Malformed> {
        let count = self.count(4)?;
        (0..count).map(|_| self.bytes()).collect()
    }

    pub(super) fn texts(&mut self) -> Result<Vec<String>, Malformed> {
        let count = self.count(4)?;
        (0..count).map(|_| self.text()).collect()
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, Malformed> {
        Ok(match self.flag()? {
            true => Some(self.text()?),
            false => None,
        })
    }

    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0).to_vec()
    }

    pub(super) fn signal(&mut self) -> Result<Signal, Malformed> {
        let index = usize::from(self.u8()?);
        Signal::ALL.get(index).copied().ok_or(Malformed)
    }

    pub(super) fn exec(&mut self) -> Result<Exec, Malformed> {
        let argv = self.texts()?;
        let count = self.count(5)?;
        let env = (0..count)
            .map(|_| Ok((self.text()?, self.optional_text()?)))
            .collect::<Result<_, Malformed>>()?;
        Ok(Exec {
            argv,
            env,
            notice: self.optional_text()?,
            failure: self.text()?,
            failure_status: self.i32()?,
        })
    }

    pub(super) fn end(&self) -> Result<(), Malformed> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Malformed),
        }
    }
}
