package io.millstream.testkit.contract;

import static io.millstream.testkit.contract.Extremes.DURATIONS;
import static io.millstream.testkit.contract.Extremes.HUGE;
import static io.millstream.testkit.contract.Extremes.INSTANTS;
import static io.millstream.testkit.contract.Extremes.INTS;
import static io.millstream.testkit.contract.Extremes.LONGS;
import static io.millstream.testkit.contract.Extremes.TEXTS;
import static io.millstream.testkit.contract.Extremes.andNull;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.BindingName;
import io.millstream.api.Bytes;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Fence;
import io.millstream.api.From;
import io.millstream.api.Groups;
import io.millstream.api.Handle;
import io.millstream.api.Header;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Rate;
import io.millstream.api.Retention;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Target;
import io.millstream.api.Term;
import io.millstream.api.TopicReader;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// Whatever is asked for is answered: done, refused, or not even taken from who asks. Nothing
/// hangs, and what others have goes on, also after a restart.
public abstract class HostileInputContract extends BackendContract {
    private static final int SHOWN_CHARS = 300;

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName sound = ChannelName.of("sound");
    private final ChannelName topic = ChannelName.of("topic");
    private final ChannelName exchange = ChannelName.of("exchange");
    private final ChannelName absent = ChannelName.of("absent");

    @BeforeEach
    void define_one_of_each() {
        needs(
                Feature.QUEUES,
                Feature.ROWS,
                Feature.TOPICS,
                Feature.ROUTING,
                Feature.REPLAY,
                Feature.MOVE,
                Feature.TYPES,
                Feature.LIMITS);
        define("sound");
        define(Definition.Queue.builder(mail).keepSettled(LONG).build());
        commit(
                defining(Definition.Topic.of(topic).withVersionedKeys(10)),
                defining(Definition.Exchange.of(exchange, ExchangeKind.TOPIC)),
                defining(Definition.Binding.of(exchange, mail, "#")),
                defining(Definition.Binding.of(exchange, topic, "#")));
    }

    /// Asks for one thing, which need not be possible.
    private void ask(Supplier<? extends Operation> operation) {
        Operation asked;
        try {
            asked = operation.get();
        } catch (IllegalArgumentException refused) {
            return;
        }
        ask(asked, Commit.of(asked));
    }

    private void ask(Object asked, Commit commit) {
        try {
            assertThat(await(session().commit(commit))).isNotNull();
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        } catch (RuntimeException | AssertionError failed) {
            throw new AssertionError("Asked for " + shown(asked), failed);
        }
    }

    private static String shown(Object asked) {
        String text = asked.toString();
        return text.substring(0, Math.min(SHOWN_CHARS, text.length()));
    }

    private void assertWorks() {
        assertSound();
        pass(Duration.ofDays(1));
        assertSound();
        restart();
        assertSound();
    }

    private void assertSound() {
        put(sound, "hello");
        assertReadyInOrder(sound, "hello");
        assertThat(view(sound).definition().name()).isEqualTo(sound);
    }

    // Messages.

    private static List<Supplier<Message>> messages() {
        List<Supplier<Message>> all = new ArrayList<>();
        for (String text : TEXTS) {
            Bytes bytes = Bytes.utf8(text);
            for (UnaryOperator<Message.Builder> with :
                    List.<UnaryOperator<Message.Builder>>of(
                            message -> message.key(bytes),
                            message -> message.header(text, text),
                            message -> message.header(new Header("n", text, bytes)),
                            message -> message.header(new Header("n", Header.NUMBER, bytes)),
                            message -> message.header(new Header("n", "text.Array", bytes)),
                            message -> message.id(text),
                            message -> message.type(text),
                            message -> message.contentType(text),
                            message -> message.correlationId(text),
                            message -> message.replyTo(text),
                            message -> message.group(text),
                            message -> message.deduplication(text),
                            message -> message.trace(text))) {
                all.add(() -> with.apply(Message.builder(text)).build());
            }
        }
        for (int priority : INTS) {
            all.add(() -> Message.builder("").priority(priority).build());
        }
        for (Duration time : DURATIONS) {
            all.add(() -> Message.builder("").delay(time).build());
            all.add(() -> Message.builder("").timeToLive(time).build());
            all.add(() -> Message.builder("").delay(time).timeToLive(time).group("g").build());
        }
        for (Instant time : INSTANTS) {
            all.add(() -> Message.builder("").time(time).build());
        }
        all.add(() -> {
            Message.Builder message = Message.builder("");
            for (int i = 0; i < 20_000; i++) {
                message.header("n", "x");
            }
            return message.build();
        });
        return all;
    }

    private static List<UnaryOperator<QueueBuilder>> kinds() {
        return List.of(
                queue -> queue,
                queue -> queue.groups(Groups.IGNORED),
                queue ->
                        queue.groups(Groups.FAIR_ORDERED)
                                .deduplication(new Deduplication(LONG, Deduplication.Scope.GROUP))
                                .limits(Limits.NONE.withGroups(Limit.concurrency(1))),
                queue ->
                        queue.groups(Groups.FAIR)
                                .typed(true)
                                .ageing(MILLISECOND)
                                .keepSettled(MILLISECOND)
                                .limits(Limits.NONE.withTypes(Limit.concurrency(1))),
                queue ->
                        queue.capacity(new Capacity(2, 100, Capacity.Overflow.DROP_HEAD))
                                .retention(MILLISECOND)
                                .timeToLive(MILLISECOND));
    }

    @Test
    void messages_in_queues_of_every_kind() {
        int number = 0;
        for (UnaryOperator<QueueBuilder> kind : kinds()) {
            ChannelName queue = ChannelName.of("queue" + number++);
            define(kind.apply(Definition.Queue.builder(queue)).build());
            for (Supplier<Message> message : messages()) {
                ask(() -> new Operation.Put(queue, message.get(), Operation.IfDuplicate.REFUSE));
            }
            for (Lease lease : takeNow(queue, 1000)) {
                ask(() -> settling(lease, Outcome.retry()));
            }
            assertThat(counts(queue).leased()).isZero();
        }
        assertWorks();
    }

    @Test
    void messages_that_are_published_and_appended() {
        for (String key : TEXTS) {
            ask(() -> publishing(key, Message.of("x")));
        }
        for (Supplier<Message> message : messages()) {
            ask(() -> publishing("key", message.get()));
            for (@Nullable Long version : andNull(LONGS)) {
                ask(() -> new Operation.Append(topic, 0, List.of(message.get()), version));
            }
        }
        for (int partition : INTS) {
            ask(() -> new Operation.Append(topic, partition, List.of(Message.of("")), null));
            ask(() -> new Operation.Append(absent, partition, List.of(Message.of("")), null));
        }
        ask(() -> new Operation.Append(topic, 0, List.of(), null));
        ask(() -> new Operation.Append(topic, 0, Collections.nCopies(10_000, Message.of("")), 0L));
        assertWorks();
    }

    private Operation publishing(String key, Message message) {
        return new Operation.Publish(exchange, key, message, Operation.WhenFull.SKIP);
    }

    // Leases.

    private List<Outcome> outcomes() {
        List<Outcome> all = new ArrayList<>(List.of(Outcome.done(), Outcome.retry()));
        TEXTS.forEach(reason -> all.add(Outcome.dead(reason)));
        for (Duration after : DURATIONS) {
            if (!after.isNegative()) {
                all.add(new Outcome.Retry(after, false));
                all.add(new Outcome.Retry(after, true));
            }
        }
        return all;
    }

    @Test
    void leases_that_are_settled_and_extended() {
        for (Outcome outcome : outcomes()) {
            put(mail, "x");
            Lease lease = takeOne(mail);
            for (Duration length : DURATIONS) {
                ask(() -> new Operation.Extend(lease.handle(), length, true));
                ask(() -> new Operation.Extend(lease.handle(), length, false));
            }
            ask(() -> settling(lease, outcome));
            ask(() -> new Operation.Settle(lease.handle(), outcome, Operation.Stale.ACCEPT));
            ask(() -> new Operation.Edit.Purge(mail));
        }
        assertWorks();
    }

    @Test
    void leases_that_there_never_were() {
        put(mail, "x");
        Handle real = takeOne(mail).handle();
        List<Handle> handles = new ArrayList<>();
        for (long number : LONGS) {
            handles.add(new Handle(mail, number, real.sequence(), real.fence()));
            handles.add(new Handle(mail, real.incarnation(), number, real.fence()));
            Fence fence = new Fence(real.fence().epoch(), number);
            handles.add(new Handle(mail, real.incarnation(), real.sequence(), fence));
            handles.add(new Handle(absent, number, number, fence));
        }
        for (int epoch : INTS) {
            Fence fence = new Fence(epoch, real.fence().position());
            handles.add(new Handle(mail, real.incarnation(), real.sequence(), fence));
            handles.add(new Handle(mail, real.incarnation(), Long.MAX_VALUE, fence));
        }
        for (Handle handle : handles) {
            ask(() -> new Operation.Check(handle));
            ask(() -> new Operation.Extend(handle, SECOND, true));
            for (Operation.Stale stale : Operation.Stale.values()) {
                ask(() -> new Operation.Settle(handle, Outcome.retry(), stale));
                ask(() -> new Operation.Settle(handle, Outcome.done(), stale));
            }
        }
        assertWorks();
    }

    @Test
    void takes() {
        put(mail, "1", "2", "3");
        for (int messages : INTS) {
            for (long bytes : LONGS) {
                take(() -> new Take(mail, messages, bytes, TIMED, Duration.ZERO, Set.of()));
            }
        }
        for (Duration length : DURATIONS) {
            take(() -> Take.of(mail, 1, new Term.Timed(length), Duration.ZERO));
            take(() -> Take.of(mail, 1, TIMED, length));
            take(() -> Take.of(absent, 1, TIMED, length));
        }
        define(Definition.Queue.builder(ChannelName.of("typed")).typed(true).build());
        for (String type : TEXTS) {
            for (ChannelName queue : List.of(mail, ChannelName.of("typed"))) {
                take(() -> Take.of(queue, 1, TIMED, Duration.ZERO).withTypes(Set.of(type)));
            }
        }
        assertWorks();
    }

    private void take(Supplier<Take> take) {
        Take asked;
        try {
            asked = take.get();
        } catch (IllegalArgumentException refused) {
            return;
        }
        var pending = session().take(asked);
        pending.cancel();
        assertThat(await(pending.stage())).isNotNull();
    }

    @Test
    void consumers() {
        for (long bytes : LONGS) {
            for (int messages : INTS) {
                var credit = session().credit(messages, bytes);
                for (String label : List.of("", HUGE)) {
                    var what = new Subscribe(mail, TIMED, credit, messages, false, label);
                    session().consume(what, new Consumer()).close();
                }
                credit.resize(Integer.MAX_VALUE, bytes);
                credit.resize(messages, Long.MIN_VALUE);
            }
        }
        for (String text : TEXTS) {
            session().watch(new Interest.Rows(text, text), _ -> {}).close();
        }
        put(mail, "x");
        assertWorks();
    }

    @Test
    void readers() {
        commit(new Operation.Append(topic, 0, List.of(Message.of("x")), null));
        List<From> all = new ArrayList<>();
        for (int partition : INTS) {
            LONGS.forEach(offset -> all.add(new From.Offset(topic, partition, offset)));
            INSTANTS.forEach(time -> all.add(new From.Time(topic, partition, time)));
        }
        all.add(new From.Offset(absent, 0, 0));
        for (From from : all) {
            for (int messages : INTS) {
                for (Duration wait : DURATIONS) {
                    read(from, messages, messages, wait);
                }
            }
            LONGS.forEach(bytes -> read(from, 1, bytes, Duration.ZERO));
        }
        assertWorks();
    }

    private void read(From from, int messages, long bytes, Duration wait) {
        try (TopicReader reader = session().read(from)) {
            var pending = reader.next(messages, bytes, wait);
            pending.cancel();
            assertThat(await(pending.stage())).isNotNull();
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        }
    }

    // Definitions.

    private static void add(
            List<Supplier<Definition>> all, ChannelName name, UnaryOperator<QueueBuilder> with) {
        all.add(() -> with.apply(Definition.Queue.builder(name).groups(Groups.FAIR)).build());
        all.add(() -> with.apply(Definition.Queue.builder(name).typed(true)).build());
    }

    private List<Supplier<Definition>> queues(ChannelName name) {
        List<Supplier<Definition>> all = new ArrayList<>();
        for (int number : INTS) {
            Limit limit = new Limit(Math.max(0, number), null);
            add(all, name, queue -> queue.maxAttempts(number));
            add(all, name, queue -> queue.maxInFlight(number));
            add(all, name, queue -> queue.weights(Map.of("g", number)));
            add(all, name, queue -> queue.limits(Limits.NONE.withGroups(limit)));
            add(all, name, queue -> queue.limits(Limits.NONE.withTypes(limit)));
            for (Duration per : DURATIONS) {
                add(all, name, queue -> queue.limits(Limits.NONE.withRate(Rate.of(number, per))));
                add(
                        all,
                        name,
                        queue -> queue.limits(Limits.NONE.withRate(new Rate(1, per, number))));
            }
        }
        for (long number : LONGS) {
            for (Capacity.Overflow overflow : Capacity.Overflow.values()) {
                add(all, name, queue -> queue.capacity(new Capacity(number, 0, overflow)));
                add(all, name, queue -> queue.capacity(new Capacity(0, number, overflow)));
            }
            add(all, name, queue -> queue.messageBytesMax(number));
        }
        for (Duration time : DURATIONS) {
            var scope = Deduplication.Scope.QUEUE;
            add(all, name, queue -> queue.ageing(time));
            add(all, name, queue -> queue.retention(time));
            add(all, name, queue -> queue.timeToLive(time));
            add(all, name, queue -> queue.unusedFor(time));
            add(all, name, queue -> queue.keepSettled(time));
            add(all, name, queue -> queue.deduplication(new Deduplication(time, scope)));
            for (double factor : new double[] {-1, 0, 1, 100, Double.MAX_VALUE, Double.NaN}) {
                add(all, name, queue -> queue.backOff(new BackOff(time, factor, time)));
                add(all, name, queue -> queue.backOff(new BackOff(SECOND, factor, time)));
            }
        }
        for (String text : TEXTS) {
            Limits.Each each = new Limits.Each(null, Map.of(text, Limit.concurrency(1)));
            add(all, name, queue -> queue.arguments(Map.of(text, text)));
            add(all, name, queue -> queue.weights(Map.of(text, 1)));
            add(all, name, queue -> queue.limits(Limits.NONE.withGroups(each)));
            add(all, name, queue -> queue.limits(Limits.NONE.withTypes(each)));
        }
        add(all, name, queue -> queue.deadLetter(name));
        return all;
    }

    private List<Supplier<Definition>> topicsAndRoutes(ChannelName name) {
        List<Supplier<Definition>> all = new ArrayList<>();
        for (int number : INTS) {
            all.add(() -> Definition.Topic.of(name).withPartitions(number));
            all.add(() -> Definition.Topic.of(name).withVersionedKeys(number));
        }
        for (Duration time : DURATIONS) {
            all.add(() -> Definition.Topic.of(name).withRetention(Retention.of(time)));
        }
        for (long bytes : LONGS) {
            all.add(() -> Definition.Topic.of(name).withRetention(Retention.ofBytes(bytes)));
        }
        for (ExchangeKind kind : ExchangeKind.values()) {
            ChannelName of = ChannelName.of("exchange-" + kind);
            for (String text : TEXTS) {
                all.add(() -> Definition.Exchange.of(of, kind).withHashHeader(text));
                all.add(() -> Definition.Exchange.of(of, kind).withAlternate(of));
                for (Target target :
                        List.of(
                                new Target.Channel(mail),
                                new Target.Exchange(of),
                                new Target.Channel(absent))) {
                    all.add(() -> Definition.Binding.of(new BindingName(of, target, text, "")));
                    all.add(() -> Definition.Binding.of(new BindingName(of, target, "1", text)));
                }
            }
        }
        return all;
    }

    @Test
    void definitions() {
        for (ChannelName name : List.of(mail, ChannelName.of("new"))) {
            for (Supplier<Definition> definition : queues(name)) {
                ask(() -> defining(definition.get()));
                ask(() -> new Operation.Put(name, Message.builder("x").group("g").build()));
            }
        }
        for (Supplier<Definition> definition : topicsAndRoutes(ChannelName.of("newer"))) {
            ask(() -> defining(definition.get()));
        }
        for (ExchangeKind kind : ExchangeKind.values()) {
            ChannelName of = ChannelName.of("exchange-" + kind);
            var skip = Operation.WhenFull.SKIP;
            ask(() -> new Operation.Publish(of, "1", Message.of("x"), skip));
        }
        ask(() -> new Operation.Append(topic, 0, List.of(Message.of("")), null));
        assertWorks();
    }

    @Test
    void versions_and_names_that_there_are_not() {
        for (long version : LONGS) {
            Expect expect = new Expect.Version(version);
            BindingName id = Definition.Binding.of(exchange, mail, "#").id();
            for (ChannelName name : List.of(mail, topic, absent)) {
                ask(() -> new Operation.CheckDefinition(name, expect));
                ask(() -> new Operation.Remove(name, expect));
                ask(() -> new Operation.RemoveExchange(name, true, expect));
                ask(() -> new Operation.Define(Definition.Queue.of(name), expect));
                ask(() -> new Operation.Define(Definition.Topic.of(name), expect));
            }
            ask(() -> new Operation.Unbind(id, expect));
            ask(() -> new Operation.Define(Definition.Binding.of(id), expect));
        }
        assertWorks();
    }

    // Edits and notes.

    @Test
    void edits() {
        put(mail, "1", "2", "3", "4");
        finish(takeOne(mail), takeOne(mail));
        for (ChannelName queue : List.of(mail, absent, topic)) {
            for (long number : LONGS) {
                ask(() -> new Operation.Edit.Drop(queue, number));
                for (int messages : INTS) {
                    ask(() -> replaying(queue, Instant.EPOCH, Instant.MAX, number, messages));
                }
            }
            for (Instant since : INSTANTS) {
                INSTANTS.forEach(until -> ask(() -> replaying(queue, since, until, 0, 10)));
            }
            for (int messages : INTS) {
                for (@Nullable ChannelName to : andNull(List.of(mail, sound, absent, topic))) {
                    ask(() -> new Operation.Edit.Move(queue, to, messages));
                }
            }
        }
        ask(() -> new Operation.Edit.Purge(sound));
        assertWorks();
    }

    private static Operation replaying(
            ChannelName queue, Instant since, Instant until, long after, int messages) {
        return new Operation.Edit.Replay(queue, since, until, after, messages);
    }

    @Test
    void rows_and_cursors() {
        for (String text : TEXTS) {
            for (@Nullable String value : andNull(TEXTS)) {
                Bytes bytes = value == null ? null : Bytes.utf8(value);
                ask(() -> new Operation.Write(text, "k", bytes, anything(), null));
                ask(() -> new Operation.Write("t", text, bytes, anything(), null));
            }
            for (Instant time : INSTANTS) {
                ask(() -> new Operation.Write("t", text, Bytes.utf8(""), anything(), time));
            }
            LONGS.forEach(offset -> ask(() -> new Operation.MoveCursor(topic, 0, text, offset)));
            INTS.forEach(number -> ask(() -> new Operation.MoveCursor(topic, number, text, 1)));
        }
        Bytes large = Bytes.of(new byte[2 << 20]);
        ask(() -> new Operation.Write("t", "k", large, anything(), null));
        assertWorks();
    }

    private static Expect anything() {
        return Expect.Anything.ANYTHING;
    }

    private void ask(String sender, long number, long from, Operation operation) {
        CommitId id;
        try {
            id = new CommitId(sender, number, from);
        } catch (IllegalArgumentException refused) {
            return;
        }
        ask(id, new Commit(id, List.of(operation)));
    }

    @Test
    void commits_of_many_operations_and_of_any_id() {
        Operation put = putting(mail, "x");
        for (String sender : TEXTS) {
            for (long number : LONGS) {
                for (long from : LONGS) {
                    ask(sender, number, from, put);
                }
            }
        }
        int most = Commit.OPERATIONS_MAX;
        for (Operation one :
                List.of(
                        put,
                        publishing("key", Message.of("x")),
                        new Operation.Edit.Purge(mail),
                        new Operation.Edit.Move(mail, mail, 1),
                        defining(Definition.Queue.of(mail)),
                        defining(Definition.Exchange.of(exchange, ExchangeKind.TOPIC)),
                        new Operation.Write("t", "k", Bytes.utf8(""), anything(), null),
                        new Operation.MoveCursor(topic, 0, "c", 1))) {
            ask(one, new Commit(null, Collections.nCopies(most, one)));
        }
        assertWorks();
    }
}
