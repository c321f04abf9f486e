package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Take;
import io.millstream.api.Taken;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// What is asked of a session is decided in the order in which it was asked, answered or not.
public abstract class OrderContract extends BackendContract {
    private static final int TIMES = 30;

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES);
        define("mail");
    }

    private CompletionStage<Receipt> send(Operation... operations) {
        return session().commit(Commit.of(operations));
    }

    private Pending<Taken> ask(int messages) {
        return session().take(Take.of(mail, messages, TIMED, Duration.ZERO));
    }

    private static void assertCommitted(CompletionStage<Receipt> stage) {
        assertThat(await(stage)).isInstanceOf(Receipt.Committed.class);
    }

    @Test
    void a_take_finds_what_was_put_before_it_was_asked_for() {
        for (int i = 0; i < TIMES; i++) {
            CompletionStage<Receipt> put = send(putting(mail, "message " + i));
            Pending<Taken> take = ask(2);

            List<Lease> leases = leased(take);

            assertThat(texts(leases)).containsExactly("message " + i);
            assertCommitted(put);
            finish(leases.getFirst());
        }
    }

    @Test
    void a_take_finds_what_was_given_back_before_it_and_nothing_of_what_was_finished() {
        for (int i = 0; i < TIMES; i++) {
            put(mail, "again", "done");
            List<Lease> leases = take(mail, 2);

            CompletionStage<Receipt> back = send(settling(leases.get(0), Outcome.retry()));
            CompletionStage<Receipt> done = send(finishing(leases.get(1)));
            Pending<Taken> take = ask(2);

            List<Lease> found = leased(take);
            assertThat(texts(found)).containsExactly("again");
            assertThat(found.getFirst().deliveries()).isEqualTo(2);
            assertCommitted(back);
            assertCommitted(done);
            finish(found.getFirst());
        }
    }

    @Test
    void commits_are_done_and_answered_in_the_order_in_which_they_were_sent() {
        List<Integer> answered = Collections.synchronizedList(new ArrayList<>());
        List<CompletionStage<Receipt>> sent = new ArrayList<>();
        for (int i = 0; i < 10 * TIMES; i++) {
            int number = i;
            CompletionStage<Receipt> receipt = send(putting(mail, Integer.toString(i)));
            sent.add(receipt.whenComplete((_, _) -> answered.add(number)));
        }

        List<Long> places = new ArrayList<>();
        for (CompletionStage<Receipt> receipt : sent) {
            Effect effect = ((Receipt.Committed) await(receipt)).effects().getFirst();
            places.add(((Effect.Stored) effect).sequence());
        }
        assertThat(places).isSorted().doesNotHaveDuplicates();
        assertThat(answered).isSorted().hasSize(10 * TIMES);
    }

    @Test
    void a_refused_commit_keeps_its_place_among_the_others() {
        List<String> answered = Collections.synchronizedList(new ArrayList<>());
        ChannelName absent = ChannelName.of("absent");
        List<CompletionStage<Receipt>> sent = new ArrayList<>();
        for (int i = 0; i < TIMES; i++) {
            sent.add(send(putting(mail, "1")).whenComplete((_, _) -> answered.add("put")));
            sent.add(send(putting(absent, "2")).whenComplete((_, _) -> answered.add("refused")));
        }
        sent.forEach(BackendContract::await);

        for (int i = 0; i < answered.size(); i++) {
            assertThat(answered.get(i)).isEqualTo(i % 2 == 0 ? "put" : "refused");
        }
        assertThat(counts(mail).ready()).isEqualTo(TIMES);
    }

    @Test
    void a_definition_holds_for_what_is_asked_after_it() {
        for (int i = 0; i < TIMES; i++) {
            ChannelName post = ChannelName.of("post" + i);
            CompletionStage<Receipt> early = send(putting(post, "early"));
            CompletionStage<Receipt> defined = send(defining(Definition.Queue.of(post)));
            CompletionStage<Receipt> put = send(putting(post, "in time"));
            CompletionStage<Receipt> removed = send(removing(post));
            CompletionStage<Receipt> late = send(putting(post, "late"));

            assertThat(await(early)).isInstanceOf(Receipt.Refused.class);
            assertCommitted(defined);
            assertCommitted(put);
            assertCommitted(removed);
            assertThat(((Receipt.Refused) await(late)).refusal())
                    .isEqualTo(new Refusal.NoSuchChannel(post));
        }
    }

    @Test
    void a_row_is_written_on_what_was_written_before() {
        needs(Feature.ROWS);
        CompletionStage<Receipt> first = send(writing("a", "1", Expect.Nothing.NOTHING));
        CompletionStage<Receipt> second = send(writing("a", "2", Expect.Nothing.NOTHING));

        assertCommitted(first);
        assertThat(((Receipt.Refused) await(second)).refusal())
                .isInstanceOf(Refusal.Conflict.class);
    }

    @Test
    void a_lease_is_extended_until_it_is_settled_and_not_afterwards() {
        for (int i = 0; i < TIMES; i++) {
            put(mail, "1");
            Lease lease = takeOne(mail);
            Operation extend = new Operation.Extend(lease.handle(), LEASE, false);

            CompletionStage<Receipt> extended = send(extend);
            CompletionStage<Receipt> finished = send(finishing(lease));
            CompletionStage<Receipt> late = send(extend);

            assertCommitted(extended);
            assertCommitted(finished);
            assertThat(((Receipt.Refused) await(late)).refusal())
                    .isInstanceOf(Refusal.StaleFence.class);
        }
    }

    @Test
    void what_was_asked_before_a_session_was_closed_is_done() {
        Session closing = newSession("closing");
        CompletionStage<Receipt> put = closing.commit(Commit.of(putting(mail, "1")));
        closing.close();

        assertCommitted(put);
        assertReadyInOrder(mail, "1");
    }

    @Test
    void what_has_been_answered_is_seen_by_everybody() {
        Session other = newSession("other");
        for (int i = 0; i < TIMES; i++) {
            assertCommitted(send(putting(mail, "1")));

            Take take = Take.of(mail, 1, TIMED, Duration.ZERO);
            List<Lease> leases = leased(other.take(take));

            assertThat(leases).hasSize(1);
            assertThat(counts(mail).leased()).isEqualTo(1);
            finish(leases.getFirst());
            assertThat(counts(mail).messages()).isZero();
        }
    }
}
