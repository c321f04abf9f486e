package io.millstream.engine.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a log is after its process went away, and what it refuses to be.
class LogRecoveryTest {
    private static final int FILE_BYTES = 64 << 10;
    private static final Log.Settings SETTINGS =
            new Log.Settings(FILE_BYTES, 4, FILE_BYTES, 2L * FILE_BYTES);

    private final MemoryDisk disk = new MemoryDisk();

    /// Collects what is replayed.
    private static final class Replayed implements LogReplay {
        private final List<String> entries = new ArrayList<>();
        private final List<Long> positions = new ArrayList<>();
        private String checkpoint = "";

        @Override
        public void begin() {
            checkpoint = "";
        }

        @Override
        public void slice(ByteBuffer slice) {
            checkpoint += StandardCharsets.UTF_8.decode(slice);
        }

        @Override
        public void checkpointed() {
            checkpoint += ".";
        }

        @Override
        public void frame(long now) {}

        @Override
        public void entry(long position, int framedBytes, ByteBuffer entry) {
            positions.add(position);
            entries.add(StandardCharsets.UTF_8.decode(entry).toString());
        }
    }

    private Replayed replayed = new Replayed();

    private Log open() throws IOException {
        replayed = new Replayed();
        return Log.open(disk, SETTINGS, fileBytes -> replayed);
    }

    /// Brings one frame with these entries to the disk, preparing files as the background does.
    private static void append(Log log, String... entries) throws IOException {
        int bytes = 0;
        for (String entry : entries) {
            bytes += entry.length();
        }
        while (!log.appender().open(bytes, entries.length, log.writer().durable())) {
            assertThat(log.ring().prepareStep(true)).isTrue();
        }
        for (String entry : entries) {
            log.appender().append(ByteBuffer.wrap(entry.getBytes(StandardCharsets.UTF_8)));
        }
        long end = log.seal(1, 1);
        log.writer().step();
        log.writer().step();
        assertThat(log.writer().durable()).isEqualTo(end);
    }

    private static Checkpoints.Writer begin(Log log, String... slices) throws IOException {
        Checkpoints.Writer writer = log.checkpoints().begin(log.appender().position());
        for (String slice : slices) {
            writer.append(ByteBuffer.wrap(slice.getBytes(StandardCharsets.UTF_8)));
        }
        return writer;
    }

    private void overwrite(String file, long offset, byte[] bytes) throws IOException {
        try (StoredFile opened = disk.open(file)) {
            opened.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    private void flipBit(String file, long offset) throws IOException {
        try (StoredFile opened = disk.open(file)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            opened.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            opened.write(one, offset);
        }
    }

    @Test
    void every_entry_is_replayed_in_order_at_its_position() throws IOException {
        Log log = open();
        append(log, "one", "two");
        append(log, "three");
        log.close();

        open();

        assertThat(replayed.entries).containsExactly("one", "two", "three");
        assertThat(replayed.positions).isSorted();
    }

    @Test
    void a_log_goes_on_over_the_ends_of_its_files() throws IOException {
        Log log = open();
        String large = "x".repeat(10_000);
        for (int i = 0; i < 15; i++) {
            append(log, large + i);
        }
        log.close();

        open();

        assertThat(replayed.entries).hasSize(15).last().isEqualTo(large + 14);
    }

    @Test
    void a_torn_last_frame_was_never_acknowledged_and_is_cut() throws IOException {
        Log log = open();
        append(log, "kept");
        long torn = log.appender().position();
        append(log, "torn");
        log.close();
        overwrite("log-0000", torn + FrameHeader.BYTES, new byte[4]);

        Log again = open();
        append(again, "next");
        again.close();
        open();

        assertThat(replayed.entries).containsExactly("kept", "next");
    }

    @Test
    void a_bad_frame_before_a_good_one_is_damage_and_nothing_is_cut() throws IOException {
        Log log = open();
        append(log, "first");
        long bad = log.appender().position();
        append(log, "second");
        append(log, "third");
        log.close();
        flipBit("log-0000", bad + FrameHeader.BYTES + 2);

        assertThatThrownBy(this::open)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("log-0000")
                .hasMessageContaining("byte " + bad);
        flipBit("log-0000", bad + FrameHeader.BYTES + 2);
        open();
        assertThat(replayed.entries).containsExactly("first", "second", "third");
    }

    @Test
    void a_bad_frame_at_the_end_of_a_file_is_damage_if_the_log_went_on_in_the_next()
            throws IOException {
        Log log = open();
        append(log, "x".repeat(30_000));
        long bad = log.appender().position();
        append(log, "y".repeat(20_000));
        append(log, "z".repeat(30_000));
        assertThat(log.appender().position()).isGreaterThan(FILE_BYTES);
        log.close();
        flipBit("log-0000", bad + FrameHeader.BYTES + 2);

        assertThatThrownBy(this::open)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("byte " + bad);
    }

    @Test
    void bytes_that_look_like_a_frame_are_none_without_the_directorys_id() throws IOException {
        Log log = open();
        append(log, "kept");
        long torn = log.appender().position();
        log.close();
        ByteBuffer forged = ByteBuffer.allocate(FrameHeader.BLOCK_BYTES);
        new FrameHeader(torn + FrameHeader.BLOCK_BYTES, torn, 0, 1, 1, 4).write(forged);
        FrameHeader.sign(forged, new Checksum(0));
        overwrite("log-0000", torn + FrameHeader.BLOCK_BYTES, forged.array());

        open();

        assertThat(replayed.entries).containsExactly("kept");
    }

    @Test
    void a_checkpoint_stands_for_everything_before_it() throws IOException {
        Log log = open();
        append(log, "before");
        begin(log, "st", "ate").finish();
        append(log, "after");
        log.close();

        open();

        assertThat(replayed.checkpoint).isEqualTo("state.");
        assertThat(replayed.entries).containsExactly("after");
    }

    @Test
    void a_torn_checkpoint_leaves_the_one_before_it() throws IOException {
        Log log = open();
        append(log, "one");
        begin(log, "ol", "der").finish();
        append(log, "two");
        begin(log, "ne", "wer").finish();
        log.close();
        flipBit("checkpoint-a", FrameHeader.BLOCK_BYTES);

        open();

        assertThat(replayed.checkpoint).isEqualTo("older.");
        assertThat(replayed.entries).containsExactly("two");
    }

    @Test
    void a_checkpoint_without_its_end_mark_is_none() throws IOException {
        Log log = open();
        append(log, "one");
        begin(log, "older").finish();
        append(log, "two");
        begin(log, "newer", "still going on");
        log.close();

        open();

        assertThat(replayed.checkpoint).isEqualTo("older.");
        assertThat(replayed.entries).containsExactly("two");
    }

    /// Each attempt writes over the one before it, which may have had more to say.
    @Test
    void what_an_earlier_attempt_left_behind_proves_nothing() throws IOException {
        Log log = open();
        append(log, "one");
        begin(log, "older").finish();
        append(log, "two");
        // Its header is all that did not reach the disk.
        begin(log, "aa", "bb", "cc").finish();
        log.close();
        flipBit("checkpoint-a", 16);
        log = open();
        append(log, "three");
        begin(log, "AA");
        log.close();

        open();

        assertThat(replayed.checkpoint).isEqualTo("older.");
        assertThat(replayed.entries).containsExactly("two", "three");
    }

    private void cut(String file, long bytes) throws IOException {
        try (StoredFile opened = disk.open(file)) {
            opened.truncate(bytes);
        }
    }

    private void requireDamaged(String file, long offset) {
        assertThatThrownBy(this::open)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("File " + file + " is damaged at byte " + offset);
    }

    @Test
    void a_log_file_that_was_cut_short_is_damage_even_where_the_log_ends() throws IOException {
        Log log = open();
        append(log, "one");
        append(log, "two");
        while (log.ring().prepareStep(true)) {
            assertThat(log.ring().fileCount()).isLessThan(4);
        }
        log.close();
        cut("log-0000", 8192);

        requireDamaged("log-0000", 8192);
        // Refusing changes nothing.
        requireDamaged("log-0000", 8192);
    }

    @Test
    void a_log_that_ends_before_its_checkpoint_is_damage() throws IOException {
        Log log = open();
        append(log, "one");
        append(log, "two");
        begin(log, "state").finish();
        log.close();
        cut("log-0000", 8192);

        requireDamaged("log-0000", 8192);
    }

    @Test
    void a_directory_whose_log_files_are_all_gone_is_damaged_and_not_a_new_one()
            throws IOException {
        Log log = open();
        append(log, "one");
        log.close();
        disk.delete("log-0000");

        requireDamaged("log-0000", 0);
    }

    @Test
    void a_missing_log_file_is_damage_where_a_later_one_is_ready() throws IOException {
        Log log = open();
        String large = "x".repeat(20_000);
        for (int i = 0; i < 4; i++) {
            append(log, large + i);
        }
        while (log.ring().prepareStep(true)) {
            assertThat(log.ring().fileCount()).isLessThan(5);
        }
        LogFile last = log.ring().fileBefore(log.appender().position());
        log.close();
        disk.delete(last.name());

        assertThatThrownBy(this::open)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("the log file with number " + last.number() + " is missing");
    }

    @Test
    void a_first_start_that_was_cut_off_anywhere_can_be_done_again() throws IOException {
        open().close();
        // The name that says that the log has begun comes last.
        disk.rename("millstream-format", "millstream-format.new");
        Log log = open();
        append(log, "one");
        log.close();

        open();

        assertThat(disk.list()).contains("millstream-format");
        assertThat(replayed.entries).containsExactly("one");
    }

    @Test
    void recycled_files_hold_nothing_of_their_former_life() throws IOException {
        Log log = open();
        String large = "x".repeat(20_000);
        for (int i = 0; i < 30; i++) {
            append(log, large + i);
            begin(log, "state " + i).finish();
            log.ring().freeBefore(log.appender().position());
        }
        append(log, "last");
        log.close();

        open();

        assertThat(replayed.entries).containsExactly("last");
        assertThat(disk.list().stream().filter(LogFile::isName)).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void a_lost_header_of_a_file_that_is_needed_is_damage() throws IOException {
        Log log = open();
        append(log, "x".repeat(30_000));
        append(log, "y".repeat(30_000));
        append(log, "z".repeat(30_000));
        log.close();
        flipBit("log-0000", 20);

        assertThatThrownBy(this::open)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("log-0000");
    }

    @Test
    void a_directory_of_something_else_is_refused() throws IOException {
        overwrite("holiday.jpg", 0, new byte[10]);

        assertThatThrownBy(this::open).hasMessageContaining("not a Millstream data directory");
    }
}
