package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Messages of a group are worked in order by one holder at a time, whatever ends a lease, and no
/// group waits for another.
public abstract class GroupContract extends GroupFixture {

    private static final int RACES = 100;

    // Locking.

    @Test
    void while_a_message_of_a_group_is_leased_the_others_of_it_wait() {
        putAll("a1", "a2", "a3");
        Lease first = takeFirst("a1");
        assertNothingToTake(mail);
        finish(first);
        Lease second = takeFirst("a2");
        assertNothingToTake(mail);
        finish(second);

        finish(takeFirst("a3"));

        assertThat(counts(mail).done()).isEqualTo(3);
    }

    @Test
    void a_locked_group_holds_nobody_else_up() {
        putAll("a1", "b1", "a2", "-1", "b2", "a3");
        Lease first = takeFirst("a1");

        assertTakes(10, "b1", "-1", "b2");
        assertNothingToTake(mail);
        finish(first);
        assertTakes(10, "a2", "a3");
    }

    @Test
    void what_is_put_into_a_locked_group_waits() {
        putAll("a1");
        Lease first = takeFirst("a1");
        Pending<Taken> waiting = waitFor(mail, 10);
        putAll("a2");
        putAll("b1");

        assertThat(texts(leased(waiting))).containsExactly("b1");
        assertNothingToTake(mail);
        Pending<Taken> next = waitFor(mail, 10);
        finish(first);
        assertThat(texts(leased(next))).containsExactly("a2");
    }

    @Test
    void an_empty_name_is_a_group_and_no_group_is_none() {
        commit(
                putting(mail, grouped("", "1")),
                putting(mail, grouped("", "2")),
                putting(mail, "3"),
                putting(mail, "4"));
        Lease first = takeFirst("1");

        assertThat(first.message().group()).isEmpty();
        takeFirst("3");
        takeFirst("4");
        assertNothingToTake(mail);
        finish(first);
        takeFirst("2");
    }

    @Test
    void each_of_many_groups_gets_on_by_itself() {
        define(Groups.ORDERED_SINGLY);
        List<Operation> puts = new ArrayList<>();
        for (int round = 1; round <= 3; round++) {
            for (int group = 0; group < 100; group++) {
                puts.add(putting(mail, grouped("g" + group, group + "." + round)));
            }
        }
        commit(puts.toArray(Operation[]::new));
        for (int round = 1; round <= 3; round++) {
            List<Lease> leases = take(mail, 100);
            String number = "." + round;
            assertThat(texts(leases))
                    .allMatch(text -> text.endsWith(number))
                    .doesNotHaveDuplicates();
            assertNothingToTake(mail);
            finish(leases.toArray(Lease[]::new));
        }
        assertThat(counts(mail).messages()).isZero();
    }

    // Several of a group in one take.

    @Test
    void one_take_gets_several_of_a_group_each_at_its_own_place() {
        putAll("a1", "b1", "-1", "a2", "b2", "-2", "a3");

        assertTakes(10, "a1", "b1", "-1", "a2", "b2", "-2", "a3");
    }

    @Test
    void what_one_take_left_of_a_group_waits_for_all_that_it_got() {
        putAll("a1", "a2", "a3");
        List<Lease> leases = takeNow(mail, 2);
        assertThat(texts(leases)).containsExactly("a1", "a2");
        assertNothingToTake(mail);

        finish(leases.getFirst());

        assertNothingToTake(mail);
        finish(leases.getLast());
        takeFirst("a3");
    }

    @Test
    void a_take_may_end_for_its_bytes_in_the_middle_of_a_group() {
        for (String text : List.of("1", "2", "3")) {
            put(mail, grouped("a", text + "x".repeat(1000)));
        }
        put(mail, "small");
        Take take = new Take(mail, 10, 2500, TIMED, Duration.ZERO, Set.of());

        List<Lease> leases = leased(session().take(take));

        assertThat(leases).hasSize(2);
        takeFirst("small");
        assertNothingToTake(mail);
        finish(leases.getFirst());
        assertNothingToTake(mail);
        finish(leases.getLast());
        assertThat(takeNow(mail, 10).getFirst().message().text()).startsWith("3");
    }

    @Test
    void the_bound_on_leases_may_end_a_take_in_the_middle_of_a_group() {
        define(Definition.Queue.of(mail).withMaxInFlight(2));
        putAll("a1", "a2", "a3", "b1");
        List<Lease> leases = takeNow(mail, 10);
        assertThat(texts(leases)).containsExactly("a1", "a2");

        finish(leases.getLast());

        assertTakes(10, "b1");
        finish(leases.getFirst());
        takeFirst("a3");
    }

    @Test
    void singly_a_take_gets_one_message_of_each_group() {
        define(Groups.ORDERED_SINGLY);
        putAll("a1", "b1", "a2", "-1", "b2", "-2");
        List<Lease> leases = takeNow(mail, 10);
        assertThat(texts(leases)).containsExactly("a1", "b1", "-1", "-2");
        assertNothingToTake(mail);

        finish(leases.getFirst());

        assertTakes(10, "a2");
    }

    @Test
    void an_automatic_take_gets_a_group_in_order() {
        putAll("a1", "b1", "a2");

        Take take = Take.of(mail, 10, Term.Auto.AUTO, Duration.ZERO);

        assertThat(texts(leased(session().take(take)))).containsExactly("a1", "b1", "a2");
    }

    @Test
    void singly_an_automatic_take_gets_one_message_of_each_group_too() {
        define(Groups.ORDERED_SINGLY);
        putAll("a1", "b1", "a2", "a3");
        Take take = Take.of(mail, 10, Term.Auto.AUTO, Duration.ZERO);

        assertThat(texts(leased(session().take(take)))).containsExactly("a1", "b1");
        assertThat(texts(leased(session().take(take)))).containsExactly("a2");
        assertThat(texts(leased(session().take(take)))).containsExactly("a3");
    }

    // How leases end.

    @Test
    void a_returned_message_comes_before_those_behind_it() {
        putAll("a1", "a2", "a3", "a4");
        List<Lease> leases = takeNow(mail, 3);

        retry(leases.get(1));

        assertNothingToTake(mail);
        finish(leases.get(0));
        assertNothingToTake(mail);
        retry(leases.get(2));
        assertTakes(10, "a2", "a3", "a4");
    }

    @Test
    void a_returned_head_comes_before_what_was_finished_in_front_of_the_rest() {
        putAll("a1", "a2", "a3");
        List<Lease> leases = takeNow(mail, 3);

        finish(leases.get(1));
        retry(leases.get(2), leases.get(0));

        Lease first = takeFirst("a1");
        assertNothingToTake(mail);
        finish(first);
        takeFirst("a3");
    }

    @Test
    void a_head_that_waits_holds_up_its_group_and_nobody_else() {
        needs(Feature.RETRY_AFTER);
        putAll("a1", "a2", "b1", "-1");
        settle(takeFirst("a1"), Outcome.retry(TEN));

        assertTakes(10, "b1", "-1");
        advance(TEN.minus(MILLISECOND));
        assertNothingToTake(mail);
        advance(MILLISECOND);

        awaitCounts(mail, counts -> counts.delayed() == 0);
        assertTakes(10, "a1", "a2");
    }

    @Test
    void one_that_waits_in_the_middle_holds_up_those_behind_it() {
        needs(Feature.RETRY_AFTER);
        putAll("a1", "a2", "a3");
        List<Lease> leases = takeNow(mail, 3);
        settle(leases.get(1), Outcome.retry(TEN));
        retry(leases.get(2), leases.get(0));

        Lease first = takeFirst("a1");
        finish(first);
        assertNothingToTake(mail);
        advance(TEN);

        awaitCounts(mail, counts -> counts.delayed() == 0);
        assertTakes(10, "a2", "a3");
    }

    @Test
    void one_take_stops_in_a_group_before_what_waits() {
        needs(Feature.RETRY_AFTER);
        putAll("a1", "a2", "a3", "b1");
        List<Lease> leases = takeNow(mail, 3);
        settle(leases.get(1), Outcome.retry(TEN));
        retry(leases.get(0), leases.get(2));

        assertTakes(10, "a1", "b1");
    }

    @Test
    void a_lease_that_ends_by_itself_lets_its_group_go_on() {
        putAll("a1", "a2");
        Lease first = takeFirst("a1");
        advance(LEASE.minus(MILLISECOND));
        assertNothingToTake(mail);
        Pending<Taken> waiting = waitFor(mail, 10);

        advance(MILLISECOND);

        List<Lease> again = leased(waiting);
        assertThat(texts(again)).containsExactly("a1", "a2");
        assertThat(again.getFirst().deliveries()).isEqualTo(2);
        assertStale(finishing(first));
        finish(again.toArray(Lease[]::new));
    }

    @Test
    void a_group_waits_for_the_last_of_its_leases_to_end() {
        putAll("a1", "a2", "a3");
        List<Lease> leases = takeNow(mail, 2);
        commit(new Operation.Extend(leases.getFirst().handle(), LONG, true));
        advance(LEASE);
        awaitReady(mail, 2);
        assertNothingToTake(mail);

        finish(leases.getFirst());

        assertTakes(10, "a2", "a3");
    }

    @Test
    void a_closed_session_lets_its_groups_go_on() {
        putAll("a1", "a2", "b1");
        Session leaving = newSession("leaving");
        take(leaving, mail, 3, WHILE_OPEN);
        assertNothingToTake(mail);

        leaving.close();

        awaitReady(mail, 3);
        assertTakes(10, "a1", "a2", "b1");
    }

    @Test
    void a_cancelled_take_locks_no_group() {
        for (int race = 0; race < RACES; race++) {
            Pending<Taken> waiting = waitFor(mail, 1);
            CompletionStage<Receipt> put =
                    session()
                            .commit(
                                    Commit.of(
                                            putting(mail, grouped("a", "a1")),
                                            putting(mail, grouped("a", "a2"))));
            waiting.cancel();
            await(put);

            List<Lease> leases = leased(waiting);
            Lease first = leases.isEmpty() ? takeOne(mail) : leases.getFirst();

            assertThat(first.message().text()).isEqualTo("a1");
            if (!harness().isElsewhere()) {
                assertThat(first.deliveries()).isEqualTo(1);
            }
            assertNothingToTake(mail);
            finish(first);
            finish(takeFirst("a2"));
        }
    }

    @Test
    void a_message_that_is_given_up_lets_its_group_go_on() {
        putAll("a1", "a2");

        settle(takeFirst("a1"), Outcome.dead("bad"));

        takeFirst("a2");
    }

    @Test
    void a_message_whose_target_is_missing_holds_nobody_up() {
        needs(Feature.DEAD_LETTER);
        ChannelName dead = ChannelName.of("dead");
        define(Definition.Queue.of(mail).withDeadLetter(1, dead));
        putAll("a1", "a2", "a3");
        retry(takeFirst("a1"));
        Lease second = takeFirst("a2");

        define(Definition.Queue.of(mail));

        assertThat(counts(mail).delayed()).isZero();
        assertNothingToTake(mail);
        finish(second);
        assertTakes(10, "a1", "a3");
    }

    @Test
    void a_purge_unlocks_all_groups() {
        needs(Feature.PURGE);
        putAll("a1", "a2");
        takeFirst("a1");

        commit(new Operation.Edit.Purge(mail));

        putAll("a3");
        takeFirst("a3");
    }

    @Test
    void an_old_handle_that_deletes_lets_the_group_go_on() {
        putAll("a1", "a2");
        Lease old = takeFirst("a1");
        advance(LEASE);
        awaitReady(mail, 2);
        takeFirst("a1");

        commit(deleting(old));

        takeFirst("a2");
    }

    @Test
    void a_refused_settle_unlocks_nothing() {
        putAll("a1", "a2");
        Lease first = takeFirst("a1");

        refused(finishing(first), putting(ChannelName.of("absent"), "2"));

        assertNothingToTake(mail);
        finish(first);
        takeFirst("a2");
    }
}
