package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import io.millstream.Delivery;
import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Handle;
import io.millstream.api.Message;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.TopicReader;
import io.millstream.api.View;
import io.millstream.engine.Backup;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.Restore;
import io.millstream.engine.archive.DamagedArchiveException;
import io.millstream.engine.archive.Manifest;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// A backup shows one moment, whatever goes on while it is read.
class BackupTest {
    private static final int FILE_BYTES = 128 << 10;
    private static final int FILES = 12;

    /// So many bytes are read for each thing that a client does meanwhile, which may be to settle
    /// three messages in a frame each.
    private static final int PACE_BYTES = 32 << 10;

    /// So many things are done while a backup begins: more might fill the log, which it holds.
    private static final int WHILE_IT_BEGINS = 24;

    private static final ChannelName EVENTS = ChannelName.of("events");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final EngineOptions OPTIONS =
            EngineOptions.inMemory()
                    .withLog(new Log.Settings(FILE_BYTES, FILES, FILE_BYTES, 2L * FILE_BYTES))
                    .withCheckpointBytes(FILE_BYTES);

    private final Engine engine = Engine.open(new MemoryDisk(), OPTIONS);
    private final Millstream millstream = Millstream.over(engine);

    @AfterEach
    void close() {
        millstream.close();
    }

    private Backup begin() {
        return engine.backup().toCompletableFuture().join();
    }

    private static byte[] read(Backup backup) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        backup.writeTo(out);
        return out.toByteArray();
    }

    private byte[] archive() throws IOException {
        try (Backup backup = begin()) {
            return read(backup);
        }
    }

    private static Manifest restore(byte[] archive, MemoryDisk disk) throws IOException {
        return Restore.into(disk, new ByteArrayInputStream(archive), OPTIONS);
    }

    private static Millstream restored(byte[] archive) throws IOException {
        MemoryDisk disk = new MemoryDisk();
        restore(archive, disk);
        return Millstream.over(Engine.open(disk, OPTIONS));
    }

    private static Message message(String id, int bytes) {
        byte[] body = new byte[bytes];
        new SplittableRandom(id.hashCode()).nextBytes(body);
        return Message.builder(Bytes.of(body)).id(id).build();
    }

    /// The ids of everything in the queues of `store`, each message being what was sent.
    private static Set<String> contents(Millstream store) {
        Set<String> ids = new HashSet<>();
        for (String queue : List.of("mail", "dead")) {
            String after = null;
            do {
                Page<View.MessageView> page =
                        store.backend()
                                .find(new Query.Browse(ChannelName.of(queue), 1 << 20, after, 500))
                                .toCompletableFuture()
                                .join()
                                .page();
                for (View.MessageView view : page.items()) {
                    Message message = view.message();
                    assertThat(message).isEqualTo(message(message.id(), message.body().length()));
                    assertThat(ids.add(message.id())).as(message.id()).isTrue();
                }
                after = page.next();
            } while (after != null);
        }
        return ids;
    }

    /// The ids of all that was published to the topic, which has no gap.
    private static Set<String> events(Millstream store) {
        Set<String> ids = new HashSet<>();
        Session session = store.backend().session(SessionSpec.of("events"));
        TopicReader reader = session.read(new From.Offset(EVENTS, 0, 0));
        for (Fetched.Records got = next(reader); !got.records().isEmpty(); got = next(reader)) {
            assertThat(got.missed()).isZero();
            got.records()
                    .forEach(one -> {
                        String id = one.message().id();
                        assertThat(one.message())
                                .isEqualTo(message(id, one.message().body().length()));
                        assertThat(one.offset()).isEqualTo(ids.size());
                        ids.add(id);
                    });
        }
        return ids;
    }

    private static Fetched.Records next(TopicReader reader) {
        return (Fetched.Records)
                reader.next(500, 1 << 20, Duration.ZERO).stage().toCompletableFuture().join();
    }

    /// Senders, workers that finish, retry and bury, and who publishes to a topic, each message
    /// noted before and after each step.
    private final class Load implements AutoCloseable {
        private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        private final Set<String> published = ConcurrentHashMap.newKeySet();
        private final Semaphore acknowledgements = new Semaphore(0);
        private final Set<String> begun = ConcurrentHashMap.newKeySet();
        private final Set<String> settled = ConcurrentHashMap.newKeySet();
        private final AtomicBoolean ended = new AtomicBoolean();
        private final Semaphore pace = new Semaphore(5000);
        private final AtomicInteger numbers = new AtomicInteger();
        private final List<Thread> threads = new ArrayList<>();
        private final WorkQueue mail;

        private Load() {
            millstream.queue("dead");
            ChannelName dead = ChannelName.of("dead");
            mail =
                    millstream.queue(
                            Definition.Queue.of(ChannelName.of("mail")).withDeadLetter(2, dead));
            for (int i = 0; i < 6; i++) {
                threads.add(Thread.ofVirtual().start(this::send));
                threads.add(Thread.ofVirtual().start(this::work));
            }
            millstream.commit(
                    new Operation.Define(Definition.Topic.of(EVENTS), Expect.Anything.ANYTHING));
            threads.add(Thread.ofVirtual().start(this::publish));
        }

        private boolean goesOn() {
            pace.acquireUninterruptibly();
            return !ended.get();
        }

        private void send() {
            while (goesOn()) {
                String id = "m" + numbers.incrementAndGet();
                mail.send(message(id, 500 + Math.floorMod(id.hashCode(), 3000)));
                acknowledged.add(id);
                acknowledgements.release();
            }
        }

        private void publish() {
            while (goesOn()) {
                String id = "e" + numbers.incrementAndGet();
                List<Message> batch = List.of(message(id, 500));
                millstream.commit(new Operation.Append(EVENTS, 0, batch, null));
                published.add(id);
            }
        }

        private void work() {
            while (goesOn()) {
                try {
                    mail.receive(3, HOUR, Duration.ofMillis(50)).forEach(this::settle);
                } catch (RefusedException noRoom) {
                    // A log as small as this one has to be waited for.
                }
            }
        }

        private void settle(Delivery delivery) {
            String id = delivery.message().id();
            switch (Math.floorMod(id.hashCode(), 10)) {
                case 0 -> delivery.retry();
                case 1 -> delivery.dead("for the test");
                default -> {
                    begun.add(id);
                    delivery.done();
                    settled.add(id);
                }
            }
        }

        /// Begins it while some of the load goes on, as far as the log has room.
        private Backup beginBackup() {
            pace.drainPermits();
            pace.release(WHILE_IT_BEGINS);
            return begin();
        }

        /// Reads it while as much goes on as the log has room for.
        private byte[] read(Backup backup) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            backup.writeTo(
                    new FilterOutputStream(out) {
                        private int written;

                        @Override
                        public void write(byte[] bytes, int from, int length) throws IOException {
                            out.write(bytes, from, length);
                            written += length;
                            pace.release(written / PACE_BYTES);
                            written %= PACE_BYTES;
                        }
                    });
            pace.release(5000);
            return out.toByteArray();
        }

        @Override
        public void close() {
            ended.set(true);
            pace.release(threads.size());
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    @Test
    void everything_acknowledged_before_it_began_is_in_it_and_nothing_settled_comes_back()
            throws Exception {
        try (Load load = new Load()) {
            for (int round = 0; round < 3; round++) {
                load.acknowledgements.acquire(500);
                Set<String> sent = Set.copyOf(load.acknowledged);
                Set<String> published = Set.copyOf(load.published);
                Set<String> settled = Set.copyOf(load.settled);
                Set<String> perhapsSettled;
                byte[] archive;
                try (Backup backup = load.beginBackup()) {
                    perhapsSettled = Set.copyOf(load.begun);
                    archive = load.read(backup);
                }

                try (Millstream again = restored(archive)) {
                    Set<String> expected = new HashSet<>(sent);
                    expected.removeAll(perhapsSettled);
                    assertThat(contents(again))
                            .containsAll(expected)
                            .doesNotContainAnyElementsOf(settled);
                    assertThat(events(again)).containsAll(published);
                }
            }
            assertThat(load.published).isNotEmpty();
        }
    }

    @Test
    void the_state_is_that_of_its_position_however_late_it_is_read() throws Exception {
        ManualClock clock = new ManualClock();
        // A log so large that nothing is moved meanwhile: the copy is of that very moment.
        EngineOptions options = EngineOptions.inMemory().withTime(clock);
        MemoryDisk disk = new MemoryDisk();
        Engine original = Engine.open(disk, options);
        Millstream store = Millstream.over(original);
        WorkQueue mail = store.queue("mail");
        fill(mail, 400);
        List<Delivery> held = mail.receive(100, HOUR, SECOND);
        held.subList(0, 50).forEach(Delivery::done);
        // A file that grows while it is copied has a header that is newer than its length.
        await().until(() -> hasGrown(disk, options.log().fileBytes()));
        MemoryDisk then = new MemoryDisk();
        byte[] archive;
        try (Backup backup = original.backup().toCompletableFuture().join()) {
            copy(disk, then);
            held.subList(50, 60).forEach(Delivery::done);
            fill(mail, 60);
            archive = read(backup);
        }
        store.close();

        MemoryDisk unpacked = new MemoryDisk();
        unpack(archive, unpacked);

        assertThat(folded(unpacked, options)).isEqualTo(folded(then, options));
    }

    private static void fill(WorkQueue queue, int messages) {
        for (int i = 0; i < messages; i += 20) {
            List<Message> batch = new ArrayList<>();
            for (int j = i; j < i + 20; j++) {
                batch.add(message("m" + j, 1000));
            }
            queue.sendAll(batch);
        }
    }

    /// Whether the log has the files that it keeps ready, in full length.
    private static boolean hasGrown(MemoryDisk disk, int fileBytes) throws IOException {
        int whole = 0;
        for (String name : disk.list()) {
            if (name.startsWith("log-")) {
                try (StoredFile file = disk.open(name)) {
                    whole += file.size() == fileBytes ? 1 : 0;
                }
            }
        }
        return whole == 3;
    }

    private static byte[] folded(MemoryDisk disk, EngineOptions options) throws IOException {
        Engine.Stepped engine = Engine.openStepped(disk, options);
        engine.loop();
        return engine.snapshot();
    }

    private static void copy(MemoryDisk from, MemoryDisk to) throws IOException {
        for (String name : from.list()) {
            try (StoredFile source = from.open(name);
                    StoredFile target = to.open(name)) {
                ByteBuffer all = ByteBuffer.allocate((int) source.size());
                source.read(all, 0);
                target.write(all.flip(), 0);
            }
        }
    }

    private static void unpack(byte[] archive, MemoryDisk disk) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().startsWith("data/")) {
                    try (StoredFile file = disk.open(entry.getName().substring(5))) {
                        file.write(ByteBuffer.wrap(zip.readAllBytes()), 0);
                    }
                }
            }
        }
    }

    @Test
    void segments_and_log_files_stay_while_it_is_read() throws Exception {
        WorkQueue mail = millstream.queue("mail");
        millstream.queue("dead");
        fill(mail, 1500);
        byte[] archive;
        try (Backup backup = begin()) {
            assertThat(backup.manifest().files())
                    .anyMatch(file -> file.name().startsWith("segment-"));
            mail.purge();
            fill(mail, 40);
            archive = read(backup);
        }

        try (Millstream again = restored(archive)) {
            assertThat(contents(again)).hasSize(1500);
        }
    }

    private static void passThrough(WorkQueue queue, int messages) {
        for (int i = 0; i < messages; i += 20) {
            fill(queue, 20);
            queue.receive(20, HOUR, SECOND).forEach(Delivery::done);
        }
    }

    @Test
    void one_that_nobody_reads_is_given_up_when_it_keeps_publishes_waiting() {
        WorkQueue mail = millstream.queue("mail");
        fill(mail, 20);
        try (Backup backup = begin()) {
            passThrough(mail, 4 * FILES * FILE_BYTES / 1000 / 20 * 20);

            assertThatThrownBy(() -> read(backup))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("publishes come first");
        }
        assertThat(engine.stats().shortage()).isEmpty();
    }

    @Test
    void a_second_one_is_refused_by_name_until_the_first_is_closed() throws Exception {
        try (Backup first = begin()) {
            assertThat(first.manifest().position()).isPositive();
            assertThatThrownBy(this::begin)
                    .hasCauseInstanceOf(RefusedException.class)
                    .hasMessageContaining("Another backup is being taken");
        }
        assertThat(archive()).isNotEmpty();
    }

    @Test
    void a_stop_ends_it_with_a_reason() {
        Backup backup = begin();
        millstream.close();

        assertThatThrownBy(() -> read(backup)).hasMessageContaining("The engine stopped");
        assertThatThrownBy(this::begin).hasCauseInstanceOf(StoppedException.class);
    }

    @Test
    void a_handle_of_before_settles_its_message_and_one_of_after_settles_nothing()
            throws Exception {
        MemoryDisk disk = new MemoryDisk();
        Engine original = Engine.open(disk, OPTIONS);
        Millstream store = Millstream.over(original);
        store.queue("dead");
        WorkQueue mail = store.queue("mail");
        for (int i = 0; i < 6; i++) {
            mail.send(message("m" + i, 100));
        }
        Handle before = mail.receive(1, HOUR, SECOND).getFirst().lease().handle();
        byte[] archive;
        try (Backup backup = original.backup().toCompletableFuture().join()) {
            archive = read(backup);
        }
        List<Handle> after = new ArrayList<>();
        after.add(mail.receive(1, HOUR, SECOND).getFirst().lease().handle());
        store.close();
        store = Millstream.over(Engine.open(disk, OPTIONS));
        mail = store.queue("mail");
        mail.send(message("only there", 100));
        mail.receive(10, HOUR, SECOND).forEach(next -> after.add(next.lease().handle()));
        store.close();

        MemoryDisk target = new MemoryDisk();
        restore(archive, target);
        // What it knows of its past outlives its restarts.
        for (int opening = 0; opening < 3; opening++) {
            try (Millstream again = Millstream.over(Engine.open(target, OPTIONS))) {
                if (opening == 0) {
                    again.queue("mail").send(message("only here", 100));
                    assertThat(again.queue("mail").receive(10, HOUR, SECOND)).hasSize(6);
                }
                for (Handle handle : after) {
                    for (Operation.Stale stale : Operation.Stale.values()) {
                        assertThatThrownBy(() -> again.commit(done(handle, stale)))
                                .as("%s %s", handle, stale)
                                .isInstanceOf(RefusedException.class);
                    }
                }
                assertThat(contents(again)).hasSize(7);
            }
        }
        try (Millstream again = Millstream.over(Engine.open(target, OPTIONS))) {
            again.commit(done(before, Operation.Stale.REFUSE));
            assertThat(contents(again)).hasSize(6).doesNotContain("m0");
        }
    }

    private static Operation done(Handle handle, Operation.Stale stale) {
        return new Operation.Settle(handle, Outcome.done(), stale);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void a_log_that_was_full_can_be_restored_and_goes_on(int fewer) throws Exception {
        millstream.queue("dead");
        fill(millstream.queue("mail"), 600);
        byte[] archive = archive();
        MemoryDisk disk = new MemoryDisk();
        Manifest manifest = restore(archive, disk);
        int files = (int) logFiles(manifest) - fewer;
        assertThat(files).isPositive();
        EngineOptions full = OPTIONS.withLog(OPTIONS.log().withFilesMax(files));

        MemoryDisk target = new MemoryDisk();
        Restore.into(target, new ByteArrayInputStream(archive), full);
        try (Millstream again = Millstream.over(Engine.open(target, full))) {
            assertThat(contents(again)).hasSize(600);
            passThrough(again.queue("dead"), 100);
            assertThat(contents(again)).hasSize(600);
        }
    }

    private static long logFiles(Manifest manifest) {
        return manifest.files().stream().filter(file -> Log.isFile(file.name())).count();
    }

    @Test
    void a_restored_store_can_be_backed_up_and_restored() throws Exception {
        millstream.queue("dead");
        fill(millstream.queue("mail"), 1000);
        byte[] archive = archive();
        for (int i = 0; i < 3; i++) {
            MemoryDisk disk = new MemoryDisk();
            restore(archive, disk);
            Engine again = Engine.open(disk, OPTIONS);
            try (Millstream store = Millstream.over(again)) {
                fill(store.queue("dead"), 20);
                store.queue("dead").purge();
                assertThat(contents(store)).hasSize(1000);
                try (Backup backup = again.backup().toCompletableFuture().join()) {
                    archive = read(backup);
                }
            }
        }
    }

    @Test
    void what_nobody_needs_is_not_in_it() throws Exception {
        passThrough(millstream.queue("mail"), 400);
        millstream.queue("mail").send(message("last", 10));

        Manifest manifest = restore(archive(), new MemoryDisk());

        assertThat(manifest.bytes()).isLessThan(FILE_BYTES + FILES * 4096L + (16 << 10));
        assertThat(manifest.queues()).containsExactly(entry("mail", 1L));
        assertThat(manifest.messages()).isEqualTo(1);
    }

    @Test
    void one_that_is_cut_off_anywhere_is_refused() throws Exception {
        fill(millstream.queue("mail"), 40);
        byte[] archive = archive();

        for (int length = 0; length < archive.length; length += 1 + length / 50) {
            byte[] cut = Arrays.copyOf(archive, length);
            assertThatThrownBy(() -> restore(cut, new MemoryDisk()))
                    .as("%d of %d bytes", length, archive.length)
                    .isInstanceOf(DamagedArchiveException.class);
        }
        byte[] almost = Arrays.copyOf(archive, archive.length - 1);
        assertThatThrownBy(() -> restore(almost, new MemoryDisk()))
                .isInstanceOf(DamagedArchiveException.class);
    }

    @Test
    void one_in_which_a_bit_is_turned_over_is_refused_or_means_the_same() throws Exception {
        millstream.queue("dead");
        fill(millstream.queue("mail"), 20);
        byte[] archive = archive();
        SplittableRandom random = new SplittableRandom(1);

        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] damaged = archive.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            try (Millstream store = restored(damaged)) {
                assertThat(contents(store)).hasSize(20);
            } catch (IOException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(200);
    }

    @Test
    void a_directory_is_made_whole_or_not_at_all(@TempDir Path folder) throws Exception {
        millstream.queue("dead");
        fill(millstream.queue("mail"), 100);
        byte[] archive = archive();
        Path target = folder.resolve("data");
        byte[] cut = Arrays.copyOf(archive, archive.length / 2);

        assertThatThrownBy(() -> Restore.to(new ByteArrayInputStream(cut), target))
                .isInstanceOf(MillstreamException.class)
                .hasMessageContaining("not a complete backup");
        assertThat(folder).isEmptyDirectory();

        Restore.to(new ByteArrayInputStream(archive), target);
        try (Millstream store = Millstream.open(target)) {
            assertThat(contents(store)).hasSize(100);
        }
        assertThatThrownBy(() -> Restore.to(new ByteArrayInputStream(archive), target))
                .hasMessageContaining("is not empty");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Restore.to(new ByteArrayInputStream(archive), empty);
        assertThat(empty).isNotEmptyDirectory();
        assertThat(folder).isDirectoryContaining("glob:**/{data,empty}");
        try (var all = Files.list(folder)) {
            assertThat(all).hasSize(2);
        }
    }
}
