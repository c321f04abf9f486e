package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// One step of a [Commit].
///
/// A backend that cannot do one refuses it with [Refusal.NotSupported], naming what to do instead.
public sealed interface Operation {

    /// Creates a channel or a route, or changes what it is declared to be.
    ///
    /// @param definition the whole definition, replacing any earlier one
    /// @param expect what must be there now
    record Define(Definition definition, Expect expect) implements Operation {}

    /// Removes a channel with everything in it and all bindings to it. Removing what is not there
    /// is refused.
    ///
    /// @param name which
    /// @param expect what must be there now
    record Remove(ChannelName name, Expect expect) implements Operation {}

    /// Puts one message into a queue.
    ///
    /// @param queue where
    /// @param message what
    /// @param ifDuplicate what happens if the queue takes it for one that it has stored before
    record Put(ChannelName queue, Message message, IfDuplicate ifDuplicate) implements Operation {
        /// A put that does nothing if the message was stored before.
        public Put(ChannelName queue, Message message) {
            this(queue, message, IfDuplicate.SKIP);
        }
    }

    /// What a [Put] of a message does that the queue has stored before, see [Deduplication].
    enum IfDuplicate {
        /// Nothing: the receipt names the first one with [Receipt.Effect.Duplicate].
        SKIP,
        /// The commit is refused with [Refusal.Duplicate].
        REFUSE
    }

    /// Appends messages to a topic's partition. Delay, time to live, group and priority are kept
    /// and mean nothing here.
    ///
    /// @param topic where
    /// @param partition which partition, from 0
    /// @param messages in order, at least one
    /// @param expectedVersion how many records of the first message's key the partition must have
    ///   had so far, or null for any number; only where keys are counted, see
    ///   [Definition.Topic#versionedKeys]
    record Append(
            ChannelName topic,
            int partition,
            List<Message> messages,
            @Nullable Long expectedVersion)
            implements Operation {
        /// Copies the messages and refuses to append none.
        public Append {
            messages = List.copyOf(messages);
            if (messages.isEmpty()) {
                throw new IllegalArgumentException("An append has at least one message");
            }
        }
    }

    /// Hands a message to an exchange, which routes it inside the decision. Each target gets it
    /// once, whichever ways lead there; the first one in the order of names says how. A message
    /// that goes to a topic is appended to the partition of its key, without a key to partition 0.
    ///
    /// It is stored once for all queues. What else it takes, more copies for topics and for
    /// bindings that add headers, may have the size of the largest message.
    ///
    /// @param exchange which
    /// @param routingKey what the bindings are matched against
    /// @param message what
    /// @param whenFull what happens if a target is full
    record Publish(ChannelName exchange, String routingKey, Message message, WhenFull whenFull)
            implements Operation {}

    /// Removes an exchange with all bindings from and to it. Removing what is not there is refused.
    ///
    /// @param exchange which
    /// @param ifUnused whether it is refused while a binding leads from it
    /// @param expect what must be there now
    record RemoveExchange(ChannelName exchange, boolean ifUnused, Expect expect)
            implements Operation {}

    /// Removes a binding. Removing what is not there is refused with [Refusal.Conflict].
    ///
    /// @param binding which
    /// @param expect what must be there now
    record Unbind(BindingName binding, Expect expect) implements Operation {}

    /// What a [Publish] does about a full target.
    enum WhenFull {
        /// Nothing is stored anywhere.
        REFUSE,
        /// The others get it, and the receipt names the full ones.
        SKIP
    }

    /// Ends a lease.
    ///
    /// @param handle which
    /// @param outcome how the work ended
    /// @param stale what happens if the lease is no longer the current one
    record Settle(Handle handle, Outcome outcome, Stale stale) implements Operation {
        /// One that is refused if the lease is no longer the current one.
        public Settle(Handle handle, Outcome outcome) {
            this(handle, outcome, Stale.REFUSE);
        }
    }

    /// What a [Settle] by a lease that has ended does.
    enum Stale {
        /// Refused with [Refusal.StaleFence], the rule everywhere but in a standard SQS queue.
        REFUSE,
        /// Taken as if the lease were current, if the message is still there: any genuine old
        /// handle deletes. A message already gone is reported as settled.
        ACCEPT
    }

    /// Sets a new end for a timed lease, counted from now.
    ///
    /// @param handle which
    /// @param length how long from now; positive
    /// @param durable whether the answer waits for the disk; a heartbeat need not
    record Extend(Handle handle, Duration length, boolean durable) implements Operation {
        /// Refuses a lease that would end in the past.
        public Extend {
            if (!length.isPositive()) {
                throw new IllegalArgumentException("An extension is positive, not " + length);
            }
        }
    }

    /// Refuses the whole commit unless this lease is still the current one.
    ///
    /// @param handle which
    record Check(Handle handle) implements Operation {}

    /// Refuses the whole commit with [Refusal.Conflict] unless what is declared under a name is as
    /// expected: so what was decided by a definition is done only while it holds. A channel that
    /// was removed and made anew has another version than any before.
    ///
    /// @param name of a queue or topic
    /// @param expect what must be there now
    record CheckDefinition(ChannelName name, Expect expect) implements Operation {}

    /// Changes many messages at once; bounded and resumable.
    sealed interface Edit extends Operation {

        /// Drops what is in a queue. Leased messages are dropped too and their settles find
        /// nothing.
        ///
        /// @param queue which
        record Purge(ChannelName queue) implements Edit {}

        /// Drops one message, unless it is leased or not there: a delayed one is called off.
        ///
        /// @param queue which
        /// @param sequence its place, as [Receipt.Effect.Stored] and [View.MessageView] name it
        /// @param ifHeld what happens if it is leased or not there
        record Drop(ChannelName queue, long sequence, IfHeld ifHeld) implements Edit {
            /// Drops it if that can be.
            public Drop(ChannelName queue, long sequence) {
                this(queue, sequence, IfHeld.PASS);
            }

            /// Why one that has to drop is refused.
            public Refusal.Conflict refusal() {
                return new Refusal.Conflict(
                        "A message at %d of %s that nobody has leased".formatted(sequence, queue),
                        0);
            }
        }

        /// What a [Drop] does of a message that is leased or not there.
        enum IfHeld {
            /// Nothing, and the receipt says that none was dropped.
            PASS,
            /// The commit is refused with [Refusal.Conflict]: what is to happen only if the message
            /// is dropped does not.
            REFUSE
        }

        /// Moves up to `messages` ready messages in the order in which they would be handed out.
        /// There they are new: stored now, never delivered, without a delay or a time to live of
        /// their own. Those that died nowhere, or in a queue that is gone, stay if no target is
        /// named; if more than [#EXAMINED_MAX] of them are first, those behind them go queue by
        /// queue, in the order in which they came. A queue that is full takes them all the same.
        ///
        /// @param from the source queue
        /// @param to the target queue, or null for the queue each message died in
        /// @param messages how many at most, 1 or more; no more than [#MESSAGES_MAX] are moved by
        ///   one commit, whose receipt says how many
        record Move(ChannelName from, @Nullable ChannelName to, int messages) implements Edit {
            /// The most that one move moves.
            public static final int MESSAGES_MAX = 1000;

            /// How many messages one move looks at.
            public static final int EXAMINED_MAX = 10_000;

            /// Refuses to move none.
            public Move {
                if (messages < 1) {
                    throw new IllegalArgumentException(
                            "A move moves 1 or more messages, not " + messages);
                }
            }
        }

        /// Puts messages again that were settled as done and are kept, in the order in which they
        /// were settled: as new messages with their groups, priorities and types, and without
        /// delays and times to live. They stay kept. A queue that is full takes them all the same.
        ///
        /// @param queue which, with [Definition.Queue#keepSettled]
        /// @param since settled from when on
        /// @param until settled before when
        /// @param after where to go on, as [Receipt.Effect.Replayed] says; 0 to begin
        /// @param messages how many at most; no more than [#MESSAGES_MAX] are put by one commit,
        ///   whose receipt says how many, and whether there is more
        record Replay(ChannelName queue, Instant since, Instant until, long after, int messages)
                implements Edit {
            /// The most that one replay puts.
            public static final int MESSAGES_MAX = 1000;

            /// How many messages one replay looks at.
            public static final int EXAMINED_MAX = 10_000;

            /// Refuses to replay none.
            public Replay {
                if (messages < 1 || after < 0) {
                    throw new IllegalArgumentException(
                            "A replay puts 1 or more messages and goes on after 0 or more, not %d"
                                            .formatted(messages)
                                    + " and "
                                    + after);
                }
            }
        }
    }

    /// Sets or removes one row of a small keyed table.
    ///
    /// @param table 1 to 255 characters; tables exist as soon as they are written to
    /// @param key 1 to 1024 characters
    /// @param value at most 1 MiB, or null to remove the row
    /// @param expect what must be there now
    /// @param expiresAt when the row goes by itself, or null
    record Write(
            String table,
            String key,
            @Nullable Bytes value,
            Expect expect,
            @Nullable Instant expiresAt)
            implements Operation {
        /// Refuses names out of bounds.
        public Write {
            if (table.isEmpty() || table.length() > 255 || key.isEmpty() || key.length() > 1024) {
                throw new IllegalArgumentException(
                        "A table's name has 1 to 255 characters and a row's key 1 to 1024, not "
                                + table.length()
                                + " and "
                                + key.length());
            }
        }
    }

    /// Moves a named cursor of a Java reader of a topic, which exists as soon as it is moved; see
    /// [Query.Cursors]. It is a note and holds nothing back.
    ///
    /// @param topic which
    /// @param partition which partition
    /// @param cursor its name, 1 to 255 characters
    /// @param offset the next record to read, or [#FORGET] to remove the cursor
    record MoveCursor(ChannelName topic, int partition, String cursor, long offset)
            implements Operation {

        /// The offset that removes a cursor, of all partitions.
        public static final long FORGET = -1;

        /// Refuses names and offsets out of bounds.
        public MoveCursor {
            if (cursor.isEmpty() || cursor.length() > 255) {
                throw new IllegalArgumentException(
                        "A cursor's name has 1 to 255 characters, not " + cursor.length());
            }
            if (offset < FORGET) {
                throw new IllegalArgumentException("An offset is 0 or more, not " + offset);
            }
        }
    }
}
