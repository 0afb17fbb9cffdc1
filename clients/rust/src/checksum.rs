//! The checksum of channels.

use md5::{Digest, Md5};

/// MD5 over values in order, as the writer and the readers of a channel compute it.
#[derive(Clone, Default)]
pub(crate) struct Checksum(Md5);

impl Checksum {
    pub(crate) fn update(&mut self, value: &[u8]) {
        self.0.update(value);
    }

    /// The checksum of what came so far.
    pub(crate) fn digest(&self) -> [u8; 16] {
        self.0.clone().finalize().into()
    }
}

impl std::fmt::Debug for Checksum {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&crate::closed::hex(&self.digest()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_summed_up_in_order_and_without_what_parts_them() {
        let mut checksum = Checksum::default();
        assert_eq!(format!("{checksum:?}"), "d41d8cd98f00b204e9800998ecf8427e");
        checksum.update(b"hel");
        checksum.update(b"lo");
        assert_eq!(format!("{checksum:?}"), "5d41402abc4b2a76b9719d911017c592");
    }
}
