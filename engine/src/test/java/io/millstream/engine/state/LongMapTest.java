package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/// The map behaves like the JDK's.
class LongMapTest {

    @Test
    void it_agrees_with_a_hash_map_over_many_random_changes() {
        Random random = new Random(42);
        LongMap<String> map = new LongMap<>();
        Map<Long, String> oracle = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            long key = 1L + random.nextInt(500);
            if (random.nextInt(3) == 0) {
                assertThat(map.remove(key)).isEqualTo(oracle.remove(key));
            } else {
                map.put(key, "v" + i);
                oracle.put(key, "v" + i);
            }
            assertThat(map.size()).isEqualTo(oracle.size());
        }
        oracle.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
        assertThat(map.sortedKeys())
                .containsExactly(
                        oracle.keySet().stream().mapToLong(Long::longValue).sorted().toArray());
    }

    @Test
    void an_empty_map_has_nothing_and_takes_no_room() {
        LongMap<String> map = new LongMap<>();

        assertThat(map.get(1)).isNull();
        assertThat(map.remove(1)).isNull();
        assertThat(map.isEmpty()).isTrue();
    }
}
