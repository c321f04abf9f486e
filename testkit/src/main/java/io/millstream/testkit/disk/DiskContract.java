package io.millstream.testkit.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.DiskFullException;
import io.millstream.engine.io.LockedException;
import io.millstream.engine.io.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Random;

/// What a [Disk] does while nothing goes wrong. Extend it for each disk.
public abstract class DiskContract {
    /// For subclasses.
    protected DiskContract() {}

    /// The storage of the running test, empty at first, as an engine that starts now sees it. A
    /// disk that was had before and closed has left its files there.
    protected abstract Disk disk() throws IOException;

    @Test
    void a_new_disk_is_empty() throws IOException {
        assertThat(disk().list()).isEmpty();
    }

    @Test
    void a_file_is_created_empty_when_it_is_opened() throws IOException {
        Disk disk = disk();
        try (StoredFile file = disk.open("a")) {
            assertThat(file.size()).isZero();
            assertThat(disk.list()).containsExactly("a");
        }
    }

    @Test
    void files_are_listed_in_the_order_of_their_names() throws IOException {
        Disk disk = disk();
        for (String name : new String[] {"b.log", "a-2", "C", "10", "a-10"}) {
            disk.open(name).close();
        }
        assertThat(disk.list()).containsExactly("10", "C", "a-10", "a-2", "b.log");
    }

    @Test
    void what_was_written_is_read() throws IOException {
        try (StoredFile file = disk().open("a")) {
            file.write(bytes("hello world"), 0);
            file.write(bytes("W"), 6);
            assertThat(file.size()).isEqualTo(11);
            assertThat(text(file, 0, 11)).isEqualTo("hello World");
            assertThat(text(file, 6, 3)).isEqualTo("Wor");
        }
    }

    @Test
    void only_what_remains_of_a_buffer_is_written_and_filled() throws IOException {
        try (StoredFile file = disk().open("a")) {
            ByteBuffer source = bytes("hello").position(1).limit(4);
            file.write(source, 0);
            assertThat(source.position()).isEqualTo(4);
            assertThat(file.size()).isEqualTo(3);
            byte[] filled = "-----".getBytes(UTF_8);
            ByteBuffer target = ByteBuffer.wrap(filled, 1, 3);
            file.read(target, 0);
            assertThat(target.position()).isEqualTo(4);
            assertThat(new String(filled, UTF_8)).isEqualTo("-ell-");
        }
    }

    @Test
    void writes_of_any_size_keep_every_byte() throws IOException {
        int[] lengths = {1, 511, 512, 513, 4096, 65_535, 65_536, 65_537, 3_000_000};
        Disk disk = disk();
        for (int length : lengths) {
            byte[] data = new byte[length];
            new Random(length).nextBytes(data);
            try (StoredFile file = disk.open("a-" + length)) {
                file.write(ByteBuffer.wrap(data), 777);
                assertThat(read(file, 777, length)).isEqualTo(data);
                assertThat(read(file, 0, 777)).isEqualTo(new byte[777]);
                ByteBuffer direct = ByteBuffer.allocateDirect(length);
                file.read(direct, 777);
                assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(data));
            }
        }
    }

    @Test
    void random_writes_and_truncations_are_as_in_an_array() throws IOException {
        Random random = new Random(42);
        byte[] model = new byte[300_000];
        int size = 0;
        try (StoredFile file = disk().open("a")) {
            for (int round = 0; round < 300; round++) {
                int at = random.nextInt(200_000);
                if (random.nextInt(4) == 0) {
                    file.truncate(at);
                    Arrays.fill(model, Math.min(at, size), model.length, (byte) 0);
                    size = at;
                } else {
                    byte[] data = new byte[random.nextInt(100_000)];
                    random.nextBytes(data);
                    file.write(ByteBuffer.wrap(data), at);
                    System.arraycopy(data, 0, model, at, data.length);
                    size = data.length == 0 ? size : Math.max(size, at + data.length);
                }
                assertThat(file.size()).isEqualTo(size);
                assertThat(read(file, 0, size)).isEqualTo(Arrays.copyOf(model, size));
            }
        }
    }

    @Test
    void reading_beyond_the_end_is_an_error() throws IOException {
        try (StoredFile file = disk().open("a")) {
            file.write(bytes("12345"), 0);
            for (long position : new long[] {1, 5, 6, 1_000_000}) {
                assertThatExceptionOfType(EOFException.class)
                        .isThrownBy(() -> file.read(ByteBuffer.allocate(5), position))
                        .withMessageContaining("a");
                assertThatExceptionOfType(EOFException.class)
                        .isThrownBy(() -> file.readMedium(ByteBuffer.allocate(5), position));
            }
        }
    }

    @Test
    void reading_and_writing_nothing_is_allowed_anywhere() throws IOException {
        try (StoredFile file = disk().open("a")) {
            file.read(ByteBuffer.allocate(0), 10);
            file.readMedium(ByteBuffer.allocate(0), 10);
            file.write(ByteBuffer.allocate(0), 10);
            assertThat(file.size()).isZero();
        }
    }

    @Test
    void the_medium_shows_what_was_synced() throws IOException {
        byte[] data = new byte[1_000_001];
        new Random(1).nextBytes(data);
        try (StoredFile file = disk().open("a")) {
            file.write(ByteBuffer.wrap(data), 0);
            file.sync();
            for (int start : new int[] {0, 1, 511, 4096, 300_000, data.length - 1}) {
                for (int length : new int[] {1, 512, 4095, 262_144, 262_145, 700_000}) {
                    ByteBuffer target = ByteBuffer.allocate(Math.min(length, data.length - start));
                    file.readMedium(target, start);
                    assertThat(target.array())
                            .isEqualTo(Arrays.copyOfRange(data, start, start + target.capacity()));
                }
            }
        }
    }

    @Test
    void the_medium_shows_a_renamed_file_under_its_new_name() throws IOException {
        Disk disk = disk();
        try (StoredFile file = disk.open("a");
                StoredFile replaced = disk.open("b")) {
            file.write(bytes("new"), 0);
            replaced.write(bytes("old"), 0);
            disk.rename("a", "b");
            assertThat(medium(file, 3)).isEqualTo("new");
            assertThat(medium(replaced, 3)).isEqualTo("old");
        }
    }

    @Test
    void a_cut_file_grows_again_with_zeros() throws IOException {
        try (StoredFile file = disk().open("a")) {
            file.write(bytes("hello"), 0);
            file.truncate(2);
            assertThat(file.size()).isEqualTo(2);
            file.truncate(200_000);
            assertThat(file.size()).isEqualTo(200_000);
            assertThat(text(file, 0, 6)).isEqualTo("he\0\0\0\0");
            assertThat(read(file, 199_990, 10)).isEqualTo(new byte[10]);
        }
    }

    @Test
    void a_gap_reads_as_zeros() throws IOException {
        try (StoredFile file = disk().open("a")) {
            file.write(bytes("x"), 150_000);
            assertThat(file.size()).isEqualTo(150_001);
            assertThat(read(file, 70_000, 10)).isEqualTo(new byte[10]);
        }
    }

    @Test
    void a_renamed_file_keeps_its_bytes_and_replaces_another() throws IOException {
        Disk disk = disk();
        write(disk, "from", "new");
        write(disk, "to", "old content");
        disk.rename("from", "to");
        disk.syncDirectory();
        assertThat(disk.list()).containsExactly("to");
        assertThat(content(disk, "to")).isEqualTo("new");
    }

    @Test
    void a_file_renamed_to_its_own_name_stays() throws IOException {
        Disk disk = disk();
        write(disk, "a", "x");
        disk.rename("a", "a");
        assertThat(content(disk, "a")).isEqualTo("x");
    }

    @Test
    void a_deleted_file_is_gone_and_its_name_free() throws IOException {
        Disk disk = disk();
        write(disk, "a", "x");
        disk.delete("a");
        assertThat(disk.list()).isEmpty();
        assertThat(content(disk, "a")).isEmpty();
    }

    @Test
    void an_open_file_outlives_its_name() throws IOException {
        Disk disk = disk();
        try (StoredFile file = disk.open("a")) {
            file.write(bytes("old"), 0);
            disk.delete("a");
            write(disk, "a", "new");
            assertThat(text(file, 0, 3)).isEqualTo("old");
            assertThat(medium(file, 3)).isEqualTo("old");
        }
        assertThat(content(disk, "a")).isEqualTo("new");
    }

    @Test
    void what_is_not_there_cannot_be_renamed_or_deleted() throws IOException {
        Disk disk = disk();
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> disk.rename("none", "a"))
                .withMessageContaining("none");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> disk.delete("none"))
                .withMessageContaining("none");
    }

    @Test
    void a_name_is_letters_digits_dots_and_hyphens() throws IOException {
        Disk disk = disk();
        disk.open("a").close();
        String[] illegal = {"", ".", "..", ".a", "a/b", "a\\b", "a b", "ü", "a_b", "LOCK"};
        for (String name : illegal) {
            assertThatIllegalArgumentException().isThrownBy(() -> disk.open(name));
            assertThatIllegalArgumentException().isThrownBy(() -> disk.delete(name));
            assertThatIllegalArgumentException().isThrownBy(() -> disk.rename("a", name));
            assertThatIllegalArgumentException().isThrownBy(() -> disk.rename(name, "b"));
        }
    }

    @Test
    void two_open_files_of_one_name_are_one_file() throws IOException {
        Disk disk = disk();
        try (StoredFile one = disk.open("a");
                StoredFile other = disk.open("a")) {
            one.write(bytes("x"), 0);
            assertThat(text(other, 0, 1)).isEqualTo("x");
        }
    }

    @Test
    void a_closed_file_refuses_everything_but_closing_again() throws IOException {
        StoredFile file = disk().open("a");
        file.write(bytes("x"), 0);
        file.close();
        file.close();
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.read(one, 0));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.readMedium(one, 0));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.write(one, 0));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.truncate(0));
        assertThatExceptionOfType(IOException.class).isThrownBy(file::sync);
        assertThatExceptionOfType(IOException.class).isThrownBy(file::size);
    }

    @Test
    void files_are_there_for_the_next_engine() throws IOException {
        try (Disk disk = disk()) {
            disk.lock();
            write(disk, "a", "kept");
            disk.syncDirectory();
        }
        try (Disk next = disk()) {
            next.lock();
            assertThat(next.list()).containsExactly("a");
            assertThat(content(next, "a")).isEqualTo("kept");
        }
    }

    @Test
    void a_locked_disk_refuses_a_second_engine_until_it_is_closed() throws IOException {
        Disk first = disk();
        first.lock();
        Disk second = disk();
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatExceptionOfType(LockedException.class)
                    .isThrownBy(second::lock)
                    .withMessageContaining("Another engine")
                    .withMessageContaining(second.describe());
        }
        assertThat(first.list()).isEmpty();
        first.close();
        second.lock();
        second.close();
    }

    @Test
    void there_is_room_on_a_new_disk() throws IOException {
        assertThat(disk().freeBytes()).isPositive();
    }

    /// For tests of disks with a limit: fills `disk`, and checks that it says so and stays usable.
    protected static void fills_up_and_recovers(Disk disk, int capacityBytes) throws IOException {
        try (StoredFile file = disk.open("a")) {
            assertThatExceptionOfType(DiskFullException.class)
                    .isThrownBy(() -> file.write(ByteBuffer.allocate(capacityBytes + 1), 0));
            assertThat(file.size()).isLessThanOrEqualTo(capacityBytes);
            file.truncate(0);
            assertThat(disk.freeBytes()).isEqualTo(capacityBytes);
            file.write(ByteBuffer.allocate(capacityBytes), 0);
            assertThat(disk.freeBytes()).isZero();
            file.write(ByteBuffer.allocate(capacityBytes), 0);
        }
        disk.delete("a");
        assertThat(disk.freeBytes()).isEqualTo(capacityBytes);
    }

    private static void write(Disk disk, String name, String text) throws IOException {
        try (StoredFile file = disk.open(name)) {
            file.write(bytes(text), 0);
            file.sync();
        }
    }

    private static String content(Disk disk, String name) throws IOException {
        try (StoredFile file = disk.open(name)) {
            return text(file, 0, (int) file.size());
        }
    }

    private static String text(StoredFile file, long position, int length) throws IOException {
        return new String(read(file, position, length), UTF_8);
    }

    private static String medium(StoredFile file, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        file.readMedium(target, 0);
        return new String(target.array(), UTF_8);
    }

    private static byte[] read(StoredFile file, long position, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        file.read(target, position);
        return target.array();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
