package io.millstream.protocols.room;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class RoomTest {
    private final Room room = new Room(100);
    private final List<String> granted = new ArrayList<>();

    @Test
    void what_fits_is_held_at_once_and_what_does_not_is_not() {
        assertThat(room.tryHold(60)).isTrue();
        assertThat(room.tryHold(41)).isFalse();
        assertThat(room.tryHold(40)).isTrue();
        assertThat(room.held()).isEqualTo(100);
    }

    @Test
    void who_waits_is_served_in_order() {
        room.hold(100);
        stand("first", 80);
        stand("second", 20);

        room.free(50);
        assertThat(granted).isEmpty();
        room.free(30);
        assertThat(granted).containsExactly("first");
        room.free(20);

        assertThat(granted).containsExactly("first", "second");
        assertThat(room.held()).isEqualTo(100);
    }

    @Test
    void nobody_overtakes_who_waits() {
        room.hold(90);
        stand("large", 80);

        assertThat(room.tryHold(1)).isFalse();
    }

    @Test
    void who_leaves_the_line_lets_the_next_one_pass() {
        room.hold(90);
        Room.Place large = stand("large", 80);
        stand("small", 10);

        assertThat(room.leave(large)).isTrue();

        assertThat(granted).containsExactly("small");
        assertThat(room.leave(large)).isFalse();
    }

    @Test
    void one_alone_may_have_more_than_there_is() {
        assertThat(room.tryHold(1_000)).isTrue();
        stand("next", 1);
        assertThat(granted).isEmpty();

        room.free(1_000);

        assertThat(granted).containsExactly("next");
    }

    private Room.Place stand(String who, long bytes) {
        return room.stand(bytes, () -> granted.add(who));
    }
}
