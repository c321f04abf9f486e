package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a producer says: a body, and the few properties that all protocols know.
///
/// `Message.of("hello")` is a whole message; [#with()] starts a builder from one.
///
/// @param body the payload, uninterpreted
/// @param key the record's key (Kafka), or null
/// @param headers in the order given
/// @param id the producer's id of the message, or null
/// @param type the wire name of what the body is (a job's type, an event's type), or null
/// @param contentType the media type of the body, or null
/// @param correlationId what an answer names, or null
/// @param replyTo where an answer is expected, or null
/// @param group what it belongs to, or null; [Groups] says what that means in a queue
/// @param deduplication messages that name the same here are stored once by a queue that looks for
///   it, see [Deduplication]; or null
/// @param priority 0 is the first served
/// @param delay not delivered before this long after it was stored; zero for at once
/// @param timeToLive dropped or dead-lettered when undelivered for this long, or null for no limit
/// @param trace a W3C `traceparent`, or null
/// @param time when the event happened, as the producer says, or null; kept to the millisecond
public record Message(
        Bytes body,
        @Nullable Bytes key,
        List<Header> headers,
        @Nullable String id,
        @Nullable String type,
        @Nullable String contentType,
        @Nullable String correlationId,
        @Nullable String replyTo,
        @Nullable String group,
        @Nullable String deduplication,
        int priority,
        Duration delay,
        @Nullable Duration timeToLive,
        @Nullable String trace,
        @Nullable Instant time) {

    /// The highest number of a priority, that is the last served.
    public static final int PRIORITY_MAX = 31;

    private static final Instant TIME_MIN = Instant.ofEpochMilli(Long.MIN_VALUE);
    private static final Instant TIME_MAX = Instant.ofEpochMilli(Long.MAX_VALUE);

    /// Copies the headers and refuses times out of bounds and unknown priorities.
    public Message {
        headers = List.copyOf(headers);
        if (priority < 0 || priority > PRIORITY_MAX) {
            throw new IllegalArgumentException("A priority is 0 to 31, not " + priority);
        }
        if (delay.isNegative()) {
            throw new IllegalArgumentException("A delay is zero or more, not " + delay);
        }
        if (timeToLive != null && timeToLive.isNegative()) {
            throw new IllegalArgumentException("A time to live is zero or more, not " + timeToLive);
        }
        if (time != null && (time.isBefore(TIME_MIN) || time.isAfter(TIME_MAX))) {
            throw new IllegalArgumentException(
                    "A time can be told in milliseconds since 1970, unlike " + time);
        }
    }

    /// A message with the UTF-8 encoding of `text` as its body and nothing else.
    public static Message of(String text) {
        return of(Bytes.utf8(text));
    }

    /// A message with this body and nothing else.
    public static Message of(Bytes body) {
        return builder(body).build();
    }

    /// Starts a message with this body.
    public static Builder builder(Bytes body) {
        return new Builder(body);
    }

    /// Starts a message with the UTF-8 encoding of `text` as its body.
    public static Builder builder(String text) {
        return new Builder(Bytes.utf8(text));
    }

    /// The body read as UTF-8.
    public String text() {
        return body.utf8();
    }

    /// The first header of this name.
    public Optional<Header> header(String name) {
        for (Header header : headers) {
            if (header.name().equals(name)) {
                return Optional.of(header);
            }
        }
        return Optional.empty();
    }

    /// A builder that starts from this message.
    public Builder with() {
        Builder builder = new Builder(body);
        builder.key = key;
        builder.headers.addAll(headers);
        builder.id = id;
        builder.type = type;
        builder.contentType = contentType;
        builder.correlationId = correlationId;
        builder.replyTo = replyTo;
        builder.group = group;
        builder.deduplication = deduplication;
        builder.priority = priority;
        builder.delay = delay;
        builder.timeToLive = timeToLive;
        builder.trace = trace;
        builder.time = time;
        return builder;
    }

    /// Builds a [Message]; not for use by several threads.
    public static final class Builder {
        private Bytes body;
        private @Nullable Bytes key;
        private final List<Header> headers = new ArrayList<>();
        private @Nullable String id;
        private @Nullable String type;
        private @Nullable String contentType;
        private @Nullable String correlationId;
        private @Nullable String replyTo;
        private @Nullable String group;
        private @Nullable String deduplication;
        private int priority;
        private Duration delay = Duration.ZERO;
        private @Nullable Duration timeToLive;
        private @Nullable String trace;
        private @Nullable Instant time;

        private Builder(Bytes body) {
            this.body = body;
        }

        /// Replaces the body.
        public Builder body(Bytes body) {
            this.body = body;
            return this;
        }

        /// Sets the key.
        public Builder key(@Nullable Bytes key) {
            this.key = key;
            return this;
        }

        /// Adds a text header.
        public Builder header(String name, String value) {
            return header(Header.text(name, value));
        }

        /// Adds a header.
        public Builder header(Header header) {
            headers.add(header);
            return this;
        }

        /// Has these headers and no others.
        public Builder headers(List<Header> headers) {
            this.headers.clear();
            this.headers.addAll(headers);
            return this;
        }

        /// Sets the producer's id of the message.
        public Builder id(@Nullable String id) {
            this.id = id;
            return this;
        }

        /// Sets the wire name of what the body is.
        public Builder type(@Nullable String type) {
            this.type = type;
            return this;
        }

        /// Sets the media type of the body.
        public Builder contentType(@Nullable String contentType) {
            this.contentType = contentType;
            return this;
        }

        /// Sets what an answer names.
        public Builder correlationId(@Nullable String correlationId) {
            this.correlationId = correlationId;
            return this;
        }

        /// Sets where an answer is expected.
        public Builder replyTo(@Nullable String replyTo) {
            this.replyTo = replyTo;
            return this;
        }

        /// Sets the group, see [Groups].
        public Builder group(@Nullable String group) {
            this.group = group;
            return this;
        }

        /// Sets what equal messages have in common, see [Deduplication].
        public Builder deduplication(@Nullable String deduplication) {
            this.deduplication = deduplication;
            return this;
        }

        /// Sets the priority: 0, the default, is served first.
        public Builder priority(int priority) {
            this.priority = priority;
            return this;
        }

        /// Sets how long after it was stored the message is first delivered.
        public Builder delay(Duration delay) {
            this.delay = delay;
            return this;
        }

        /// Sets how long the message may wait undelivered.
        public Builder timeToLive(@Nullable Duration timeToLive) {
            this.timeToLive = timeToLive;
            return this;
        }

        /// Sets the W3C `traceparent`.
        public Builder trace(@Nullable String trace) {
            this.trace = trace;
            return this;
        }

        /// Sets when the event happened, as the producer says.
        public Builder time(@Nullable Instant time) {
            this.time = time;
            return this;
        }

        /// The message.
        public Message build() {
            return new Message(
                    body,
                    key,
                    headers,
                    id,
                    type,
                    contentType,
                    correlationId,
                    replyTo,
                    group,
                    deduplication,
                    priority,
                    delay,
                    timeToLive,
                    trace,
                    time);
        }
    }
}
