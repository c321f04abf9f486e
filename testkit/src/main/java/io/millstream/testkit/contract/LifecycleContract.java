package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.Bytes;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Header;
import io.millstream.api.Lease;
import io.millstream.api.Lifecycle;
import io.millstream.api.Lifecycle.Dead;
import io.millstream.api.Lifecycle.Done;
import io.millstream.api.Lifecycle.Dropped;
import io.millstream.api.Lifecycle.Returned;
import io.millstream.api.Lifecycle.Stored;
import io.millstream.api.Lifecycle.Taken;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Term;
import io.millstream.api.Via;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a queue tells its lifecycle topic. What each feature's own steps are told as, its contract
/// need not say: [LifecycleFollowingContract] does things at random and compares.
public abstract class LifecycleContract extends LifecycleFixture {

    private Stored stored(long sequence, String text) {
        return Stored.put(place(mail, sequence), Message.of(text));
    }

    @Test
    void each_step_of_a_message_is_told_in_order() {
        long sequence = put(mail, "1").getFirst();
        Instant until = now().plus(LEASE);
        retry(takeOne(mail));
        finish(takeOne(mail));

        Lifecycle.Place place = place(mail, sequence);
        assertThat(told())
                .containsExactly(
                        stored(sequence, "1"),
                        new Taken(place, 1, until),
                        new Returned(place, 1, null),
                        new Taken(place, 2, until),
                        new Done(place));
    }

    @Test
    void what_a_producer_says_of_a_message_is_told_without_its_body() {
        needs(Feature.PRIORITY, Feature.DELAY, Feature.TIME_TO_LIVE, Feature.GROUPS);
        tell(mail, queue -> queue.groups(Groups.FAIR));
        Message message =
                Message.builder("a secret")
                        .id("a \"1\"\\\n")
                        .type("mail.send")
                        .group("Zoë 🌊")
                        .priority(3)
                        .delay(SECOND)
                        .timeToLive(LONG)
                        .header("tags", "red")
                        .header("tags", "blue")
                        .header(new Header("size", Header.NUMBER, Bytes.utf8("12")))
                        .header(new Header("raw", Header.BYTES, Bytes.utf8("x")))
                        .build();
        long sequence = put(mail, message);

        assertThat(told())
                .containsExactly(
                        new Stored(
                                place(mail, sequence),
                                new Lifecycle.Said(
                                        "a \"1\"\\\n",
                                        "mail.send",
                                        "Zoë 🌊",
                                        3,
                                        SECOND,
                                        LONG,
                                        Map.of("tags", "red", "size", "12")),
                                null));
        assertThat(records().getFirst().message().text()).doesNotContain("secret");
        assertThat(records().getFirst().stored()).isEqualTo(now());
    }

    @Test
    void what_is_too_long_to_be_told_is_cut() {
        put(mail, Message.builder("").id("🌊".repeat(300)).header("a", "b".repeat(2000)).build());

        assertThat(told())
                .containsExactly(
                        new Stored(
                                place(mail, 1),
                                new Lifecycle.Said(
                                        "🌊".repeat(127),
                                        null,
                                        null,
                                        0,
                                        Duration.ZERO,
                                        null,
                                        Map.of()),
                                null));
    }

    @Test
    void half_a_character_does_no_harm() {
        Message halves = Message.builder("").id("\ud83c and \udf0a").build();
        Receipt receipt =
                await(session().commit(List.of(Commit.of(putting(mail, halves))))).getFirst();

        // A store elsewhere may be unable to send it, and says so.
        assertThat(told()).hasSize(receipt instanceof Receipt.Committed ? 1 : 0);
    }

    @Test
    void a_lease_that_ends_by_itself_is_told() {
        needs(Feature.BACK_OFF);
        tell(mail, queue -> queue.backOff(new BackOff(SECOND, 2, LONG)));
        long sequence = put(mail, "1").getFirst();
        takeOne(mail);
        pass(LEASE);

        assertThat(told())
                .element(2)
                .isEqualTo(new Returned(place(mail, sequence), 1, now().plus(SECOND)));
    }

    @Test
    void what_a_session_gives_back_by_ending_is_told() {
        long sequence = put(mail, "1").getFirst();
        Session other = newSession("other");
        takeOne(other, mail, WHILE_OPEN);
        other.close();
        awaitReady(mail, 1);

        Lifecycle.Place place = place(mail, sequence);
        assertThat(told()).endsWith(new Taken(place, 1, null), new Returned(place, 1, null));
    }

    @Test
    void what_comes_back_by_a_restart_is_told() {
        put(mail, "1", "2", "3");
        takeOne(session(), mail, WHILE_OPEN);
        takeOne(session(), mail, TIMED);
        restart();
        awaitReady(mail, 2);

        assertFollowed(mail);
    }

    @Test
    void what_is_settled_by_being_delivered_is_told_as_taken_and_done() {
        long sequence = put(mail, "1").getFirst();
        takeOne(session(), mail, Term.Auto.AUTO);

        Lifecycle.Place place = place(mail, sequence);
        assertThat(told()).endsWith(new Taken(place, 1, null), new Done(place));
    }

    @Test
    void a_return_that_used_no_attempt_says_so() {
        long sequence = put(mail, "1").getFirst();
        settle(takeOne(mail), new Outcome.Retry(Duration.ZERO, false));

        assertThat(told()).endsWith(new Returned(place(mail, sequence), 0, null));
    }

    @Test
    void a_death_is_told_by_both_queues() {
        needs(Feature.DEAD_LETTER);
        ChannelName grave = ChannelName.of("grave");
        tell(grave, queue -> queue);
        tell(mail, queue -> queue.deadLetter(grave));
        long sequence = put(mail, "1").getFirst();
        settle(takeOne(mail), new Outcome.Dead("no such address"));

        Lifecycle.Place from = place(mail, sequence);
        Lifecycle.Place to = place(grave, 1);
        assertThat(told())
                .endsWith(
                        new Dead(from, Via.Cause.REJECTED, "no such address", to),
                        Stored.from(to, from));
    }

    @Test
    void a_death_that_no_queue_takes_is_told_as_dropped() {
        long sequence = put(mail, "1").getFirst();
        settle(takeOne(mail), new Outcome.Dead("no such address"));

        assertThat(told()).endsWith(Dropped.one(place(mail, sequence)));
    }

    @Test
    void what_waits_for_its_dead_letter_queue_is_told() {
        needs(Feature.DEAD_LETTER);
        ChannelName grave = ChannelName.of("grave");
        tell(mail, queue -> queue.deadLetter(grave));
        long sequence = put(mail, "1").getFirst();
        settle(takeOne(mail), new Outcome.Dead("no such address"));
        Lifecycle.Place from = place(mail, sequence);
        assertThat(told())
                .endsWith(new Lifecycle.Stranded(from, Via.Cause.REJECTED, "no such address"));

        define("grave");
        awaitReady(grave, 1);
        assertThat(told())
                .endsWith(new Dead(from, Via.Cause.REJECTED, "no such address", place(grave, 1)));
    }

    @Test
    void what_ends_by_age_or_hand_or_for_want_of_room_is_told() {
        needs(Feature.TIME_TO_LIVE, Feature.RETENTION, Feature.PURGE, Feature.CAPACITY);
        Capacity two = new Capacity(2, 0, Capacity.Overflow.DROP_HEAD);
        tell(mail, queue -> queue.retention(LONG).capacity(two));
        put(mail, mortal(SECOND, "1"));
        pass(SECOND);
        long second = put(mail, "2").getFirst();
        commit(new Operation.Edit.Drop(mail, second));
        put(mail, "3", "4", "5");
        assertFollowed(mail);
        pass(LONG);
        assertThat(counts(mail).messages()).isZero();
        assertFollowed(mail);
        put(mail, "6", "7");
        takeOne(mail);
        commit(new Operation.Edit.Purge(mail));
        assertFollowed(mail);
    }

    @Test
    void a_queue_that_goes_and_comes_again_has_another_life() {
        put(mail, "1");
        Lifecycle.Life first = life(mail);
        commit(removing(mail));
        tell(mail, queue -> queue);
        put(mail, "2");

        assertThat(told()).element(1).isEqualTo(new Lifecycle.Removed(first));
        assertThat(told().getLast().life()).isEqualTo(life(mail)).isNotEqualTo(first);
        assertFollowed(mail);
    }

    @Test
    void nothing_is_told_of_what_is_refused() {
        refused(putting(mail, "1"), putting(ChannelName.of("nowhere"), "2"));
        put(mail, "3");
        Lease lease = takeOne(mail);
        finish(lease);
        refused(finishing(lease));

        assertThat(told()).hasSize(3);
    }

    @Test
    void a_queue_tells_from_when_it_is_declared_to_until_it_is_not() {
        define(Definition.Queue.of(mail));
        put(mail, "1");
        tell(mail, queue -> queue);
        long second = put(mail, "2").getFirst();
        define(Definition.Queue.of(mail));
        put(mail, "3");

        assertThat(told())
                .containsExactly(
                        new Lifecycle.Left(life(mail)),
                        stored(second, "2"),
                        new Lifecycle.Left(life(mail)));
    }

    @Test
    void a_queue_of_one_commit_tells_in_it() {
        ChannelName other = ChannelName.of("other");
        commit(
                defining(Definition.Queue.builder(other).lifecycle(events).build()),
                putting(other, "1"));

        assertThat(told()).containsExactly(Stored.put(place(other, 1), Message.of("1")));
    }

    @Test
    void others_may_append_to_the_topic_and_are_no_lifecycle() {
        put(mail, "1");
        append("{\"event\":\"mine\"}", "{\"event\":\"stored\"}", "{", "");
        put(mail, "2");

        assertThat(records()).hasSize(6);
        assertThat(told()).hasSize(2);
    }

    @Test
    void what_others_append_keeps_its_place_however_much_is_told_meanwhile() {
        List<Commit> commits = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String large = i + "x".repeat(150_000);
            commits.add(Commit.of(appending(events, 0, large), putting(mail, "" + i)));
            commits.add(Commit.of(putting(mail, "a")));
        }
        needs(Feature.ATOMIC_COMMIT);
        List<Receipt> receipts = await(session().commit(commits));

        List<String> texts = textsOf(records());
        for (int i = 0; i < receipts.size(); i += 2) {
            assertThat(receipts.get(i)).isInstanceOf(Receipt.Committed.class);
            Receipt.Committed committed = (Receipt.Committed) receipts.get(i);
            Effect.Appended appended = (Effect.Appended) committed.effects().getFirst();
            assertThat(texts.get((int) appended.first())).startsWith(i / 2 + "x");
        }
        assertThat(told()).hasSize(80);
    }

    @Test
    void a_topic_that_is_not_there_can_be_told_nothing() {
        Operation define =
                defining(Definition.Queue.builder(mail).lifecycle(ChannelName.of("none")).build());

        assertThat(refusal(Refusal.NoSuchChannel.class, define).name())
                .isEqualTo(ChannelName.of("none"));
        Operation queue = defining(Definition.Queue.builder(mail).lifecycle(mail).build());
        refusal(Refusal.NoSuchChannel.class, queue);
    }

    @Test
    void a_topic_that_is_told_something_stays() {
        needs(Feature.ATOMIC_COMMIT);
        Operation remove = new Operation.Remove(events, Expect.Anything.ANYTHING);
        refusal(Refusal.Invalid.class, remove);

        ChannelName other = ChannelName.of("other");
        refused(defining(Definition.Queue.builder(other).lifecycle(events).build()), remove);
        commit(defining(Definition.Queue.of(mail)), remove);
        define(Definition.Topic.of(events));
        tell(mail, queue -> queue);
        commit(removing(mail), remove);
    }
}
