package io.millstream.engine.state;

/// What is ready with one priority and, where the queue tells them apart, of one type: messages
/// without a group, and of each group that may go on the message that is next. All by their
/// [Turn]s, but for groups that share fairly.
final class Lane {
    final int priority;

    /// See [Types]; 0 for what has none.
    final int type;

    /// What was never handed out.
    final TimeOrder fresh = new TimeOrder();

    /// What was handed out before.
    final TimeOrder again = new TimeOrder();

    /// Groups that share fairly, by how much they have been served: those whose next message was
    /// never handed out. Apart from the others, because where heap is short nobody gets them.
    final TimeOrder fairFresh = new TimeOrder();

    /// Those whose next message was handed out before.
    final TimeOrder fairAgain = new TimeOrder();

    Lane(int priority, int type) {
        this.priority = priority;
        this.type = type;
    }

    boolean isEmpty() {
        return fresh.isEmpty() && again.isEmpty() && fairFresh.isEmpty() && fairAgain.isEmpty();
    }
}
