package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.engine.Backup;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.Restore;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What the engine does about commits with ids where something is short, or where it was not there.
class SentAgainTest {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final int ROUNDS_MAX = 100_000;

    private final ManualClock clock = new ManualClock();
    private final MemoryDisk disk = new MemoryDisk();
    private EngineOptions options = EngineOptions.inMemory().withTime(clock);

    private static void settle(Engine.Stepped engine) throws IOException {
        for (int round = 0; round < ROUNDS_MAX; round++) {
            boolean worked = engine.loop();
            worked |= engine.writer();
            worked |= engine.background();
            worked |= engine.answers();
            if (!worked) {
                return;
            }
        }
        throw new AssertionError("It works on and on");
    }

    private Engine.Stepped open() throws IOException {
        Engine.Stepped engine = Engine.openStepped(disk, options);
        settle(engine);
        return engine;
    }

    private static Session session(Engine.Stepped engine) {
        return engine.engine().session(SessionSpec.of("test"));
    }

    private static Receipt send(Engine.Stepped engine, Commit commit) throws IOException {
        CompletableFuture<Receipt> answer = session(engine).commit(commit).toCompletableFuture();
        settle(engine);
        assertThat(answer).isDone();
        return answer.join();
    }

    private static Commit defining() {
        return Commit.of(new Operation.Define(Definition.Queue.of(MAIL), Expect.Anything.ANYTHING));
    }

    private static Commit putting(CommitId id, int bytes) {
        Message message = Message.builder(Bytes.of(new byte[bytes])).build();
        return new Commit(id, List.of(new Operation.Put(MAIL, message)));
    }

    private static Refusal refusal(Receipt receipt) {
        assertThat(receipt).isInstanceOf(Receipt.Refused.class);
        return ((Receipt.Refused) receipt).refusal();
    }

    @Test
    void who_repeats_something_while_too_much_waits_is_not_told_that_it_was_not_done()
            throws IOException {
        options = options.withQueuedBytesMax(1 << 20);
        Engine.Stepped engine = open();
        send(engine, defining());
        Commit commit = putting(CommitId.of("a"), 10);
        Receipt first = send(engine, commit);
        Session session = session(engine);
        var crowd = session.commit(putting(CommitId.of("b"), 2 << 20)).toCompletableFuture();

        var again = session.commit(List.of(commit)).toCompletableFuture();
        var fresh = session.commit(putting(CommitId.of("c"), 10)).toCompletableFuture();
        var plain = session.commit(Commit.of(commit.operations().getFirst()));
        assertThat(refusal(plain.toCompletableFuture().join())).isInstanceOf(Refusal.Busy.class);
        settle(engine);

        assertThat(crowd.join()).isInstanceOf(Receipt.Committed.class);
        assertThat(again.join()).containsExactly(first);
        assertThat(refusal(fresh.join())).isInstanceOf(Refusal.Busy.class);
        assertThat(send(engine, putting(CommitId.of("c"), 10)))
                .isInstanceOf(Receipt.Committed.class);
    }

    @Test
    void when_receipts_take_their_share_of_the_heap_only_who_gives_up_some_goes_on()
            throws IOException {
        options = options.withHeapBytesMax(16 << 10);
        Engine.Stepped engine = open();
        send(engine, defining());
        Receipt receipt = send(engine, putting(new CommitId("a", 0, 0), 1));
        Receipt first = receipt;
        int number = 0;
        while (receipt instanceof Receipt.Committed) {
            receipt = send(engine, putting(new CommitId("a", ++number, 0), 1));
        }

        assertThat(refusal(receipt)).isInstanceOf(Refusal.Busy.class);
        assertThat(refusal(receipt).text()).contains("Receipts").contains("heap");
        assertThat(number).isBetween(4, 12);
        assertThat(refusal(send(engine, putting(CommitId.of("b"), 1))))
                .isInstanceOf(Refusal.Busy.class);
        assertThat(send(engine, putting(null, 1))).isInstanceOf(Receipt.Committed.class);
        assertThat(send(engine, putting(new CommitId("a", 0, 0), 1))).isEqualTo(first);

        assertThat(send(engine, putting(new CommitId("a", number, 2), 1)))
                .isInstanceOf(Receipt.Committed.class);
        clock.advance(CommitId.REMEMBERED_FOR);
        assertThat(send(engine, putting(CommitId.of("b"), 1)))
                .isInstanceOf(Receipt.Committed.class);
    }

    @Test
    void what_receipts_took_of_the_heap_is_given_back() throws IOException {
        Engine.Stepped engine = open();
        send(engine, defining());
        long before = engine.engine().stats().heapBytes();
        for (int sender = 0; sender < 40; sender++) {
            for (int number = 0; number < 3; number++) {
                send(engine, check(new CommitId("s" + sender, number, number / 2)));
            }
        }
        assertThat(engine.engine().stats().heapBytes()).isGreaterThan(before + 40 * 3 * 50);

        clock.advance(CommitId.REMEMBERED_FOR);
        for (int i = 0; i < 3; i++) {
            send(engine, defining());
        }

        assertThat(engine.engine().stats().heapBytes()).isEqualTo(before);
    }

    private static Commit check(CommitId id) {
        return new Commit(
                id, List.of(new Operation.CheckDefinition(MAIL, Expect.Anything.ANYTHING)));
    }

    @Test
    void a_receipt_that_makes_its_commit_too_large_refuses_it() throws IOException {
        int fileBytes = 64 << 10;
        options = options.withLog(new Log.Settings(fileBytes, 8, fileBytes, 2L * fileBytes));
        Engine.Stepped engine = open();
        send(engine, defining());
        Operation check = new Operation.CheckDefinition(MAIL, Expect.Anything.ANYTHING);
        List<Operation> most = Collections.nCopies(511, check);
        assertThat(send(engine, new Commit(null, most))).isInstanceOf(Receipt.Committed.class);

        Commit commit = new Commit(CommitId.of("a"), most);
        Receipt refused = send(engine, commit);

        assertThat(refusal(refused)).isInstanceOf(Refusal.TooLarge.class);
        assertThat(refusal(refused).text()).contains("with its receipt");
        assertThat(send(engine, commit)).isEqualTo(refused);
    }

    @Test
    void a_store_that_was_closed_for_hours_remembers_what_was_sent_before() {
        Engine engine = Engine.open(disk, options);
        Session session = engine.session(SessionSpec.of("test"));
        join(session, defining());
        Receipt first = join(session, putting(CommitId.of("a"), 1));
        engine.kill();
        clock.advance(Duration.ofHours(5));

        try (Engine later = Engine.open(disk, options)) {
            Session again = later.session(SessionSpec.of("test"));
            assertThat(join(again, putting(CommitId.of("a"), 1))).isEqualTo(first);
        }
    }

    @Test
    void a_backup_remembers_what_it_shows_and_nothing_else() throws IOException {
        try (Engine engine = Engine.open(disk, options)) {
            Session session = engine.session(SessionSpec.of("test"));
            join(session, defining());
            Receipt first = join(session, putting(CommitId.of("a"), 1));
            ByteArrayOutputStream archive = new ByteArrayOutputStream();
            try (Backup backup = engine.backup().toCompletableFuture().join()) {
                backup.writeTo(archive);
            }
            Receipt later = join(session, putting(CommitId.of("b"), 1));

            MemoryDisk other = new MemoryDisk();
            Restore.into(other, new ByteArrayInputStream(archive.toByteArray()), options);
            try (Engine restored = Engine.open(other, options)) {
                Session there = restored.session(SessionSpec.of("test"));
                assertThat(join(there, putting(CommitId.of("a"), 1))).isEqualTo(first);
                Receipt anew = join(there, putting(CommitId.of("b"), 1));
                assertThat(((Receipt.Committed) anew).effects())
                        .isEqualTo(((Receipt.Committed) later).effects());
            }
        }
    }

    private static Receipt join(Session session, Commit commit) {
        return session.commit(commit).toCompletableFuture().join();
    }
}
