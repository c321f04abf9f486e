package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.BackOff;
import io.millstream.api.Bytes;
import io.millstream.api.Capacity;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Groups;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Rate;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.StoppedException;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.TopicReader;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What cannot be done is refused by name, with what to do instead, and nothing of it happens.
/// Watchers learn what there is.
public abstract class RefusalContract extends BackendContract {

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES);
        define("mail");
    }

    private void assertNotSupported(Feature feature, Operation operation) {
        lacks(feature);
        assertNotSupported(feature, refused(operation).refusal());
        assertThat(counts(mail).stored()).isZero();
    }

    private static void assertNotSupported(Feature feature, Refusal refusal) {
        assertThat(refusal).isInstanceOf(Refusal.NotSupported.class);
        assertThat(((Refusal.NotSupported) refusal).feature()).isEqualTo(feature);
        assertThat(refusal.text()).contains(feature.instead());
    }

    private Operation putting(UnaryOperator<Message.Builder> with) {
        return new Operation.Put(mail, with.apply(Message.builder("1")).build());
    }

    /// A new queue with something special.
    private static Operation declaring(UnaryOperator<QueueBuilder> with) {
        return defining(with.apply(Definition.Queue.builder(ChannelName.of("special"))).build());
    }

    @Test
    void a_delay_is_refused_by_name() {
        assertNotSupported(Feature.DELAY, putting(message -> message.delay(SECOND)));
    }

    @Test
    void a_time_to_live_is_refused_by_name() {
        assertNotSupported(Feature.TIME_TO_LIVE, putting(message -> message.timeToLive(SECOND)));
    }

    @Test
    void a_group_is_refused_by_name() {
        assertNotSupported(Feature.GROUPS, putting(message -> message.group("g")));
    }

    @Test
    void a_priority_is_refused_by_name() {
        assertNotSupported(Feature.PRIORITY, putting(message -> message.priority(1)));
    }

    @Test
    void a_topic_is_refused_by_name() {
        ChannelName topic = ChannelName.of("topic");
        assertNotSupported(Feature.TOPICS, defining(Definition.Topic.of(topic)));
        assertNotSupported(
                Feature.TOPICS, new Operation.Append(topic, 0, List.of(Message.of("1")), null));
        assertNotSupported(Feature.TOPICS, new Operation.MoveCursor(topic, 0, "reader", 0));
    }

    @Test
    void an_exchange_is_refused_by_name() {
        ChannelName exchange = ChannelName.of("exchange");
        assertNotSupported(
                Feature.ROUTING, defining(Definition.Exchange.of(exchange, ExchangeKind.FANOUT)));
        assertNotSupported(Feature.ROUTING, defining(Definition.Binding.of(exchange, mail, "")));
        assertNotSupported(
                Feature.ROUTING,
                new Operation.Publish(exchange, "", Message.of("1"), Operation.WhenFull.REFUSE));
    }

    @Test
    void moving_messages_is_refused_by_name() {
        assertNotSupported(Feature.MOVE, new Operation.Edit.Move(mail, null, 1));
    }

    @Test
    void a_replay_is_refused_by_name() {
        assertNotSupported(Feature.REPLAY, new Operation.Edit.Replay(mail, now(), now(), 0, 1));
        assertNotSupported(
                Feature.REPLAY,
                defining(
                        Definition.Queue.builder(ChannelName.of("kept"))
                                .keepSettled(SECOND)
                                .build()));
    }

    @Test
    void telling_a_topic_what_happens_is_refused_by_name() {
        ChannelName told = ChannelName.of("told");
        assertNotSupported(
                Feature.LIFECYCLE,
                defining(Definition.Queue.builder(mail).lifecycle(told).build()));
    }

    @Test
    void a_limit_of_attempts_and_a_target_are_refused_by_name() {
        ChannelName dead = ChannelName.of("dead");
        assertNotSupported(
                Feature.DEAD_LETTER, declaring(queue -> queue.maxAttempts(3).deadLetter(dead)));
    }

    @Test
    void a_back_off_is_refused_by_name() {
        BackOff backOff = new BackOff(SECOND, 2, LEASE);
        assertNotSupported(Feature.BACK_OFF, declaring(queue -> queue.backOff(backOff)));
    }

    @Test
    void a_capacity_is_refused_by_name() {
        Capacity one = new Capacity(1, 0, Capacity.Overflow.REFUSE);
        assertNotSupported(Feature.CAPACITY, declaring(queue -> queue.capacity(one)));
    }

    @Test
    void deduplication_is_refused_by_name() {
        var window = new Deduplication(SECOND, Deduplication.Scope.QUEUE);
        assertNotSupported(Feature.DEDUPLICATION, declaring(queue -> queue.deduplication(window)));
    }

    @Test
    void an_age_of_messages_is_refused_by_name() {
        assertNotSupported(Feature.RETENTION, declaring(queue -> queue.retention(SECOND)));
    }

    @Test
    void a_time_to_live_of_a_queue_is_refused_by_name() {
        assertNotSupported(Feature.TIME_TO_LIVE, declaring(queue -> queue.timeToLive(SECOND)));
    }

    @Test
    void ageing_is_refused_by_name() {
        assertNotSupported(Feature.PRIORITY, declaring(queue -> queue.ageing(SECOND)));
    }

    @Test
    void sharing_fairly_is_refused_by_name() {
        assertNotSupported(Feature.GROUPS, declaring(queue -> queue.groups(Groups.FAIR)));
    }

    @Test
    void a_pause_is_refused_by_name() {
        assertNotSupported(Feature.PAUSE, declaring(queue -> queue.paused(true)));
    }

    @Test
    void a_queue_that_goes_unused_is_refused_by_name() {
        assertNotSupported(Feature.UNUSED, declaring(queue -> queue.unusedFor(SECOND)));
    }

    @Test
    void telling_types_apart_is_refused_by_name() {
        assertNotSupported(Feature.TYPES, declaring(queue -> queue.typed(true)));
    }

    @Test
    void a_rate_is_refused_by_name() {
        Limits slow = Limits.NONE.withRate(Rate.of(1, SECOND));
        assertNotSupported(Feature.LIMITS, declaring(queue -> queue.limits(slow)));
    }

    @Test
    void a_single_active_consumer_is_refused_by_name() {
        assertNotSupported(Feature.CONSUMER_CHOICE, declaring(queue -> queue.singleActive(true)));
    }

    @Test
    void dropping_is_refused_by_name() {
        assertNotSupported(Feature.PURGE, new Operation.Edit.Purge(mail));
        assertNotSupported(Feature.PURGE, new Operation.Edit.Drop(mail, 1));
    }

    @Test
    void a_row_is_refused_by_name() {
        assertNotSupported(Feature.ROWS, writing("a", "1", Expect.Anything.ANYTHING));
    }

    @Test
    void a_retry_after_a_time_is_refused_by_name() {
        lacks(Feature.RETRY_AFTER);
        put(mail, "1");
        Lease lease = takeOne(mail);

        Receipt.Refused refused = refused(settling(lease, Outcome.retry(SECOND)));

        assertNotSupported(Feature.RETRY_AFTER, refused.refusal());
        finish(lease);
    }

    @Test
    void a_consumer_is_refused_by_name() {
        lacks(Feature.CONSUME);
        Consumer consumer = new Consumer();
        session().consume(Subscribe.of(mail, TIMED, session().credit(1, 1000)), consumer);
        eventually(() -> !consumer.ends().isEmpty());

        assertNotSupported(Feature.CONSUME, consumer.ends().getFirst());
    }

    @Test
    void a_watch_over_rows_is_refused_by_name() {
        lacks(Feature.WATCH_ROWS);
        List<Change> changes = watch(new Interest.Rows("table", ""));
        eventually(() -> !changes.isEmpty());

        assertThat(changes).hasSize(1);
        assertNotSupported(Feature.WATCH_ROWS, ((Change.Refused) changes.getFirst()).refusal());
    }

    @Test
    void a_reader_is_refused_by_name() {
        lacks(Feature.TOPICS);
        ChannelName topic = ChannelName.of("topic");
        try (TopicReader reader = session().read(new From.Offset(topic, 0, 0))) {
            Fetched fetched = await(reader.next(1, 1, Duration.ZERO).stage());

            assertNotSupported(Feature.TOPICS, ((Fetched.Refused) fetched).refusal());
        }
    }

    @Test
    void a_commit_with_an_id_is_refused_by_name() {
        lacks(Feature.COMMIT_IDS);
        Commit commit = new Commit(CommitId.of("1"), List.of(putting(mail, "1")));

        assertNotSupported(Feature.COMMIT_IDS, refused(commit).refusal());

        assertNothingToTake(mail);
    }

    @Test
    void a_take_that_names_types_is_refused_by_name() {
        lacks(Feature.TYPES);
        Take take = new Take(mail, 1, 1000, TIMED, Duration.ZERO, Set.of("greeting"));

        assertNotSupported(Feature.TYPES, refusedTake(session().take(take)));
    }

    @Test
    void a_choosy_consumer_is_refused_by_name() {
        lacks(Feature.CONSUMER_CHOICE);
        needs(Feature.CONSUME);
        put(mail, "1");
        var credit = session().credit(1, 1000);
        for (Subscribe choosy :
                List.of(
                        new Subscribe(mail, TIMED, credit, 1, false, "first"),
                        new Subscribe(mail, TIMED, credit, 0, true, "only"))) {
            Consumer consumer = new Consumer();
            session().consume(choosy, consumer);
            eventually(() -> !consumer.ends().isEmpty());
            assertNotSupported(Feature.CONSUMER_CHOICE, consumer.ends().getFirst());
            assertThat(consumer.leases()).isEmpty();
        }
        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_refusal_takes_back_the_rest_of_its_commit() {
        refused(putting(mail, "1"), putting(ChannelName.of("absent"), "2"));

        assertNothingToTake(mail);
    }

    @Test
    void what_there_is_no_channel_for_is_refused() {
        ChannelName absent = ChannelName.of("absent");

        var refusal = refusal(Refusal.NoSuchChannel.class, putting(absent, "1"));

        assertThat(refusal.name()).isEqualTo(absent);
        refusal(Refusal.NoSuchChannel.class, removing(absent));
        if (backend().capabilities().has(Feature.PURGE)) {
            refusal(Refusal.NoSuchChannel.class, new Operation.Edit.Purge(absent));
        }
    }

    @Test
    void a_message_has_a_largest_size() {
        int max = Math.toIntExact(backend().capabilities().messageBytesMax());
        Bytes body = Bytes.of(new byte[max]);
        commit(new Operation.Put(mail, Message.of(body)));

        var refusal =
                refusal(
                        Refusal.TooLarge.class,
                        new Operation.Put(
                                mail, Message.builder(body).key(Bytes.utf8("k")).build()));

        assertThat(refusal.bytesMax()).isEqualTo(max);
        assertThat(refusal.bytes()).isGreaterThan(max);
        assertThat(takeOne(mail).message().body()).isEqualTo(body);
        assertNothingToTake(mail);
    }

    @Test
    void a_message_is_as_large_as_its_queue_allows_and_no_larger() {
        define(Definition.Queue.of(mail).withMessageBytesMax(10));
        Message fits = Message.builder(Bytes.of(new byte[9])).key(Bytes.utf8("k")).build();
        Message large = Message.builder(Bytes.of(new byte[10])).key(Bytes.utf8("k")).build();

        Receipt.Refused refused =
                refused(new Operation.Put(mail, fits), new Operation.Put(mail, large));

        assertThat(refused.operation()).isEqualTo(1);
        var refusal = (Refusal.TooLarge) refused.refusal();
        assertThat(refusal.bytes()).isEqualTo(11);
        assertThat(refusal.bytesMax()).isEqualTo(10);
        assertThat(refusal.text()).contains("11", "10", mail.name());
        assertNothingToTake(mail);
        commit(new Operation.Put(mail, fits));
        define(Definition.Queue.of(mail));
        commit(new Operation.Put(mail, large));
        assertThat(take(mail, 2)).hasSize(2);
    }

    @Test
    void what_is_to_wait_longer_than_the_longest_is_refused() {
        needs(Feature.DELAY);
        Duration longest = backend().capabilities().longest().delay();
        Duration longer = longest.plusMillis(1);

        var refusal = refusal(Refusal.Invalid.class, putting(mail, delayed(longer, "1")));

        assertThat(refusal.text()).contains(longer.toString(), longest.toString());
        put(mail, delayed(longest, "2"));
        assertThat(counts(mail).delayed()).isEqualTo(1);
        assertThat(counts(mail).stored()).isEqualTo(1);
    }

    @Test
    void a_retry_after_longer_than_the_longest_is_refused() {
        needs(Feature.RETRY_AFTER);
        Duration longest = backend().capabilities().longest().delay();
        put(mail, "1");
        Lease lease = takeOne(mail);

        refusal(Refusal.Invalid.class, settling(lease, Outcome.retry(longest.plusMillis(1))));

        settle(lease, Outcome.retry(longest));
        assertThat(counts(mail).delayed()).isEqualTo(1);
    }

    @Test
    void a_lease_or_extension_longer_than_the_longest_is_refused() {
        Duration longest = backend().capabilities().longest().lease();
        Term longer = new Term.Timed(longest.plusMillis(1));
        put(mail, "1");

        Refusal refusal = refusedTake(session().take(Take.of(mail, 1, longer, Duration.ZERO)));

        assertThat(refusal).isInstanceOf(Refusal.Invalid.class);
        assertThat(refusal.text()).contains(longest.toString());
        Lease lease = takeOne(session(), mail, new Term.Timed(longest));
        assertThat(lease.until()).isEqualTo(now().plus(longest));
        refusal(
                Refusal.Invalid.class,
                new Operation.Extend(lease.handle(), longest.plusMillis(1), true));
        commit(new Operation.Extend(lease.handle(), longest, true));
        finish(lease);
    }

    @Test
    void a_consumer_of_leases_longer_than_the_longest_is_refused() {
        needs(Feature.CONSUME);
        Term longer = new Term.Timed(backend().capabilities().longest().lease().plusMillis(1));
        put(mail, "1");
        Consumer consumer = new Consumer();

        session().consume(Subscribe.of(mail, longer, session().credit(1, 1000)), consumer);
        eventually(() -> !consumer.ends().isEmpty());

        assertThat(consumer.ends().getFirst()).isInstanceOf(Refusal.Invalid.class);
        assertThat(consumer.leases()).isEmpty();
        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_dead_letter_is_taken_whatever_its_size() {
        needs(Feature.DEAD_LETTER);
        ChannelName dead =
                define(Definition.Queue.of(ChannelName.of("dead")).withMessageBytesMax(1));
        define(Definition.Queue.of(mail).withDeadLetter(0, dead));
        put(mail, "large");

        settle(takeOne(mail), Outcome.dead("bad"));

        assertReadyInOrder(dead, "large");
    }

    // What is closed.

    @Test
    void a_closed_session_says_so() {
        Session closed = newSession("closed");
        closed.close();

        for (Runnable call :
                List.<Runnable>of(
                        () -> await(closed.commit(Commit.of(putting(mail, "1")))),
                        () -> await(closed.take(Take.of(mail, 1, TIMED, SECOND)).stage()),
                        () -> closed.credit(1, 1),
                        () -> closed.watch(new Interest.Pressure(), _ -> {}))) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
        assertNothingToTake(mail);
    }

    @Test
    void a_closed_backend_answers_that_it_stopped() {
        Pending<Taken> waiting = waitFor(mail, 1);
        backend().close();
        backend().close();

        assertThatThrownBy(() -> await(waiting.stage())).isInstanceOf(StoppedException.class);
        assertThatThrownBy(() -> await(session().commit(Commit.of(putting(mail, "1")))))
                .isInstanceOf(StoppedException.class);
        assertThatThrownBy(() -> await(waitFor(mail, 1).stage()))
                .isInstanceOf(StoppedException.class);
        assertThatThrownBy(() -> await(backend().find(new Query.QueueNamed(mail))))
                .isInstanceOf(StoppedException.class);
        session().close();
    }

    // Watching.

    private List<Change> watch(Interest what) {
        List<Change> changes = Collections.synchronizedList(new ArrayList<>());
        session().watch(what, changes::add);
        return changes;
    }

    @Test
    void a_watch_over_pressure_begins_with_how_it_is() {
        List<Change> changes = watch(new Interest.Pressure());
        eventually(() -> !changes.isEmpty());

        assertThat(changes).containsExactly(new Change.Pressure(true, ""));
    }

    @Test
    void a_watch_over_definitions_begins_with_all_of_them_and_tells_every_change() {
        List<Change> changes = watch(new Interest.Definitions());
        eventually(() -> changes.size() == 1);
        assertThat(changes.getFirst()).isEqualTo(new Change.Snapshot(List.of(view(mail))));

        ChannelName post = define("post");
        refused(defining(Definition.Queue.of(mail)), putting(ChannelName.of("absent"), ""));
        Change.Defined created = new Change.Defined(view(post));
        define(Definition.Queue.of(post).withMaxInFlight(7));
        Change.Defined changed = new Change.Defined(view(post));
        commit(removing(post));
        eventually(() -> changes.size() >= 4);

        assertThat(changes.subList(1, changes.size()))
                .containsExactly(created, changed, new Change.Removed(post));
    }

    @Test
    void a_closed_watch_is_told_nothing_more() {
        List<Change> closed = Collections.synchronizedList(new ArrayList<>());
        session().watch(new Interest.Definitions(), closed::add).close();
        List<Change> open = watch(new Interest.Definitions());
        eventually(() -> !open.isEmpty());
        define("post");
        eventually(() -> open.size() == 2);

        assertThat(closed).hasSizeLessThanOrEqualTo(1);
    }
}
