package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Keys are found until their time is over, wherever in the table they lie.
class SeenKeysTest {
    private static final int PAGE_KEYS = 1024;

    private final HeapAccount heap = new HeapAccount();

    private record Seen(long sequence, long time) {}

    /// Many have the same home.
    private static KeyHash key(int number) {
        return new KeyHash(number, number % 97);
    }

    private static List<SeenKeys.Page> pages(SeenKeys keys) {
        List<SeenKeys.Page> pages = new ArrayList<>();
        for (SeenKeys.Page page = keys.pageFrom(0);
                page != null;
                page = keys.pageFrom(page.number + 1)) {
            pages.add(page);
        }
        return pages;
    }

    private static SeenKeys reread(SeenKeys keys, long heapBytes) {
        List<SeenKeys.Page> pages = pages(keys);
        Collections.reverse(pages);
        HeapAccount heap = new HeapAccount();
        SeenKeys again = new SeenKeys(heap);
        for (SeenKeys.Page page : pages) {
            Output out = new Output(64);
            page.write(out);
            again.restore(SeenKeys.Page.read(new Input(ByteBuffer.wrap(out.toArray()))));
        }
        again.loaded();
        assertThat(heap.bytes()).isEqualTo(heapBytes);
        return again;
    }

    private static SeenKeys from(long page) {
        Output out = new Output(64);
        out.varint(page);
        out.varint(1);
        key(0).write(out);
        out.varint(1);
        out.zigzag(1);
        SeenKeys keys = new SeenKeys(new HeapAccount());
        keys.restore(SeenKeys.Page.read(new Input(ByteBuffer.wrap(out.toArray()))));
        keys.loaded();
        return keys;
    }

    private static void check(SeenKeys keys, Map<Integer, Seen> model, long since, int range) {
        for (int i = 0; i < range; i++) {
            Seen seen = model.get(i);
            long expected = seen == null || seen.time <= since ? 0 : seen.sequence;
            assertThat(keys.find(key(i), since)).isEqualTo(expected);
        }
    }

    private static void run(SeenKeys keys, Random random, int range) {
        Map<Integer, Seen> model = new HashMap<>();
        int window = 1000 + random.nextInt(4000);
        long time = 10;
        long sequence = 1;
        for (int round = 0; round < 12; round++) {
            for (int i = random.nextInt(4000); i > 0; i--) {
                time += random.nextInt(3);
                if (keys.firstOver(time - window) != null) {
                    keys.dropFirst();
                }
                int number = random.nextInt(range);
                keys.add(key(number), ++sequence, time, 0);
                model.put(number, new Seen(sequence, time));
            }
            check(keys, model, time - window, range);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void what_was_seen_lately_is_found_and_nothing_else(int seed) {
        Random random = new Random(seed);
        SeenKeys keys = new SeenKeys(heap);
        run(keys, random, 3000);

        assertThat(heap.bytes()).isEqualTo(keys.heapBytes());
        SeenKeys again = reread(keys, heap.bytes());
        assertThat(pages(again)).hasSameSizeAs(pages(keys));
        for (int i = 0; i < 3000; i++) {
            assertThat(again.find(key(i), 0)).isEqualTo(keys.find(key(i), 0));
        }
    }

    @Test
    void places_begin_again_after_two_thousand_million_keys() {
        long pagesAll = (1L << 31) / PAGE_KEYS;
        SeenKeys keys = from(pagesAll - 2);

        run(keys, new Random(4), 6000);

        assertThat(pages(keys).getLast().number).isGreaterThan(pagesAll);
    }
}
