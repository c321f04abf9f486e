package io.millstream.server.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapSharesTest {
    private static final long MIB = 1 << 20;

    @Test
    void a_large_machine_has_the_usual_bounds() {
        HeapShares shares = new HeapShares(4096 * MIB);

        assertThat(shares.queuedBytesMax()).isEqualTo(64 * MIB);
        assertThat(shares.bodiesBytesMax()).isEqualTo(256 * MIB);
        assertThat(shares.answersBytesMax()).isEqualTo(256 * MIB);
        assertThat(shares.apiBytesMax()).isEqualTo(128 * MIB);
        assertThat(shares.tailChunkBytes()).isEqualTo(4 * MIB);
        assertThat(shares.tailBytes()).isEqualTo(32 * MIB);
    }

    @Test
    void a_small_container_leaves_most_of_its_heap_to_what_comes() {
        HeapShares shares = new HeapShares(96 * MIB);

        assertThat(shares.queuedBytesMax() + shares.bodiesBytesMax() + shares.answersBytesMax())
                .isEqualTo(3 * (96 * MIB / 10));
        assertThat(shares.apiBytesMax()).isEqualTo(96 * MIB / 20);
        assertThat(shares.knownBytesMax()).isEqualTo(48 * MIB);
        assertThat(shares.looksMax()).isEqualTo(4);
        assertThat(shares.tailBytes()).isEqualTo(8 * MIB);
        assertThat(shares.networkBytesMax()).isEqualTo(16 * MIB);
    }
}
