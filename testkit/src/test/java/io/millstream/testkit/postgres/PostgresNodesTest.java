package io.millstream.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Bytes;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Expect;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/// Two nodes over one database are one backend.
@Tag("spike")
class PostgresNodesTest {

    @RegisterExtension static final Database postgres = new Database();

    private static final Term TIMED = new Term.Timed(Duration.ofSeconds(30));
    private static final Duration LONG = Duration.ofHours(1);
    private static final int MESSAGES = 400;

    private final ChannelName mail = ChannelName.of("mail");
    private PostgresHarness harness;
    private PostgresBackend other;
    private Session here;
    private Session there;

    @BeforeEach
    void open() throws SQLException {
        harness = postgres.open();
        other = PostgresBackend.open(postgres.source(), harness.time());
        here = harness.backend().session(SessionSpec.of("here"));
        there = other.session(SessionSpec.of("there"));
        define(here);
    }

    @AfterEach
    void close() {
        other.close();
        harness.close();
    }

    private void define(Session by) {
        commit(by, new Operation.Define(Definition.Queue.of(mail), Expect.Anything.ANYTHING));
    }

    private static Receipt commit(Session by, Operation... operations) {
        return answer(by.commit(Commit.of(operations)));
    }

    private static <T> T answer(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private Operation putting(String text) {
        return new Operation.Put(mail, Message.of(text));
    }

    private static Operation finishing(Lease lease) {
        return new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.REFUSE);
    }

    private CompletionStage<Taken> taking(Session by, Term term, int messages, Duration wait) {
        return by.take(Take.of(mail, messages, term, wait)).stage();
    }

    private static List<Lease> leased(CompletionStage<Taken> taken) {
        return ((Taken.Leased) answer(taken)).leases();
    }

    @Test
    void a_take_that_waits_at_one_node_is_answered_by_a_put_at_another() {
        CompletionStage<Taken> waiting = taking(there, TIMED, 1, LONG);
        commit(here, putting("1"));

        assertThat(leased(waiting)).extracting(lease -> lease.message().text()).contains("1");
    }

    @Test
    void what_both_nodes_put_has_one_order_and_what_both_take_is_handed_out_once() {
        List<CompletionStage<Receipt>> puts = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            puts.add((i % 2 == 0 ? here : there).commit(Commit.of(putting("" + i))));
        }
        List<Long> sequences = new ArrayList<>();
        for (CompletionStage<Receipt> put : puts) {
            var committed = (Receipt.Committed) answer(put);
            sequences.add(((Receipt.Effect.Stored) committed.effects().getFirst()).sequence());
        }
        assertThat(sequences)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, MESSAGES).boxed().toList());

        Set<Long> handedOut = new HashSet<>();
        while (handedOut.size() < MESSAGES) {
            CompletionStage<Taken> first = taking(here, TIMED, 7, Duration.ZERO);
            CompletionStage<Taken> second = taking(there, TIMED, 7, Duration.ZERO);
            List<Lease> leases = new ArrayList<>(leased(first));
            leases.addAll(leased(second));
            for (Lease lease : leases) {
                assertThat(handedOut.add(lease.handle().sequence())).isTrue();
                assertThat(lease.deliveries()).isEqualTo(1);
            }
            // Each settles what the other one leased, too.
            for (int i = 0; i < leases.size(); i++) {
                Session by = i % 2 == 0 ? here : there;
                assertThat(commit(by, finishing(leases.get(i))))
                        .isInstanceOf(Receipt.Committed.class);
            }
        }
    }

    @Test
    void what_a_node_held_that_died_comes_back_at_another() {
        commit(here, putting("1"), putting("2"));
        Lease bound = leased(taking(there, Term.WhileOpen.WHILE_OPEN, 1, LONG)).getFirst();
        Lease timed = leased(taking(there, TIMED, 1, LONG)).getFirst();

        other.kill();

        Lease again = leased(taking(here, TIMED, 1, LONG)).getFirst();
        assertThat(again.message().text()).isEqualTo("1");
        assertThat(again.deliveries()).isEqualTo(2);
        assertThat(commit(here, finishing(bound)))
                .extracting(receipt -> ((Receipt.Refused) receipt).refusal())
                .isEqualTo(new Refusal.StaleFence(bound.handle()));
        assertThat(commit(here, finishing(timed))).isInstanceOf(Receipt.Committed.class);
    }

    @Test
    void what_one_node_settles_gives_credit_back_at_another() {
        var delivered = new ConcurrentLinkedQueue<Lease>();
        DeliverySink sink =
                new DeliverySink() {
                    @Override
                    public void deliver(List<Lease> leases) {
                        delivered.addAll(leases);
                    }

                    @Override
                    public void ended(Refusal why) {
                        throw new AssertionError(why);
                    }
                };
        there.consume(Subscribe.of(mail, TIMED, there.credit(1, 1000)), sink);
        commit(here, putting("1"), putting("2"));
        await().until(() -> delivered.size() == 1);

        commit(here, finishing(delivered.peek()));

        await().until(() -> delivered.size() == 2);
    }

    @Test
    void what_one_node_defines_is_told_at_another() {
        List<Change> changes = Collections.synchronizedList(new ArrayList<>());
        there.watch(new Interest.Definitions(), changes::add);
        await().until(() -> changes.size() == 1);

        commit(
                here,
                new Operation.Define(
                        Definition.Queue.of(ChannelName.of("post")), Expect.Nothing.NOTHING));
        await().until(() -> changes.size() == 2);
        commit(here, new Operation.Remove(mail, Expect.Anything.ANYTHING));
        await().until(() -> changes.size() == 3);

        assertThat(changes.get(1)).isInstanceOf(Change.Defined.class);
        assertThat(changes.get(2)).isEqualTo(new Change.Removed(mail));
    }

    @Test
    void a_schedule_is_fired_by_exactly_one_of_two_nodes() {
        long version = 0;
        for (int race = 0; race < 100; race++) {
            Expect expect = version == 0 ? Expect.Nothing.NOTHING : new Expect.Version(version);
            Commit fire =
                    Commit.of(
                            new Operation.Write("t", "k", Bytes.utf8("" + race), expect, null),
                            putting("" + race));
            var both = List.of(here.commit(fire), there.commit(fire));
            List<Receipt.Committed> won = new ArrayList<>();
            for (CompletionStage<Receipt> stage : both) {
                if (answer(stage) instanceof Receipt.Committed committed) won.add(committed);
            }
            assertThat(won).hasSize(1);
            version = ((Receipt.Effect.Changed) won.getFirst().effects().getFirst()).version();
        }
    }
}
