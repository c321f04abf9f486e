package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.Change;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Interest;
import io.millstream.api.Operation.Write;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.View.RowView;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A row changes only if it is as its writer expects, and is gone when its time has come.
public abstract class RowsContract extends BackendContract {

    private static final int VALUE_BYTES_MAX = 1024 * 1024;

    @BeforeEach
    void need_rows() {
        needs(Feature.ROWS);
    }

    private static Write row(String key, @Nullable String value, Expect expect) {
        return new Write("t", key, value == null ? null : Bytes.utf8(value), expect, null);
    }

    private static Write expiring(String key, Instant at) {
        return new Write("t", key, Bytes.utf8("v"), Expect.Nothing.NOTHING, at);
    }

    private long write(Write write) {
        return ((Effect.Changed) commit(write).effects().getFirst()).version();
    }

    private List<RowView> rows(String prefix) {
        return find(new Query.Rows("t", prefix, null, 100)).items();
    }

    @Test
    void a_written_row_is_found_with_its_version() {
        long version = write(row("a", "1", Expect.Anything.ANYTHING));

        assertThat(rows("")).containsExactly(new RowView("a", Bytes.utf8("1"), version, null));
    }

    @Test
    void an_overwritten_row_has_its_last_value_and_a_higher_version() {
        long first = write(row("a", "1", Expect.Anything.ANYTHING));
        long second = write(row("a", "2", Expect.Anything.ANYTHING));

        assertThat(second).isGreaterThan(first);
        assertThat(rows("")).containsExactly(new RowView("a", Bytes.utf8("2"), second, null));
    }

    @Test
    void a_row_that_expires_at_the_end_of_all_times_stays() {
        write(expiring("a", Instant.MAX));

        assertThat(rows("")).extracting(RowView::key).containsExactly("a");
    }

    @Test
    void a_row_that_must_not_be_there_conflicts_if_it_is() {
        long version = write(row("a", "1", Expect.Nothing.NOTHING));

        var conflict = refusal(Refusal.Conflict.class, row("a", "2", Expect.Nothing.NOTHING));

        assertThat(conflict.version()).isEqualTo(version);
        assertThat(rows("")).extracting(row -> row.value().utf8()).containsExactly("1");
    }

    @Test
    void a_row_changes_only_from_the_version_that_its_writer_saw() {
        long first = write(row("a", "1", Expect.Nothing.NOTHING));
        long second = write(row("a", "2", new Expect.Version(first)));

        var late = refusal(Refusal.Conflict.class, row("a", "3", new Expect.Version(first)));

        assertThat(late.version()).isEqualTo(second);
        refusal(Refusal.Conflict.class, row("a", null, new Expect.Version(first)));
        assertThat(rows("")).hasSize(1);
    }

    @Test
    void a_version_expected_of_an_absent_row_conflicts_with_nothing() {
        var conflict = refusal(Refusal.Conflict.class, row("a", "1", new Expect.Version(1)));

        assertThat(conflict.version()).isZero();
    }

    @Test
    void a_removed_row_is_absent_and_its_version_never_comes_again() {
        long first = write(row("a", "1", Expect.Nothing.NOTHING));
        commit(row("a", null, new Expect.Version(first)));
        assertThat(rows("")).isEmpty();

        long second = write(row("a", "2", Expect.Nothing.NOTHING));

        assertThat(second).isGreaterThan(first);
        refusal(Refusal.Conflict.class, row("a", "3", new Expect.Version(first)));
    }

    @Test
    void removing_an_absent_row_is_fine_unless_a_version_is_expected() {
        var effects = commit(row("a", null, Expect.Anything.ANYTHING)).effects();

        assertThat(effects).containsExactly(Effect.Plain.PLAIN);
        refusal(Refusal.Conflict.class, row("a", null, new Expect.Version(1)));
    }

    @Test
    void an_empty_value_is_a_row() {
        write(row("a", "", Expect.Nothing.NOTHING));

        assertThat(rows("")).extracting(RowView::value).containsExactly(Bytes.EMPTY);
    }

    @Test
    void a_row_is_gone_when_its_time_has_come() {
        write(expiring("a", now().plusSeconds(10)));
        advance(SECOND.multipliedBy(10).minusMillis(1));
        assertThat(rows("")).extracting(RowView::expiresAt).containsExactly(now().plusMillis(1));

        advance(SECOND.dividedBy(1000));

        assertThat(rows("")).isEmpty();
    }

    @Test
    void a_row_whose_time_has_come_is_absent_for_those_who_expect_something() {
        long version = write(expiring("a", now().plusSeconds(10)));
        advance(SECOND.multipliedBy(10));

        var conflict = refusal(Refusal.Conflict.class, row("a", "2", new Expect.Version(version)));

        assertThat(conflict.version()).isZero();
        assertThat(write(row("a", "3", Expect.Nothing.NOTHING))).isGreaterThan(version);
        assertThat(rows("")).hasSize(1);
    }

    @Test
    void a_row_written_again_has_the_new_expiry() {
        long version = write(expiring("a", now().plusSeconds(10)));
        write(row("a", "for ever", new Expect.Version(version)));
        advance(SECOND.multipliedBy(20));

        assertThat(rows("")).extracting(RowView::expiresAt).containsExactly((Instant) null);
    }

    @Test
    void tables_do_not_mix() {
        write(row("a", "1", Expect.Nothing.NOTHING));
        write(new Write("u", "a", Bytes.utf8("2"), Expect.Nothing.NOTHING, null));

        assertThat(rows("")).extracting(row -> row.value().utf8()).containsExactly("1");
        assertThat(find(new Query.Rows("unknown", "", null, 10)).items()).isEmpty();
    }

    @Test
    void rows_are_listed_by_key_and_prefix_page_by_page() {
        for (String key : List.of("b/2", "a", "b/1", "c", "b/3", "b")) {
            write(row(key, key, Expect.Nothing.NOTHING));
        }

        Page<RowView> first = find(new Query.Rows("t", "b", null, 3));
        Page<RowView> second = find(new Query.Rows("t", "b", first.next(), 3));

        assertThat(first.items()).extracting(RowView::key).containsExactly("b", "b/1", "b/2");
        assertThat(first.next()).isNotNull();
        assertThat(second.items()).extracting(RowView::key).containsExactly("b/3");
        assertThat(second.next()).isNull();
    }

    @Test
    void a_value_has_a_largest_size() {
        Bytes largest = Bytes.of(new byte[VALUE_BYTES_MAX]);
        write(new Write("t", "a", largest, Expect.Nothing.NOTHING, null));
        Bytes tooLarge = Bytes.of(new byte[VALUE_BYTES_MAX + 1]);

        var refusal =
                refusal(
                        Refusal.TooLarge.class,
                        new Write("t", "b", tooLarge, Expect.Nothing.NOTHING, null));

        assertThat(refusal.bytesMax()).isEqualTo(VALUE_BYTES_MAX);
        assertThat(rows("")).extracting(RowView::value).containsExactly(largest);
    }

    // Watching.

    private List<Change> watch(String prefix) {
        needs(Feature.WATCH_ROWS);
        List<Change> changes = Collections.synchronizedList(new ArrayList<>());
        session().watch(new Interest.Rows("t", prefix), changes::add);
        return changes;
    }

    @Test
    void a_watch_over_rows_begins_with_all_of_them_and_tells_every_change() {
        long first = write(row("a1", "1", Expect.Anything.ANYTHING));
        write(row("b1", "1", Expect.Anything.ANYTHING));
        List<Change> changes = watch("a");
        long second = write(row("a2", "2", Expect.Anything.ANYTHING));
        write(row("b2", "2", Expect.Anything.ANYTHING));
        commit(row("a1", null, Expect.Anything.ANYTHING));
        eventually(() -> changes.size() >= 3);

        assertThat(changes)
                .containsExactly(
                        new Change.RowSnapshot(
                                List.of(new RowView("a1", Bytes.utf8("1"), first, null))),
                        new Change.RowChanged(new RowView("a2", Bytes.utf8("2"), second, null)),
                        new Change.RowRemoved("a1"));
    }

    @Test
    void a_watch_over_rows_is_not_told_of_what_was_refused_or_changed_nothing() {
        List<Change> changes = watch("");
        refused(
                row("a", "1", Expect.Nothing.NOTHING),
                row("b", "1", new Expect.Version(Long.MAX_VALUE)));
        commit(row("c", null, Expect.Anything.ANYTHING));
        long version = write(row("d", "1", Expect.Anything.ANYTHING));
        eventually(() -> changes.size() >= 2);

        assertThat(changes)
                .containsExactly(
                        new Change.RowSnapshot(List.of()),
                        new Change.RowChanged(new RowView("d", Bytes.utf8("1"), version, null)));
    }

    @Test
    void a_watch_over_rows_is_told_before_the_writer_is_answered() {
        List<Change> changes = watch("");

        int told =
                await(
                        session()
                                .commit(Commit.of(row("a", "1", Expect.Anything.ANYTHING)))
                                .thenApply(receipt -> changes.size()));

        assertThat(told).isEqualTo(2);
    }
}
