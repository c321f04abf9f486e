package io.millstream.testkit.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Message;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.doctor.Examination;
import io.millstream.engine.doctor.Finding;
import io.millstream.engine.doctor.Loss;
import io.millstream.engine.doctor.Repair;
import io.millstream.engine.io.Disk;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.log.Damage;
import io.millstream.engine.log.DamagedException;
import io.millstream.testkit.doctor.Specimen.Place;
import io.millstream.testkit.simulation.PowerCut;
import io.millstream.testkit.simulation.SimulatedDisk;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Damage of every structure on the disk: it is found, by an engine before it shows anything else,
/// and what a repair does not list as given up is there afterwards, once. It gives up no more than
/// what was damaged.
class RepairTest {
    private static final int SEEDS = 8;
    private static final int QUEUES = 4;

    static Stream<Arguments> wounds() {
        return Stream.of(Wound.values())
                .flatMap(wound ->
                        Stream.iterate(1L, seed -> seed + 1)
                                .limit(SEEDS)
                                .map(seed -> Arguments.of(wound, seed)));
    }

    private static List<Finding> verify(Disk disk) throws IOException {
        List<Finding> found = new ArrayList<>();
        try (Examination examination = Examination.of(disk, found::add)) {
            examination.checkMessages();
            assertThat(examination.findings()).isEqualTo(found.size());
        }
        return found;
    }

    /// What a repair said about sequences of queues, and what it did.
    private record Repaired(List<Loss> losses) {
        static Repaired of(Repair repair) {
            return new Repaired(repair.losses());
        }

        @Nullable Loss at(Place place) {
            for (Loss loss : losses) {
                if (loss.name().equals(place.name()) && loss.partition() == place.partition()) {
                    return loss;
                }
            }
            return null;
        }

        boolean gaveUp(Place place) {
            Loss loss = at(place);
            return listsAsGivenUp(place)
                    || (loss != null
                            && loss.givenUpFrom() != Loss.NONE
                            && place.sequence() >= loss.givenUpFrom());
        }

        boolean listsAsGivenUp(Place place) {
            Loss loss = at(place);
            return loss != null && loss.givenUp().contains(place.sequence());
        }

        boolean expects(Place place) {
            Loss loss = at(place);
            return loss != null && loss.mayReturn().contains(place.sequence());
        }
    }

    private static Repaired repair(Disk disk) throws IOException {
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            assertThat(repair.obstacles()).isEmpty();
            assertThat(repair.isNeeded()).isTrue();
            assertThat(repair.steps()).isNotEmpty();
            repair.run("what was said");
            return Repaired.of(repair);
        }
    }

    @Test
    void a_sound_directory_is_sound_and_looking_changes_nothing() throws IOException {
        MemoryDisk disk = Specimen.make(1);
        Map<String, ?> before = Specimen.contents(disk);

        assertThat(before.keySet()).anyMatch(name -> name.startsWith("segment-"));
        assertThat(before).containsKeys("checkpoint-a", "checkpoint-b", "millstream-format");
        assertThat(verify(disk)).isEmpty();
        assertThat(Specimen.contents(disk)).isEqualTo(before);
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            assertThat(repair.isNeeded()).isFalse();
            assertThat(repair.steps()).isEmpty();
        }
        assertThat(Specimen.contents(disk)).isEqualTo(before);
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("wounds")
    void what_is_not_listed_as_given_up_is_there_once(Wound wound, long seed) throws IOException {
        MemoryDisk disk = Specimen.make(seed);
        Map<Place, Message> truth = Specimen.open(Specimen.copy(disk));
        Wound.Place place = wound.inflict(disk, new SplittableRandom(seed));
        Map<String, ?> damaged = Specimen.contents(disk);

        List<Finding> found = verify(disk);
        assertThat(Specimen.contents(disk)).isEqualTo(damaged);
        if (wound != Wound.MISSING_CHECKPOINT) {
            assertThat(found).isNotEmpty();
        }
        requireNamed(wound, place, found);
        if (found.isEmpty()) {
            return;
        }

        Repaired repaired = repair(disk);

        assertThat(verify(disk)).isEmpty();
        Map<Place, Message> now = Specimen.open(disk);
        compare(truth, now, List.of(repaired));
        requireNoMore(wound, truth, now, place.held());
        assertThat(verify(disk)).isEmpty();
        Set<String> drained = Specimen.drain(disk);
        assertThat(drained).isSubsetOf(ids(now));
        Set<String> left = ids(now);
        left.removeAll(drained);
        assertThat(ids(Specimen.open(disk))).containsAll(left).hasSize(left.size() + QUEUES);
        assertThat(verify(disk)).isEmpty();
    }

    /// Only what was planned up to then may be given up, and the rest of the plan can be done.
    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("wounds")
    void a_repair_that_is_cut_off_can_be_done_again(Wound wound, long seed) throws IOException {
        MemoryDisk made = Specimen.make(seed);
        Map<Place, Message> truth = Specimen.open(Specimen.copy(made));
        wound.inflict(made, new SplittableRandom(seed));
        if (verify(made).isEmpty()) {
            return;
        }
        SimulatedDisk disk = Specimen.simulated(made, seed);
        SimulatedDisk whole = Specimen.simulated(made, seed);
        long before = whole.operations();
        repair(whole);
        SplittableRandom random = new SplittableRandom(seed);
        List<Repaired> repairs = new ArrayList<>();

        disk.crashAfter(1 + random.nextLong(whole.operations() - before));
        cutOff(disk, repairs);
        disk.crash();
        if (!verify(disk).isEmpty()) {
            repairs.add(repair(disk));
        }

        assertThat(verify(disk)).isEmpty();
        compare(truth, Specimen.open(disk), repairs);
        assertThat(verify(disk)).isEmpty();
    }

    private static void cutOff(SimulatedDisk disk, List<Repaired> repairs) throws IOException {
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            repairs.add(Repaired.of(repair));
            repair.run("what was said");
        } catch (PowerCut expected) {
            return;
        }
    }

    private static Set<String> ids(Map<Place, Message> messages) {
        Set<String> ids = new HashSet<>();
        messages.values().forEach(message -> ids.add(message.id()));
        return ids;
    }

    private static void requireNamed(Wound wound, Wound.Place place, List<Finding> found) {
        switch (wound) {
            case MISSING_LOG_FILE, MISSING_SEGMENT, MISSING_CHECKPOINT, SHORT_SEGMENT -> {}
            default -> {
                assertThat(found).anyMatch(one -> one.damage().file().equals(place.file()));
            }
        }
        if (wound == Wound.FRAME
                || wound == Wound.MESSAGE_IN_SEGMENT
                || wound == Wound.MESSAGE_IN_LOG) {
            assertThat(found).anyMatch(one -> one.damage().offset() == place.offset());
        }
    }

    private static void compare(
            Map<Place, Message> truth, Map<Place, Message> now, List<Repaired> repairs) {
        Set<String> ids = new HashSet<>();
        now.forEach((place, message) -> {
            assertThat(ids.add(message.id())).as("%s is there twice", place).isTrue();
            assertThat(repairs)
                    .as("%s was given up", place)
                    .noneMatch(one -> one.listsAsGivenUp(place));
        });
        truth.forEach((place, message) -> {
            if (ids.contains(message.id())) {
                assertThat(now.values()).contains(message);
            } else {
                assertThat(repairs).as("%s is lost", place).anyMatch(one -> one.gaveUp(place));
            }
        });
        Collection<String> known = truth.values().stream().map(Message::id).toList();
        now.forEach((place, message) -> {
            if (!known.contains(message.id())) {
                assertThat(repairs).as("%s came back", place).anyMatch(one -> one.expects(place));
            }
        });
    }

    /// Nothing is lost but what lay there, or was said there; and where nothing was said, no more
    /// came back either, and nothing moved.
    private static void requireNoMore(
            Wound wound, Map<Place, Message> truth, Map<Place, Message> now, Set<Place> held) {
        Map<Place, Message> safe = new TreeMap<>(truth);
        safe.keySet().removeAll(held);
        assertThat(now.values()).containsAll(safe.values());
        switch (wound) {
            case MESSAGE_IN_LOG,
                    MESSAGE_IN_SEGMENT,
                    BATCH_IN_LOG,
                    BATCH_IN_SEGMENT,
                    MISSING_SEGMENT,
                    SHORT_SEGMENT -> {
                assertThat(held).isNotEmpty();
                assertThat(now).isEqualTo(safe);
            }
            case FORMAT,
                    LOG_HEADER,
                    OLDER_FRAME,
                    NEWER_CHECKPOINT,
                    OLDER_CHECKPOINT,
                    SEGMENT_HEADER,
                    MISSING_CHECKPOINT -> {
                assertThat(held).isEmpty();
                assertThat(now).isEqualTo(truth);
            }
            case FRAME, MISSING_LOG_FILE, SHORT_LOG_FILE, STRETCH_OF_LOG -> {}
        }
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("wounds")
    void an_engine_refuses_it_or_stops_before_it_or_loses_nothing(Wound wound, long seed)
            throws IOException {
        MemoryDisk disk = Specimen.make(seed);
        Map<Place, Message> truth = Specimen.open(Specimen.copy(disk));
        Map<Place, Message> all = new LinkedHashMap<>();
        Specimen.consume(Specimen.copy(disk), false, all);
        Wound.Place place = wound.inflict(disk, new SplittableRandom(seed));

        switch (wound.opening) {
            case REFUSED ->
                    assertThatThrownBy(() -> Specimen.open(disk))
                            .isInstanceOfSatisfying(
                                    DamagedException.class,
                                    refused -> requireNamed(wound, place, refused.damage()))
                            .hasMessageMatching("(?s)File [a-z0-9-]+ is damaged at byte \\d+: .*");
            case FOUND_BY_READERS -> {
                Map<Place, Message> before = new LinkedHashMap<>();
                for (Map.Entry<Place, Message> one : all.entrySet()) {
                    if (place.held().contains(one.getKey())) {
                        break;
                    }
                    before.put(one.getKey(), one.getValue());
                }
                assertThat(givenBefore(place, Specimen.copy(disk), false))
                        .containsExactlyEntriesOf(before);
                // Moving it may come upon it sooner, and refuses it as well.
                assertThat(before).containsAllEntriesOf(givenBefore(place, disk, true));
            }
            case LOSES_NOTHING -> {
                Map<Place, Message> given = new LinkedHashMap<>();
                assertThat(Specimen.open(Specimen.copy(disk))).isEqualTo(truth);
                Specimen.consume(disk, false, given);
                assertThat(given).containsExactlyEntriesOf(all);
            }
        }
    }

    /// What readers get until the engine comes upon the wound and stops, naming it.
    private static Map<Place, Message> givenBefore(Wound.Place place, Disk disk, boolean moves) {
        Map<Place, Message> given = new LinkedHashMap<>();
        String where = "File %s is damaged at byte %d: ".formatted(place.file(), place.offset());
        assertThatThrownBy(() -> Specimen.consume(disk, moves, given))
                .isInstanceOfAny(MalformedException.class, DamagedException.class)
                .hasMessageStartingWith(where);
        return given;
    }

    @Test
    void whoever_looks_at_a_queue_is_told_where_it_is_damaged() throws IOException {
        MemoryDisk disk = Specimen.make(1);
        Wound.Place place = Wound.MESSAGE_IN_LOG.inflict(disk, new SplittableRandom(1));

        assertThatThrownBy(() -> Specimen.open(disk))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith(
                        "File %s is damaged at byte %d: A message's checksum is wrong. Message"
                                .formatted(place.file(), place.offset()));
    }

    private static void requireNamed(Wound wound, Wound.Place place, Damage refused) {
        switch (wound) {
            case SHORT_SEGMENT, SHORT_LOG_FILE, MISSING_SEGMENT -> {
                assertThat(refused.file()).isEqualTo(place.file());
                assertThat(refused.offset()).isEqualTo(place.offset());
            }
            // Which name a lost file had nobody knows, and a header that is lost may be any.
            case MISSING_LOG_FILE, LOG_HEADER -> assertThat(refused.file()).startsWith("log-");
            default -> assertThat(refused.file()).isEqualTo(place.file());
        }
    }
}
