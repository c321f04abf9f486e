package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millstream.engine.io.DiskFullException;
import io.millstream.engine.io.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

class SimulatedDiskTest {
    private static final int SECTOR = 512;
    private static final int SECTORS = 8;
    // Enough for everything that may happen to have happened.
    private static final int SEEDS = 300;

    private static final char OLD = 'o';
    private static final char NEW = 'n';
    private static final char GARBAGE = '?';

    @Test
    void what_was_synced_survives_every_crash() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            write(disk, NEW);
            sync(disk);
            disk.crash();
            assertThat(sectors(disk)).isEqualTo("nnnnnnnn");
            disk.crash();
            assertThat(sectors(disk)).isEqualTo("nnnnnnnn");
        }
    }

    @Test
    void what_was_not_synced_is_old_or_new_or_garbage_sector_by_sector() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            write(disk, NEW);
            disk.crash();
            seen.add(sectors(disk));
        }
        assertThat(seen).contains("oooooooo", "nnnnnnnn");
        assertThat(seen).anyMatch(sectors -> sectors.matches("[on]*no[on]*"));
        assertThat(seen).anyMatch(sectors -> sectors.contains("?"));
        assertThat(seen).hasSizeGreaterThan(50);
    }

    @Test
    void a_sector_that_is_written_as_it_was_cannot_be_harmed() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            try (StoredFile file = disk.open("a")) {
                file.write(bytes(OLD, 5 * SECTOR), 0);
                // One byte of the sixth sector changes.
                file.write(bytes(NEW, 1), 5 * SECTOR);
            }
            disk.crash();
            assertThat(sectors(disk)).matches("ooooo.oo");
        }
    }

    @Test
    void after_a_crash_the_cache_shows_what_the_medium_has() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            write(disk, NEW);
            disk.crash();
            String first = sectors(disk);
            assertThat(medium(disk)).isEqualTo(first);
            disk.crash();
            assertThat(sectors(disk)).isEqualTo(first);
        }
    }

    @Test
    void an_unsynced_size_is_any_that_the_file_had() throws IOException {
        Set<Long> seen = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            try (StoredFile file = disk.open("a")) {
                file.truncate(0);
                file.write(bytes(NEW, 100), 0);
            }
            disk.crash();
            seen.add(size(disk));
        }
        assertThat(seen).contains(0L, 100L, (long) SECTORS * SECTOR);
        assertThat(seen).allMatch(size -> size >= 0 && size <= SECTORS * SECTOR);
    }

    @Test
    void a_file_grows_with_zeros_whatever_a_crash_left_behind_its_end() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            try (StoredFile file = disk.open("a")) {
                file.truncate(700);
                file.write(bytes(NEW, 1000), 200);
            }
            disk.crash();
            try (StoredFile file = disk.open("a")) {
                int size = (int) file.size();
                file.truncate(size + 5000);
                ByteBuffer grown = ByteBuffer.allocate(5000);
                file.read(grown, size);
                assertThat(grown.array()).isEqualTo(new byte[5000]);
            }
        }
    }

    @Test
    void unsynced_names_survive_up_to_some_point() throws IOException {
        Set<List<String>> seen = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            disk.open("b").close();
            disk.rename("b", "c");
            disk.delete("a");
            disk.crash();
            seen.add(disk.list());
        }
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        List.of("a"), List.of("a", "b"), List.of("a", "c"), List.of("c"));
    }

    @Test
    void synced_names_survive() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            disk.open("b").close();
            disk.rename("a", "c");
            disk.syncDirectory();
            disk.crash();
            assertThat(disk.list()).containsExactly("b", "c");
        }
    }

    @Test
    void a_killed_process_leaves_what_it_wrote_to_the_next() throws IOException {
        SimulatedDisk disk = diskWithOldFile(1);
        write(disk, NEW);
        disk.open("b").close();
        disk.kill();
        assertThat(sectors(disk)).isEqualTo("nnnnnnnn");
        assertThat(disk.list()).containsExactly("a", "b");
    }

    @Test
    void what_a_killed_process_did_not_sync_a_later_crash_takes() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            write(disk, NEW);
            disk.kill();
            assertThat(medium(disk)).isEqualTo("nnnnnnnn");
            disk.crash();
            seen.add(sectors(disk));
        }
        // Reading from the medium writes it, but is no sync.
        assertThat(seen).anyMatch(sectors -> sectors.contains("o"));
        assertThat(seen).contains("nnnnnnnn");
    }

    @Test
    void a_file_that_was_open_in_a_crash_or_kill_is_dead() throws IOException {
        SimulatedDisk disk = diskWithOldFile(1);
        StoredFile crashed = disk.open("a");
        disk.crash();
        StoredFile killed = disk.open("a");
        disk.kill();
        for (StoredFile dead : List.of(crashed, killed)) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(dead::sync)
                    .withMessageContaining("crash or kill");
            assertThatExceptionOfType(IOException.class).isThrownBy(dead::size);
            dead.close();
        }
        assertThat(sectors(disk)).isEqualTo("oooooooo");
    }

    @Test
    void a_crash_and_a_kill_give_the_lock_back() throws IOException {
        SimulatedDisk disk = disk(1);
        disk.lock();
        disk.crash();
        disk.lock();
        disk.kill();
        disk.lock();
    }

    @Test
    void a_failed_sync_loses_data_that_the_cache_still_shows() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            write(disk, NEW);
            disk.failNextSync();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> sync(disk))
                    .withMessageContaining("a");
            assertThat(sectors(disk)).isEqualTo("nnnnnnnn");
            String medium = medium(disk);
            // The second sync succeeds and proves nothing.
            sync(disk);
            assertThat(medium(disk)).isEqualTo(medium);
            disk.crash();
            assertThat(sectors(disk)).isEqualTo(medium);
            seen.add(medium);
        }
        assertThat(seen).hasSizeGreaterThan(50).allMatch(sectors -> sectors.matches("[on]*"));
    }

    @Test
    void a_kill_may_evict_what_a_failed_sync_left_in_the_cache() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            write(disk, NEW);
            disk.failNextSync();
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> sync(disk));
            String medium = medium(disk);
            disk.kill();
            assertThat(medium(disk)).isEqualTo(medium);
            seen.add(sectors(disk));
        }
        assertThat(seen).contains("nnnnnnnn").anyMatch(sectors -> sectors.contains("o"));
    }

    @Test
    void what_was_lost_and_is_written_again_is_synced_again() throws IOException {
        SimulatedDisk disk = diskWithOldFile(1);
        write(disk, NEW);
        disk.failNextSync();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> sync(disk));
        write(disk, NEW);
        sync(disk);
        disk.crash();
        assertThat(sectors(disk)).isEqualTo("nnnnnnnn");
    }

    @Test
    void a_failed_write_has_written_a_part() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            disk.failNextWrite();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> write(disk, NEW))
                    .withMessageContaining("write of 4096 bytes at 0 of a");
            seen.add(sectors(disk));
        }
        assertThat(seen).allMatch(sectors -> sectors.matches("n*\\??o*")).hasSizeGreaterThan(4);
    }

    @Test
    void faults_come_with_the_probability_that_was_asked_for() throws IOException {
        SimulatedDisk disk = diskWithOldFile(1);
        disk.failSyncs(0.25);
        disk.failWrites(0.5);
        int syncs = 0;
        int writes = 0;
        for (int i = 0; i < 1000; i++) {
            writes += fails(() -> write(disk, NEW)) ? 1 : 0;
            syncs += fails(() -> sync(disk)) ? 1 : 0;
        }
        assertThat(syncs).isBetween(200, 300);
        assertThat(writes).isBetween(430, 570);
    }

    @Test
    void a_disk_that_became_full_takes_what_needs_no_room() throws IOException {
        SimulatedDisk disk = diskWithOldFile(1);
        disk.capacity(SECTORS * SECTOR + 1000);
        write(disk, NEW);
        try (StoredFile file = disk.open("a")) {
            assertThatExceptionOfType(DiskFullException.class)
                    .isThrownBy(() -> file.write(bytes(NEW, 2000), SECTORS * SECTOR));
            assertThat(file.size()).isLessThanOrEqualTo(SECTORS * SECTOR + 1000);
        }
        disk.capacity(0);
        assertThatExceptionOfType(DiskFullException.class).isThrownBy(() -> disk.open("b"));
        write(disk, OLD);
        disk.capacity(10_000);
        disk.open("b").close();
    }

    @Test
    void a_flipped_bit_is_seen_and_stays() throws IOException {
        SimulatedDisk disk = diskWithOldFile(1);
        disk.flipBit("a", 1030);
        assertThat(sectors(disk)).isEqualTo("oo?ooooo");
        disk.crash();
        assertThat(sectors(disk)).isEqualTo("oo?ooooo");
    }

    @Test
    void syncs_that_are_ignored_make_nothing_durable() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            disk.ignoreSyncs(true);
            write(disk, NEW);
            sync(disk);
            disk.crash();
            seen.add(sectors(disk));
        }
        assertThat(seen).anyMatch(sectors -> sectors.contains("o"));
    }

    @Test
    void a_power_cut_in_a_write_leaves_any_sectors_and_the_disk_off() throws IOException {
        Set<String> crashed = new TreeSet<>();
        Set<String> killed = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            disk.crashAfter(1);
            assertThatExceptionOfType(PowerCut.class)
                    .isThrownBy(() -> write(disk, NEW))
                    .withMessageContaining("write of 4096 bytes");
            assertThatExceptionOfType(PowerCut.class).isThrownBy(disk::list);
            assertThatExceptionOfType(PowerCut.class).isThrownBy(() -> disk.open("a"));
            if (seed % 2 == 0) {
                disk.crash();
                crashed.add(sectors(disk));
            } else {
                disk.kill();
                killed.add(sectors(disk));
            }
        }
        assertThat(crashed).contains("oooooooo").anyMatch(sectors -> sectors.matches(".*on.*"));
        assertThat(killed).allMatch(sectors -> sectors.matches("n*\\??o*")).hasSizeGreaterThan(4);
    }

    @Test
    void a_power_cut_in_a_sync_leaves_any_sectors() throws IOException {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = diskWithOldFile(seed);
            disk.crashAfter(2);
            write(disk, NEW);
            assertThatExceptionOfType(PowerCut.class).isThrownBy(() -> sync(disk));
            disk.crash();
            seen.add(sectors(disk));
        }
        assertThat(seen).contains("nnnnnnnn").hasSizeGreaterThan(50);
    }

    @Test
    void a_power_cut_can_wait_for_the_sync_of_a_file() throws IOException {
        SimulatedDisk disk = diskWithOldFile(1);
        disk.crashAtSyncOf("b");
        sync(disk);
        disk.crashAtSyncOf("a");
        write(disk, NEW);
        assertThatExceptionOfType(PowerCut.class)
                .isThrownBy(() -> sync(disk))
                .withMessageContaining("sync of a");
        disk.kill();

        assertThat(sectors(disk)).isEqualTo("nnnnnnnn");
        sync(disk);
    }

    @Test
    void a_power_cut_can_come_in_every_operation_that_changes_something() throws IOException {
        SimulatedDisk whole = disk(1);
        useEverything(whole);
        assertThat(whole.operations()).isEqualTo(8);
        for (int n = 1; n <= whole.operations(); n++) {
            SimulatedDisk disk = disk(1);
            disk.crashAfter(n);
            assertThatExceptionOfType(PowerCut.class).isThrownBy(() -> useEverything(disk));
            disk.crash();
            useEverything(disk);
        }
    }

    @Test
    void the_same_seed_gives_the_same_disk() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            assertThat(history(seed)).isEqualTo(history(seed));
        }
        assertThat(history(1)).isNotEqualTo(history(2));
    }

    @Test
    void a_disk_is_not_given_back_with_files_open() throws IOException {
        SimulatedDisk disk = disk(1);
        StoredFile file = disk.open("a");
        assertThatIllegalStateException().isThrownBy(disk::close).withMessageContaining("1 file");
        file.close();
        disk.close();
    }

    @Test
    void what_was_done_is_counted() throws IOException {
        SimulatedDisk disk = diskWithOldFile(1);
        write(disk, NEW);
        sync(disk);
        assertThat(disk.writes()).isEqualTo(2);
        assertThat(disk.syncs()).isEqualTo(2);
        assertThat(disk.bytesWritten()).isEqualTo(2 * SECTORS * SECTOR);
    }

    private static List<String> history(int seed) throws IOException {
        SimulatedDisk disk = diskWithOldFile(seed);
        List<String> history = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            write(disk, round % 2 == 0 ? NEW : OLD);
            if (round % 3 == 0) {
                disk.kill();
            } else {
                disk.crash();
            }
            history.add(sectors(disk));
        }
        return history;
    }

    /// One operation of each kind: creation, write, sync, truncation and so on.
    private static void useEverything(SimulatedDisk disk) throws IOException {
        disk.list();
        try (StoredFile file = disk.open("x-" + disk.operations())) {
            file.write(bytes(NEW, 100), 0);
            file.sync();
            file.truncate(10);
        }
        String name = disk.list().getLast();
        disk.rename(name, "y");
        disk.syncDirectory();
        disk.delete("y");
        disk.syncDirectory();
    }

    private static SimulatedDisk disk(int seed) {
        return new SimulatedDisk(new SplittableRandom(seed));
    }

    private static SimulatedDisk diskWithOldFile(int seed) throws IOException {
        SimulatedDisk disk = disk(seed);
        write(disk, OLD);
        sync(disk);
        disk.syncDirectory();
        return disk;
    }

    private static void write(SimulatedDisk disk, char with) throws IOException {
        try (StoredFile file = disk.open("a")) {
            file.write(bytes(with, SECTORS * SECTOR), 0);
        }
    }

    private static void sync(SimulatedDisk disk) throws IOException {
        try (StoredFile file = disk.open("a")) {
            file.sync();
        }
    }

    private static long size(SimulatedDisk disk) throws IOException {
        try (StoredFile file = disk.open("a")) {
            return file.size();
        }
    }

    /// One letter for each sector of the file as it is read.
    private static String sectors(SimulatedDisk disk) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(SECTORS * SECTOR);
        try (StoredFile file = disk.open("a")) {
            file.read(content, 0);
        }
        return letters(content.array());
    }

    private static String medium(SimulatedDisk disk) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(SECTORS * SECTOR);
        try (StoredFile file = disk.open("a")) {
            file.readMedium(content, 0);
        }
        return letters(content.array());
    }

    private static String letters(byte[] content) {
        StringBuilder letters = new StringBuilder();
        for (int sector = 0; sector < SECTORS; sector++) {
            byte[] bytes = Arrays.copyOfRange(content, sector * SECTOR, (sector + 1) * SECTOR);
            if (Arrays.equals(bytes, bytes(OLD, SECTOR).array())) {
                letters.append(OLD);
            } else if (Arrays.equals(bytes, bytes(NEW, SECTOR).array())) {
                letters.append(NEW);
            } else {
                letters.append(GARBAGE);
            }
        }
        return letters.toString();
    }

    private static ByteBuffer bytes(char with, int count) {
        return ByteBuffer.wrap(Character.toString(with).repeat(count).getBytes(US_ASCII));
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private static boolean fails(Attempt attempt) {
        try {
            attempt.run();
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
