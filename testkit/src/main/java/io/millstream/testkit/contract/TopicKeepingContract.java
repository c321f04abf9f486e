package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Fetched;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Retention;
import io.millstream.api.TopicReader;
import io.millstream.api.View;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/// Topics keep things as long as they are told to, count the records of a key, and remember how far
/// readers have come.
public abstract class TopicKeepingContract extends TopicFixture {

    // Expected versions.

    private void countKeys(int keys) {
        define(Definition.Topic.of(events).withVersionedKeys(keys));
    }

    @Test
    void an_append_that_expects_the_right_version_is_done() {
        countKeys(10);

        commit(appendingKeyed("a", "1", 0L));
        commit(appendingKeyed("a", "2", 1L), appendingKeyed("a", "3", 2L));
        commit(appendingKeyed("b", "1", 0L));

        assertThat(partition(0).end()).isEqualTo(4);
    }

    @Test
    void an_append_that_expects_another_version_is_refused_and_says_which_one_there_is() {
        countKeys(10);
        commit(appendingKeyed("a", "1", 0L));
        commit(appendingKeyed("a", "2", null));

        assertThat(refusal(Refusal.Conflict.class, appendingKeyed("a", "x", 1L)).version())
                .isEqualTo(2);
        refused(appendingKeyed("a", "3", 2L), appendingKeyed("a", "4", 2L));
        assertThat(partition(0).end()).isEqualTo(2);
    }

    @Test
    void nothing_can_be_expected_where_keys_are_not_counted_or_not_given() {
        refusal(Refusal.Invalid.class, appendingKeyed("a", "1", 0L));
        countKeys(10);
        refusal(
                Refusal.Invalid.class,
                new Operation.Append(events, 0, List.of(Message.of("no key")), 0L));
    }

    @Test
    void there_are_no_more_keys_than_are_counted() {
        countKeys(2);
        commit(appendingKeyed("a", "1", null), appendingKeyed("b", "1", null));

        refusal(Refusal.IsFull.class, appendingKeyed("c", "1", null));
        commit(appendingKeyed("a", "2", 1L));
    }

    private void refuseToDefine(Definition.Topic definition) {
        Definition.Topic before = topic().definition();
        Refusal.Invalid refusal = refusal(Refusal.Invalid.class, defining(definition));
        assertThat(refusal.text()).contains("events").contains("has had records");
        assertThat(topic().definition()).isEqualTo(before);
    }

    @Test
    void counting_does_not_begin_when_there_have_been_records_that_nobody_counted() {
        append("1");

        refuseToDefine(Definition.Topic.of(events).withVersionedKeys(10));
    }

    @Test
    void counting_does_not_end_when_there_are_versions_to_lose() {
        countKeys(10);
        commit(appendingKeyed("a", "1", 0L));

        refuseToDefine(Definition.Topic.of(events));
        commit(appendingKeyed("a", "2", 1L));
    }

    @Test
    void a_topic_that_counts_its_keys_does_not_grow_when_keys_would_move() {
        countKeys(10);
        commit(appendingKeyed("a", "1", 0L));
        Definition.Topic two = topic().definition().withPartitions(2);

        refuseToDefine(two);
        restart();
        refuseToDefine(two);
        commit(appendingKeyed("a", "2", 1L));
    }

    @Test
    void records_of_the_same_commit_are_records() {
        needs(Feature.ATOMIC_COMMIT);
        Definition.Topic one = Definition.Topic.of(events).withVersionedKeys(10);

        Receipt.Refused receipt =
                refused(
                        defining(one),
                        appendingKeyed("a", "1", 0L),
                        defining(one.withPartitions(2)));

        assertThat(receipt.operation()).isEqualTo(2);
        assertThat(receipt.refusal()).isInstanceOf(Refusal.Invalid.class);
        assertThat(partition(0).end()).isZero();
    }

    @Test
    void a_topic_that_never_had_a_record_may_become_anything() {
        countKeys(10);
        Definition.Topic three = Definition.Topic.of(events).withPartitions(3);
        define(three.withVersionedKeys(10));
        define(three);
        define(three.withVersionedKeys(5));

        commit(appendingKeyed("a", "1", 0L));
    }

    @Test
    void how_many_keys_are_counted_may_change_and_keeps_their_versions() {
        countKeys(1);
        commit(appendingKeyed("a", "1", 0L));
        refusal(Refusal.IsFull.class, appendingKeyed("b", "1", 0L));

        countKeys(2);
        commit(appendingKeyed("a", "2", 1L), appendingKeyed("b", "1", 0L));
        countKeys(1);

        refusal(Refusal.IsFull.class, appendingKeyed("c", "1", 0L));
        commit(appendingKeyed("a", "3", 2L), appendingKeyed("b", "2", 1L));
    }

    @Test
    void versions_outlive_a_restart() {
        countKeys(10);
        commit(appendingKeyed("a", "1", 0L), appendingKeyed("a", "2", 1L));

        restart();

        refusal(Refusal.Conflict.class, appendingKeyed("a", "3", 1L));
        commit(appendingKeyed("a", "3", 2L));
    }

    // Retention.

    @Test
    void what_is_older_than_the_retention_goes_and_the_newest_stays() {
        define(Definition.Topic.of(events).withRetention(Retention.of(Duration.ofMinutes(1))));
        append("old");
        advance(Duration.ofSeconds(40));
        append("newer");
        advance(Duration.ofSeconds(30));

        eventually(() -> partition(0).start() == 1, () -> "it starts at " + partition(0).start());
        advance(Duration.ofDays(1));
        TopicReader reader = readFrom(0);
        Fetched.Records records = records(reader.next(10, PLENTY, LONG));
        assertThat(textsOf(records.records())).containsExactly("newer");
        assertThat(records.missed()).isEqualTo(1);
        assertThat(partition(0).end()).isEqualTo(2);
    }

    @Test
    void no_more_bytes_are_kept_than_the_retention_says() {
        define(Definition.Topic.of(events).withRetention(Retention.ofBytes(10_000)));
        String kilobyte = "x".repeat(1000);
        for (int i = 0; i < 30; i++) {
            append(kilobyte);
        }

        eventually(() -> partition(0).bytes() <= 10_000, () -> "it has " + partition(0).bytes());
        assertThat(partition(0).records()).isGreaterThan(5);
        assertThat(partition(0).end()).isEqualTo(30);
    }

    @Test
    void everything_is_kept_for_ever_if_so_declared() {
        define(Definition.Topic.of(events).withRetention(Retention.forever()));
        append("1");
        append("2");

        advance(Duration.ofDays(3650));

        assertThat(textsOf(read(readFrom(0), 2))).containsExactly("1", "2");
    }

    @Test
    void a_shorter_retention_applies_to_what_is_there() {
        append("1");
        append("2");
        advance(Duration.ofMinutes(2));

        define(Definition.Topic.of(events).withRetention(Retention.of(Duration.ofMinutes(1))));

        eventually(() -> partition(0).start() == 1, () -> "it starts at " + partition(0).start());
    }

    // Cursors.

    private List<Long> cursor(String name) {
        return find(new Query.Cursors(events, name, null, 10)).items().stream()
                .filter(view -> view.name().equals(name))
                .map(View.CursorView::offsets)
                .findFirst()
                .orElse(List.of());
    }

    @Test
    void a_cursor_stays_where_it_was_put() {
        define(Definition.Topic.of(events).withPartitions(2));
        append("1", "2");

        commit(new Operation.MoveCursor(events, 0, "mail", 2));
        assertThat(cursor("mail")).containsExactly(2L, 0L);
        commit(new Operation.MoveCursor(events, 0, "mail", 1));
        restart();

        assertThat(cursor("mail")).containsExactly(1L, 0L);
        commit(new Operation.MoveCursor(events, 0, "mail", Operation.MoveCursor.FORGET));
        assertThat(cursor("mail")).isEmpty();
    }

    @Test
    void a_cursor_moves_together_with_what_it_caused() {
        needs(Feature.QUEUES, Feature.ATOMIC_COMMIT);
        ChannelName mail = define("mail");
        append("1");
        refused(
                new Operation.MoveCursor(events, 0, "mail", 1),
                putting(ChannelName.of("nowhere"), "x"));
        assertThat(cursor("mail")).isEmpty();

        commit(new Operation.MoveCursor(events, 0, "mail", 1), putting(mail, "x"));

        assertThat(cursor("mail")).containsExactly(1L);
        assertReadyInOrder(mail, "x");
    }

    @Test
    void a_cursor_cannot_be_beyond_the_end() {
        refusal(Refusal.Invalid.class, new Operation.MoveCursor(events, 0, "mail", 1));
        refusal(Refusal.Invalid.class, new Operation.MoveCursor(events, 1, "mail", 0));
        refusal(
                Refusal.NoSuchChannel.class,
                new Operation.MoveCursor(ChannelName.of("nowhere"), 0, "mail", 0));
    }
}
