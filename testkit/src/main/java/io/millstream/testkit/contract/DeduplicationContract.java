package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Deduplication.Scope;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Operation.IfDuplicate;
import io.millstream.api.Outcome;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Equal messages are stored once within a time that counts from the first of them, whatever has
/// become of that and of the process.
public abstract class DeduplicationContract extends BackendContract {

    private static final Duration WINDOW = Duration.ofMinutes(5);

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName dead = ChannelName.of("dead");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.DEDUPLICATION);
        deduplicate(Scope.QUEUE);
    }

    private void deduplicate(Scope scope) {
        define(deduplicating(mail, scope).build());
    }

    private static QueueBuilder deduplicating(ChannelName queue, Scope scope) {
        return Definition.Queue.of(queue).with().deduplication(new Deduplication(WINDOW, scope));
    }

    private static Message keyed(String key, String text) {
        return Message.builder(text).deduplication(key).build();
    }

    private static Message keyed(String key, @Nullable String group, String text) {
        return Message.builder(text).deduplication(key).group(group).build();
    }

    private void assertDuplicate(long of, Message message) {
        long before = counts(mail).stored();
        assertThat(commit(putting(mail, message)).effects())
                .containsExactly(new Effect.Duplicate(of));
        assertThat(counts(mail).stored()).isEqualTo(before);
    }

    // What is equal.

    @Test
    void the_second_of_two_equal_messages_is_not_stored() {
        long first = put(mail, keyed("k", "1"));

        assertDuplicate(first, keyed("k", "another body"));
        assertDuplicate(first, keyed("k", "1"));

        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_duplicate_is_refused_if_that_is_asked_for() {
        long first = put(mail, keyed("k", "1"));
        var put = new Operation.Put(mail, keyed("k", "2"), IfDuplicate.REFUSE);

        assertThat(refusal(Refusal.Duplicate.class, put).of()).isEqualTo(first);

        refused(putting(mail, keyed("other", "3")), put);
        put(mail, keyed("other", "4"));
        assertReadyInOrder(mail, "1", "4");
    }

    @Test
    void what_names_nothing_is_like_nothing() {
        put(mail, "same", "same");
        put(mail, keyed("k", "same"));
        put(mail, keyed("l", "same"));

        assertThat(counts(mail).ready()).isEqualTo(4);
    }

    @Test
    void names_of_any_kind_are_compared_whole() {
        String long1 = "x".repeat(500) + "1";
        String long2 = "x".repeat(500) + "2";
        List<String> names = List.of("", " ", "k", "K", "\u00e9", "e\u0301", long1, long2);
        for (String name : names) put(mail, keyed(name, "m"));

        for (String name : names) {
            Effect again = commit(putting(mail, keyed(name, "again"))).effects().getFirst();
            assertThat(again).isInstanceOf(Effect.Duplicate.class);
        }
        assertThat(counts(mail).ready()).isEqualTo(names.size());
    }

    @Test
    void the_second_one_in_a_commit_is_the_duplicate_of_the_first() {
        Receipt.Committed receipt =
                commit(
                        putting(mail, keyed("k", "1")),
                        putting(mail, keyed("k", "2")),
                        putting(mail, keyed("l", "3")));

        long first = ((Effect.Stored) receipt.effects().get(0)).sequence();
        assertThat(receipt.effects().get(1)).isEqualTo(new Effect.Duplicate(first));
        assertReadyInOrder(mail, "1", "3");
    }

    @Test
    void what_a_refused_commit_put_is_not_remembered() {
        refused(putting(mail, keyed("k", "1")), putting(ChannelName.of("absent"), "2"));

        put(mail, keyed("k", "3"));

        assertReadyInOrder(mail, "3");
    }

    @Test
    void in_the_whole_queue_groups_make_no_difference() {
        needs(Feature.GROUPS);
        long first = put(mail, keyed("k", "a", "1"));

        assertDuplicate(first, keyed("k", "b", "2"));
        assertDuplicate(first, keyed("k", null, "3"));
    }

    @Test
    void by_group_equal_names_of_different_groups_differ() {
        needs(Feature.GROUPS);
        deduplicate(Scope.GROUP);
        long ofA = put(mail, keyed("k", "a", "1"));
        long ofB = put(mail, keyed("k", "b", "2"));
        long ofNone = put(mail, keyed("k", null, "3"));

        assertDuplicate(ofA, keyed("k", "a", "4"));
        assertDuplicate(ofB, keyed("k", "b", "5"));
        assertDuplicate(ofNone, keyed("k", null, "6"));
    }

    @Test
    void by_group_the_parts_of_a_name_are_not_run_together() {
        needs(Feature.GROUPS);
        deduplicate(Scope.GROUP);
        put(mail, keyed("bc", "a", "1"));
        put(mail, keyed("c", "ab", "2"));
        put(mail, keyed("abc", "", "3"));
        put(mail, keyed("abc", null, "4"));

        assertThat(counts(mail).ready()).isEqualTo(4);
    }

    @Test
    void queues_remember_each_for_itself() {
        ChannelName post = define(deduplicating(ChannelName.of("post"), Scope.QUEUE).build());
        put(mail, keyed("k", "1"));

        put(post, keyed("k", "2"));

        assertReadyInOrder(post, "2");
    }

    // How long.

    @Test
    void the_time_counts_from_the_first_one_and_ends_to_the_millisecond() {
        long first = put(mail, keyed("k", "1"));
        advance(WINDOW.dividedBy(2));
        assertDuplicate(first, keyed("k", "2"));
        advance(WINDOW.dividedBy(2).minus(MILLISECOND));
        assertDuplicate(first, keyed("k", "3"));
        advance(MILLISECOND);

        long next = put(mail, keyed("k", "4"));

        assertDuplicate(next, keyed("k", "5"));
        advance(WINDOW.minus(MILLISECOND));
        assertDuplicate(next, keyed("k", "6"));
        advance(MILLISECOND);
        put(mail, keyed("k", "7"));
        assertReadyInOrder(mail, "1", "4", "7");
    }

    @Test
    void what_is_settled_is_remembered() {
        long first = put(mail, keyed("k", "1"));
        assertReadyInOrder(mail, "1");

        assertDuplicate(first, keyed("k", "2"));

        assertNothingToTake(mail);
    }

    @Test
    void what_is_purged_is_remembered() {
        needs(Feature.PURGE);
        long first = put(mail, keyed("k", "1"));
        commit(new Operation.Edit.Purge(mail));

        assertDuplicate(first, keyed("k", "2"));
    }

    @Test
    void a_window_of_a_year_is_kept_to() {
        Duration year = Duration.ofDays(365);
        define(
                Definition.Queue.of(mail)
                        .with()
                        .deduplication(new Deduplication(year, Scope.QUEUE))
                        .build());
        long first = put(mail, keyed("k", "1"));
        finish(takeOne(mail));
        advance(year.minus(MILLISECOND));
        assertDuplicate(first, keyed("k", "2"));

        advance(MILLISECOND);

        put(mail, keyed("k", "3"));
    }

    @Test
    void a_wall_clock_that_jumps_makes_nothing_forgotten() {
        needs(Feature.STEADY_TIME);
        long first = put(mail, keyed("k", "1"));

        harness().jumpWall(WINDOW.multipliedBy(10));

        assertDuplicate(first, keyed("k", "2"));
    }

    @Test
    void a_thousand_are_remembered() {
        for (int round = 0; round < 2; round++) {
            List<Operation> puts = new ArrayList<>();
            for (int i = 0; i < 1000; i++) puts.add(putting(mail, keyed("k" + i, "m")));
            List<Effect> effects = commit(puts.toArray(Operation[]::new)).effects();
            Class<?> kind = round == 0 ? Effect.Stored.class : Effect.Duplicate.class;
            assertThat(effects).hasSize(1000).allMatch(kind::isInstance);
        }
        assertThat(counts(mail).ready()).isEqualTo(1000);
        advance(WINDOW);
        put(mail, keyed("k500", "new"));
    }

    // Redefining.

    @Test
    void a_queue_that_looks_no_more_for_duplicates_forgets() {
        put(mail, keyed("k", "1"));
        define("mail");
        put(mail, keyed("k", "2"));
        deduplicate(Scope.QUEUE);

        long third = put(mail, keyed("k", "3"));

        assertDuplicate(third, keyed("k", "4"));
        assertReadyInOrder(mail, "1", "2", "3");
    }

    @Test
    void a_redefinition_that_still_looks_for_duplicates_remembers() {
        long first = put(mail, keyed("k", "1"));

        define(deduplicating(mail, Scope.QUEUE).maxInFlight(7).build());

        assertDuplicate(first, keyed("k", "2"));
    }

    @Test
    void a_refused_redefinition_forgets_nothing() {
        long first = put(mail, keyed("k", "1"));

        refused(defining(Definition.Queue.of(mail)), putting(ChannelName.of("absent"), "2"));

        assertDuplicate(first, keyed("k", "2"));
    }

    @Test
    void a_queue_made_anew_remembers_nothing() {
        put(mail, keyed("k", "1"));
        commit(removing(mail));
        deduplicate(Scope.QUEUE);

        put(mail, keyed("k", "2"));

        assertReadyInOrder(mail, "2");
    }

    // Restarts.

    @Test
    void a_duplicate_is_one_after_a_restart() {
        long first = put(mail, keyed("k", "1"));
        assertReadyInOrder(mail, "1");
        restart();

        assertDuplicate(first, keyed("k", "2"));

        restart();
        assertDuplicate(first, keyed("k", "3"));
        assertNothingToTake(mail);
    }

    @Test
    void the_time_goes_on_over_a_restart() {
        long first = put(mail, keyed("k", "1"));
        advance(WINDOW.minus(SECOND));
        restart();
        assertDuplicate(first, keyed("k", "2"));

        advance(SECOND.multipliedBy(2));

        put(mail, keyed("k", "3"));
        assertReadyInOrder(mail, "1", "3");
    }

    @Test
    void what_was_forgotten_stays_so_over_a_restart() {
        put(mail, keyed("k", "1"));
        define("mail");
        deduplicate(Scope.QUEUE);
        restart();

        put(mail, keyed("k", "2"));

        assertReadyInOrder(mail, "1", "2");
    }

    // Dead letters.

    @Test
    void dead_letters_are_neither_compared_nor_remembered() {
        needs(Feature.DEAD_LETTER);
        define(deduplicating(dead, Scope.QUEUE).build());
        define(Definition.Queue.of(mail).withDeadLetter(0, dead));
        put(dead, keyed("k", "1"));
        put(mail, keyed("k", "2"));
        put(mail, keyed("l", "3"));

        settle(takeOne(mail), Outcome.dead("bad"));
        settle(takeOne(mail), Outcome.dead("bad"));

        put(dead, keyed("l", "4"));
        assertReadyInOrder(dead, "1", "2", "3", "4");
    }
}
