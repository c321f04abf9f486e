package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Header;
import io.millstream.api.Longest;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Partitioner;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.engine.batch.BatchWriter;
import io.millstream.engine.route.Routing;
import io.millstream.engine.route.Subject;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Decides where a message goes, for its [Decider]: it goes into each queue as if it were put
/// there, and into each topic as if it were appended; then what has the same bytes is stored once.
final class PublishDecider {
    private static final int TEXT_CHARS_SHOWN = 40;

    private final State state;
    private final Tentative tentative;
    private final RouteDecider routes;
    private final TopicDecider topics;
    private final Putting putting;
    private final List<Entry> entries;
    private final List<Effect> effects;
    private long extraBytes;

    /// Puts a message into a queue, adding its entries and its effect, or says why not.
    interface Putting {
        @Nullable Refusal put(Operation.Put put, byte[] encoded);
    }

    /// A message as it goes one way.
    private static final class Copy {
        final Message message;
        final byte[] encoded;
        private byte @Nullable [] batch;

        Copy(Message message, byte[] encoded) {
            this.message = message;
            this.encoded = encoded;
        }

        byte[] batch(long now) {
            byte[] written = batch;
            if (written == null) {
                written = BatchWriter.write(List.of(message), now);
                batch = written;
            }
            return written;
        }
    }

    PublishDecider(
            State state,
            Tentative tentative,
            TopicDecider topics,
            Putting putting,
            List<Entry> entries,
            List<Effect> effects) {
        this.state = state;
        this.tentative = tentative;
        this.routes = new RouteDecider(state.routes(), tentative, entries, effects);
        this.topics = topics;
        this.putting = putting;
        this.entries = entries;
        this.effects = effects;
    }

    /// What the commit does to exchanges and bindings.
    RouteDecider routes() {
        return routes;
    }

    /// @param encoded the message, as it was published
    /// @param extraBytesMax how much more a commit may take than the messages it was asked with
    @Nullable Refusal publish(Operation.Publish publish, byte[] encoded, long extraBytesMax) {
        if (routes.exchange(publish.exchange()) == null) {
            return new Refusal.NoSuchExchange(publish.exchange());
        }
        Message message = publish.message();
        Subject subject = new Subject(publish.routingKey(), message);
        Routing routing =
                Routing.of(
                        routes::table, publish.exchange(), subject, chance(state) + effects.size());
        Refusal senseless = senseless(publish, subject, routing);
        if (senseless != null) {
            return senseless;
        }
        int first = entries.size();
        Map<Routing.Way, Copy> copies = new HashMap<>();
        List<Effect.Reached> reached = new ArrayList<>();
        List<Refusal.IsFull> skipped = new ArrayList<>();
        for (Map.Entry<ChannelName, Routing.Way> target : routing.targets().entrySet()) {
            Copy copy =
                    copies.computeIfAbsent(
                            target.getValue(),
                            way -> way.isPlain() ? new Copy(message, encoded) : copy(message, way));
            Refusal refusal = deliver(target.getKey(), copy, reached);
            if (refusal instanceof Refusal.IsFull full
                    && publish.whenFull() == Operation.WhenFull.SKIP) {
                skipped.add(full);
            } else if (refusal != null) {
                return refusal;
            }
        }
        FanOut.gather(entries, first);
        effects.add(new Effect.Routed(reached, skipped, routing.alternate()));
        return tooLarge(first, encoded.length, extraBytesMax);
    }

    /// Why nobody can say where the message goes, or when; or null.
    private static @Nullable Refusal senseless(
            Operation.Publish publish, Subject subject, Routing routing) {
        if (subject.isExhausted()) {
            return new Refusal.Invalid(
                    ("The bindings of exchange %s, and of those behind it, compare more with this"
                                    + " message than the %d things and texts that one publish may"
                                    + " take. Filter by fewer and shorter values, or publish"
                                    + " messages with fewer and shorter ones.")
                            .formatted(publish.exchange(), Subject.COMPARISONS_MAX));
        }
        String delay = routing.delays() ? delayHeader(publish.message()) : "0";
        return isMillis(delay)
                ? Longest.CENTURY.refusalOf(Duration.ofMillis(Long.parseLong(delay))).orElse(null)
                : new Refusal.Invalid(
                        "The header %s is a whole number of milliseconds of at most 18 digits, not"
                                        .formatted(Definition.Exchange.DELAY_HEADER)
                                + " \"%s\". Leave it out to delay nothing."
                                        .formatted(abridged(delay)));
    }

    private static String abridged(String text) {
        return text.length() <= TEXT_CHARS_SHOWN ? text : text.substring(0, TEXT_CHARS_SHOWN) + "…";
    }

    /// A number that differs from one publish to the next, and is the same for equal states.
    static long chance(State state) {
        return state.entries() << 16;
    }

    private @Nullable Refusal deliver(ChannelName name, Copy copy, List<Effect.Reached> reached) {
        Definition.Topic topic = topics.definition(name);
        int partition = 0;
        Refusal refusal = null;
        if (topic != null) {
            Bytes key = copy.message.key();
            partition = key == null ? 0 : Partitioner.partitionOf(key, topic.partitions());
            refusal =
                    topics.append(
                            new Operation.Append(name, partition, List.of(copy.message), null),
                            copy.batch(state.now()));
        } else if (tentative.queue(name) != null) {
            refusal = putting.put(new Operation.Put(name, copy.message), copy.encoded);
        } else {
            // After a repair a binding may lead to what is lost.
            return null;
        }
        if (refusal == null) {
            reached.add(new Effect.Reached(name, partition, effects.removeLast()));
        }
        return refusal;
    }

    private static Copy copy(Message message, Routing.Way way) {
        Message.Builder built = message.with();
        way.adds().forEach(built::header);
        if (way.delayed() && message.header(Definition.Exchange.DELAY_HEADER).isPresent()) {
            built.delay(Duration.ofMillis(Math.max(0, Long.parseLong(delayHeader(message)))));
        }
        Message changed = built.build();
        return new Copy(changed, StoredMessage.encode(changed));
    }

    /// What the header says, which is "0" if it is not there.
    private static String delayHeader(Message message) {
        return message.header(Definition.Exchange.DELAY_HEADER).map(Header::text).orElse("0");
    }

    private static boolean isMillis(String text) {
        return text.matches("-?[0-9]{1,18}");
    }

    /// The frame must have room for it: what was asked for is known to fit, and so much more is.
    private @Nullable Refusal tooLarge(int first, int asked, long extraBytesMax) {
        long bytes = -asked;
        for (Entry entry : entries.subList(first, entries.size())) {
            bytes += FanOut.bytesOf(entry);
        }
        extraBytes += Math.max(0, bytes);
        return extraBytes <= extraBytesMax
                ? null
                : new Refusal.TooLarge(
                        "What a commit's messages take more than themselves where they are routed"
                                + " to",
                        extraBytes,
                        extraBytesMax);
    }
}
