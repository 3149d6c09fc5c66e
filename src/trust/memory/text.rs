//! How addresses and times stand in what is kept: as text, which people can read.

pub(super) mod address {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::mime::Address;

    pub(in crate::trust::memory) fn serialize<S: Serializer>(
        address: &Address,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(address)
    }

    pub(in crate::trust::memory) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Address, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// As [`UnixTime`](crate::UnixTime) is shown.
pub(super) mod time {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::time::UnixTime;

    pub(in crate::trust::memory) fn serialize<S: Serializer>(
        time: &UnixTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(in crate::trust::memory) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<UnixTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        UnixTime::read(&text).ok_or_else(|| de::Error::custom(format!("not a time: {text}")))
    }
}

pub(super) mod optional_time {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::time::UnixTime;

    pub(in crate::trust::memory) fn serialize<S: Serializer>(
        time: &Option<UnixTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::time::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    #[derive(Deserialize)]
    struct Time(#[serde(deserialize_with = "super::time::deserialize")] UnixTime);

    pub(in crate::trust::memory) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<UnixTime>, D::Error> {
        Ok(Option::<Time>::deserialize(deserializer)?.map(|time| time.0))
    }
}

/// Octets, as base64.
pub(super) mod octets {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(in crate::trust::memory) fn serialize<S: Serializer>(
        octets: &[u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64_simd::STANDARD.encode_to_string(octets))
    }

    pub(in crate::trust::memory) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        base64_simd::STANDARD.decode_to_vec(text).map_err(de::Error::custom)
    }
}
