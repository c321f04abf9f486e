package io.millstream.engine.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;

/// How segments come and go.
class SegmentsTest {
    private static final int FILE_BYTES = 64 << 20;
    private static final DirectoryFormat FORMAT = new DirectoryFormat(7, FILE_BYTES);
    private static final int STEPS = 5;

    private final MemoryDisk disk = new MemoryDisk();

    private Segments withOne(int number) throws IOException {
        Segments segments = Segments.open(disk, FORMAT);
        Segments.Writer writer = segments.create(number);
        for (int i = 0; i < STEPS; i++) {
            writer.append(ByteBuffer.allocate(FORMAT.stepBytes()));
        }
        writer.finish();
        return segments;
    }

    private long sizeOf(int number) throws IOException {
        try (StoredFile file = disk.open(Segments.nameOf(number))) {
            return file.size();
        }
    }

    @Test
    void a_segment_is_given_back_to_the_disk_in_steps() throws IOException {
        Segments segments = withOne(3);

        for (int step = 1; step <= STEPS; step++) {
            assertThat(segments.deleteSome(3)).isFalse();
            assertThat(sizeOf(3))
                    .isEqualTo(Segments.HEADER_BYTES + (long) (STEPS - step) * FORMAT.stepBytes());
        }
        assertThat(segments.deleteSome(3)).isTrue();
        assertThat(disk.list()).isEmpty();
        assertThat(segments.deleteSome(3)).as("it is gone").isTrue();
    }

    @Test
    void it_is_gone_for_readers_from_the_first_step_on() throws IOException {
        Segments segments = withOne(3);

        segments.deleteSome(3);

        assertThat(segments.numbers()).isEmpty();
        assertThat(segments.bytes(3)).isZero();
        assertThatThrownBy(() -> segments.read(ByteBuffer.allocate(1), 3, Segments.HEADER_BYTES))
                .isInstanceOf(DamagedException.class);
    }

    @Test
    void what_a_stop_leaves_of_it_is_found_and_deleted_later() throws IOException {
        Segments segments = withOne(3);
        segments.deleteSome(3);
        segments.close();

        Segments again = Segments.open(disk, FORMAT);

        assertThat(again.numbers()).containsExactly(3);
        again.delete(3);
        assertThat(disk.list()).isEmpty();
    }
}
