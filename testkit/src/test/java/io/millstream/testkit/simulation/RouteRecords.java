package io.millstream.testkit.simulation;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Partitioner;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.testkit.simulation.RouteMap.Course;
import io.millstream.testkit.simulation.RouteMap.Way;
import io.millstream.testkit.simulation.Sent.Fate;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What was published, where the receipts say that it is, and whether it is there.
///
/// Answers come in the order of decisions, so the bindings that are known here when one comes are
/// those that it was decided by.
final class RouteRecords {
    private static final String PARTITION = "/";

    private final Trace trace;
    private final Map<String, Published> messages = new HashMap<>();
    private final Map<ChannelName, Definition.Exchange> exchanges = new TreeMap<>();
    private final TreeMap<BindingName, Definition.Binding> bindings = new TreeMap<>();

    /// The queues there are and the partitions of topics, as [#placeOf] names them, and the last
    /// sequence that is known of each.
    private final Map<ChannelName, Long> places = new TreeMap<>();

    private final Map<ChannelName, Integer> partitions = new TreeMap<>();
    private final RouteMap map = new RouteMap();

    private final Set<Attempt> pending = new LinkedHashSet<>();
    private final List<Attempt> unknown = new ArrayList<>();

    /// A message that was published.
    private static final class Published {
        final Operation.Publish publish;
        final Map<ChannelName, Copy> copies = new TreeMap<>();
        Fate fate = Fate.ASKED;

        Published(Operation.Publish publish) {
            this.publish = publish;
        }
    }

    /// A message in one of the places.
    private static final class Copy {
        final long sequence;

        /// How it came there, as far as that is certain, or null.
        @Nullable Way way;

        /// When it may be handed out, where [#way] is known; 0 for at once.
        long due;

        boolean gone;
        boolean atRisk;

        Copy(long sequence) {
            this.sequence = sequence;
        }
    }

    /// A commit that was asked for.
    ///
    /// @param operations all of it
    /// @param settled the lease that each settle is about; null elsewhere
    record Attempt(List<Operation> operations, List<Lease> settled) {
        boolean changesRoutes() {
            return operations.stream()
                    .anyMatch(operation ->
                            !(operation instanceof Operation.Publish)
                                    && !(operation instanceof Operation.Settle));
        }

        /// By what it is, not by what is in it.
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    RouteRecords(Trace trace) {
        this.trace = trace;
    }

    boolean isWaiting() {
        return !pending.isEmpty();
    }

    boolean hasQueue(ChannelName name) {
        return places.containsKey(name);
    }

    /// Whether there is anything to route to.
    boolean hasChannels() {
        return !places.isEmpty();
    }

    boolean hasExchange(ChannelName name) {
        return exchanges.containsKey(name);
    }

    List<BindingName> bindings() {
        return List.copyOf(bindings.keySet());
    }

    void asked(Attempt attempt) {
        pending.add(attempt);
        trace.tell("routes", () -> "routes: asked " + Words.shortly(attempt.operations));
        for (int i = 0; i < attempt.operations.size(); i++) {
            switch (attempt.operations.get(i)) {
                case Operation.Publish publish ->
                        messages.put(publish.message().id(), new Published(publish));
                case Operation.Settle settle -> copyOf(attempt.settled.get(i)).atRisk = true;
                case Operation.Remove remove ->
                        copiesIn(remove.name()).forEach(copy -> copy.atRisk = true);
                default -> {}
            }
        }
    }

    /// Offsets begin at 0 and sequences at 1, which is evened out.
    static ChannelName placeOf(ChannelName topic, int partition) {
        return new ChannelName(topic.host(), topic.name() + PARTITION + partition);
    }

    private static ChannelName channelOf(ChannelName place) {
        int end = place.name().indexOf(PARTITION);
        return end < 0 ? place : new ChannelName(place.host(), place.name().substring(0, end));
    }

    private Copy copyOf(Lease lease) {
        return messages.get(lease.message().id()).copies.get(lease.handle().queue());
    }

    private List<Copy> copiesIn(ChannelName queue) {
        return messages.values().stream()
                .map(published -> published.copies.get(queue))
                .filter(copy -> copy != null && !copy.gone)
                .toList();
    }

    void answered(Attempt attempt, Receipt receipt, boolean mayBeFull) {
        pending.remove(attempt);
        trace.tell("routes", () -> "routes: told " + receipt);
        switch (receipt) {
            case Receipt.Committed committed -> {
                for (int i = 0; i < attempt.operations.size(); i++) {
                    done(attempt, i, committed.effects().get(i), committed.now().toEpochMilli());
                }
            }
            case Receipt.Refused(var _, int operation, Refusal why) -> {
                requireAllowed(attempt.operations.get(operation), why, mayBeFull);
                refused(attempt);
            }
        }
    }

    private void requireAllowed(Operation operation, Refusal why, boolean mayBeFull) {
        boolean allowed =
                switch (why) {
                    case Refusal.Busy _ -> mayBeFull;
                    case Refusal.NoSuchExchange(ChannelName name) -> !exchanges.containsKey(name);
                    case Refusal.NoSuchChannel(ChannelName name) ->
                            (!places.containsKey(name) && !partitions.containsKey(name))
                                    || operation instanceof Operation.Settle;
                    case Refusal.Conflict _ ->
                            operation instanceof Operation.Unbind unbind
                                    && !bindings.containsKey(unbind.binding());
                    case Refusal.StaleFence _ -> operation instanceof Operation.Settle;
                    case Refusal.TooLarge(var _, long bytes, long most) -> bytes > most;
                    default -> false;
                };
        PromiseBroken.unless(allowed, "routes", "Refused: %s to %s", why, operation);
    }

    private void refused(Attempt attempt) {
        for (int i = 0; i < attempt.operations.size(); i++) {
            switch (attempt.operations.get(i)) {
                case Operation.Publish publish ->
                        messages.get(publish.message().id()).fate = Fate.REFUSED;
                case Operation.Settle _ -> copyOf(attempt.settled.get(i)).atRisk = false;
                default -> {}
            }
        }
    }

    private void done(Attempt attempt, int index, Effect effect, long now) {
        switch (attempt.operations.get(index)) {
            case Operation.Define(Definition.Queue queue, var _) ->
                    places.putIfAbsent(queue.name(), 0L);
            case Operation.Define(Definition.Topic topic, var _) -> defined(topic);
            case Operation.Define(Definition.Exchange exchange, var _) ->
                    exchanges.put(exchange.name(), exchange);
            case Operation.Define(Definition.Binding binding, var _) ->
                    bindings.put(binding.id(), binding);
            case Operation.Unbind unbind ->
                    PromiseBroken.unless(
                            bindings.remove(unbind.binding()) != null,
                            "routes",
                            "Unbound %s, which was not bound",
                            unbind.binding());
            case Operation.Remove remove -> {
                copiesIn(remove.name()).forEach(copy -> copy.gone = true);
                places.remove(remove.name());
                bindings.keySet().removeIf(id -> isTo(id, remove.name()));
            }
            case Operation.Settle settle -> copyOf(attempt.settled.get(index)).gone = true;
            case Operation.Publish publish -> routed(publish, (Effect.Routed) effect, now);
            default -> throw new IllegalStateException("Nobody asked for that");
        }
    }

    private static boolean isTo(BindingName id, ChannelName queue) {
        return id.target().equals(new Target.Channel(queue));
    }

    private void defined(Definition.Topic topic) {
        partitions.put(topic.name(), topic.partitions());
        for (int i = 0; i < topic.partitions(); i++) {
            places.putIfAbsent(placeOf(topic.name(), i), 0L);
        }
    }

    /// A publish's receipt names all that the bindings lead to, and places there.
    private void routed(Operation.Publish publish, Effect.Routed routed, long now) {
        Published published = messages.get(publish.message().id());
        Set<ChannelName> reached = new TreeSet<>();
        for (Effect.Reached one : routed.reached()) {
            reached.add(one.target());
            ChannelName place = place(one, publish.message());
            long sequence =
                    switch (one.effect()) {
                        case Effect.Stored(long at) -> at;
                        case Effect.Appended(long at, long _) -> at + 1;
                        default -> throw new PromiseBroken("routes", "Nobody asked for " + one);
                    };
            long last = places.getOrDefault(place, Long.MAX_VALUE);
            PromiseBroken.unless(
                    sequence > last,
                    "routes",
                    "Stored at %d of %s after %d",
                    sequence,
                    place,
                    last);
            places.put(place, sequence);
            Copy copy = published.copies.computeIfAbsent(place, _ -> new Copy(sequence));
            PromiseBroken.unless(
                    copy.sequence == sequence,
                    "routes",
                    "%s was handed out from %d of %s and stored at %d",
                    publish.message().id(),
                    copy.sequence,
                    place,
                    sequence);
        }
        List<Course> courses = courses(publish, reached);
        PromiseBroken.unless(
                !courses.isEmpty(),
                "routes",
                "%s with key %s went to %s by the bindings %s",
                publish.message().id(),
                publish.routingKey(),
                reached,
                bindings.values());
        map.learn(courses);
        Map<ChannelName, Way> ways = courses.getFirst().targets();
        if (courses.stream().allMatch(one -> one.targets().equals(ways))) {
            for (Effect.Reached one : routed.reached()) {
                Copy copy = published.copies.get(place(one, publish.message()));
                copy.way = ways.get(one.target());
                // What is in a topic waits for nothing.
                long delay =
                        partitions.containsKey(one.target())
                                ? 0
                                : copy.way.delay(publish.message());
                copy.due = delay <= 0 ? 0 : now + delay;
            }
        }
        published.fate = Fate.STORED;
    }

    private ChannelName place(Effect.Reached one, Message message) {
        Integer count = partitions.get(one.target());
        int partition =
                count == null || message.key() == null
                        ? 0
                        : Partitioner.partitionOf(message.key(), count);
        PromiseBroken.unless(
                one.partition() == partition,
                "routes",
                "%s is in partition %d, and its key is of %d",
                message.id(),
                one.partition(),
                partition);
        return count == null ? one.target() : placeOf(one.target(), partition);
    }

    /// All courses that lead a message to these.
    private List<Course> courses(Operation.Publish publish, Set<ChannelName> targets) {
        return map.courses(exchanges, bindings.values(), publish).stream()
                .filter(course -> course.targets().keySet().equals(targets))
                .toList();
    }

    /// A message was handed out.
    ///
    /// @param now by the engine's clock
    void delivered(Lease lease, long now) {
        String id = lease.message().id();
        trace.tell("routes", () -> "routes: delivered " + id + " " + lease.handle());
        Published published = messages.get(id);
        PromiseBroken.unless(published != null, "routes", "%s was never published", id);
        PromiseBroken.unless(
                published.fate != Fate.REFUSED, "routes", "%s was refused, and delivered", id);
        Message message = lease.message();
        PromiseBroken.unless(
                message.body().equals(published.publish.message().body()),
                "routes",
                "%s is not what was published",
                id);
        Copy copy =
                published.copies.computeIfAbsent(
                        lease.handle().queue(), _ -> new Copy(lease.handle().sequence()));
        PromiseBroken.unless(
                copy.sequence == lease.handle().sequence() && !copy.gone,
                "routes",
                "%s of %s was at %d%s",
                lease.handle(),
                id,
                copy.sequence,
                copy.gone ? " and is gone" : "");
        PromiseBroken.unless(
                copy.way == null
                        || (copy.due <= now
                                && copy.way
                                        .headers(published.publish.message())
                                        .equals(message.headers())),
                "routes",
                "%s was handed out at %d as %s, and came by %s, to wait until %d",
                id,
                now,
                message.headers(),
                copy.way,
                copy.due);
    }

    /// The engine has ended without answering.
    void ended() {
        unknown.addAll(pending);
        pending.clear();
    }

    /// Everything that was under way has been looked into.
    void compare(RoutePicture picture, long now) {
        boolean routesUnknown = unknown.stream().anyMatch(Attempt::changesRoutes);
        PromiseBroken.unless(
                routesUnknown || picture.definitions().equals(List.copyOf(bindings.values())),
                "routes",
                "The bindings are %s, and not %s",
                picture.definitions(),
                bindings.values());
        Map<String, Set<ChannelName>> found = found(picture, now);
        for (Attempt attempt : unknown) {
            for (Operation operation : attempt.operations) {
                if (operation instanceof Operation.Publish publish) {
                    resolve(publish, found, routesUnknown);
                } else if (operation instanceof Operation.Remove remove) {
                    // Some of what is in it was told only after the removal was asked for.
                    copiesIn(remove.name()).forEach(copy -> copy.atRisk = true);
                }
            }
        }
        unknown.clear();
        messages.forEach(
                (id, published) -> compare(id, published, found.getOrDefault(id, Set.of())));
        takeOver(picture);
    }

    private Map<String, Set<ChannelName>> found(RoutePicture picture, long now) {
        Map<String, Set<ChannelName>> found = new HashMap<>();
        picture.queues()
                .forEach((queue, all) -> {
                    for (RoutePicture.Found one : all) {
                        PromiseBroken.unless(
                                found.computeIfAbsent(one.id(), _ -> new TreeSet<>()).add(queue),
                                "routes",
                                "%s is twice in %s",
                                one.id(),
                                queue);
                        Published published = messages.get(one.id());
                        PromiseBroken.unless(
                                published != null && published.fate != Fate.REFUSED,
                                "routes",
                                "%s is in %s, though nobody published it",
                                one.id(),
                                queue);
                        Copy copy =
                                published.copies.computeIfAbsent(
                                        queue, _ -> new Copy(one.sequence()));
                        PromiseBroken.unless(
                                copy.sequence == one.sequence() && !copy.gone,
                                "routes",
                                "%s was at %d of %s, and is at %d",
                                one.id(),
                                copy.sequence,
                                queue,
                                one.sequence());
                        copy.atRisk = false;
                        requireWaiting(one, copy, now);
                    }
                });
        return found;
    }

    /// It waits for its time, and for nothing else.
    private static void requireWaiting(RoutePicture.Found one, Copy copy, long now) {
        PromiseBroken.unless(
                copy.way == null || one.due() == (copy.due > now ? copy.due : 0),
                "routes",
                "%s waits until %d at %d, and is to wait until %d",
                one.id(),
                one.due(),
                now,
                copy.due);
    }

    /// It is in all queues or in none.
    private void resolve(
            Operation.Publish publish, Map<String, Set<ChannelName>> found, boolean routesUnknown) {
        String id = publish.message().id();
        Published published = messages.get(id);
        Set<ChannelName> there = found.getOrDefault(id, Set.of());
        Set<ChannelName> channels = new TreeSet<>();
        there.forEach(place -> channels.add(channelOf(place)));
        PromiseBroken.unless(
                there.isEmpty()
                        || (channels.size() == there.size()
                                && (routesUnknown || !courses(publish, channels).isEmpty())),
                "routes",
                "%s is in some of its queues only: %s",
                id,
                there);
        published.fate = there.isEmpty() ? Fate.REFUSED : Fate.STORED;
    }

    private static void compare(String id, Published published, Set<ChannelName> there) {
        published.copies.forEach((queue, copy) -> {
            if (!there.contains(queue)) {
                PromiseBroken.unless(
                        copy.gone || copy.atRisk, "routes", "%s is lost from %s", id, queue);
                copy.gone = true;
            }
        });
    }

    private void takeOver(RoutePicture picture) {
        exchanges.clear();
        picture.exchanges()
                .forEach(view -> exchanges.put(view.definition().name(), view.definition()));
        bindings.clear();
        picture.definitions().forEach(binding -> bindings.put(binding.id(), binding));
        places.clear();
        partitions.clear();
        picture.queues()
                .forEach((queue, all) ->
                        places.put(queue, all.isEmpty() ? 0 : all.getLast().sequence()));
        places.keySet().stream()
                .filter(place -> !place.equals(channelOf(place)))
                .forEach(place -> partitions.merge(channelOf(place), 1, Integer::sum));
    }
}
