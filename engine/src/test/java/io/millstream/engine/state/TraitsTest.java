package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.Message;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.time.Duration;

/// What a message says about being handed out is read as it was written.
class TraitsTest {

    private static Input written(Message message) {
        Output out = new Output(16);
        Traits.write(message, out);
        return new Input(ByteBuffer.wrap(out.toArray()));
    }

    private static Message read(Message message) {
        Message.Builder builder = Message.builder(Bytes.EMPTY);
        Traits.read(written(message), builder);
        return builder.build();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 8, 16, 31, 21, 10})
    void each_part_stands_for_itself(int mask) {
        Message.Builder builder = Message.builder(Bytes.EMPTY);
        builder.group((mask & 1) == 0 ? null : "grüße");
        builder.priority((mask & 2) == 0 ? 0 : Message.PRIORITY_MAX);
        builder.delay((mask & 4) == 0 ? Duration.ZERO : Duration.ofSeconds(70));
        builder.timeToLive((mask & 8) == 0 ? null : Duration.ZERO);
        builder.deduplication((mask & 16) == 0 ? null : "");
        Message message = builder.build();

        assertThat(read(message)).isEqualTo(message);
        assertThat(Traits.read(written(message)))
                .isEqualTo(
                        new Traits(
                                (mask & 1) == 0 ? null : KeyHash.of("grüße"),
                                (mask & 2) == 0 ? 0 : 31,
                                (mask & 4) == 0 ? 0 : 70_000,
                                (mask & 8) == 0 ? Traits.NO_LIMIT : 0,
                                (mask & 16) == 0 ? null : KeyHash.of("")));
    }

    @Test
    void what_never_comes_does_not_overflow() {
        Message message =
                Message.builder(Bytes.EMPTY)
                        .delay(Duration.ofSeconds(Long.MAX_VALUE))
                        .timeToLive(Duration.ofSeconds(Long.MAX_VALUE))
                        .build();
        Traits traits = Traits.read(written(message));
        long now = 4_000_000_000_000L;

        assertThat(now + traits.delayMillis()).isGreaterThan(now);
        assertThat(Turn.ofWait(now + traits.delayMillis())).isGreaterThan(now);
        assertThat(now + traits.liveMillis()).isGreaterThan(now);
    }

    @Test
    void key_hashes_are_half_a_sha_256_and_depend_on_their_order() {
        KeyHash key = KeyHash.of("abc");
        Output out = new Output(16);
        key.write(out);

        assertThat(key).isEqualTo(new KeyHash(0xba7816bf8f01cfeaL, 0x414140de5dae2223L));
        assertThat(KeyHash.read(new Input(ByteBuffer.wrap(out.toArray())))).isEqualTo(key);
        assertThat(out.length()).isEqualTo(16);
        assertThat(key.with(KeyHash.of("d"))).isNotEqualTo(KeyHash.of("d").with(key));
    }
}
