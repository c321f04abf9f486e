package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Groups;
import io.millstream.api.Handle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A commit's later operations are decided as if the earlier ones had been done.
class DeciderTest {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final ChannelName GRAVE = ChannelName.of("grave");
    private static final ChannelName OTHER = ChannelName.of("other");
    private static final List<ChannelName> NAMES = List.of(MAIL, GRAVE, OTHER);

    private final State state = new State(1 << 20);
    private long position = 4096;

    private void apply(Entry entry) {
        state.apply(entry, position, 100);
        position += 100;
    }

    private static Operation.Put put(ChannelName queue, String deduplication) {
        Message.Builder message = Message.builder(Bytes.utf8("hello"));
        return new Operation.Put(
                queue, message.deduplication(deduplication).build(), Operation.IfDuplicate.SKIP);
    }

    private static Operation.Put put(ChannelName queue) {
        Message message = Message.builder(Bytes.utf8("hello")).build();
        return new Operation.Put(queue, message, Operation.IfDuplicate.SKIP);
    }

    private static Operation define(Definition.Queue queue) {
        return new Operation.Define(queue, Expect.Anything.ANYTHING);
    }

    private static Definition.Queue holding(int messages, Capacity.Overflow overflow) {
        return Definition.Queue.builder(MAIL).capacity(new Capacity(messages, 0, overflow)).build();
    }

    private Decision decide(Operation... operations) {
        PreparedCommit commit = PreparedCommit.of(Commit.of(operations), state.now());
        Decision decision = Decider.decide(state, commit, 1 << 20);
        if (decision instanceof Decision.Accepted accepted) {
            accepted.entries().forEach(this::apply);
        }
        return decision;
    }

    private List<Effect> done(Operation... operations) {
        Decision decision = decide(operations);
        assertThat(decision).isInstanceOf(Decision.Accepted.class);
        return decision instanceof Decision.Accepted accepted ? accepted.effects() : List.of();
    }

    private QueueState mail() {
        return state.queue(MAIL);
    }

    @Test
    void what_a_commit_drops_makes_room_for_what_it_puts() {
        done(define(holding(2, Capacity.Overflow.REFUSE)), put(MAIL), put(MAIL));
        assertThat(decide(put(MAIL))).isInstanceOf(Decision.Rejected.class);

        done(new Operation.Edit.Drop(MAIL, 1), put(MAIL));

        assertThat(mail().size()).isEqualTo(2);
    }

    @Test
    void what_a_commit_moves_counts_where_it_goes_and_not_where_it_was() {
        done(define(holding(2, Capacity.Overflow.REFUSE)), put(MAIL), put(MAIL));
        done(define(Definition.Queue.of(OTHER)));

        done(new Operation.Edit.Move(MAIL, OTHER, 2), put(MAIL), put(MAIL));
        Decision back = decide(new Operation.Edit.Move(OTHER, MAIL, 2), put(MAIL));

        assertThat(mail().size()).isEqualTo(2);
        assertThat(back)
                .isInstanceOfSatisfying(
                        Decision.Rejected.class,
                        rejected ->
                                assertThat(rejected.refusal()).isInstanceOf(Refusal.IsFull.class));
    }

    @Test
    void what_a_commit_moves_can_be_moved_on_and_dropped_for_room() {
        done(define(holding(1, Capacity.Overflow.DROP_HEAD)), put(MAIL));
        done(define(Definition.Queue.of(OTHER)), define(Definition.Queue.of(GRAVE)));

        List<Effect> effects =
                done(
                        new Operation.Edit.Move(MAIL, OTHER, 5),
                        new Operation.Edit.Move(OTHER, GRAVE, 5),
                        new Operation.Edit.Move(GRAVE, MAIL, 5),
                        put(MAIL));

        assertThat(effects.subList(0, 3)).containsOnly(new Effect.Edited(1));
        assertThat(mail().counts().ready()).isEqualTo(1);
        assertThat(mail().counts().dead()).isEqualTo(1);
    }

    @Test
    void equal_messages_of_one_commit_are_told_and_a_refused_one_leaves_nothing() {
        Deduplication equal = new Deduplication(Duration.ofMinutes(1), Deduplication.Scope.QUEUE);
        done(define(Definition.Queue.builder(MAIL).deduplication(equal).build()));
        assertThat(decide(put(MAIL, "a"), put(OTHER))).isInstanceOf(Decision.Rejected.class);

        assertThat(done(put(MAIL, "a"), put(MAIL, "b"), put(MAIL, "a")))
                .containsExactly(
                        new Effect.Stored(1), new Effect.Stored(2), new Effect.Duplicate(1));
    }

    @Test
    void what_overflows_is_not_there_to_be_purged() {
        QueueBuilder full = Definition.Queue.builder(MAIL).deadLetter(GRAVE);
        full.capacity(new Capacity(1, 0, Capacity.Overflow.DEAD_LETTER));
        done(define(Definition.Queue.of(GRAVE)), define(full.build()));

        List<Effect> effects =
                done(
                        put(MAIL),
                        put(MAIL),
                        put(MAIL),
                        new Operation.Edit.Purge(MAIL),
                        new Operation.Edit.Purge(GRAVE));

        assertThat(effects.subList(3, 5))
                .containsExactly(new Effect.Edited(1), new Effect.Edited(2));
    }

    @Test
    void a_queue_whose_capacity_was_lowered_comes_down_by_so_much_with_each_commit() {
        done(define(Definition.Queue.of(MAIL)));
        byte[] message = StoredMessage.encode(Message.builder(Bytes.EMPTY).build());
        for (int i = 1; i <= Admission.DROPPED_MAX + 100; i++) {
            apply(new Entry.Put(1, i, message));
        }
        done(define(holding(5, Capacity.Overflow.DROP_HEAD)));

        done(put(MAIL), put(MAIL));
        assertThat(mail().size()).isEqualTo(102);
        done(put(MAIL));
        assertThat(mail().size()).isEqualTo(5);
    }

    private Operation random(Random random) {
        ChannelName name = NAMES.get(random.nextInt(3));
        ChannelName other = NAMES.get(random.nextInt(3));
        QueueState queue = state.queue(name);
        return switch (random.nextInt(12)) {
            case 0 -> random.nextInt(6) == 0 ? define(definition(name, other, random)) : put(name);
            case 1 -> new Operation.Edit.Drop(name, random.nextInt(200));
            case 2 ->
                    new Operation.Edit.Move(
                            name, random.nextInt(3) == 0 ? null : other, 1 + random.nextInt(5));
            case 3 -> random.nextInt(9) == 0 ? new Operation.Edit.Purge(name) : put(name);
            case 4 ->
                    random.nextInt(20) == 0
                            ? new Operation.Remove(name, Expect.Anything.ANYTHING)
                            : put(name);
            case 5, 6 -> settle(queue, random);
            default -> put(name, random);
        };
    }

    private static Operation put(ChannelName name, Random random) {
        Message.Builder message =
                Message.builder(Bytes.utf8("x".repeat(1 + random.nextInt(30))))
                        .priority(random.nextInt(3))
                        .group(random.nextBoolean() ? null : "group-" + random.nextInt(3))
                        .deduplication(random.nextBoolean() ? null : "equal-" + random.nextInt(40));
        if (random.nextInt(4) == 0) {
            message.timeToLive(Duration.ofMillis(random.nextInt(50)));
        }
        return new Operation.Put(name, message.build(), Operation.IfDuplicate.SKIP);
    }

    private static Operation settle(QueueState queue, Random random) {
        List<Delivery> leased = new ArrayList<>();
        if (queue != null) {
            queue.deliveries().stream().filter(Delivery::isLeased).forEach(leased::add);
        }
        if (leased.isEmpty()) {
            return put(MAIL);
        }
        Delivery one = leased.get(random.nextInt(leased.size()));
        Handle handle =
                new Handle(queue.definition().name(), queue.channel(), one.sequence(), one.fence());
        Outcome outcome =
                switch (random.nextInt(3)) {
                    case 0 -> Outcome.Done.DONE;
                    case 1 -> new Outcome.Dead("why");
                    default -> new Outcome.Retry(Duration.ofMillis(random.nextInt(20)), true);
                };
        return new Operation.Settle(handle, outcome, Operation.Stale.REFUSE);
    }

    private static Definition.Queue definition(
            ChannelName name, ChannelName deadLetter, Random random) {
        Capacity.Overflow[] overflows = Capacity.Overflow.values();
        Capacity.Overflow overflow = overflows[random.nextInt(overflows.length)];
        boolean dies =
                !deadLetter.equals(name)
                        && (overflow == Capacity.Overflow.DEAD_LETTER || random.nextBoolean());
        if (!dies && overflow == Capacity.Overflow.DEAD_LETTER) {
            overflow = Capacity.Overflow.REFUSE;
        }
        QueueBuilder queue =
                Definition.Queue.builder(name)
                        .capacity(new Capacity(1 + random.nextInt(30), 0, overflow))
                        .groups(
                                List.of(Groups.values())
                                        .get(random.nextInt(Groups.values().length)))
                        .maxAttempts(random.nextInt(3))
                        .deadLetter(dies ? deadLetter : null);
        if (random.nextBoolean()) {
            queue.deduplication(
                    new Deduplication(Duration.ofMillis(200), Deduplication.Scope.QUEUE));
        }
        if (random.nextInt(3) == 0) {
            queue.timeToLive(Duration.ofMillis(1 + random.nextInt(100)));
        }
        return queue.build();
    }

    private void goOn(Random random) {
        state.advance(state.now() + random.nextInt(10));
        for (QueueState queue = state.outlived(); queue != null; queue = state.outlived()) {
            TimeToLive.decide(state, queue).forEach(this::apply);
        }
        QueueState queue = state.queue(NAMES.get(random.nextInt(3)));
        if (queue != null && queue.hasReady()) {
            TakeDecider.Decided decided =
                    TakeDecider.decide(
                            state,
                            queue,
                            1 + random.nextInt(4),
                            1000,
                            TypeFilter.ALL,
                            state.now() + 50,
                            100);
            decided.buried().forEach(this::apply);
            if (decided.taken() != null) {
                apply(decided.taken());
            }
        }
        for (Delivery over = state.firstExpired(); over != null; over = state.firstExpired()) {
            Decider.decideEnd(state, over).forEach(this::apply);
        }
        for (QueueState holding : state.withStranded()) {
            for (Delivery stuck : state.stranded(holding)) {
                Decider.decideStranded(state, stuck).forEach(this::apply);
            }
        }
    }

    /// Neither an entry that does not apply, nor a queue that counts wrongly.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void any_operations_make_entries_that_apply(int seed) {
        Random random = new Random(seed);
        state.advance(1000);
        int accepted = 0;
        for (int i = 0; i < 3000; i++) {
            Operation[] operations = new Operation[1 + random.nextInt(6)];
            for (int k = 0; k < operations.length; k++) {
                operations[k] =
                        state.queuesFrom(GRAVE, true).size() < 3 && random.nextInt(3) == 0
                                ? define(definition(NAMES.get(random.nextInt(3)), OTHER, random))
                                : random(random);
            }
            accepted += decide(operations) instanceof Decision.Accepted ? 1 : 0;
            goOn(random);
            for (QueueState queue : state.queuesFrom(GRAVE, true).values()) {
                int found = 0;
                for (long next = queue.next(0); next >= 0; next = queue.next(next)) {
                    found++;
                }
                assertThat(queue.size()).isEqualTo(found);
                assertThat(queue.counts().messages()).isEqualTo(found);
            }
        }
        assertThat(accepted).isGreaterThan(300);
    }
}
