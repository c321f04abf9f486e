package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.engine.bytes.MalformedException;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

/// A message comes out of the log as it went in.
class StoredMessageTest {
    private static final Message FULL =
            Message.builder("body ünïcode")
                    .key(Bytes.utf8("key"))
                    .header("a", "1")
                    .header(new Header("n", "number.int", Bytes.utf8("42")))
                    .header(new Header("b", Header.BYTES, Bytes.of(new byte[] {0, -1})))
                    .header("a", "2")
                    .id("id")
                    .type("type")
                    .contentType("text/plain")
                    .correlationId("correlation")
                    .replyTo("reply")
                    .group("group")
                    .deduplication("deduplication")
                    .priority(7)
                    .delay(Duration.ofMillis(1500))
                    .timeToLive(Duration.ZERO)
                    .trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                    .time(Instant.ofEpochMilli(-5))
                    .build();

    @Test
    void every_property_survives() {
        assertThat(StoredMessage.decode(ByteBuffer.wrap(StoredMessage.encode(FULL))))
                .isEqualTo(FULL);
    }

    @Test
    void an_empty_message_survives() {
        Message empty = Message.of(Bytes.EMPTY);

        assertThat(StoredMessage.decode(ByteBuffer.wrap(StoredMessage.encode(empty))))
                .isEqualTo(empty);
    }

    @Test
    void every_flipped_bit_is_noticed() {
        byte[] stored = StoredMessage.encode(FULL);
        for (int bit = 0; bit < stored.length * 8; bit++) {
            byte[] flipped = stored.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> StoredMessage.decode(ByteBuffer.wrap(flipped)))
                    .isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void what_an_earlier_version_stored_is_read() {
        byte[] stored =
                HexFormat.of()
                        .parseHex("a1c5de00010002370000000000000000000001016804746578740176026869");

        assertThat(StoredMessage.decode(ByteBuffer.wrap(stored)))
                .isEqualTo(Message.builder("hi").id("7").header("h", "v").build());
        assertThat(StoredMessage.traits(stored)).isEqualTo(Traits.PLAIN);
    }

    @Test
    void what_decides_about_handing_out_is_read_without_the_rest() {
        assertThat(StoredMessage.traits(StoredMessage.encode(FULL)))
                .isEqualTo(
                        new Traits(
                                KeyHash.of("group"),
                                7,
                                1500,
                                0,
                                KeyHash.of("deduplication"),
                                FULL.type()));
        assertThat(StoredMessage.traits(StoredMessage.encode(Message.of("plain"))))
                .isEqualTo(Traits.PLAIN);
    }

    @Test
    void the_format_is_this() {
        byte[] stored =
                StoredMessage.encode(Message.builder("hi").id("7").header("h", "v").build());

        assertThat(HexFormat.of().formatHex(stored))
                .isEqualTo("d68333ad0200000237000000000001016804746578740176026869");
    }
}
