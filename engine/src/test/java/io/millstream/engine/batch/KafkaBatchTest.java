package io.millstream.engine.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.engine.bytes.MalformedException;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Kafka's own code understands our batches, and we understand its.
class KafkaBatchTest {
    private static final long NOW = 1_764_000_000_000L;
    private static final long BASE = 4_000_000_000L;
    private static final Compression NONE = Compression.NONE;

    private static MutableRecordBatch seenByKafka(byte[] batch) {
        ByteBuffer stored = ByteBuffer.wrap(batch.clone());
        stored.putLong(RecordBatch.BASE_OFFSET_AT, BASE);
        List<MutableRecordBatch> batches = new ArrayList<>();
        MemoryRecords.readableRecords(stored).batches().forEach(batches::add);
        assertThat(batches).hasSize(1);
        batches.getFirst().ensureValid();
        return batches.getFirst();
    }

    private static Bytes bytes(ByteBuffer buffer) {
        return buffer == null ? null : Bytes.copyOf(buffer);
    }

    private static List<Header> headers(Record record) {
        return Arrays.stream(record.headers())
                .map(header -> new Header(header.key(), Header.BYTES, Bytes.of(header.value())))
                .toList();
    }

    private static Message message(Record record) {
        Message.Builder message = Message.builder(bytes(record.value())).key(bytes(record.key()));
        headers(record).forEach(message::header);
        return message.build();
    }

    private static SimpleRecord record(Message message) {
        Bytes key = message.key();
        return new SimpleRecord(
                NOW + message.body().length(),
                key == null ? null : key.toArray(),
                message.body().toArray(),
                message.headers().stream()
                        .map(header -> new RecordHeader(header.name(), header.value().toArray()))
                        .toArray(RecordHeader[]::new));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void kafka_reads_keys_values_and_headers_as_they_were_appended(long seed) {
        RandomMessages random = new RandomMessages(seed);
        for (int i = 0; i < 50; i++) {
            List<Message> messages = random.plain();
            List<Message> read = new ArrayList<>();
            long offset = BASE;
            for (Record record : seenByKafka(BatchWriter.write(messages, NOW))) {
                record.ensureValid();
                assertThat(record.offset()).isEqualTo(offset++);
                assertThat(record.timestamp()).isEqualTo(NOW);
                read.add(message(record));
            }

            assertThat(read).isEqualTo(messages);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void kafka_sees_the_time_of_an_event_and_what_it_has_no_field_for_in_one_header(long seed) {
        List<Message> messages = new RandomMessages(seed).any();
        MutableRecordBatch batch = seenByKafka(BatchWriter.write(messages, NOW));
        long highest = 0;
        int i = 0;
        for (Record record : batch) {
            Message message = messages.get(i++);
            Instant time = message.time() == null ? Instant.ofEpochMilli(NOW) : message.time();
            highest = Math.max(highest, time.toEpochMilli());
            List<Header> headers = headers(record);

            assertThat(record.timestamp()).isEqualTo(time.toEpochMilli());
            assertThat(bytes(record.key())).isEqualTo(message.key());
            assertThat(bytes(record.value())).isEqualTo(message.body());
            assertThat(headers.stream().limit(message.headers().size()))
                    .extracting(header -> header.name() + "=" + header.value())
                    .isEqualTo(
                            message.headers().stream()
                                    .map(header -> header.name() + "=" + header.value())
                                    .toList());
            assertThat(headers.size() - message.headers().size())
                    .isEqualTo(Properties.has(message) ? 1 : 0);
        }
        assertThat(batch.maxTimestamp()).isEqualTo(highest);
        assertThat(batch.lastOffset()).isEqualTo(BASE + messages.size() - 1);
        assertThat(batch.countOrNull()).isEqualTo(messages.size());
        assertThat(batch.hasProducerId()).isFalse();
        assertThat(batch.isTransactional()).isFalse();
        assertThat(batch.isControlBatch()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void batches_that_kafka_makes_are_read(long seed) {
        RandomMessages random = new RandomMessages(seed);
        for (int i = 0; i < 50; i++) {
            List<Message> messages = random.plain();
            SimpleRecord[] records =
                    messages.stream().map(KafkaBatchTest::record).toArray(SimpleRecord[]::new);
            ByteBuffer batch = MemoryRecords.withRecords(BASE, NONE, records).buffer();

            assertThat(RecordBatch.isSound(batch)).isTrue();
            assertThat(RecordBatch.baseOffset(batch)).isEqualTo(BASE);
            assertThat(RecordBatch.offsets(batch)).isEqualTo(messages.size());
            BatchReader reader = new BatchReader(batch);
            long offset = BASE;
            for (Message message : messages) {
                assertThat(reader.hasNext()).isTrue();
                assertThat(reader.next()).isEqualTo(new BatchReader.Read(offset++, message));
            }
            assertThat(reader.hasNext()).isFalse();
        }
    }

    @Test
    void a_record_of_kafka_without_key_and_value_is_an_empty_message() {
        SimpleRecord nothing = new SimpleRecord(NOW, null, (byte[]) null);
        BatchReader reader =
                new BatchReader(MemoryRecords.withRecords(BASE, NONE, nothing).buffer());

        assertThat(reader.next().message()).isEqualTo(Message.of(Bytes.EMPTY));
    }

    @Test
    void a_compressed_batch_of_kafka_is_sound_but_not_read() {
        SimpleRecord record = new SimpleRecord(NOW, new byte[] {1}, new byte[1000]);
        ByteBuffer batch =
                MemoryRecords.withRecords(BASE, Compression.gzip().build(), record).buffer();

        assertThat(RecordBatch.isSound(batch)).isTrue();
        assertThatThrownBy(() -> new BatchReader(batch))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("compressed");
    }
}
