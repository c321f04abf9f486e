package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Fence;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;

class LineageTest {
    private static final long GRACE = 5000;

    /// Opened three times, then restored in epoch 100, and opened once more.
    private static State restored() {
        State state = new State(1 << 20);
        state.apply(new Entry.Opened(1, GRACE), 0, 1);
        state.apply(new Entry.Opened(2, GRACE), 1, 1);
        state.apply(new Entry.Opened(3, GRACE), 2, 1);
        state.apply(new Entry.Restored(100), 3, 1);
        state.apply(new Entry.Opened(101, GRACE), 4, 1);
        return state;
    }

    private static void assertKnowsItsPast(State state) {
        assertThat(state.isOwn(new Fence(2, 1))).isTrue();
        assertThat(state.isOwn(new Fence(3, 3))).as("the last before the backup").isTrue();
        assertThat(state.isOwn(new Fence(3, 4))).as("of the original, since").isFalse();
        assertThat(state.isOwn(new Fence(4, 1))).as("of its next opening").isFalse();
        assertThat(state.isOwn(new Fence(99, 1))).isFalse();
        assertThat(state.isOwn(new Fence(100, 4))).isTrue();
        assertThat(state.isOwn(new Fence(101, 6))).isTrue();
        assertThat(state.isOwn(new Fence(102, 1))).as("of another restored store").isFalse();
    }

    @Test
    void what_the_original_gave_out_since_the_backup_is_not_its_own() {
        assertKnowsItsPast(restored());
    }

    @Test
    void it_knows_its_past_from_a_snapshot_too() {
        Output out = new Output(64);
        restored().write(out);

        State loaded = new State(1 << 20);
        loaded.load(out.view());
        loaded.loaded();

        assertKnowsItsPast(loaded);
    }

    @Test
    void a_snapshot_of_another_format_is_refused() {
        byte[] format1 = {Images.GLOBALS, 1, 3, 5, 7, 2, 0, 0, 0, 0};

        assertThatThrownBy(() -> new State(1 << 20).load(ByteBuffer.wrap(format1)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("format 1");
    }
}
