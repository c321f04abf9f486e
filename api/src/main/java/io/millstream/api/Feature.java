package io.millstream.api;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// What a backend may or may not be able to do; [Capabilities] says which.
public enum Feature {
    /// Put, take, settle, extend, check.
    QUEUES("Use another backend."),
    /// Pushed deliveries under credit.
    CONSUME("Take in a loop."),
    /// Commits over several queues and rows.
    ATOMIC_COMMIT("Commit one operation at a time."),
    /// Dead-letter targets.
    DEAD_LETTER("Put the message into the other queue and settle it as done, in one commit."),
    /// A retry after a time.
    RETRY_AFTER("Extend the lease and let it end."),
    /// Looking at messages without taking them.
    BROWSE("Take and retry at once."),
    /// Rows with compare-and-set.
    ROWS("Keep small state elsewhere."),
    /// Being told of changes to rows.
    WATCH_ROWS("Look at them again when they may differ."),
    /// Dropping everything in a queue, or one message.
    PURGE("Take and settle until the queue is empty."),
    /// Moving messages between queues.
    MOVE("Take, and put into the other queue and settle in one commit."),
    /// A delay per message.
    DELAY("Put the message when it is due."),
    /// An age at which a queue's messages are dropped.
    RETENTION("Take and settle what has become too old."),
    /// A time to live per message.
    TIME_TO_LIVE("Put the end into a header and settle what came too late."),
    /// Priorities.
    PRIORITY("Use one queue for each priority."),
    /// Groups worked in order. Without it messages that name a group are refused, and
    /// [Groups#ORDERED], which a queue declares unless told otherwise, means nothing.
    GROUPS("Use one queue for each group."),
    /// Equal messages stored once.
    DEDUPLICATION("Keep the ids in a table, written in the same commit."),
    /// Limits to what is in a queue.
    CAPACITY("Look at the queue's counts before putting."),
    /// Waits that grow with each lease that ends by itself.
    BACK_OFF("Settle with a retry after a time."),
    /// Queues that hand out nothing for a while.
    PAUSE("Stop taking."),
    /// Queues that go when nobody uses them.
    UNUSED("Remove the queue."),
    /// Limits by queue, type and group.
    LIMITS("Use one queue for each kind, and as many workers as may run at once."),
    /// Takes that name the types they know.
    TYPES("Use one queue for each type."),
    /// Consumers with priority or exclusiveness.
    CONSUMER_CHOICE("Consume with priority 0 and not exclusively."),
    /// Topics.
    TOPICS("Put the message into one queue for each reader."),
    /// Exchanges and bindings.
    ROUTING("Put the message into each target queue in one commit."),
    /// Replaying settled messages.
    REPLAY("Put what is needed again as new messages."),
    /// Telling a topic what happens to messages.
    LIFECYCLE("Append what happened to a topic, in the commit that does it."),
    /// Commits that may be sent again.
    COMMIT_IDS("Commit without an id, guarded by a row that is written with it."),
    /// Times that pass evenly whatever the wall clock is set to.
    STEADY_TIME("Let the clock of the store's machine be slewed and never set.");

    private final String instead;

    Feature(String instead) {
        this.instead = instead;
    }

    // What asks for which: a backend that lacks one of these refuses the request with
    // Refusal.NotSupported, and one that supports all of them does not.

    /// What an operation asks for.
    public static Set<Feature> askedBy(Operation operation) {
        return Asked.by(operation);
    }

    /// What a commit asks for as a whole, on top of what its operations do: an id, or that changes
    /// to more than one channel, exchange or row are one. It is refused at its first operation.
    public static Set<Feature> askedBy(Commit commit) {
        return Asked.by(commit);
    }

    /// What a message asks for wherever it is put or published.
    public static Set<Feature> askedBy(Message message) {
        return Asked.by(message);
    }

    /// What a definition asks for.
    public static Set<Feature> askedBy(Definition definition) {
        return Asked.by(definition);
    }

    /// What a look asks for.
    public static Set<Feature> askedBy(Query<?> query) {
        return Asked.by(query);
    }

    /// What a take asks for.
    public static Set<Feature> askedBy(Take take) {
        return Asked.by(take);
    }

    /// What a consumer asks for.
    public static Set<Feature> askedBy(Subscribe what) {
        return Asked.by(what);
    }

    /// What a watch asks for.
    public static Set<Feature> askedBy(Interest what) {
        return Asked.by(what);
    }

    /// What a reader asks for.
    public static Set<Feature> askedBy(From from) {
        return switch (from) {
            case From.Offset _, From.Time _ -> EnumSet.of(TOPICS);
        };
    }

    /// What to do where it is not supported.
    public String instead() {
        return instead;
    }

    /// Its name in words.
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
