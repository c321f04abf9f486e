package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// Keys are found with what was remembered last as long as it matters, in as many places as matter
/// at once, and so are they after a snapshot.
class PacesTest {
    private static final long NANOS = 1_000_000;

    private final Set<Integer> changed = new HashSet<>();
    private final Paces paces = new Paces(new HeapAccount());

    private static byte[] written(Paces paces, int page) {
        Output out = new Output(0);
        paces.page(page).write(out);
        return out.toArray();
    }

    private static Paces copy(Paces paces) {
        Paces copy = new Paces(new HeapAccount());
        for (int i = paces.pages() - 1; i >= 0; i--) {
            copy.restore(Paces.Page.read(new Input(ByteBuffer.wrap(written(paces, i)))));
        }
        copy.loaded();
        return copy;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void they_are_like_a_map_that_forgets_what_is_past(int seed) {
        Random random = new Random(seed);
        Map<KeyHash, Long> expected = new HashMap<>();
        Paces known = paces;
        long now = 1_000_000;
        int most = 0;
        for (int i = 0; i < 30_000; i++) {
            now += random.nextInt(3);
            long past = now;
            KeyHash key = KeyHash.of("key " + random.nextInt(100_000));
            long next = (now + random.nextInt(5000)) * NANOS + random.nextInt((int) NANOS);
            byte[] last = known.pages() == 0 ? null : written(known, known.pages() - 1);
            changed.clear();
            known.set(key, next, now, 0, page -> changed.add(page.number));
            expected.put(key, next);
            assertThat(changed).hasSize(1);
            if (last != null && !changed.contains(known.pages() - 1)) {
                assertThat(written(known, known.pages() - 1)).isEqualTo(last);
            }
            if (i % 500 == 0) {
                expected.values().removeIf(time -> Pace.isPast(time, past));
                most = Math.max(most, expected.size());
                for (Map.Entry<KeyHash, Long> one : expected.entrySet()) {
                    assertThat(known.find(one.getKey())).isEqualTo(one.getValue());
                }
            }
            if (i % 7000 == 0) {
                known = copy(known);
            }
        }
        assertThat((known.pages() - 2) * 1024).isLessThanOrEqualTo(most);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3000})
    void what_is_not_kept_is_forgotten(int keys) {
        for (int i = 0; i < keys; i++) {
            paces.set(KeyHash.of("key " + i), 9 * NANOS, 1, 0, page -> changed.add(page.number));
        }
        KeyHash kept = KeyHash.of("key 0");

        paces.retain(kept::equals, page -> changed.add(page.number));

        assertThat(paces.find(kept)).isEqualTo(9 * NANOS);
        for (int i = 1; i < keys; i++) {
            assertThat(paces.find(KeyHash.of("key " + i))).isZero();
        }
        int pages = paces.pages();
        for (int i = 1; i < keys; i++) {
            paces.set(KeyHash.of("new " + i), 9 * NANOS, 1, 0, page -> {});
        }
        assertThat(paces.pages()).isEqualTo(pages);
    }
}
