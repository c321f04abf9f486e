package io.millstream.engine.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.Message;
import io.millstream.engine.batch.BatchWriter;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionId;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// What of an extent counts when some of its bytes do not.
class ExtentCheckTest {
    private static final PartitionId PLACE = new PartitionId(300, 2);
    private static final long FIRST = 1000;
    private static final long POSITION = 1 << 20;
    private static final int STORED = 1_700_000;

    /// A batch as it lies in the log or a segment, with its length before it.
    private static byte[] framed(long offset, int records, Bytes body) {
        List<Message> messages = Collections.nCopies(records, Message.builder(body).build());
        return framed(PLACE, offset, messages);
    }

    private static byte[] framed(PartitionId place, long offset, List<Message> messages) {
        byte[] batch = BatchWriter.write(messages, STORED);
        Output entry = new Output(batch.length);
        EntryCodec.encode(
                new Entry.Appended(place.channel(), place.partition(), STORED, offset, batch),
                entry);
        Output framed = new Output(entry.length());
        framed.varint(entry.length());
        framed.raw(entry.toArray());
        return framed.toArray();
    }

    private static byte[] framed(long offset, int records) {
        return framed(offset, records, Bytes.utf8("body of " + offset));
    }

    private static byte[] joined(byte[]... parts) {
        Output all = new Output(1);
        for (byte[] part : parts) {
            all.raw(part);
        }
        return all.toArray();
    }

    private static Extent extent(long end, int batches, byte[] bytes) {
        return new Extent(FIRST, end, POSITION, bytes.length, batches, STORED);
    }

    private static List<Long> firsts(ExtentCheck check) {
        return check.pieces().stream().map(Extent::first).toList();
    }

    @Test
    void a_sound_extent_is_its_batches() {
        byte[] one = framed(FIRST, 3);
        byte[] other = framed(FIRST + 3, 1);
        byte[] all = joined(one, other);

        ExtentCheck check = new ExtentCheck(PLACE, extent(FIRST + 4, 2, all), all);

        assertThat(check.damagedAt()).isNegative();
        assertThat(check.pieces())
                .containsExactly(
                        new Extent(FIRST, FIRST + 3, POSITION, one.length, 1, STORED),
                        new Extent(
                                FIRST + 3,
                                FIRST + 4,
                                POSITION + one.length,
                                other.length,
                                1,
                                STORED));
    }

    @Test
    void whichever_bit_turns_over_only_its_own_batch_is_lost() {
        List<byte[]> batches =
                List.of(
                        framed(FIRST, 2),
                        framed(FIRST + 2, 1, Bytes.utf8("x".repeat(200))),
                        framed(FIRST + 3, 3),
                        framed(FIRST + 6, 1));
        List<Long> firsts = List.of(FIRST, FIRST + 2, FIRST + 3, FIRST + 6);
        byte[] all = joined(batches.toArray(byte[][]::new));
        Extent extent = extent(FIRST + 7, 4, all);
        int start = 0;
        int unnoticed = 0;
        for (int hit = 0; hit < batches.size(); hit++) {
            int end = start + batches.get(hit).length;
            List<Long> others = new ArrayList<>(firsts);
            others.remove(hit);
            for (int bit = start * Byte.SIZE; bit < end * Byte.SIZE; bit++) {
                byte[] turned = all.clone();
                turned[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
                ExtentCheck check = new ExtentCheck(PLACE, extent, turned);
                if (check.damagedAt() < 0) {
                    unnoticed++;
                    assertThat(firsts(check)).isEqualTo(firsts);
                } else {
                    assertThat(firsts(check)).as("bit %d", bit).isEqualTo(others);
                    assertThat(check.damagedAt()).isEqualTo(POSITION + start);
                }
            }
            start = end;
        }
        // The leader epoch of a batch means nothing here and is in no checksum.
        assertThat(unnoticed).isEqualTo(batches.size() * Integer.SIZE);
    }

    @Test
    void a_length_that_leads_to_a_later_batch_does_not_lead_past_sound_ones() {
        byte[] first = framed(FIRST, 1);
        int more = first.length;
        byte[] all =
                joined(first, framed(FIRST + 1, 1), framed(FIRST + 2, 1), framed(FIRST + 3, 1));
        // One byte or two: what is added to the length may carry.
        long length = (all[0] & 0x7F) | ((long) all[1] << 7);
        all[0] = (byte) (((length + more) & 0x7F) | 0x80);
        all[1] = (byte) ((length + more) >>> 7);

        ExtentCheck check = new ExtentCheck(PLACE, extent(FIRST + 4, 4, all), all);

        assertThat(firsts(check)).containsExactly(FIRST + 1, FIRST + 2, FIRST + 3);
    }

    @Test
    void a_batch_that_has_the_offset_of_another_one_is_damage() {
        byte[] all = joined(framed(FIRST, 1), framed(FIRST + 7, 1), framed(FIRST + 2, 1));

        ExtentCheck check = new ExtentCheck(PLACE, extent(FIRST + 3, 3, all), all);

        assertThat(firsts(check)).containsExactly(FIRST, FIRST + 2);
        assertThat(check.damagedAt()).isEqualTo(POSITION + framed(FIRST, 1).length);
    }

    @Test
    void batches_of_another_place_or_time_do_not_count() {
        byte[] all = joined(framed(FIRST - 20, 1), framed(FIRST - 19, 1));
        Extent extent = extent(FIRST + 2, 2, all);
        byte[] foreign =
                framed(new PartitionId(301, 2), FIRST, List.of(Message.builder("x").build()));

        assertThat(new ExtentCheck(PLACE, extent, all).pieces()).isEmpty();
        assertThat(new ExtentCheck(PLACE, extent, all).damagedAt()).isEqualTo(POSITION);
        ExtentCheck check = new ExtentCheck(PLACE, extent(FIRST + 1, 1, foreign), foreign);
        assertThat(check.pieces()).isEmpty();
        assertThat(check.damagedAt()).isEqualTo(POSITION);
    }

    @Test
    void an_extent_that_lacks_its_last_records_is_damaged() {
        byte[] all = joined(framed(FIRST, 1), framed(FIRST + 1, 1));

        ExtentCheck check = new ExtentCheck(PLACE, extent(FIRST + 3, 3, all), all);

        assertThat(firsts(check)).containsExactly(FIRST, FIRST + 1);
        assertThat(check.damagedAt()).isEqualTo(POSITION + all.length);
    }

    @Test
    void a_message_that_looks_like_a_batch_is_not_taken_for_one() {
        byte[] inner = framed(FIRST + 1, 1);
        byte[] outer = framed(FIRST, 2, Bytes.of(inner));
        byte[] last = framed(FIRST + 2, 1);
        byte[] all = joined(outer, last);
        Extent extent = extent(FIRST + 3, 2, all);

        byte[] body = all.clone();
        body[outer.length - 1] ^= 1;
        byte[] length = all.clone();
        length[0] ^= 1;

        assertThat(firsts(new ExtentCheck(PLACE, extent, body))).containsExactly(FIRST + 2);
        // Which one is the message nobody can tell, so neither counts.
        assertThat(firsts(new ExtentCheck(PLACE, extent, length))).isEmpty();
    }

    @Test
    void what_is_nothing_but_noise_is_soon_given_up() {
        byte[] all = new byte[64 << 10];
        byte[] beginning = EntryCodec.beginningOfBatch(PLACE.channel(), PLACE.partition());
        IntStream.range(0, all.length).forEach(at -> all[at] = beginning[at % beginning.length]);

        ExtentCheck check = new ExtentCheck(PLACE, extent(FIRST + 9, 9, all), all);

        assertThat(check.pieces()).isEmpty();
        assertThat(check.damagedAt()).isEqualTo(POSITION);
    }
}
