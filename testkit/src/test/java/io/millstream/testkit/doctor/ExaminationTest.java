package io.millstream.testkit.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.engine.doctor.Examination;
import io.millstream.engine.doctor.Finding;
import io.millstream.engine.doctor.Repair;
import io.millstream.engine.io.Disk;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.ReadOnlyDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.log.DamagedException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a look over a directory takes for damage and what not.
class ExaminationTest {
    private static final String FORMAT = "millstream-format";

    /// Of a message of some hundred bytes: two and one.
    private static final int LENGTH_AND_TYPE_BYTES = 3;

    private static List<Finding> verify(Disk disk) throws IOException {
        List<Finding> found = new ArrayList<>();
        try (Examination examination = Examination.of(disk, found::add)) {
            examination.checkMessages();
        }
        return found;
    }

    private static void overwrite(Disk disk, String name, long offset, byte[] bytes)
            throws IOException {
        try (StoredFile file = disk.open(name)) {
            file.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    private static String format(MemoryDisk disk) throws IOException {
        return StandardCharsets.UTF_8.decode(Specimen.contents(disk).get(FORMAT)).toString();
    }

    @Test
    void a_torn_end_is_no_damage_and_is_left_alone() throws IOException {
        MemoryDisk disk = Specimen.make(1);
        String file;
        long offset;
        try (Examination sound = Examination.of(disk, finding -> {})) {
            assertThat(sound.end().torn()).isFalse();
            file = sound.survey().fileOf(sound.end().position());
            offset = sound.survey().offsetOf(sound.end().position());
            ByteBuffer head = ByteBuffer.allocate(48);
            head.putInt(0, 0x4D53_4652).putLong(8, sound.end().position()).putInt(44, 100);
            overwrite(disk, file, offset, head.array());
        }
        Map<String, ByteBuffer> before = Specimen.contents(disk);

        assertThat(verify(disk)).isEmpty();
        try (Examination torn = Examination.of(disk, finding -> {})) {
            assertThat(torn.end().torn()).isTrue();
            assertThat(torn.survey().offsetOf(torn.end().position())).isEqualTo(offset);
        }
        assertThat(Specimen.contents(disk)).isEqualTo(before);
    }

    @Test
    void a_title_that_nobody_can_read_costs_nothing() throws IOException {
        MemoryDisk disk = Specimen.make(2);
        String before = format(disk);
        overwrite(disk, FORMAT, 3, new byte[] {'#', '#', '#'});

        assertThat(verify(disk)).hasSize(1);
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            repair.run("");
        }

        assertThat(format(disk)).isEqualTo(before);
        assertThat(verify(disk)).isEmpty();
        assertThat(disk.list()).contains("repair-1.millstream-format");
    }

    @Test
    void an_id_that_nothing_proves_is_lost_and_nothing_is_changed() throws IOException {
        MemoryDisk disk = Specimen.make(3);
        int id = format(disk).indexOf("id=") + 3;
        overwrite(disk, FORMAT, id, "00000000".getBytes(StandardCharsets.US_ASCII));
        Map<String, ByteBuffer> before = Specimen.contents(disk);

        try (Repair repair = Repair.plan(disk, finding -> {})) {
            assertThat(repair.obstacles()).isNotEmpty();
            assertThat(repair.steps()).isEmpty();
            assertThatThrownBy(() -> repair.run("")).isInstanceOf(IllegalStateException.class);
        }
        assertThat(Specimen.contents(disk)).isEqualTo(before);
    }

    @Test
    void without_any_checkpoint_and_the_log_before_it_nothing_can_be_repaired() throws IOException {
        MemoryDisk disk = Specimen.make(4);
        overwrite(disk, "checkpoint-a", 8, new byte[8]);
        overwrite(disk, "checkpoint-b", 8, new byte[8]);
        Map<String, ByteBuffer> before = Specimen.contents(disk);

        assertThat(verify(disk)).hasSize(2);
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            assertThat(repair.obstacles()).isNotEmpty();
        }
        assertThat(Specimen.contents(disk)).isEqualTo(before);
    }

    @Test
    void without_checkpoints_and_the_log_before_them_it_is_not_said_to_be_sound()
            throws IOException {
        MemoryDisk disk = Specimen.make(4);
        disk.delete("checkpoint-a");
        disk.delete("checkpoint-b");

        assertThat(verify(disk)).isNotEmpty();
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            assertThat(repair.isNeeded()).isTrue();
            assertThat(repair.obstacles()).isNotEmpty();
        }
    }

    @Test
    void the_only_checkpoint_of_a_young_directory_is_made_up_for_by_its_log() throws IOException {
        MemoryDisk disk = new MemoryDisk();
        Specimen.open(disk);
        overwrite(disk, "checkpoint-a", 0, new byte[8192]);

        assertThat(verify(disk))
                .singleElement()
                .satisfies(one -> assertThat(one.damage().file()).isEqualTo("checkpoint-a"));
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            assertThat(repair.obstacles()).isEmpty();
            assertThat(repair.losses()).isEmpty();
            repair.run("");
        }
        assertThat(verify(disk)).isEmpty();
        assertThat(Specimen.open(disk)).isEmpty();
    }

    @Test
    void a_young_directory_whose_log_files_are_gone_is_not_said_to_be_sound() throws IOException {
        MemoryDisk disk = new MemoryDisk();
        Specimen.open(disk);
        for (String name : disk.list()) {
            if (name.startsWith("log-")) {
                disk.delete(name);
            }
        }
        List<Finding> found = new ArrayList<>();

        try (Repair repair = Repair.plan(disk, found::add)) {
            assertThat(repair.isNeeded()).isTrue();
            assertThat(repair.obstacles()).hasSize(1);
        }
        assertThat(found).extracting(finding -> finding.damage().file()).contains("log-0000");
        assertThatThrownBy(() -> Specimen.open(disk)).isInstanceOf(DamagedException.class);
    }

    @Test
    void whatever_a_messages_first_bytes_become_it_is_one_finding() throws IOException {
        MemoryDisk disk = Specimen.make(6);
        String segment = segment(disk);
        byte[] before = new byte[8];
        try (StoredFile file = disk.open(segment)) {
            file.read(ByteBuffer.wrap(before), 4096);
        }
        for (int at = 0; at < before.length; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] changed = before.clone();
                changed[at] = (byte) value;
                overwrite(disk, segment, 4096, changed);
                boolean same = changed[at] == before[at];
                // Which queue a dead-lettered message was first in is not looked at.
                boolean counts = at < LENGTH_AND_TYPE_BYTES;
                assertThat(verify(disk))
                        .as("%d at %d", value, at)
                        .hasSizeBetween(counts && !same ? 1 : 0, same ? 0 : 1);
            }
        }
    }

    private static String segment(MemoryDisk disk) {
        return disk.list().stream().filter(one -> one.startsWith("segment-")).findFirst().get();
    }

    @Test
    void a_sector_that_cannot_be_read_hides_nothing_but_itself() throws IOException {
        MemoryDisk disk = Specimen.make(5);
        String segment = segment(disk);

        List<Finding> found = verify(new BadSector(disk, segment, 8192).disk());

        assertThat(found).isNotEmpty().allMatch(one -> one.damage().file().equals(segment));
        assertThat(found.size()).isLessThan(12);
    }

    @Test
    void a_disk_that_is_only_looked_at_is_not_changed() {
        MemoryDisk disk = new MemoryDisk();
        ReadOnlyDisk looked = new ReadOnlyDisk(disk);

        assertThatThrownBy(() -> looked.open("none")).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> looked.delete("none")).isInstanceOf(IllegalStateException.class);
        assertThat(disk.list()).isEmpty();
    }

    /// A disk with one block that it cannot read.
    private record BadSector(Disk good, String name, long offset) {
        Disk disk() {
            return (Disk)
                    Proxy.newProxyInstance(
                            Disk.class.getClassLoader(),
                            new Class<?>[] {Disk.class},
                            (self, method, arguments) -> {
                                Object result = call(good, method, arguments);
                                return result instanceof StoredFile file
                                                && name.equals(arguments[0])
                                        ? file(file)
                                        : result;
                            });
        }

        private StoredFile file(StoredFile file) {
            return (StoredFile)
                    Proxy.newProxyInstance(
                            StoredFile.class.getClassLoader(),
                            new Class<?>[] {StoredFile.class},
                            (self, method, arguments) -> {
                                if (method.getName().startsWith("read")) {
                                    long from = (long) arguments[1];
                                    long to = from + ((ByteBuffer) arguments[0]).remaining();
                                    if (from < offset + 4096 && to > offset) {
                                        throw new IOException("Input/output error");
                                    }
                                }
                                return call(file, method, arguments);
                            });
        }

        private static Object call(
                Object target, java.lang.reflect.Method method, Object[] arguments)
                throws Throwable {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
        }
    }
}
