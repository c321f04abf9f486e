package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Via;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Entries come out of the log as they went in, and their bytes never change.
class EntryCodecTest {
    private static final Definition.Queue QUEUE =
            Definition.Queue.builder(ChannelName.of("mail"))
                    .maxAttempts(3)
                    .deadLetter(new ChannelName("v", "dead"))
                    .maxInFlight(10)
                    .retention(Duration.ofDays(4))
                    .messageBytesMax(1024)
                    .arguments(Map.of("a", "b"))
                    .build();

    private static String hex(Entry entry) {
        Output out = new Output(8);
        EntryCodec.encode(entry, out);
        return HexFormat.of().formatHex(out.toArray());
    }

    private static Entry roundTrip(Entry entry) {
        Output out = new Output(8);
        EntryCodec.encode(entry, out);
        return EntryCodec.decode(out.view());
    }

    @Test
    void every_entry_without_an_array_survives() {
        List<Entry> entries =
                List.of(
                        new Entry.Opened(4, 5000),
                        new Entry.Restored(1 << 20),
                        new Entry.QueueDefined(1, 2, QUEUE),
                        new Entry.QueueDefined(1, 2, Definition.Queue.of(ChannelName.of("q"))),
                        new Entry.QueueRemoved(1, 3),
                        new Entry.Settled(1, Long.MAX_VALUE, true),
                        new Entry.Returned(1, 2, 0, Entry.Uncount.DELIVERY),
                        new Entry.Extended(1, 2, 3),
                        new Entry.Moved(1, 2, 3, 4, Via.Cause.REJECTED, "why"),
                        new Entry.Stranded(1, 2, Via.Cause.REJECTED, "why"),
                        new Entry.Dropped(1, 2),
                        new Entry.Transferred(1, 2, 3, 4),
                        new Entry.ArchiveBegun(1, 2),
                        new Entry.Replayed(1, 2, 3),
                        new Entry.Expired(
                                1,
                                List.of(
                                        new Entry.Expired.Range(2, 3),
                                        new Entry.Expired.Range(9, 1L << 62))),
                        new Entry.Purged(1, 9),
                        new Entry.Evacuated(1, List.of(new Entry.Evacuated.Part(1, 1L << 62, -1))),
                        new Entry.RowWritten("t", "k", Bytes.utf8("v"), 1, 0),
                        new Entry.RowWritten("t", "k", null, 2, 3));

        assertThat(entries).allSatisfy(entry -> assertThat(roundTrip(entry)).isEqualTo(entry));
    }

    @Test
    void a_receipt_that_is_remembered_survives_and_has_these_bytes() {
        Entry.Answered answered = new Entry.Answered("s", 300, 7, new byte[] {1, 2});

        assertThat(hex(answered)).isEqualTo("25" + "0173" + "ac02" + "07" + "0102");
        assertThat((Entry.Answered) roundTrip(answered))
                .usingRecursiveComparison()
                .isEqualTo(answered);
    }

    @Test
    void sequences_survive_in_any_order() {
        Entry.Taken taken = new Entry.Taken(7, 123, new long[] {5, 9, 2, Long.MAX_VALUE / 2});

        Entry.Taken again = (Entry.Taken) roundTrip(taken);

        assertThat(again.sequences()).containsExactly(taken.sequences());
        assertThat(again.channel()).isEqualTo(7);
        assertThat(again.deadline()).isEqualTo(123);
    }

    @Test
    void the_bytes_are_these() {
        assertThat(hex(new Entry.Opened(1, 5000))).isEqualTo("01018827");
        assertThat(hex(new Entry.Restored(5))).isEqualTo("0f05");
        assertThat(hex(new Entry.Put(1, 2, new byte[] {9}))).isEqualTo("04010209");
        assertThat(hex(new Entry.Taken(1, 0, new long[] {3, 4, 1})))
                .isEqualTo("050100030602" + "05");
        assertThat(hex(new Entry.Returned(1, 2, 0, Entry.Uncount.ATTEMPT))).isEqualTo("0701020001");
    }

    @Test
    void the_bytes_of_a_definition_and_of_what_expired_are_these() {
        Definition.Queue queue =
                Definition.Queue.of(ChannelName.of("q"))
                        .withRetention(Duration.ofMillis(300))
                        .withMessageBytesMax(7);
        Entry.Expired expired =
                new Entry.Expired(
                        1,
                        List.of(new Entry.Expired.Range(2, 4), new Entry.Expired.Range(300, 301)));

        assertThat(hex(new Entry.QueueDefined(1, 2, queue)))
                .isEqualTo(
                        "100102"
                                + "012f"
                                + "0171"
                                + "00"
                                + "00"
                                + "c0a907"
                                + "00"
                                + "01"
                                + "00ac02000000"
                                + "07"
                                + "000000"
                                + "00"
                                + "00"
                                + "00"
                                + "00"
                                + "0000"
                                + "0000"
                                + "00");
        String old = "020102" + "012f" + "0171" + "00" + "00" + "c0a907" + "ac02" + "07" + "00";
        assertThat(EntryCodec.decode(ByteBuffer.wrap(HexFormat.of().parseHex(old))))
                .isEqualTo(new Entry.QueueDefined(1, 2, queue));
        assertThat(hex(expired)).isEqualTo("0e0102" + "0202" + "a80201");
    }

    @Test
    void an_unknown_type_says_that_a_later_version_may_have_written_it() {
        assertThatThrownBy(() -> EntryCodec.decode(ByteBuffer.wrap(new byte[] {99})))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("later version");
    }

    @Test
    void bytes_that_end_too_early_are_malformed() {
        assertThatThrownBy(() -> EntryCodec.decode(ByteBuffer.wrap(new byte[] {7, 1})))
                .isInstanceOf(MalformedException.class);
    }
}
