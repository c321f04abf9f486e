package io.millstream.api;

/// What a backend may or may not be able to do; [Capabilities] says which.
public enum Feature {
    /// Put, take, settle, extend, check.
    QUEUES,
    /// Pushed deliveries under credit.
    CONSUME,
    /// Commits over several queues and rows.
    ATOMIC_COMMIT,
    /// Dead-letter targets.
    DEAD_LETTER,
    /// A retry after a time.
    RETRY_AFTER,
    /// Looking at messages without taking them.
    BROWSE,
    /// Rows with compare-and-set.
    ROWS,
    /// Dropping everything in a queue.
    PURGE,
    /// Moving messages between queues.
    MOVE,
    /// A delay per message.
    DELAY,
    /// A time to live per message.
    TIME_TO_LIVE,
    /// Priorities.
    PRIORITY,
    /// Groups worked in order.
    GROUPS,
    /// Takes that name the types they know.
    TYPES,
    /// Consumers with priority or exclusiveness.
    CONSUMER_CHOICE,
    /// Topics.
    TOPICS,
    /// Exchanges and bindings.
    ROUTING,
    /// Replaying settled messages.
    REPLAY,
    /// Commits that may be sent again.
    COMMIT_IDS
}
