package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What happened to messages of a queue, as a queue that is declared with a
/// [Definition.Queue#lifecycle] writes it to that topic, for those who search, count and watch: one
/// record for each step of each message, in the order in which they happened, in partition 0.
///
/// A record is in the topic if, and only if, what it says has happened: both lie in the same frame
/// of the log. Its [TopicRecord#stored] is the backend's clock then. Whoever follows the records
/// from when the queue was empty knows all that is in it: [Stored] adds a message, [Done], [Dead],
/// [Dropped], [Moved], [Purged] and [Removed] end it, the rest changes what it waits for. That its
/// delay is over, or its lease was extended, is not told.
///
/// Its form is a flat JSON object:
///
/// ```json
/// {"event":"stored","queue":"jobs","life":3,"sequence":17,"id":"a1","type":"mail.send"}
/// {"event":"taken","queue":"jobs","life":3,"sequence":17,"attempts":1,"until_ms":1764286030000}
/// {"event":"done","queue":"jobs","life":3,"sequence":17}
/// ```
public sealed interface Lifecycle {

    /// The longest text of what a producer said, and of a reason, in characters; more is cut.
    int TEXT_CHARS_MAX = 255;

    /// The longest text that a worker may say of an attempt, in characters; more is cut.
    int NOTE_CHARS_MAX = 4000;

    /// How many characters the headers have together that [Stored] tells, names and values; what
    /// comes behind them is left out.
    int HEADERS_CHARS_MAX = 1000;

    /// Which life of which queue it is about.
    ///
    /// @param queue its name
    /// @param incarnation which life of that name, see [Handle#incarnation]
    record Life(ChannelName queue, long incarnation) {}

    /// One message.
    ///
    /// @param life the queue that it is in
    /// @param sequence its place there
    record Place(Life life, long sequence) {}

    /// The queue.
    Life life();

    /// What happened to one message.
    sealed interface OfMessage extends Lifecycle {
        /// Which one.
        Place place();

        @Override
        default Life life() {
            return place().life();
        }
    }

    /// A message is in the queue.
    ///
    /// @param place where
    /// @param said what its producer said of it, or null where that is not known: it came from
    ///   another queue, or from what the queue keeps
    /// @param from where it was before, or null
    record Stored(Place place, @Nullable Said said, @Nullable Place from) implements OfMessage {
        /// It was put.
        public static Stored put(Place place, Message message) {
            return new Stored(place, Said.of(message), null);
        }

        /// It came from another queue.
        public static Stored from(Place place, Place from) {
            return new Stored(place, null, from);
        }

        /// It was put again out of what the queue keeps.
        public static Stored again(Place place) {
            return new Stored(place, null, null);
        }
    }

    /// What a producer said of a message, without the message.
    ///
    /// @param id see [Message#id]
    /// @param type see [Message#type]
    /// @param group see [Message#group]
    /// @param priority see [Message#priority]
    /// @param delay see [Message#delay]
    /// @param timeToLive see [Message#timeToLive]
    /// @param headers those whose values are texts or numbers, the first of each name
    record Said(
            @Nullable String id,
            @Nullable String type,
            @Nullable String group,
            int priority,
            Duration delay,
            @Nullable Duration timeToLive,
            Map<String, String> headers) {

        /// Copies the headers.
        public Said {
            headers = Map.copyOf(headers);
        }

        static Said of(Message message) {
            return new Said(
                    cut(message.id()),
                    cut(message.type()),
                    cut(message.group()),
                    message.priority(),
                    message.delay(),
                    message.timeToLive(),
                    LifecycleJson.headers(message.headers()));
        }
    }

    /// It was handed out.
    ///
    /// @param attempts the attempts that it has used with this one
    /// @param until when the lease ends unless it is extended, or null if it lasts as long as the
    ///   session or is settled by being delivered
    record Taken(Place place, int attempts, @Nullable Instant until) implements OfMessage {}

    /// Its lease has ended and it waits again.
    ///
    /// @param attempts the attempts that it has used
    /// @param due when it is ready, or null for at once
    record Returned(Place place, int attempts, @Nullable Instant due) implements OfMessage {}

    /// It is dead, and stays undeliverable until its dead-letter queue takes it.
    record Stranded(Place place, Via.Cause cause, String reason) implements OfMessage {
        /// Cuts the reason.
        public Stranded {
            reason = cutText(reason);
        }
    }

    /// It was settled as done.
    record Done(Place place) implements OfMessage {}

    /// It died, and is in another queue now.
    ///
    /// @param to where
    record Dead(Place place, Via.Cause cause, String reason, Place to) implements OfMessage {
        /// Cuts the reason.
        public Dead {
            reason = cutText(reason);
        }
    }

    /// It was moved to another queue.
    ///
    /// @param to where
    record Moved(Place place, Place to) implements OfMessage {}

    /// All that is in the queue from one place to before another one is gone without having been
    /// done: given up where no queue takes dead messages, too old, dropped by hand, pushed out.
    ///
    /// @param first the first place
    /// @param end the place behind the last one
    record Dropped(Life life, long first, long end) implements Lifecycle {
        /// One message is gone.
        public static Dropped one(Place place) {
            return new Dropped(place.life(), place.sequence(), place.sequence() + 1);
        }
    }

    /// All that was in the queue before a place is gone.
    ///
    /// @param end the place
    record Purged(Life life, long end) implements Lifecycle {}

    /// The queue is declared to tell this topic nothing any more.
    record Left(Life life) implements Lifecycle {}

    /// The queue is gone with all that was in it.
    record Removed(Life life) implements Lifecycle {}

    /// What a worker says of an attempt: told by programs, not by the store. Who writes it adds an
    /// [Operation.Append] of its [#message] to the queue's topic, in the commit that it belongs to;
    /// the runtime of jobs does. The store does not look whether it is true.
    sealed interface OfAttempt extends OfMessage {
        /// Which attempt, 1 for the first; 0 if it is of none.
        int attempt();
    }

    /// An attempt failed. What becomes of the message is told by the store.
    ///
    /// @param reason in words; cut at [#NOTE_CHARS_MAX]
    /// @param fingerprint the same for all that failed of the same; empty if unknown
    record Failed(Place place, int attempt, String reason, String fingerprint)
            implements OfAttempt {
        /// Cuts the texts.
        public Failed {
            reason = cutText(reason, NOTE_CHARS_MAX);
            fingerprint = cutText(fingerprint);
        }
    }

    /// How far an attempt has come.
    ///
    /// @param done how much of it
    /// @param total how much there is, or 0 if that is not known
    /// @param text what it does now, in words; may be empty
    record Progressed(Place place, int attempt, long done, long total, String text)
            implements OfAttempt {
        /// Cuts the text.
        public Progressed {
            text = cutText(text);
        }
    }

    /// What an attempt writes down for people.
    ///
    /// @param text one line or more; cut at [#NOTE_CHARS_MAX]
    record Logged(Place place, int attempt, String text) implements OfAttempt {
        /// Cuts the text.
        public Logged {
            text = cutText(text, NOTE_CHARS_MAX);
        }
    }

    /// It ends otherwise than as done, though the store tells it as done: it was cancelled, or
    /// given up, or found needless.
    ///
    /// @param how in one word, such as `cancelled`
    /// @param reason in words; cut at [#NOTE_CHARS_MAX]
    record Ended(Place place, int attempt, String how, String reason) implements OfAttempt {
        /// Cuts the texts.
        public Ended {
            how = cutText(how);
            reason = cutText(reason, NOTE_CHARS_MAX);
        }
    }

    /// The record that tells it.
    default Message message() {
        return Message.of(LifecycleJson.write(this));
    }

    /// What a record tells; empty if its body is of another kind, such as one that a later version
    /// or a program of yours wrote there.
    static Optional<Lifecycle> in(Message record) {
        return LifecycleJson.read(record.text());
    }

    private static @Nullable String cut(@Nullable String text) {
        return text == null ? null : cutText(text);
    }

    private static String cutText(String text) {
        return cutText(text, TEXT_CHARS_MAX);
    }

    private static String cutText(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        // Never in the middle of a character that is two.
        boolean splits = Character.isHighSurrogate(text.charAt(most - 1));
        return text.substring(0, most - (splits ? 1 : 0));
    }
}
