package io.millstream.engine.state;

/// What is ready with one priority: messages without a group, and of each group that may go on the
/// message that is next. All by their [Turn]s, but for groups that share fairly.
final class Lane {
    final int priority;

    /// What was never handed out.
    final TimeOrder fresh = new TimeOrder();

    /// What was handed out before.
    final TimeOrder again = new TimeOrder();

    /// Groups that share fairly, by how much they have been served.
    final TimeOrder fair = new TimeOrder();

    Lane(int priority) {
        this.priority = priority;
    }

    boolean isEmpty() {
        return fresh.isEmpty() && again.isEmpty() && fair.isEmpty();
    }

    void clear() {
        fresh.clear();
        again.clear();
        fair.clear();
    }
}
