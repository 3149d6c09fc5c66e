//! What a CRL is about, and which CRLs a certificate names: distribution points (RFC 5280 §4.2.1.13, §5.2.5).

use crate::x509::der_reader::{DerError, Reader, Result, SEQUENCE, SET, Value, constructed, context, encode};
use crate::x509::general_name::general_names;
use crate::x509::{Certificate, GeneralName, Name};

/// Reasons for a revocation, as a set.
///
/// ```text
/// ReasonFlags ::= BIT STRING { unused (0), keyCompromise (1), … aACompromise (8) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reasons(u16);

impl Reasons {
    pub(crate) const NONE: Self = Self(0);
    /// Bits 1 to 8.
    pub(crate) const ALL: Self = Self(0x7f80);

    fn read(value: &Value<'_>) -> Result<Self> {
        let (unused, octets) = value.content.split_first().ok_or(DerError("BIT STRING without octets"))?;
        if *unused > 7 {
            return Err(DerError("BIT STRING with too many unused bits"));
        }
        let octet = |index: usize| octets.get(index).copied().unwrap_or_default();
        Ok(Self(u16::from_be_bytes([octet(0), octet(1)])).and(Self::ALL))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of these are among the others.
    pub(crate) fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}

/// ```text
/// DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] RelativeDistinguishedName }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PointName {
    Full(Vec<GeneralName>),
    /// The content of the SET.
    Relative(Vec<u8>),
}

impl PointName {
    /// Reads what the EXPLICIT tag of the CHOICE holds.
    fn read(value: &Value<'_>) -> Result<Self> {
        const FULL: u8 = constructed(0);
        const RELATIVE: u8 = constructed(1);
        let choice = value.inner()?;
        match choice.tag {
            FULL => Ok(Self::Full(general_names(choice.reader())?)),
            RELATIVE => Ok(Self::Relative(choice.content.to_vec())),
            _ => Err(DerError("not a DistributionPointName")),
        }
    }

    /// The names that it stands for, where it counts from `base`.
    fn names(&self, base: &Name) -> Vec<GeneralName> {
        match self {
            Self::Full(names) => names.clone(),
            Self::Relative(set) => {
                let above =
                    Reader::new(base.as_der()).sequence().map(|names| names.rest()).unwrap_or_default();
                let whole = encode(SEQUENCE, &[above, &encode(SET, &[set])]);
                vec![GeneralName::DirectoryName(Name::new(&whole))]
            }
        }
    }
}

/// Where a certificate says that its CRLs are.
///
/// ```text
/// DistributionPoint ::= SEQUENCE { distributionPoint [0] DistributionPointName OPTIONAL,
///     reasons [1] ReasonFlags OPTIONAL, cRLIssuer [2] GeneralNames OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DistributionPoint {
    name: Option<PointName>,
    reasons: Reasons,
    /// Who signs its CRLs; empty is who issued the certificate.
    crl_issuers: Vec<Name>,
}

impl DistributionPoint {
    pub(crate) fn read(value: &Value<'_>) -> Result<Self> {
        if value.tag != SEQUENCE {
            return Err(DerError("not a DistributionPoint"));
        }
        let mut reader = value.reader();
        let name = reader.optional(constructed(0))?.map(|name| PointName::read(&name)).transpose()?;
        let reasons = reader.optional(context(1))?.map(|reasons| Reasons::read(&reasons)).transpose()?;
        let issuers = reader.optional(constructed(2))?.map(|names| general_names(names.reader()));
        reader.finish()?;
        let directory = |name| match name {
            GeneralName::DirectoryName(name) => Some(name),
            _ => None,
        };
        Ok(Self {
            name,
            reasons: reasons.unwrap_or(Reasons::ALL),
            crl_issuers: issuers.transpose()?.unwrap_or_default().into_iter().filter_map(directory).collect(),
        })
    }

    /// What every certificate has (RFC 5280 §6.3.3, last paragraph): whatever its issuer lists of all.
    pub(crate) fn implied(certificate: &Certificate) -> Self {
        let issuer = GeneralName::DirectoryName(certificate.issuer().clone());
        Self { name: Some(PointName::Full(vec![issuer])), reasons: Reasons::ALL, crl_issuers: Vec::new() }
    }

    /// The URIs at which to ask.
    pub(crate) fn uris(&self) -> impl Iterator<Item = &str> {
        let names = match &self.name {
            Some(PointName::Full(names)) => names.as_slice(),
            _ => &[],
        };
        names.iter().filter_map(|name| match name {
            GeneralName::Uri(uri) => Some(uri.as_str()),
            _ => None,
        })
    }

    pub(crate) fn crl_issuers(&self) -> &[Name] {
        &self.crl_issuers
    }
}

/// What part of all revocations a CRL lists.
///
/// ```text
/// IssuingDistributionPoint ::= SEQUENCE { distributionPoint [0] DistributionPointName OPTIONAL,
///     onlyContainsUserCerts [1] BOOLEAN DEFAULT FALSE, onlyContainsCACerts [2] BOOLEAN DEFAULT FALSE,
///     onlySomeReasons [3] ReasonFlags OPTIONAL, indirectCRL [4] BOOLEAN DEFAULT FALSE,
///     onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IssuingDistributionPoint {
    name: Option<PointName>,
    only_user: bool,
    only_ca: bool,
    only_attribute: bool,
    reasons: Reasons,
    indirect: bool,
}

impl IssuingDistributionPoint {
    pub(crate) fn read(value: &Value<'_>) -> Result<Self> {
        if value.tag != SEQUENCE {
            return Err(DerError("not an IssuingDistributionPoint"));
        }
        let mut reader = value.reader();
        let name = reader.optional(constructed(0))?.map(|name| PointName::read(&name)).transpose()?;
        let only_user = flag(&mut reader, 1)?;
        let only_ca = flag(&mut reader, 2)?;
        let reasons = reader.optional(context(3))?.map(|reasons| Reasons::read(&reasons)).transpose()?;
        let indirect = flag(&mut reader, 4)?;
        let only_attribute = flag(&mut reader, 5)?;
        reader.finish()?;
        let reasons = reasons.unwrap_or(Reasons::ALL);
        Ok(Self { name, only_user, only_ca, only_attribute, reasons, indirect })
    }
}

fn flag(reader: &mut Reader<'_>, number: u8) -> Result<bool> {
    reader.optional(context(number))?.map_or(Ok(false), |value| value.boolean())
}

/// For which reasons a CRL of this issuer and scope speaks about a certificate through one of its distribution points
/// (RFC 5280 §6.3.3 (b), (d)); `None` where it does not speak about it at all.
pub(crate) fn reasons_covered(
    certificate: &Certificate,
    point: &DistributionPoint,
    crl_issuer: &Name,
    scope: Option<&IssuingDistributionPoint>,
) -> Option<Reasons> {
    let own = crl_issuer == certificate.issuer();
    let named = match point.crl_issuers.as_slice() {
        [] => own,
        issuers => issuers.contains(crl_issuer) && (own || scope.is_some_and(|scope| scope.indirect)),
    };
    if !named {
        return None;
    }
    let Some(scope) = scope else { return Some(point.reasons) };
    let barred = if certificate.is_ca() { scope.only_user } else { scope.only_ca };
    let kind = !barred && !scope.only_attribute;
    (kind && names_meet(certificate, point, crl_issuer, scope)).then(|| point.reasons.and(scope.reasons))
}

/// (b)(2)(i): one of the names of the CRL is one of those of the certificate.
fn names_meet(
    certificate: &Certificate,
    point: &DistributionPoint,
    crl_issuer: &Name,
    scope: &IssuingDistributionPoint,
) -> bool {
    let Some(of_crl) = &scope.name else { return true };
    let of_crl = of_crl.names(crl_issuer);
    let base = point.crl_issuers.first().unwrap_or(certificate.issuer());
    let of_point = match &point.name {
        Some(name) => name.names(base),
        None => point.crl_issuers.iter().cloned().map(GeneralName::DirectoryName).collect(),
    };
    of_crl.iter().any(|name| of_point.contains(name))
}
