//! What is compressed, and what is refused before anything is allocated.

use alloc::string::ToString;

use super::*;
use crate::compression::Corrupt;
use crate::remote::encoded::Encoded;
use crate::remote::frame::Frame;

/// Leaves out the zeros at the end.
struct Short;

impl Compression for Short {
    fn name(&self) -> &'static str {
        "short"
    }

    fn compress(&self, bytes: &[u8]) -> Vec<u8> {
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        bytes[..end].to_vec()
    }

    fn decompress(&self, bytes: &[u8], to: &mut [u8]) -> Result<usize, Corrupt> {
        if bytes.first() == Some(&b'?') {
            return Err(Corrupt::new("a question"));
        }
        let room = to.get_mut(..bytes.len()).ok_or_else(|| Corrupt::new("no room"))?;
        room.copy_from_slice(bytes);
        Ok(if bytes.first() == Some(&b'<') { bytes.len() } else { to.len() })
    }
}

fn script() -> Script {
    let compression = crate::sync::shared!(Short => dyn Compression);
    Script { compression: Some(compression), compress_above: 100, ..Script::default() }
}

/// A value of so many bytes, of which the last ones are zeros.
fn padded(bytes: usize, zeros: usize) -> Vec<u8> {
    let length = if bytes > 0x80 { 2 } else { 1 };
    let mut value = alloc::vec![7; bytes - length];
    value[bytes - length - zeros..].fill(0);
    value
}

#[test]
fn only_what_is_long_becomes_shorter_and_is_understood_is_compressed() {
    let is_compressed = |value: &Vec<u8>, decompresses: bool| {
        let mut encoded = Encoded::empty();
        encoded.write(value, 10_000, &script(), decompresses).unwrap();
        matches!(encoded.tell(1), Frame::TellCompressed { .. })
            && matches!(encoded.reply(1), Frame::ReplyCompressed { .. })
    };
    assert!(is_compressed(&padded(1_000, 500), true));
    assert!(!is_compressed(&padded(1_000, 500), false), "the other does not decompress it");
    assert!(!is_compressed(&padded(100, 50), true), "it is not long enough");
    assert!(is_compressed(&padded(101, 50), true));
    assert!(!is_compressed(&padded(1_000, 2), true), "with its length it is as long as before");
    assert!(is_compressed(&padded(1_000, 3), true));
}

#[test]
fn what_was_compressed_is_read_as_it_was() {
    let (script, value) = (script(), padded(3_000, 2_000));
    let mut encoded = Encoded::empty();
    encoded.write(&value, 10_000, &script, true).unwrap();
    let Frame::TellCompressed { message, .. } = encoded.tell(1) else { panic!("it is compressed") };
    let reading = script.reading(&script.terms());
    let bytes = reading.decompress(message, 3_000).unwrap();
    assert_eq!(postcard::from_bytes::<Vec<u8>>(&bytes), Ok(value));
}

#[test]
fn what_says_to_be_too_long_or_lies_is_refused_with_the_reason() {
    let reading = script().reading(&script().terms());
    let refused = |length: u64, bytes: &[u8]| {
        let mut it = Vec::new();
        varint::put(&mut it, length);
        it.extend_from_slice(bytes);
        reading.decompress(&it, 1_000).map(|bytes| bytes.len())
    };
    assert_eq!(refused(1_000, b"x"), Ok(1_000));
    let long = "it compresses what is too long: 1001 bytes, where 1000 are taken";
    assert_eq!(refused(1_001, b"x"), Err(long.to_string()));
    assert!(refused(u64::MAX, b"x").is_err(), "nothing of that length is allocated");
    assert_eq!(refused(9, b"<12"), Err("it compresses 3 bytes and says that they are 9".to_string()));
    let corrupt = "what it compresses cannot be decompressed: ";
    assert_eq!(refused(2, b"123"), Err([corrupt, "no room"].concat()));
    assert_eq!(refused(9, b"?"), Err([corrupt, "a question"].concat()));
    let silent = "it does not say how long it is what it compresses";
    assert_eq!(reading.decompress(&[], 1_000), Err(silent.to_string()));
    let stranger = Reading::default().decompress(&[1, b'x'], 1_000);
    assert_eq!(stranger, Err("it compresses in a way that was not agreed on".to_string()));
}

#[test]
fn a_node_knows_what_it_writes_with_what_it_was_told_and_postcard() {
    let mut script = script();
    script.decompresses.push(crate::sync::shared!(Short => dyn Compression));
    let terms = script.terms();
    assert_eq!((&*terms.writes, &terms.reads[..]), ("postcard", &["postcard".to_string()][..]));
    assert_eq!(
        (terms.compresses.as_deref(), terms.decompresses.len()),
        (Some("short"), 1),
        "each is named once"
    );
    assert!(script.compresses_for(&terms) && !script.compresses_for(&Terms::default()));
}
