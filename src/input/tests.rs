//! The same octets from memory, file, pipe and pieces; a call that is cancelled.

use super::*;

fn all(source: &Source<'_>, range: Range<u64>) -> Result<Vec<u8>, Error> {
    source.read(range, usize::MAX, "test")
}

fn letter() -> Vec<u8> {
    (0..300_000u32).flat_map(u32::to_le_bytes).collect()
}

fn small() -> Limits {
    Limits::default().memory_bytes(1000)
}

#[test]
fn memory_file_and_pipe_give_the_same_octets() {
    let letter = letter();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &letter).unwrap();
    let sources = [
        Input::memory(&letter).load(&small()).unwrap(),
        Input::file(file.path()).load(&small()).unwrap(),
        Input::file(file.path()).load(&Limits::default()).unwrap(),
        Input::pipe(letter.as_slice()).load(&small()).unwrap(),
        Input::pipe(letter.as_slice()).load(&Limits::default()).unwrap(),
    ];
    for source in &sources {
        assert_eq!(source.len(), 1_200_000);
        for range in [0..1_200_000, 65_530..65_545, 1_199_999..1_200_000, 7..7] {
            let index = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            assert_eq!(all(source, range.clone()).unwrap(), &letter[index.clone()]);
            let mut owned = Vec::new();
            source.clone().into_reader(range).unwrap().read_to_end(&mut owned).unwrap();
            assert_eq!(owned, &letter[index]);
        }
    }
}

#[test]
fn a_file_that_changes_between_readings_gives_an_error_and_not_one_octet() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), letter()).unwrap();
    let source = Input::file(file.path()).load(&small()).unwrap();
    let mut changed = letter();
    changed[200_000] ^= 1;
    std::fs::write(file.path(), changed).unwrap();
    assert!(all(&source, 0..1000).is_ok());
    assert!(matches!(all(&source, 199_000..199_001), Err(Error::InputChanged)));
    std::fs::write(file.path(), b"short").unwrap();
    assert!(matches!(all(&source, 0..1000), Err(Error::InputChanged)));
}

#[test]
fn too_long_is_a_limit() {
    let limits = Limits::default().message_bytes(10);
    for input in [Input::memory(vec![0; 11]), Input::pipe(&[0; 11][..])] {
        assert!(matches!(input.load(&limits), Err(Error::Limit { name: "message_bytes", .. })));
    }
}

#[test]
fn pieces_give_the_same_octets() {
    let letter = letter();
    for memory in [10, 65_536, 2_000_000] {
        let mut pushed = Input::push().memory_bytes(memory);
        letter.chunks(997).for_each(|piece| pushed.write_all(piece).unwrap());
        let source = Input::from(pushed).load(&small()).unwrap();
        assert_eq!(all(&source, 0..1_200_000).unwrap(), letter, "{memory}");
        let mut pushed = Input::push().memory_bytes(memory);
        pushed.write_all(&letter).unwrap();
        assert_eq!(Input::from(pushed).octets("test", letter.len()).unwrap(), letter);
    }
    let mut pushed = Input::push().memory_bytes(4);
    pushed.write_all(&[0; 11]).unwrap();
    let refused = Input::from(pushed).load(&Limits::default().message_bytes(10));
    assert!(matches!(refused, Err(Error::Limit { name: "message_bytes", .. })));
}

#[test]
fn who_cancels_ends_each_reading() {
    let letter = letter();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &letter).unwrap();
    let inputs = || {
        let mut pushed = Input::push().memory_bytes(10);
        pushed.write_all(&letter).unwrap();
        [
            Input::memory(&letter),
            Input::file(file.path()),
            Input::pipe(letter.as_slice()),
            Input::from(pushed),
        ]
    };
    for input in inputs() {
        let off = Cancel::new();
        off.cancel();
        assert!(matches!(input.cancel(&off).load(&small()), Err(Error::Cancelled)));
    }
    for input in inputs() {
        let cancel = Cancel::new();
        let source = input.cancel(&cancel).load(&small()).unwrap();
        let mut reader = source.reader(0..source.len()).unwrap();
        let piece = reader.fill_buf().unwrap().len();
        assert!(piece > 0 && piece <= 65_536);
        reader.consume(piece);
        cancel.clone().cancel();
        let failed = reader.fill_buf().map(<[u8]>::len).map_err(Error::io("test"));
        assert!(matches!(failed, Err(Error::Cancelled)));
        assert!(matches!(all(&source, 0..10), Err(Error::Cancelled)));
        let inside = Source::memory(letter.as_slice()).inside(&source);
        assert!(matches!(all(&inside, 0..10), Err(Error::Cancelled)));
        assert!(matches!(source.unless_cancelled(|| Ok(())), Err(Error::Cancelled)));
    }
    for input in inputs().into_iter().skip(1) {
        let cancel = Cancel::new();
        cancel.cancel();
        assert!(matches!(input.cancel(&cancel).octets("test", 2_000_000), Err(Error::Cancelled)));
    }
}

#[test]
fn progress_counts_each_reading_and_may_read_itself() {
    let letter: Vec<u8> = vec![b'x'; 5 << 20];
    let told = Mutex::new(Vec::new());
    let input =
        Input::pipe(letter.as_slice()).progress(|read, total| told.lock().unwrap().push((read, total)));
    let source = input.load(&small()).unwrap();
    all(&source, 0..source.len()).unwrap();
    drop(source);
    let told = told.into_inner().unwrap();
    let length = u64::try_from(letter.len()).unwrap();
    assert_eq!(told.first().unwrap().1, None, "{told:?}");
    assert_eq!(told.last().unwrap(), &(3 * length, Some(length)), "spooled, indexed, read: {told:?}");
    assert!(told.is_sorted());
}
