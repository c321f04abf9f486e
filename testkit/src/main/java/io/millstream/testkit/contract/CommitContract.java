package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Taken;
import io.millstream.api.View;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// A commit happens whole or not at all, and each of its operations sees what the ones before it
/// did.
public abstract class CommitContract extends BackendContract {

    private static final int RACES = 100;

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName post = ChannelName.of("post");
    private final ChannelName absent = ChannelName.of("absent");

    @BeforeEach
    void define_the_queues() {
        needs(Feature.QUEUES, Feature.ATOMIC_COMMIT);
        define("mail");
        define("post");
    }

    @Test
    void one_refused_operation_refuses_them_all() {
        Receipt.Refused refused =
                refused(putting(mail, "1"), putting(post, "2"), putting(absent, "3"));

        assertThat(refused.operation()).isEqualTo(2);
        assertThat(refused.refusal()).isEqualTo(new Refusal.NoSuchChannel(absent));
        assertThat(refused.now()).isEqualTo(now());
        assertNothingToTake(mail);
        assertNothingToTake(post);
        assertThat(counts(mail).stored()).isZero();
        assertThat(counts(mail).bytes()).isZero();
    }

    @Test
    void a_commit_answers_with_one_effect_for_each_operation() {
        needs(Feature.ROWS);
        put(mail, "1");
        Lease lease = takeOne(mail);

        Receipt.Committed receipt =
                commit(
                        new Operation.Check(lease.handle()),
                        new Operation.Extend(lease.handle(), LONG, true),
                        finishing(lease),
                        putting(post, "2"),
                        writing("a", "1", Expect.Nothing.NOTHING));

        assertThat(receipt.now()).isEqualTo(now());
        assertThat(receipt.effects())
                .hasSize(5)
                .startsWith(
                        Effect.Plain.PLAIN,
                        new Effect.Extended(now().plus(LONG)),
                        new Effect.Settled(null));
        assertThat(receipt.effects().get(3)).isInstanceOf(Effect.Stored.class);
        assertThat(receipt.effects().get(4)).isInstanceOf(Effect.Changed.class);
    }

    @Test
    void a_refused_commit_keeps_no_later_one_from_being_done() {
        List<Receipt> receipts =
                await(
                        session()
                                .commit(
                                        List.of(
                                                Commit.of(putting(mail, "1")),
                                                Commit.of(putting(mail, "2"), putting(absent, "")),
                                                Commit.of(putting(mail, "3")))));

        assertThat(receipts).hasSize(3);
        assertThat(receipts.get(0)).isInstanceOf(Receipt.Committed.class);
        assertThat(receipts.get(1)).isInstanceOf(Receipt.Refused.class);
        assertThat(receipts.get(2)).isInstanceOf(Receipt.Committed.class);
        assertReadyInOrder(mail, "1", "3");
    }

    @Test
    void the_commits_of_a_list_see_each_other_in_order() {
        List<Receipt> receipts =
                await(
                        session()
                                .commit(
                                        List.of(
                                                Commit.of(putting(absent, "too early")),
                                                Commit.of(defining(Definition.Queue.of(absent))),
                                                Commit.of(putting(absent, "in time")))));

        assertThat(receipts.get(0)).isInstanceOf(Receipt.Refused.class);
        assertThat(receipts.get(2)).isInstanceOf(Receipt.Committed.class);
        assertReadyInOrder(absent, "in time");
    }

    @Test
    void an_empty_list_of_commits_has_an_empty_answer() {
        assertThat(await(session().commit(List.of()))).isEmpty();
    }

    @Test
    void a_queue_defined_in_a_commit_takes_its_messages() {
        commit(defining(Definition.Queue.of(absent)), putting(absent, "1"), putting(absent, "2"));

        assertReadyInOrder(absent, "1", "2");
    }

    @Test
    void a_queue_defined_in_a_refused_commit_does_not_exist() {
        ChannelName unknown = ChannelName.of("unknown");
        refused(defining(Definition.Queue.of(absent)), putting(absent, "1"), putting(unknown, ""));

        refusal(Refusal.NoSuchChannel.class, putting(absent, "2"));
        assertThat(find(new Query.QueueNamed(absent)).items()).isEmpty();
    }

    @Test
    void a_definition_changed_in_a_refused_commit_is_as_before() {
        View.QueueView before = view(mail);
        refused(defining(Definition.Queue.of(mail).withMaxInFlight(1)), putting(absent, ""));

        assertThat(view(mail)).isEqualTo(before);
        put(mail, "1", "2");
        assertThat(takeNow(mail, 2)).hasSize(2);
    }

    @Test
    void a_queue_removed_in_a_commit_takes_nothing_more() {
        put(mail, "1");
        Lease lease = takeOne(mail);

        Receipt.Refused refused = refused(removing(mail), putting(mail, "2"));

        assertThat(refused.operation()).isEqualTo(1);
        finish(lease);
        assertThat(refused(removing(post), removing(post)).operation()).isEqualTo(1);
        put(post, "still here");
    }

    @Test
    void a_queue_removed_in_a_refused_commit_is_as_before() {
        put(mail, "1", "2", "3");
        Lease lease = takeOne(mail);
        Pending<Taken> waiting = waitFor(post, 1);
        View.QueueView before = view(mail);

        refused(removing(mail), removing(post), putting(absent, ""));

        assertThat(view(mail)).isEqualTo(before);
        put(post, "4");
        assertThat(texts(leased(waiting))).containsExactly("4");
        retry(lease);
        assertReadyInOrder(mail, "1", "2", "3");
    }

    @Test
    void a_queue_removed_and_defined_in_one_commit_begins_again() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        long incarnation = view(mail).incarnation();

        commit(removing(mail), defining(Definition.Queue.of(mail)), putting(mail, "2"));

        assertThat(view(mail).incarnation()).isNotEqualTo(incarnation);
        refusal(Refusal.NoSuchChannel.class, finishing(lease));
        assertReadyInOrder(mail, "2");
    }

    @Test
    void a_lease_settled_twice_in_a_commit_is_not_settled() {
        put(mail, "1");
        Lease lease = takeOne(mail);

        Receipt.Refused refused = refused(finishing(lease), finishing(lease));

        assertThat(refused.operation()).isEqualTo(1);
        assertThat(refused.refusal()).isEqualTo(new Refusal.StaleFence(lease.handle()));
        commit(new Operation.Check(lease.handle()));
        finish(lease);
        assertThat(counts(mail).done()).isEqualTo(1);
    }

    @Test
    void a_lease_settled_in_a_commit_is_stale_for_what_follows_in_it() {
        put(mail, "1");
        Lease lease = takeOne(mail);

        assertThat(refused(settling(lease, Outcome.retry()), finishing(lease)).operation())
                .isEqualTo(1);
        assertThat(refused(finishing(lease), new Operation.Check(lease.handle())).operation())
                .isEqualTo(1);
        Operation extend = new Operation.Extend(lease.handle(), LONG, true);
        assertThat(refused(finishing(lease), extend).operation()).isEqualTo(1);
        advance(LEASE.plus(SECOND));
        awaitReady(mail, 1);
    }

    @Test
    void an_extension_in_a_refused_commit_did_not_happen() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        refused(new Operation.Extend(lease.handle(), LONG, true), putting(absent, ""));

        advance(LEASE.plus(SECOND));

        awaitReady(mail, 1);
    }

    @Test
    void a_purge_in_a_refused_commit_did_not_happen() {
        needs(Feature.PURGE);
        put(mail, "1", "2");
        Lease lease = takeOne(mail);
        View.QueueView before = view(mail);

        refused(new Operation.Edit.Purge(mail), putting(mail, "3"), putting(absent, ""));

        assertThat(view(mail)).isEqualTo(before);
        finish(lease);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void a_purge_drops_what_the_same_commit_put_before_it_and_not_after() {
        needs(Feature.PURGE);
        put(mail, "1");

        Receipt.Committed receipt =
                commit(putting(mail, "2"), new Operation.Edit.Purge(mail), putting(mail, "3"));

        assertThat(receipt.effects().get(1)).isEqualTo(new Effect.Edited(2));
        assertReadyInOrder(mail, "3");
    }

    @Test
    void a_put_in_a_refused_commit_answers_no_waiting_take() {
        Pending<Taken> waiting = waitFor(mail, 1);
        refused(putting(mail, "never"), putting(absent, ""));
        put(mail, "1");

        assertThat(texts(leased(waiting))).containsExactly("1");
    }

    @Test
    void a_row_written_twice_in_a_commit_has_changed_for_the_second() {
        needs(Feature.ROWS);
        var write = writing("a", "1", Expect.Nothing.NOTHING);

        Receipt.Refused refused = refused(write, write);

        assertThat(refused.operation()).isEqualTo(1);
        assertThat(refused.refusal()).isInstanceOf(Refusal.Conflict.class);
        assertThat(rows()).isEmpty();
    }

    @Test
    void a_version_is_good_for_one_write() {
        needs(Feature.ROWS);
        var first = commit(writing("a", "1", Expect.Nothing.NOTHING)).effects().getFirst();
        var expect = new Expect.Version(((Effect.Changed) first).version());

        Receipt.Refused refused = refused(writing("a", "2", expect), writing("a", "3", expect));

        assertThat(refused.operation()).isEqualTo(1);
        assertThat(rows()).extracting(row -> row.value().utf8()).containsExactly("1");
    }

    @Test
    void a_row_removed_in_a_commit_may_be_written_anew_in_it() {
        needs(Feature.ROWS);
        commit(writing("a", "1", Expect.Nothing.NOTHING));

        commit(
                new Operation.Write("table", "a", null, Expect.Anything.ANYTHING, null),
                writing("a", "2", Expect.Nothing.NOTHING));

        assertThat(rows()).extracting(row -> row.value().utf8()).containsExactly("2");
    }

    @Test
    void a_job_is_completed_with_its_result_and_the_next_job_in_one_commit() {
        needs(Feature.ROWS);
        put(mail, "job");
        Lease job = takeOne(mail);

        commit(
                finishing(job),
                writing("results/job", "42", Expect.Nothing.NOTHING),
                putting(post, "next job"));

        assertThat(counts(mail).messages()).isZero();
        assertThat(rows()).extracting(row -> row.value().utf8()).containsExactly("42");
        assertReadyInOrder(post, "next job");
    }

    @Test
    void a_job_is_completed_with_an_event_where_there_are_topics() {
        put(mail, "job");
        Lease job = takeOne(mail);
        ChannelName events = ChannelName.of("events");
        Operation append = new Operation.Append(events, 0, List.of(Message.of("job done")), null);
        if (backend().capabilities().has(Feature.TOPICS)) {
            commit(defining(Definition.Topic.of(events)));
            commit(finishing(job), putting(post, "next job"), append);
            assertThat(counts(mail).done()).isEqualTo(1);
        } else {
            Receipt.Refused refused = refused(finishing(job), putting(post, "next job"), append);
            assertThat(refused.operation()).isEqualTo(2);
            assertThat(refused.refusal()).isInstanceOf(Refusal.NotSupported.class);
            commit(new Operation.Check(job.handle()));
            assertNothingToTake(post);
        }
    }

    @Test
    void a_job_completed_by_a_late_worker_has_no_result_and_no_next_job() {
        needs(Feature.ROWS);
        put(mail, "job");
        Lease late = takeOne(mail);
        advance(LEASE.plus(SECOND));
        Lease current = takeOne(mail);

        Receipt.Refused refused =
                refused(
                        writing("results/job", "late", Expect.Anything.ANYTHING),
                        putting(post, "late next job"),
                        finishing(late));

        assertThat(refused.operation()).isEqualTo(2);
        assertThat(rows()).isEmpty();
        assertNothingToTake(post);
        finish(current);
    }

    @Test
    void a_schedule_is_fired_by_exactly_one_of_two_schedulers() {
        needs(Feature.ROWS);
        Session other = newSession("other scheduler");
        var first = commit(writing("schedule", "0", Expect.Nothing.NOTHING)).effects();
        long version = ((Effect.Changed) first.getFirst()).version();
        for (int race = 1; race <= RACES; race++) {
            Commit fire =
                    Commit.of(
                            writing("schedule", "" + race, new Expect.Version(version)),
                            putting(mail, "" + race));
            List<CompletionStage<Receipt>> fired = new ArrayList<>();
            fired.add(session().commit(fire));
            fired.add(other.commit(fire));
            List<Receipt.Committed> won = new ArrayList<>();
            for (CompletionStage<Receipt> stage : fired) {
                if (await(stage) instanceof Receipt.Committed committed) won.add(committed);
            }

            assertThat(won).hasSize(1);
            version = ((Effect.Changed) won.getFirst().effects().getFirst()).version();
        }
        assertThat(counts(mail).stored()).isEqualTo(RACES);
    }

    @Test
    void the_largest_number_of_operations_is_one_commit() {
        List<Operation> puts =
                new ArrayList<>(Collections.nCopies(Commit.OPERATIONS_MAX, putting(mail, "1")));
        assertThat(await(session().commit(new Commit(null, puts))))
                .isInstanceOf(Receipt.Committed.class);
        puts.set(Commit.OPERATIONS_MAX - 1, putting(absent, "1"));

        assertThat(refused(new Commit(null, puts)).operation())
                .isEqualTo(Commit.OPERATIONS_MAX - 1);
        assertThat(counts(mail).ready()).isEqualTo(Commit.OPERATIONS_MAX);
    }

    private List<View.RowView> rows() {
        return find(new Query.Rows("table", "", null, 10)).items();
    }
}
