package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/// What a channel or a route is declared to be; stored and durable.
public sealed interface Definition {

    /// What it is called.
    ChannelName name();

    /// A work queue.
    ///
    /// @param name its name
    /// @param maxAttempts after this many counted attempts a message is dead; 0 for no limit
    /// @param deadLetter the queue that takes dead messages, or null to drop them
    /// @param maxInFlight how many messages may be leased at once; more are not handed out
    /// @param retention how old a message may become before it is dropped, or null to keep it until
    ///   it is settled. A leased message is not dropped before its lease ends, and a dead letter is
    ///   as old as the message that it was; whole milliseconds
    /// @param messageBytesMax how large a message may be that is put, by body, key and headers; 0
    ///   for no limit but the store's. Dead letters are taken whatever their size
    /// @param arguments what a protocol declared and only that protocol reads, such as
    ///   `sqs.VisibilityTimeout`
    record Queue(
            ChannelName name,
            int maxAttempts,
            @Nullable ChannelName deadLetter,
            int maxInFlight,
            @Nullable Duration retention,
            long messageBytesMax,
            Map<String, String> arguments)
            implements Definition {

        /// The bound on leased messages unless declared otherwise; SQS's own figure.
        public static final int MAX_IN_FLIGHT = 120_000;

        /// The longest retention.
        public static final Duration RETENTION_MAX = Duration.ofDays(36_500);

        private static final Duration RETENTION_MIN = Duration.ofMillis(1);

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
            if (retention != null) {
                if (retention.compareTo(RETENTION_MIN) < 0
                        || retention.compareTo(RETENTION_MAX) > 0) {
                    throw new IllegalArgumentException(
                            "retention is a millisecond to 36500 days, or null to keep messages"
                                    + " until they are settled, not "
                                    + retention);
                }
                retention = retention.truncatedTo(ChronoUnit.MILLIS);
            }
            if (messageBytesMax < 0) {
                throw new IllegalArgumentException(
                        "messageBytesMax is 0 (no limit) or more, not " + messageBytesMax);
            }
        }

        /// A queue of this name with no attempt limit and nothing special.
        public static Queue of(ChannelName name) {
            return new Queue(name, 0, null, MAX_IN_FLIGHT, null, 0, Map.of());
        }

        /// The same with an attempt limit and the queue that takes what exceeds it.
        public Queue withDeadLetter(int maxAttempts, @Nullable ChannelName deadLetter) {
            return new Queue(
                    name,
                    maxAttempts,
                    deadLetter,
                    maxInFlight,
                    retention,
                    messageBytesMax,
                    arguments);
        }

        /// The same with these protocol arguments.
        public Queue withArguments(Map<String, String> arguments) {
            return new Queue(
                    name,
                    maxAttempts,
                    deadLetter,
                    maxInFlight,
                    retention,
                    messageBytesMax,
                    arguments);
        }

        /// The same with this bound on leased messages.
        public Queue withMaxInFlight(int maxInFlight) {
            return new Queue(
                    name,
                    maxAttempts,
                    deadLetter,
                    maxInFlight,
                    retention,
                    messageBytesMax,
                    arguments);
        }

        /// The same with messages dropped at this age; null to keep them until they are settled.
        public Queue withRetention(@Nullable Duration retention) {
            return new Queue(
                    name,
                    maxAttempts,
                    deadLetter,
                    maxInFlight,
                    retention,
                    messageBytesMax,
                    arguments);
        }

        /// The same with larger messages refused; 0 for no limit but the store's.
        public Queue withMessageBytesMax(long messageBytesMax) {
            return new Queue(
                    name,
                    maxAttempts,
                    deadLetter,
                    maxInFlight,
                    retention,
                    messageBytesMax,
                    arguments);
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
    /// @param kind how it chooses: `direct`, `fanout`, `topic`, `headers`, …
    /// @param arguments what a protocol declared
    record Exchange(ChannelName name, String kind, Map<String, String> arguments)
            implements Definition {
        /// Copies the arguments.
        public Exchange {
            arguments = Map.copyOf(arguments);
        }
    }

    /// A route from an exchange to a target.
    ///
    /// @param name the exchange
    /// @param target the queue, topic or exchange that receives
    /// @param pattern the routing key or filter, as the exchange's kind reads it
    /// @param arguments what a protocol declared
    record Binding(
            ChannelName name, ChannelName target, String pattern, Map<String, String> arguments)
            implements Definition {
        /// Copies the arguments.
        public Binding {
            arguments = Map.copyOf(arguments);
        }
    }
}
