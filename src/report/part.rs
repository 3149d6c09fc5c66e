//! The parts of a letter, for those who show them or cut them out.

use serde::Serialize;

use crate::mime::{PartPath, TransferEncoding};
use crate::report::{Coverage, Decryption, Layer, Report};

/// One part of the letter: what it is, where its octets lie, and which layers speak for it.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// // Cut the signed text out of the letter.
/// let letter = include_bytes!("../../examples/letters/openssl.eml");
/// let text = report.parts.iter().find(|part| part.part.to_string() == "1").unwrap();
/// let (start, end) = (usize::try_from(text.body).unwrap(), usize::try_from(text.range.1).unwrap());
/// assert!(letter[start..end].starts_with(b"Dear Bob,\r\n"));
/// // The first layer speaks for it: one that is signed.
/// assert_eq!((text.layers.as_slice(), text.is_signed(&report), text.is_encrypted(&report)), (&[0][..], true, false));
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartSummary {
    /// Where it stands.
    pub part: PartPath,
    /// `text/plain`.
    pub media_type: String,
    /// The charset that its Content-Type names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// The name that its Content-Disposition or Content-Type gives it, decoded. It may say anything, paths as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// How its body is written.
    pub encoding: TransferEncoding,
    /// The entity in whose octets its place is counted: `0` is the letter as received. Any other is the content of an
    /// opaque or encrypted layer, which begins with that part; of the entity given to
    /// [`Opener::verify_detached`](crate::Opener::verify_detached) it is `1`.
    pub content: PartPath,
    /// First octet of its header and the octet after its body.
    pub range: (u64, u64),
    /// First octet of its body: `range.0..body` is its header, `body..range.1` its body as it was sent.
    pub body: u64,
    /// Lines of its body, as [`UncoveredPart::lines`](crate::report::UncoveredPart::lines) counts them.
    pub lines: u64,
    /// Octets of its decoded content that only repeat header fields, for programs that do not know RFC 9788 (§4.5.3): first
    /// octet and the one after. They are not to be shown, nor quoted in an answer. Of encrypted letters only; the octets
    /// that were verified are not touched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legacy_display: Vec<(u64, u64)>,
    /// The layers that speak for it, the outermost first, by their numbers in [`Report::layers`](crate::Report::layers):
    /// signed ones with an unaltered signature that covers it, encrypted and compressed ones that it was inside.
    pub layers: Vec<usize>,
}

impl PartSummary {
    /// Whether an unaltered signature covers it. Whose, the layer says.
    pub fn is_signed(&self, report: &Report) -> bool {
        self.of(report).any(|layer| matches!(layer, Layer::Signed(_)))
    }

    /// Whether it came encrypted.
    pub fn is_encrypted(&self, report: &Report) -> bool {
        self.of(report).any(|layer| matches!(layer, Layer::Encrypted(_)))
    }

    fn of<'r>(&self, report: &'r Report) -> impl Iterator<Item = &'r Layer> {
        self.layers.iter().filter_map(|number| report.layers.get(*number))
    }

    /// Finds the layers that speak for it.
    pub(crate) fn place(&mut self, layers: &[Layer]) {
        let speaks = |layer: &Layer| match layer {
            Layer::Signed(signed) => match &signed.covers {
                Coverage::Whole { parts } | Coverage::Partial { parts } => {
                    parts.iter().any(|covered| covered.contains(&self.part))
                }
                Coverage::Nothing => false,
            },
            Layer::Encrypted(layer) => layer.decryption == Decryption::Opened && self.is_inside(&layer.part),
            Layer::Compressed(layer) => self.is_inside(&layer.part),
        };
        let numbers = layers.iter().enumerate().filter(|(_, layer)| speaks(layer));
        self.layers = numbers.map(|(number, _)| number).collect();
    }

    /// Its octets came out of that part. What else lies in the part did not: the outer parts of PGP/MIME.
    fn is_inside(&self, opaque: &PartPath) -> bool {
        self.content != *opaque && opaque.contains(&self.content)
    }
}
