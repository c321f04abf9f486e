package io.millstream.jobs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.QueueBuilder;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A job as a message, so that anybody who can send or receive messages can send and do jobs:
///
/// | of the job | of the message |
/// |---|---|
/// | id | id |
/// | type, and version from 2 on | type: `mail.send`, `mail.send#2` |
/// | what it is given | body, a JSON object |
/// | key | group |
/// | priority, delay, start within | priority, delay, time to live |
/// | how long its result is kept, if somebody awaits it | header `millstream-keep-result` |
/// | the trace that it is part of | trace, and header `tracestate` |
/// | its tags | header `millstream-tags`: `red,blue` |
/// | what it keeps others out by, if it is unique | header `millstream-unique`, see [Claim] |
///
/// In the dead set it has further headers, `millstream-dead-…`.
final class Envelope {
    /// Where what has used up its attempts without anybody noticing goes first; see [Endings].
    static final ChannelName ENDED = ChannelName.of("jobs.ended");

    /// Where dead jobs are kept.
    static final ChannelName DEAD = ChannelName.of("jobs.dead");

    /// What wakes those who see to debounced jobs; see [Debounce].
    static final ChannelName DEBOUNCED = ChannelName.of("jobs.debounced");

    /// What jobs keep for themselves.
    static final List<ChannelName> INNER = List.of(DEAD, ENDED, DEBOUNCED);

    /// Those of them that jobs pass through.
    private static final Set<ChannelName> PASSED = Set.of(DEAD, ENDED);

    /// The rows of debounced jobs, by their keys.
    static final String DEBOUNCED_ROWS = "jobs.debounced";

    /// The rows of results, by id.
    static final String RESULTS = "jobs.results";

    private static final String KEEP_RESULT = "millstream-keep-result";
    private static final String TAGS = "millstream-tags";
    private static final String DEAD_PREFIX = "millstream-dead-";
    private static final String DEAD_QUEUE = DEAD_PREFIX + "queue";
    private static final String DEAD_REASON = DEAD_PREFIX + "reason";
    private static final String DEAD_FINGERPRINT = DEAD_PREFIX + "fingerprint";
    private static final String DEAD_ATTEMPTS = DEAD_PREFIX + "attempts";
    private static final String DEAD_STACK = DEAD_PREFIX + "stack";

    /// More than any job's own attempts: what its workers never report, because they die of it,
    /// ends here.
    private static final int ATTEMPTS_MAX = 1000;

    private static final Duration AGEING = Duration.ofMinutes(1);

    private Envelope() {}

    static <P> Message seal(String id, JobType<P, ?> type, P payload, JobOptions options) {
        String key = options.key() == null ? type.keyOf(payload) : options.key();
        Message.Builder message =
                Message.builder(Json.payload(payload))
                        .id(id)
                        .type(type.wireName())
                        .contentType(Json.CONTENT_TYPE)
                        .group(key)
                        .priority(options.priority())
                        .delay(options.delay())
                        .timeToLive(
                                options.startWithin() == null
                                        ? null
                                        : options.startWithin().plus(options.delay()));
        if (options.awaited()) {
            message.header(Header.text(KEEP_RESULT, options.keepResult().toString()));
        }
        if (!options.tags().isEmpty()) {
            message.header(Header.text(TAGS, String.join(",", options.tags())));
        }
        return message.build();
    }

    /// What the job can be found by.
    static Set<String> tags(Message message) {
        String tags = text(message, TAGS);
        return tags.isEmpty() ? Set.of() : new TreeSet<>(List.of(tags.split(",")));
    }

    /// How long the result is to be kept, or null if nobody awaits it.
    static @Nullable Duration keepResult(Message message) {
        String text = message.header(KEEP_RESULT).map(header -> header.value().utf8()).orElse(null);
        try {
            return text == null ? null : Duration.parse(text);
        } catch (DateTimeParseException _) {
            return null;
        }
    }

    /// A queue for jobs as long as nobody has declared it otherwise: it tells types apart, keys
    /// share it, and what waits becomes more urgent with time.
    static Definition.Queue queue(ChannelName name) {
        return Definition.Queue.builder(name)
                .typed(true)
                .groups(Groups.FAIR)
                .ageing(AGEING)
                .maxAttempts(ATTEMPTS_MAX)
                .deadLetter(ENDED)
                .lifecycle(History.TOPIC)
                .build();
    }

    /// One of [#INNER].
    static Definition.Queue inner(ChannelName name) {
        QueueBuilder queue = Definition.Queue.builder(name);
        return (PASSED.contains(name) ? queue.lifecycle(History.TOPIC) : queue).build();
    }

    /// Whether jobs are put into it by those who submit them.
    static boolean isOfJobs(Definition.Queue queue) {
        return queue.typed() || ENDED.equals(queue.deadLetter());
    }

    /// The id of the job that a message is: its own, or where it is if it was sent without one.
    static String idOf(Message message, ChannelName queue, long sequence) {
        String id = message.id();
        return id == null ? queue.name() + "-" + sequence : id;
    }

    /// As it is kept in the dead set.
    static Message dead(Message message, String id, Death death) {
        Message.Builder dead = alive(message, id);
        dead.header(Header.text(DEAD_QUEUE, death.queue().name()));
        dead.header(Header.text(DEAD_FINGERPRINT, death.fingerprint()));
        dead.header(
                new Header(
                        DEAD_ATTEMPTS,
                        Header.NUMBER,
                        Bytes.utf8(Integer.toString(death.attempts()))));
        // Behind the short ones: of all headers only so many characters are told the history.
        dead.header(
                Header.text(DEAD_REASON, Failures.cut(death.reason(), Failures.REASON_CHARS_MAX)));
        if (!death.stack().isEmpty()) {
            dead.header(Header.text(DEAD_STACK, death.stack()));
        }
        return dead.build();
    }

    /// As it was before it died, without the times that it had.
    static Message.Builder alive(Message message, @Nullable String id) {
        List<Header> headers =
                message.headers().stream()
                        .filter(header -> !header.name().startsWith(DEAD_PREFIX))
                        .toList();
        return message.with().id(id).headers(headers).delay(Duration.ZERO).timeToLive(null);
    }

    /// What a message in the dead set says of its job.
    static DeadJob deadJob(View.MessageView view) {
        Message message = view.message();
        String reason = text(message, DEAD_REASON);
        String fingerprint = text(message, DEAD_FINGERPRINT);
        return new DeadJob(
                idOf(message, DEAD, view.sequence()),
                message.type(),
                text(message, DEAD_QUEUE),
                reason,
                text(message, DEAD_STACK),
                fingerprint.isEmpty() ? Fingerprint.of(null, reason) : fingerprint,
                number(text(message, DEAD_ATTEMPTS)),
                view.stored());
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException _) {
            // Somebody else put it there.
            return 0;
        }
    }

    private static String text(Message message, String header) {
        return message.header(header).map(found -> found.value().utf8()).orElse("");
    }

    /// Of what a job in the dead set died, in words.
    static String reasonOfDeath(Message message) {
        return text(message, DEAD_REASON);
    }

    /// Of what a job died.
    ///
    /// @param queue where
    /// @param reason in words
    /// @param fingerprint the same for all that died of the same
    /// @param stack the stack trace of the last failure, or empty
    /// @param attempts how many it had
    record Death(ChannelName queue, String reason, String fingerprint, String stack, int attempts) {

        /// @param log what the last attempt said before it failed
        static Death after(ChannelName queue, String reason, String log, int attempts) {
            return new Death(
                    queue, reason, Fingerprint.of(null, reason), Failures.end(log), attempts);
        }

        /// @param failure the last one, or null if there was none
        static Death of(
                ChannelName queue, String reason, @Nullable Throwable failure, int attempts) {
            return new Death(
                    queue,
                    reason,
                    Fingerprint.of(failure, reason),
                    failure == null ? "" : Failures.stack(failure),
                    attempts);
        }
    }
}
