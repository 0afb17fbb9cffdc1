//! What a worker lets the broker send.

/// So many times what may be held may wait for its result, before credit is held back.
const UNCONFIRMED_FACTOR: u64 = 4;

/// A number of deliveries and of their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
}

impl Amount {
    pub(crate) const fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.bytes += other.bytes;
    }
}

/// What a worker gives back to the broker as it settles deliveries, so that it never holds more than it allows. While
/// too much of what it settled has no result yet, it gives back nothing: what waits for a slow disk stays bounded.
#[derive(Debug)]
pub(crate) struct Credit {
    max_messages: i32,
    max_bytes: i32,
    due: Amount,
    unconfirmed: u64,
}

impl Credit {
    pub(crate) const fn new(max_messages: i32, max_bytes: i32) -> Self {
        Self {
            max_messages,
            max_bytes,
            due: Amount {
                messages: 0,
                bytes: 0,
            },
            unconfirmed: 0,
        }
    }

    /// Whether there is something to give back, now.
    pub(crate) const fn is_due(&self) -> bool {
        let limit = UNCONFIRMED_FACTOR * self.max_messages.unsigned_abs() as u64;
        self.unconfirmed <= limit && (self.due.messages > 0 || self.due.bytes > 0)
    }

    /// All of it, in messages and bytes, for a new stream.
    pub(crate) fn restart(&mut self) -> (i32, i32) {
        self.due = Amount::default();
        self.unconfirmed = 0;
        (self.max_messages, self.max_bytes)
    }

    pub(crate) const fn give_back(&mut self, amount: Amount) {
        self.due.add(amount);
    }

    /// So many deliveries were settled and wait for their result.
    pub(crate) const fn expect(&mut self, messages: u64) {
        self.unconfirmed += messages;
    }

    pub(crate) const fn confirm(&mut self, messages: u64) {
        self.unconfirmed = self.unconfirmed.saturating_sub(messages);
    }

    /// What goes back with this request, in messages and bytes; as much as fits its fields.
    pub(crate) fn take(&mut self) -> (i32, i32) {
        if !self.is_due() {
            return (0, 0);
        }
        let messages = i32::try_from(self.due.messages).unwrap_or(i32::MAX);
        let bytes = i32::try_from(self.due.bytes).unwrap_or(i32::MAX);
        self.due.messages -= u64::from(messages.unsigned_abs());
        self.due.bytes -= u64::from(bytes.unsigned_abs());
        (messages, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Amount = Amount {
        messages: 1,
        bytes: 10,
    };

    #[test]
    fn what_is_given_back_goes_to_the_broker_once() {
        let mut credit = Credit::new(5, 100);
        assert_eq!(credit.restart(), (5, 100));
        credit.give_back(ONE);
        credit.give_back(ONE);
        assert_eq!(credit.take(), (2, 20));
        assert_eq!(credit.take(), (0, 0));
    }

    #[test]
    fn credit_is_held_back_while_too_much_waits_for_its_result() {
        let mut credit = Credit::new(5, 100);
        credit.expect(21);
        credit.give_back(ONE);
        assert!(!credit.is_due());
        credit.confirm(1);
        assert_eq!(credit.take(), (1, 10));
    }

    #[test]
    fn no_more_bytes_go_back_at_once_than_fit() {
        let mut credit = Credit::new(5, 100);
        credit.give_back(Amount {
            messages: 1,
            bytes: 3 << 30,
        });
        assert_eq!(credit.take(), (1, i32::MAX));
        assert!(credit.is_due());
    }
}
