//! The presence of the worker threads of a shared call: how many take part, and how many have left
//! and can be called back.

/// Counts the worker threads of a call. It is behind the lock of the source, so a worker that
/// leaves has made room before another thread can call one back.
pub(crate) struct Presence {
    /// The maximum number of worker threads that take part.
    max: usize,
    /// The number of worker threads that take chunks or wait for one.
    present: usize,
    /// The number of worker threads that have left because they waited for long, and have not been
    /// called back.
    left: usize,
    /// Whether each worker thread that is called arrives. A thread of a pool may not: another call
    /// or another task may have it.
    all_arrive: bool,
}

impl Presence {
    /// Creates the counts of a call in which up to `max` worker threads take part.
    pub(crate) fn new(max: usize, all_arrive: bool) -> Self {
        Presence { max, present: 0, left: 0, all_arrive }
    }

    /// Lets a worker thread take part that has arrived. Returns false if there are enough.
    ///
    /// A worker that arrives need not be one that was called back. It may be one of the first that
    /// comes late. So those that have left still count as long as there is room for them.
    pub(crate) fn admit(&mut self) -> bool {
        let has_room = self.present < self.max;
        if has_room {
            self.present += 1;
            self.left = self.left.min(self.max - self.present);
        }
        has_room
    }

    /// Records that a worker thread takes part no more.
    pub(crate) fn end(&mut self) {
        self.present -= 1;
    }

    /// Records that a worker thread leaves which can be called back.
    pub(crate) fn leave(&mut self) {
        self.end();
        self.left += 1;
    }

    /// Returns whether a worker thread has left that can be called back.
    pub(crate) fn has_left(&self) -> bool {
        self.left > 0
    }

    /// Records that a worker thread which has left is called back. If it may not arrive, it counts
    /// as one that has left until there is no room for it.
    pub(crate) fn call_back(&mut self) {
        if self.all_arrive {
            self.left -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Presence;

    #[test]
    fn each_worker_that_has_left_is_called_back() {
        // Three of seven workers leave before the other four arrive.
        let mut presence = Presence::new(7, true);
        for _ in 0..3 {
            assert!(presence.admit());
            presence.leave();
        }
        for _ in 0..4 {
            assert!(presence.admit());
        }
        for _ in 0..3 {
            assert!(presence.has_left(), "a worker that came late is not one that came back");
            presence.call_back();
            assert!(presence.admit());
        }
        assert!(!presence.has_left() && !presence.admit(), "all seven take part");
    }

    #[test]
    fn others_take_the_place_of_workers_that_have_left() {
        let mut presence = Presence::new(2, true);
        assert!(presence.admit());
        presence.leave();
        assert!(presence.admit() && presence.has_left());
        assert!(presence.admit() && !presence.has_left(), "there is no room for a third");
        presence.end();
        assert!(!presence.has_left(), "a worker that has ended is not called back");
    }

    #[test]
    fn a_worker_that_does_not_arrive_is_called_again() {
        let mut presence = Presence::new(1, false);
        assert!(presence.admit());
        presence.leave();
        for _ in 0..3 {
            assert!(presence.has_left(), "the thread of the pool had other work");
            presence.call_back();
        }
        assert!(presence.admit() && !presence.has_left());
    }
}
