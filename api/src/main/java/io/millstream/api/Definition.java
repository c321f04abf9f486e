package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/// What a channel or a route is declared to be; stored and durable.
public sealed interface Definition {

    /// How many characters all names and values in a definition may have together: its arguments,
    /// and the types and groups that have a limit or a weight of their own.
    int CHARS_MAX = 1 << 18;

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
    /// @param weights how large the shares of some groups are where groups share fairly, 1 to
    ///   [Queue#WEIGHT_MAX]: of two groups that always have messages, one with weight 3 is served
    ///   three times as often as one that is not named here and has weight 1. At most
    ///   [Limits.Each#EXCEPTIONS_MAX]
    /// @param typed whether it tells messages apart by their types: limits by type and takes that
    ///   name types need it. It is declared while the queue is empty, and costs about 40 bytes of
    ///   heap for each message that has a type. It tells [Queue#TYPES_MAX] types apart at once and
    ///   refuses messages of more as [Refusal.IsFull], and those whose type is longer than
    ///   [Queue#TYPE_CHARS_MAX] as [Refusal.Invalid]. Dead letters and moved messages have no type
    ///   here, whatever they say, if the queue that they come from does not tell types apart, or if
    ///   theirs would be one too many
    /// @param limits how many messages of a type or group may be worked on at once, and how often
    ///   they may begin
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
    /// @param lifecycle the topic that is told what happens to its messages, see [Lifecycle]; null
    ///   to tell nobody. The topic has to be there, and cannot be removed meanwhile. It is told
    ///   from the next message on
    /// @param arguments what a protocol declared and only that protocol reads, such as
    ///   `sqs.VisibilityTimeout`
    record Queue(
            ChannelName name,
            int maxAttempts,
            @Nullable BackOff backOff,
            @Nullable ChannelName deadLetter,
            int maxInFlight,
            Groups groups,
            Map<String, Integer> weights,
            boolean typed,
            Limits limits,
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
            @Nullable ChannelName lifecycle,
            Map<String, String> arguments)
            implements Definition {

        /// The bound on leased messages unless declared otherwise; SQS's own figure.
        public static final int MAX_IN_FLIGHT = 120_000;

        /// The longest time of any kind.
        public static final Duration TIME_MAX = Duration.ofDays(36_500);

        /// How many types of messages a queue tells apart at once.
        public static final int TYPES_MAX = 1000;

        /// The longest type of a message in a queue that tells types apart, in characters.
        public static final int TYPE_CHARS_MAX = 255;

        /// The largest share of a group, for one of a group that has weight 1.
        public static final int WEIGHT_MAX = 1000;

        private static final Duration TIME_MIN = Duration.ofMillis(1);

        /// Copies the arguments and refuses impossible limits.
        public Queue {
            arguments = Map.copyOf(arguments);
            weights = checkedWeights(weights);
            checkLimits(limits, typed, groups);
            checkChars(name, charsOf(arguments) + charsOf(weights) + limits.chars());
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

        private static Map<String, Integer> checkedWeights(Map<String, Integer> weights) {
            if (weights.size() > Limits.Each.EXCEPTIONS_MAX) {
                throw new IllegalArgumentException(
                        "At most %d groups have a weight, not %d"
                                .formatted(Limits.Each.EXCEPTIONS_MAX, weights.size()));
            }
            weights.forEach((group, weight) -> {
                if (weight < 1 || weight > WEIGHT_MAX) {
                    throw new IllegalArgumentException(
                            "A weight is 1 to %d, and that of group %s is %d"
                                    .formatted(WEIGHT_MAX, group, weight));
                }
            });
            return Map.copyOf(weights);
        }

        private static void checkLimits(Limits limits, boolean typed, Groups groups) {
            if (limits.types().isAny() && !typed) {
                throw new IllegalArgumentException(
                        "A queue with limits by type tells types apart. Declare it typed.");
            }
            if (limits.groups().isAny() && groups == Groups.IGNORED) {
                throw new IllegalArgumentException(
                        "In a queue with limits by group, groups mean something. Declare them"
                                + " FAIR, or ORDERED.");
            }
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
            return new QueueBuilder(name).build();
        }

        /// Starts a definition of this name.
        public static QueueBuilder builder(ChannelName name) {
            return new QueueBuilder(name);
        }

        /// A builder that starts from this definition.
        public QueueBuilder with() {
            QueueBuilder builder = new QueueBuilder(name);
            builder.maxAttempts = maxAttempts;
            builder.backOff = backOff;
            builder.deadLetter = deadLetter;
            builder.maxInFlight = maxInFlight;
            builder.groups = groups;
            builder.weights = weights;
            builder.typed = typed;
            builder.limits = limits;
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
            builder.lifecycle = lifecycle;
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
            checkChars(name, charsOf(arguments));
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
            checkChars(name, charsOf(arguments));
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
            checkChars(id, charsOf(arguments));
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

    /// How many characters are in the names, and in the values that are texts.
    private static long charsOf(Map<String, ?> texts) {
        long chars = 0;
        for (Map.Entry<String, ?> text : texts.entrySet()) {
            chars += text.getKey().length();
            chars += text.getValue() instanceof String value ? value.length() : 0;
        }
        return chars;
    }

    private static void checkChars(Object name, long chars) {
        if (chars > CHARS_MAX) {
            throw new IllegalArgumentException(
                    "The names and values in the definition of %s have %d characters, of %d at most"
                            .formatted(name, chars, CHARS_MAX));
        }
    }
}
