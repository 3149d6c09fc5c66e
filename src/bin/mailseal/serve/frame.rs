//! Frames: four octets with the length of a head, the head, eight octets with the length of a body, the body. Numbers
//! have the octet of most weight first.

use std::io::{self, ErrorKind, Read, Write};

/// Octets of the head of a request.
pub(super) const HEAD_MOST: u32 = 64 << 10;

/// What begins a frame.
pub(super) enum Start {
    Head(Vec<u8>),
    /// Longer than a head may be; how long it says it is. What follows cannot be told apart.
    TooLong(u32),
    /// There are no more frames.
    End,
}

/// Reads all before the body. An end in the middle is an error.
pub(super) fn start(from: &mut impl Read) -> io::Result<Start> {
    let mut first = [0; 1];
    loop {
        match from.read(&mut first) {
            Ok(0) => return Ok(Start::End),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut rest = [0; 3];
    from.read_exact(&mut rest)?;
    let ([first], [second, third, fourth]) = (first, rest);
    let length = u32::from_be_bytes([first, second, third, fourth]);
    if length > HEAD_MOST {
        return Ok(Start::TooLong(length));
    }
    let mut head = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut head)?;
    if u32::try_from(head.len()) != Ok(length) {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Start::Head(head))
}

/// A body, read to its end and never beyond.
pub(super) struct Body<'a, R> {
    from: &'a mut R,
    left: u64,
    /// It ended before its length, or could not be read: no frame can follow.
    broken: Option<ErrorKind>,
}

impl<'a, R: Read> Body<'a, R> {
    pub(super) fn new(from: &'a mut R) -> io::Result<Self> {
        let mut length = [0; 8];
        from.read_exact(&mut length)?;
        Ok(Self { from, left: u64::from_be_bytes(length), broken: None })
    }

    /// What nobody read; then the next frame begins.
    pub(super) fn finish(mut self) -> io::Result<()> {
        io::copy(&mut self, &mut io::sink())?;
        self.broken.map_or(Ok(()), |kind| Err(kind.into()))
    }
}

impl<R: Read> Read for Body<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(kind) = self.broken {
            return Err(kind.into());
        }
        if self.left == 0 || into.is_empty() {
            return Ok(0);
        }
        let read = match self.from.by_ref().take(self.left).read(into) {
            Ok(0) => Err(ErrorKind::UnexpectedEof),
            Ok(read) => Ok(read),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => Err(error.kind()),
        };
        let read = read.inspect_err(|kind| self.broken = Some(*kind))?;
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(self.left));
        Ok(read)
    }
}

/// Writes all before the body.
pub(super) fn begin(out: &mut impl Write, head: &[u8], body: u64) -> io::Result<()> {
    let length = u32::try_from(head.len()).map_err(|_| ErrorKind::FileTooLarge)?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(head)?;
    out.write_all(&body.to_be_bytes())
}
