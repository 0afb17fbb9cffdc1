//! Pauses between tries.

use std::time::Duration;

use tokio::time::Instant;

/// Pauses between tries: doubling, half of each random, so that many clients of a broker that restarts do not come
/// back in step. The first tries, one for each further address, follow without a pause.
#[derive(Debug)]
pub(crate) struct Backoff {
    initial: Duration,
    max: Duration,
    /// From the first failure in a row; none: never.
    give_up_after: Option<Duration>,
    failures: u32,
    since: Instant,
}

impl Backoff {
    pub(crate) fn new(initial: Duration, max: Duration, give_up_after: Option<Duration>) -> Self {
        Self {
            initial,
            max,
            give_up_after,
            failures: 0,
            since: Instant::now(),
        }
    }

    /// Number of failures since the last success.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Counts a failure at this time. How long to wait before the next try, or none when it is time to give up. Each of the
    /// `addresses` is tried once before the first pause.
    pub(crate) fn fail(&mut self, now: Instant, addresses: usize) -> Option<Duration> {
        if self.failures == 0 {
            self.since = now;
        }
        self.failures = self.failures.saturating_add(1);
        let addresses = u32::try_from(addresses).unwrap_or(u32::MAX);
        if self.failures < addresses {
            return Some(Duration::ZERO);
        }
        let left = match self.give_up_after {
            Some(limit) => limit
                .checked_sub(now - self.since)
                .filter(|left| !left.is_zero())?,
            None => Duration::MAX,
        };
        let doublings = (self.failures - addresses).min(30);
        let full = self.initial.saturating_mul(1 << doublings).min(self.max);
        // The last try is made at the end of the time, not given up before it.
        Some(full.mul_f64(0.5 + fastrand::f64() / 2.0).min(left))
    }

    /// The next failure is a first one again.
    pub(crate) const fn succeed(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn pauses_double_up_to_their_bound_and_half_of_each_is_random() {
        let now = Instant::now();
        let mut backoff = Backoff::new(50 * MS, 400 * MS, None);
        for full in [50, 100, 200, 400, 400] {
            let pause = backoff.fail(now, 1).expect("goes on");
            let bounds = full * MS / 2..=full * MS;
            assert!(bounds.contains(&pause), "{pause:?} of {full} ms");
        }
        backoff.succeed();
        assert!(backoff.fail(now, 1).expect("goes on") <= 50 * MS);
    }

    #[test]
    fn every_address_is_tried_before_the_first_pause() {
        let now = Instant::now();
        let mut backoff = Backoff::new(50 * MS, 400 * MS, Some(Duration::ZERO));
        assert_eq!(backoff.fail(now, 3), Some(Duration::ZERO));
        assert_eq!(backoff.fail(now, 3), Some(Duration::ZERO));
        assert_eq!(backoff.fail(now, 3), None);
    }

    #[test]
    fn the_last_try_is_at_the_end_of_the_time() {
        let now = Instant::now();
        let mut backoff = Backoff::new(400 * MS, 400 * MS, Some(500 * MS));
        assert!(backoff.fail(now, 1).expect("goes on") <= 400 * MS);
        assert_eq!(backoff.fail(now + 450 * MS, 1), Some(50 * MS));
        assert_eq!(backoff.fail(now + 500 * MS, 1), None);
    }
}
