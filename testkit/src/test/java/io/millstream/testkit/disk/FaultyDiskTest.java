package io.millstream.testkit.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

class FaultyDiskTest extends DiskContract {
    private static final int CAPACITY = 1 << 20;

    private final FaultyDisk disk = new FaultyDisk(new MemoryDisk());
    private final FaultyDisk small = new FaultyDisk(new MemoryDisk(CAPACITY));

    @Override
    protected Disk disk() {
        return disk;
    }

    private void write(String text, long position) throws IOException {
        try (StoredFile file = disk.open("a")) {
            file.write(ByteBuffer.wrap(text.getBytes(UTF_8)), position);
        }
    }

    private void sync() throws IOException {
        try (StoredFile file = disk.open("a")) {
            file.sync();
        }
    }

    private String content(String name) throws IOException {
        try (StoredFile file = disk.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            return new String(bytes.array(), UTF_8);
        }
    }

    @Test
    void after_a_power_cut_what_was_synced_is_there_and_nothing_else() throws IOException {
        write("hello world", 0);
        sync();
        write("W", 6);
        write("orld, how are you", 7);
        write("H", 0);
        disk.cutPower();

        disk.restorePower();

        assertThat(content("a")).isEqualTo("hello world");
    }

    @Test
    void what_was_cut_off_and_not_synced_comes_back() throws IOException {
        write("hello world", 0);
        sync();
        try (StoredFile file = disk.open("a")) {
            file.truncate(5);
            file.truncate(8);
        }
        disk.rename("a", "b");
        disk.cutPower();

        disk.restorePower();

        assertThat(content("b")).isEqualTo("hello world");
    }

    @Test
    void without_power_nothing_works_and_a_sync_under_way_has_not_happened() throws Exception {
        disk.slow(Duration.ofDays(1));
        write("hello", 0);
        CompletableFuture<Void> syncing =
                CompletableFuture.runAsync(() -> {
                    try {
                        sync();
                    } catch (IOException failed) {
                        throw new CompletionException(failed);
                    }
                });
        disk.cutPower();

        assertThat(syncing).failsWithin(Duration.ofSeconds(10));
        assertThatIOException().isThrownBy(disk::list).withMessageContaining("power is off");
        disk.slow(Duration.ZERO);
        disk.restorePower();
        assertThat(content("a")).isEmpty();
    }

    @Test
    void a_failing_sync_fails_once() throws IOException {
        write("hello", 0);
        disk.failNextSync();

        assertThatIOException().isThrownBy(this::sync).withMessageContaining("Input/output error");
        sync();
    }

    @Test
    void zeros_at_the_end_take_no_room() throws IOException {
        try (StoredFile file = small.open("a")) {
            for (int i = 0; i < 4; i++) {
                file.write(ByteBuffer.allocate(CAPACITY), (long) i * CAPACITY);
                file.sync();
            }
            assertThat(file.size()).isEqualTo(4L * CAPACITY);
        }
        assertThat(small.freeBytes()).isEqualTo(CAPACITY);
    }

    @Test
    void a_full_disk_has_no_room_left_until_it_has_again() throws IOException {
        small.full(true);
        assertThat(small.freeBytes()).isZero();

        small.full(false);
        assertThat(small.freeBytes()).isEqualTo(CAPACITY);
    }
}
