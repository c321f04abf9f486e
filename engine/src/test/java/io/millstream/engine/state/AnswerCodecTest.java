package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.ChannelName;
import io.millstream.api.Feature;
import io.millstream.api.Fence;
import io.millstream.api.Handle;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/// Receipts come back as they were answered, and their bytes never change.
class AnswerCodecTest {
    private static final Instant NOW = Instant.ofEpochMilli(300);
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final Refusal.IsFull FULL = new Refusal.IsFull(MAIL, "1 messages");

    private static String hex(Receipt receipt) {
        return HexFormat.of().formatHex(AnswerCodec.encode(receipt));
    }

    private static Receipt roundTrip(Receipt receipt) {
        return AnswerCodec.decodeReceipt(new Input(ByteBuffer.wrap(AnswerCodec.encode(receipt))));
    }

    @Test
    void each_effect_comes_back_as_it_was() {
        Effect.Routed routed =
                new Effect.Routed(
                        List.of(
                                new Effect.Reached(MAIL, 0, new Effect.Stored(7)),
                                new Effect.Reached(
                                        new ChannelName("v", "t"), 3, new Effect.Appended(1, 2)),
                                new Effect.Reached(MAIL, 0, new Effect.Duplicate(5))),
                        List.of(FULL),
                        true);
        Receipt receipt =
                new Receipt.Committed(
                        NOW,
                        List.of(
                                new Effect.Stored(1L << 60),
                                new Effect.Duplicate(2),
                                new Effect.Appended(3, 4),
                                routed,
                                new Effect.Routed(List.of(), List.of(), false),
                                new Effect.Changed(5),
                                new Effect.Extended(NOW.plusMillis(1)),
                                new Effect.Settled(null),
                                new Effect.Settled(MAIL),
                                new Effect.Edited(6),
                                new Effect.Replayed(1, 2, true),
                                Effect.Plain.PLAIN));

        assertThat(roundTrip(receipt)).isEqualTo(receipt);
    }

    @Test
    void each_refusal_comes_back_as_it_was() {
        List<Refusal> refusals =
                List.of(
                        new Refusal.NoSuchChannel(MAIL),
                        new Refusal.NoSuchExchange(MAIL),
                        new Refusal.Conflict("größe", 7),
                        new Refusal.StaleFence(new Handle(MAIL, 1, 17, new Fence(-1, -5))),
                        FULL,
                        new Refusal.Busy("why"),
                        new Refusal.Duplicate(7),
                        new Refusal.TooLarge("A row", 2, 1),
                        new Refusal.NotSupported(Feature.TOPICS),
                        new Refusal.Invalid("why"));

        assertThat(refusals)
                .allSatisfy(refusal -> {
                    Receipt receipt = new Receipt.Refused(NOW, 9_999, refusal);
                    assertThat(roundTrip(receipt)).isEqualTo(receipt);
                });
        assertThat(refusals).hasSameSizeAs(Refusal.class.getPermittedSubclasses());
    }

    @Test
    void the_bytes_are_these() {
        List<Effect> effects = List.of(new Effect.Stored(300), new Effect.Settled(null));

        assertThat(hex(new Receipt.Committed(NOW, effects)))
                .isEqualTo("d804" + "01" + "02" + "01ac02" + "0700");
        assertThat(hex(new Receipt.Refused(NOW, 3, new Refusal.Duplicate(7))))
                .isEqualTo("d804" + "02" + "03" + "0707");
    }

    @Test
    void what_is_no_receipt_is_malformed() {
        for (String hex : List.of("00", "0003", "00010163", "00020063", "000102")) {
            Input in = new Input(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
            assertThatThrownBy(() -> AnswerCodec.decodeReceipt(in))
                    .as(hex)
                    .isInstanceOf(MalformedException.class);
        }
    }
}
