package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Via;
import io.millstream.engine.state.Entry.FannedOut;
import io.millstream.engine.state.Entry.FannedOut.Slot;
import io.millstream.engine.state.Entry.Put;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Puts of the same bytes become one entry, as long as no queue's order changes by it.
class FanOutTest {
    private static final byte[] BYTES = {1, 2, 3};
    private static final byte[] OTHER = {4};

    private static List<Entry> gathered(int first, Entry... entries) {
        List<Entry> all = new ArrayList<>(List.of(entries));
        FanOut.gather(all, first);
        return all;
    }

    private static Put put(long channel, long sequence) {
        return new Put(channel, sequence, BYTES);
    }

    private static FannedOut fanned(Slot... slots) {
        return new FannedOut(List.of(slots), BYTES);
    }

    @Test
    void one_put_stays_what_it_is() {
        assertThat(gathered(0, put(1, 5))).containsExactly(put(1, 5));
    }

    @Test
    void puts_of_the_same_bytes_are_one_entry() {
        assertThat(gathered(0, put(1, 5), put(2, 6), put(3, 7)))
                .containsExactly(fanned(new Slot(1, 5), new Slot(2, 6), new Slot(3, 7)));
    }

    @Test
    void what_an_earlier_operation_put_is_left_alone() {
        assertThat(gathered(1, put(1, 5), put(2, 6), put(3, 7)))
                .containsExactly(put(1, 5), fanned(new Slot(2, 6), new Slot(3, 7)));
    }

    @Test
    void other_bytes_are_another_entry() {
        Put other = new Put(2, 6, OTHER);

        assertThat(gathered(0, put(1, 5), other, put(3, 7)))
                .containsExactly(fanned(new Slot(1, 5), new Slot(3, 7)), other);
    }

    @Test
    void a_put_passes_what_takes_no_place_in_its_queue() {
        Entry settled = new Entry.Settled(2, 1, true);
        Entry moved = new Entry.Moved(2, 1, 9, 4, Via.Cause.OVERFLOW, "why");

        assertThat(gathered(0, put(1, 5), settled, moved, put(2, 6)))
                .containsExactly(fanned(new Slot(1, 5), new Slot(2, 6)), settled, moved);
    }

    @Test
    void a_put_does_not_pass_what_takes_a_place_in_its_queue() {
        Entry moved = new Entry.Moved(2, 1, 3, 4, Via.Cause.OVERFLOW, "why");
        Put same = new Put(3, 5, OTHER);

        assertThat(gathered(0, put(1, 5), moved, put(3, 5)))
                .containsExactly(put(1, 5), moved, put(3, 5));
        assertThat(gathered(0, put(1, 5), same, put(3, 6)))
                .containsExactly(put(1, 5), same, put(3, 6));
    }

    @Test
    void a_put_does_not_pass_what_nobody_thought_of() {
        Entry purged = new Entry.Purged(7, 2);

        assertThat(gathered(0, put(1, 5), purged, put(3, 5)))
                .containsExactly(put(1, 5), purged, put(3, 5));
    }
}
