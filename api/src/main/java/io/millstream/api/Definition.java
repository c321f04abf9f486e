package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/// What a channel or a route is declared to be; stored and durable.
public sealed interface Definition {

    /// What it is called.
    ChannelName name();

    /// A work queue.
    ///
    /// `Queue.of(name)` is a whole definition; [#with()] starts a builder from one. Times are whole
    /// milliseconds.
    ///
    /// @param name its name
    /// @param maxAttempts after this many counted attempts a message is dead; 0 for no limit
    /// @param backOff how long a message waits whose lease ended by itself, or null not to wait
    /// @param deadLetter the queue that takes dead messages, or null to drop them
    /// @param maxInFlight how many messages may be leased at once; more are not handed out
    /// @param groups what a message's group means here
    /// @param ageing a message is served as if its priority were better by one for each time it has
    ///   been ready this long, so that none waits for ever; null to serve better priorities first,
    ///   however long the others wait
    /// @param deduplication which messages are taken for one that was stored before, or null for
    ///   none
    /// @param capacity how much may be in it, and what happens to more
    /// @param messageBytesMax how large a message may be that is put, by body, key and headers; 0
    ///   for no limit but the store's. Dead letters are taken whatever their size
    /// @param retention how old a message may become before it is dropped, or null to keep it until
    ///   it is settled. A leased message is not dropped before its lease ends, and a dead letter is
    ///   as old as the message that it was
    /// @param timeToLive how long a message may lie undelivered before it is dead-lettered, or null
    ///   for no limit; the shorter one of this and [Message#timeToLive] holds. It is looked at when
    ///   a message is the next to be handed out, so one that is overdue may still lie behind others
    /// @param unusedFor after this long without a take, a consumer or a definition the queue is
    ///   removed with all that is in it; null never. A restart counts as a use, puts and leases do
    ///   not
    /// @param keepSettled how long messages are kept that were settled as done, for
    ///   [Operation.Edit.Replay]; null not to
    /// @param singleActive whether only one consumer at a time gets messages: the one that began
    ///   first, until it ends; then the oldest of the highest priority takes over. Takes are served
    ///   beside it
    /// @param paused whether nothing is handed out
    /// @param arguments what a protocol declared and only that protocol reads, such as
    ///   `sqs.VisibilityTimeout`
    record Queue(
            ChannelName name,
            int maxAttempts,
            @Nullable BackOff backOff,
            @Nullable ChannelName deadLetter,
            int maxInFlight,
            Groups groups,
            @Nullable Duration ageing,
            @Nullable Deduplication deduplication,
            Capacity capacity,
            long messageBytesMax,
            @Nullable Duration retention,
            @Nullable Duration timeToLive,
            @Nullable Duration unusedFor,
            @Nullable Duration keepSettled,
            boolean singleActive,
            boolean paused,
            Map<String, String> arguments)
            implements Definition {

        /// The bound on leased messages unless declared otherwise; SQS's own figure.
        public static final int MAX_IN_FLIGHT = 120_000;

        /// The longest time of any kind.
        public static final Duration TIME_MAX = Duration.ofDays(36_500);

        private static final Duration TIME_MIN = Duration.ofMillis(1);

        /// Copies the arguments and refuses impossible limits.
        public Queue {
            arguments = Map.copyOf(arguments);
            if (maxAttempts < 0) {
                throw new IllegalArgumentException(
                        "maxAttempts is 0 (no limit) or more, not " + maxAttempts);
            }
            if (maxInFlight < 1) {
                throw new IllegalArgumentException("maxInFlight is 1 or more, not " + maxInFlight);
            }
            if (messageBytesMax < 0) {
                throw new IllegalArgumentException(
                        "messageBytesMax is 0 (no limit) or more, not " + messageBytesMax);
            }
            if (capacity.overflow() == Capacity.Overflow.DEAD_LETTER && deadLetter == null) {
                throw new IllegalArgumentException(
                        "A queue whose overflow is dead-lettered has a deadLetter. Name one.");
            }
            ageing = time("ageing", ageing);
            retention = time("retention", retention);
            timeToLive = time("timeToLive", timeToLive);
            unusedFor = time("unusedFor", unusedFor);
            keepSettled = time("keepSettled", keepSettled);
        }

        static @Nullable Duration time(String what, @Nullable Duration time) {
            if (time == null) {
                return null;
            }
            if (time.compareTo(TIME_MIN) < 0 || time.compareTo(TIME_MAX) > 0) {
                throw new IllegalArgumentException(
                        what + " is a millisecond to 36500 days, or null for none, not " + time);
            }
            return time.truncatedTo(ChronoUnit.MILLIS);
        }

        /// A queue of this name with no attempt limit and nothing special.
        public static Queue of(ChannelName name) {
            return new Builder(name).build();
        }

        /// Starts a definition of this name.
        public static Builder builder(ChannelName name) {
            return new Builder(name);
        }

        /// A builder that starts from this definition.
        public Builder with() {
            Builder builder = new Builder(name);
            builder.maxAttempts = maxAttempts;
            builder.backOff = backOff;
            builder.deadLetter = deadLetter;
            builder.maxInFlight = maxInFlight;
            builder.groups = groups;
            builder.ageing = ageing;
            builder.deduplication = deduplication;
            builder.capacity = capacity;
            builder.messageBytesMax = messageBytesMax;
            builder.retention = retention;
            builder.timeToLive = timeToLive;
            builder.unusedFor = unusedFor;
            builder.keepSettled = keepSettled;
            builder.singleActive = singleActive;
            builder.paused = paused;
            builder.arguments = arguments;
            return builder;
        }

        /// The same with an attempt limit and the queue that takes what exceeds it.
        public Queue withDeadLetter(int maxAttempts, @Nullable ChannelName deadLetter) {
            return with().maxAttempts(maxAttempts).deadLetter(deadLetter).build();
        }

        /// The same with these protocol arguments.
        public Queue withArguments(Map<String, String> arguments) {
            return with().arguments(arguments).build();
        }

        /// The same with this bound on leased messages.
        public Queue withMaxInFlight(int maxInFlight) {
            return with().maxInFlight(maxInFlight).build();
        }

        /// The same with messages dropped at this age; null to keep them until they are settled.
        public Queue withRetention(@Nullable Duration retention) {
            return with().retention(retention).build();
        }

        /// The same with larger messages refused; 0 for no limit but the store's.
        public Queue withMessageBytesMax(long messageBytesMax) {
            return with().messageBytesMax(messageBytesMax).build();
        }

        /// Builds a [Queue]; not for use by several threads. What is not said is as in [Queue#of].
        public static final class Builder {
            private final ChannelName name;
            private int maxAttempts;
            private @Nullable BackOff backOff;
            private @Nullable ChannelName deadLetter;
            private int maxInFlight = MAX_IN_FLIGHT;
            private Groups groups = Groups.ORDERED;
            private @Nullable Duration ageing;
            private @Nullable Deduplication deduplication;
            private Capacity capacity = Capacity.UNLIMITED;
            private long messageBytesMax;
            private @Nullable Duration retention;
            private @Nullable Duration timeToLive;
            private @Nullable Duration unusedFor;
            private @Nullable Duration keepSettled;
            private boolean singleActive;
            private boolean paused;
            private Map<String, String> arguments = Map.of();

            private Builder(ChannelName name) {
                this.name = name;
            }

            /// See [Queue#maxAttempts].
            public Builder maxAttempts(int maxAttempts) {
                this.maxAttempts = maxAttempts;
                return this;
            }

            /// See [Queue#backOff].
            public Builder backOff(@Nullable BackOff backOff) {
                this.backOff = backOff;
                return this;
            }

            /// See [Queue#deadLetter].
            public Builder deadLetter(@Nullable ChannelName deadLetter) {
                this.deadLetter = deadLetter;
                return this;
            }

            /// See [Queue#maxInFlight].
            public Builder maxInFlight(int maxInFlight) {
                this.maxInFlight = maxInFlight;
                return this;
            }

            /// See [Queue#groups].
            public Builder groups(Groups groups) {
                this.groups = groups;
                return this;
            }

            /// See [Queue#ageing].
            public Builder ageing(@Nullable Duration ageing) {
                this.ageing = ageing;
                return this;
            }

            /// See [Queue#deduplication].
            public Builder deduplication(@Nullable Deduplication deduplication) {
                this.deduplication = deduplication;
                return this;
            }

            /// See [Queue#capacity].
            public Builder capacity(Capacity capacity) {
                this.capacity = capacity;
                return this;
            }

            /// See [Queue#messageBytesMax].
            public Builder messageBytesMax(long messageBytesMax) {
                this.messageBytesMax = messageBytesMax;
                return this;
            }

            /// See [Queue#retention].
            public Builder retention(@Nullable Duration retention) {
                this.retention = retention;
                return this;
            }

            /// See [Queue#timeToLive].
            public Builder timeToLive(@Nullable Duration timeToLive) {
                this.timeToLive = timeToLive;
                return this;
            }

            /// See [Queue#unusedFor].
            public Builder unusedFor(@Nullable Duration unusedFor) {
                this.unusedFor = unusedFor;
                return this;
            }

            /// See [Queue#keepSettled].
            public Builder keepSettled(@Nullable Duration keepSettled) {
                this.keepSettled = keepSettled;
                return this;
            }

            /// See [Queue#singleActive].
            public Builder singleActive(boolean singleActive) {
                this.singleActive = singleActive;
                return this;
            }

            /// See [Queue#paused].
            public Builder paused(boolean paused) {
                this.paused = paused;
                return this;
            }

            /// See [Queue#arguments].
            public Builder arguments(Map<String, String> arguments) {
                this.arguments = arguments;
                return this;
            }

            /// The definition.
            public Queue build() {
                return new Queue(
                        name,
                        maxAttempts,
                        backOff,
                        deadLetter,
                        maxInFlight,
                        groups,
                        ageing,
                        deduplication,
                        capacity,
                        messageBytesMax,
                        retention,
                        timeToLive,
                        unusedFor,
                        keepSettled,
                        singleActive,
                        paused,
                        arguments);
            }
        }
    }

    /// A topic: a partitioned, retained log.
    ///
    /// @param name its name
    /// @param partitions how many, 1 to [#PARTITIONS_MAX]; it can grow and never shrinks. Growing
    ///   moves keys to other partitions, so a topic that counts its keys grows only until it has
    ///   had a record
    /// @param retention how long, and how much, is kept
    /// @param versionedKeys how many different keys a partition may have whose records are counted,
    ///   so that an append can expect a version; 0 to count none. Counts are held in memory, about
    ///   150 bytes a key, and outlive what retention drops. The number can change at any time, but
    ///   counting begins and ends only until the topic has had a record
    /// @param arguments what a protocol declared
    record Topic(
            ChannelName name,
            int partitions,
            Retention retention,
            int versionedKeys,
            Map<String, String> arguments)
            implements Definition {

        /// The most partitions of one topic.
        public static final int PARTITIONS_MAX = 10_000;

        /// Copies the arguments and refuses impossible numbers.
        public Topic {
            arguments = Map.copyOf(arguments);
            if (partitions < 1 || partitions > PARTITIONS_MAX) {
                throw new IllegalArgumentException(
                        "A topic has 1 to " + PARTITIONS_MAX + " partitions, not " + partitions);
            }
            if (versionedKeys < 0) {
                throw new IllegalArgumentException(
                        "versionedKeys is 0 (none) or more, not " + versionedKeys);
            }
        }

        /// A topic of this name with one partition that keeps its records for
        /// [Retention#STANDARD_TIME].
        public static Topic of(ChannelName name) {
            return new Topic(name, 1, Retention.standard(), 0, Map.of());
        }

        /// The same with so many partitions.
        public Topic withPartitions(int partitions) {
            return new Topic(name, partitions, retention, versionedKeys, arguments);
        }

        /// The same with this retention.
        public Topic withRetention(Retention retention) {
            return new Topic(name, partitions, retention, versionedKeys, arguments);
        }

        /// The same with up to so many keys a partition whose records are counted.
        public Topic withVersionedKeys(int versionedKeys) {
            return new Topic(name, partitions, retention, versionedKeys, arguments);
        }

        /// The same with these protocol arguments.
        public Topic withArguments(Map<String, String> arguments) {
            return new Topic(name, partitions, retention, versionedKeys, arguments);
        }
    }

    /// An exchange: a routing table to queues and topics.
    ///
    /// @param name its name, in the namespace of exchanges
    /// @param kind how it chooses among its bindings; never changes
    /// @param alternate the exchange that gets what none of this one's bindings takes, or null to
    ///   drop it; it need not be there
    /// @param delayed whether a message that has the header [#DELAY_HEADER] waits in its queue for
    ///   so many milliseconds, instead of what [Message#delay] says
    /// @param hashHeader the header by whose value an exchange of [ExchangeKind#CONSISTENT_HASH]
    ///   chooses, or null for the routing key
    /// @param arguments what a protocol declared
    record Exchange(
            ChannelName name,
            ExchangeKind kind,
            @Nullable ChannelName alternate,
            boolean delayed,
            @Nullable String hashHeader,
            Map<String, String> arguments)
            implements Definition {

        /// The header that says for how many milliseconds a message is delayed.
        public static final String DELAY_HEADER = "x-delay";

        /// Copies the arguments and refuses what no message could be hashed by.
        public Exchange {
            arguments = Map.copyOf(arguments);
            if (hashHeader != null && kind != ExchangeKind.CONSISTENT_HASH) {
                throw new IllegalArgumentException(
                        "Only an exchange that hashes has a hashHeader, and %s is of kind %s."
                                .formatted(name, kind));
            }
        }

        /// An exchange of this name and kind with nothing special.
        public static Exchange of(ChannelName name, ExchangeKind kind) {
            return new Exchange(name, kind, null, false, null, Map.of());
        }

        /// The same with an exchange that gets what no binding takes; null to drop it.
        public Exchange withAlternate(@Nullable ChannelName alternate) {
            return new Exchange(name, kind, alternate, delayed, hashHeader, arguments);
        }

        /// The same, delaying what says so or not.
        public Exchange withDelayed(boolean delayed) {
            return new Exchange(name, kind, alternate, delayed, hashHeader, arguments);
        }

        /// The same, choosing by the value of a header; null for the routing key.
        public Exchange withHashHeader(@Nullable String hashHeader) {
            return new Exchange(name, kind, alternate, delayed, hashHeader, arguments);
        }
    }

    /// A route from an exchange to a target. All but its name may be changed by defining it again.
    ///
    /// @param id what tells it from all others
    /// @param match what headers it takes, where the exchange's kind is [ExchangeKind#HEADERS];
    ///   null elsewhere
    /// @param filter what a message must be besides, or null for any
    /// @param adds headers that a message gets which takes this way; each different list of them
    ///   costs one more copy of the message in the log
    /// @param arguments what a protocol declared
    record Binding(
            BindingName id,
            @Nullable HeaderMatch match,
            @Nullable Filter filter,
            List<Header> adds,
            Map<String, String> arguments)
            implements Definition {

        /// The most bytes of headers that a binding adds.
        public static final int ADDS_BYTES_MAX = 4096;

        /// Copies the lists and refuses to add too much.
        public Binding {
            adds = List.copyOf(adds);
            arguments = Map.copyOf(arguments);
            if (adds.stream().mapToLong(Header::bytes).sum() > ADDS_BYTES_MAX) {
                throw new IllegalArgumentException(
                        "A binding adds headers of at most " + ADDS_BYTES_MAX + " bytes.");
            }
        }

        /// The exchange it leads from.
        @Override
        public ChannelName name() {
            return id.exchange();
        }

        /// A binding of this name that asks for nothing more.
        public static Binding of(BindingName id) {
            return new Binding(id, null, null, List.of(), Map.of());
        }

        /// A binding from an exchange to a queue or topic by this pattern.
        public static Binding of(ChannelName exchange, ChannelName channel, String pattern) {
            return of(new BindingName(exchange, new Target.Channel(channel), pattern, ""));
        }

        /// The same for messages with these headers only.
        public Binding withMatch(@Nullable HeaderMatch match) {
            return new Binding(id, match, filter, adds, arguments);
        }

        /// The same for messages that a filter lets through only.
        public Binding withFilter(@Nullable Filter filter) {
            return new Binding(id, match, filter, adds, arguments);
        }

        /// The same, adding headers to what takes this way.
        public Binding withAdds(List<Header> adds) {
            return new Binding(id, match, filter, adds, arguments);
        }

        /// The same with these protocol arguments.
        public Binding withArguments(Map<String, String> arguments) {
            return new Binding(id, match, filter, adds, arguments);
        }
    }
}
