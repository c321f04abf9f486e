package io.millstream.engine.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.engine.bytes.MalformedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/// Messages come out of a batch as they went in, and bytes that are no batch are told as such.
class RecordBatchTest {
    private static final long NOW = 1_764_000_000_000L;

    private static List<Message> read(byte[] batch) {
        return read(ByteBuffer.wrap(batch));
    }

    private static List<Message> read(ByteBuffer batch) {
        List<Message> messages = new ArrayList<>();
        BatchReader reader = new BatchReader(batch);
        while (reader.hasNext()) {
            messages.add(reader.next().message());
        }
        return messages;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void random_messages_survive(long seed) {
        RandomMessages random = new RandomMessages(seed);
        for (int i = 0; i < 50; i++) {
            List<Message> messages = random.any();

            assertThat(read(BatchWriter.write(messages, NOW))).isEqualTo(messages);
        }
    }

    @Test
    void keys_are_read_alone_as_well() {
        List<Message> messages = new RandomMessages(9).any();
        BatchReader reader = new BatchReader(ByteBuffer.wrap(BatchWriter.write(messages, NOW)));

        for (Message message : messages) {
            assertThat(reader.nextKey()).isEqualTo(message.key());
        }
        assertThat(reader.hasNext()).isFalse();
    }

    @Test
    void a_batch_in_the_middle_of_a_buffer_is_read_where_it_lies() {
        List<Message> messages = new RandomMessages(10).any();
        byte[] batch = BatchWriter.write(messages, NOW);
        ByteBuffer buffer = ByteBuffer.allocate(batch.length + 20).position(7).put(batch).flip();
        buffer.position(7);

        assertThat(RecordBatch.isSound(buffer)).isTrue();
        assertThat(RecordBatch.offsets(buffer)).isEqualTo(messages.size());
        assertThat(read(buffer)).isEqualTo(messages);
        assertThat(buffer.position()).isEqualTo(7);
    }

    @Test
    void a_header_of_a_stranger_that_is_called_as_ours_comes_back() {
        Message message =
                Message.builder("body")
                        .header(new Header(Properties.HEADER, Header.BYTES, Bytes.utf8("theirs")))
                        .build();

        assertThat(read(BatchWriter.write(List.of(message), NOW))).containsExactly(message);
    }

    @Test
    void the_format_is_this() {
        Message message =
                Message.builder("v")
                        .key(Bytes.utf8("k"))
                        .header(new Header("h", Header.BYTES, Bytes.utf8("x")))
                        .time(Instant.ofEpochMilli(5))
                        .build();

        assertThat(HexFormat.of().formatHex(BatchWriter.write(List.of(message), NOW)))
                .isEqualTo(
                        "0000000000000000"
                                + "00000058"
                                + "00000000"
                                + "02"
                                + "3ad8ed75"
                                + "0000"
                                + "00000000"
                                + "0000000000000005"
                                + "0000000000000005"
                                + "ffffffffffffffff"
                                + "ffff"
                                + "ffffffff"
                                + "00000001"
                                + "4c0000"
                                + "00026b"
                                + "0276"
                                + "04"
                                + "0268"
                                + "0278"
                                + "146d696c6c73747265616d"
                                + "1c0200000000000000000000010000");
    }

    @Test
    void every_flipped_bit_behind_the_base_offset_and_the_epoch_is_noticed() {
        byte[] batch = BatchWriter.write(new RandomMessages(11).any(), NOW);
        for (int bit = RecordBatch.LENGTH_AT * 8; bit < batch.length * 8; bit++) {
            if (bit / 8 == RecordBatch.LEADER_EPOCH_AT) {
                bit = RecordBatch.MAGIC_AT * 8;
            }
            byte[] flipped = batch.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));

            assertThat(RecordBatch.isSound(ByteBuffer.wrap(flipped))).as("bit %d", bit).isFalse();
        }
    }

    @Test
    void a_batch_that_ends_too_early_is_not_sound_and_malformed() {
        byte[] batch = BatchWriter.write(new RandomMessages(12).any(), NOW);
        for (int length = 0; length < batch.length; length++) {
            ByteBuffer torn = ByteBuffer.wrap(batch, 0, length).slice();

            assertThat(RecordBatch.isSound(torn)).isFalse();
            assertThatThrownBy(() -> read(torn)).isInstanceOf(MalformedException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damage_that_a_checksum_did_not_see_is_malformed_or_reads_as_other_messages(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] batch = BatchWriter.write(new RandomMessages(seed).any(), NOW);
        for (int i = 0; i < 5_000; i++) {
            byte[] damaged = batch.clone();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                damaged[random.nextInt(batch.length)] ^= (byte) (1 << random.nextInt(8));
            }

            Throwable thrown = catchThrowable(() -> read(damaged));
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(MalformedException.class);
            }
        }
    }
}
