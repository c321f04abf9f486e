package io.millstream.testkit.simulation;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Retention;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.testkit.simulation.TopicRecords.Appending;
import io.millstream.testkit.simulation.TopicRecords.Attempt;
import io.millstream.testkit.simulation.TopicRecords.Moving;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// A program that appends to a topic, reads it, keeps its place in it, and sometimes makes it anew.
final class TopicClient {
    static final ChannelName TOPIC = ChannelName.of("events");
    static final String CURSOR = "reader";
    private static final int PARTITIONS_MAX = 4;
    private static final int KEYS = 3;
    private static final int BODY_BYTES_MAX = 3000;
    private static final Duration LONG = Duration.ofHours(100);

    private final RandomGenerator random;
    private final Machine machine;
    private final Trace trace;
    private final TopicRecords records;
    private Session session;
    private Follower follower;
    private int reading;
    private int readingAtOnce;
    private int boot;
    private int number;
    private long operations;

    /// One reader that reads on and waits for more.
    private final class Follower {
        private final int partition;
        private final TopicReader reader;
        private long next;
        private boolean waits;

        Follower(int partition, long from) {
            this.partition = partition;
            this.reader = session.read(new From.Offset(TOPIC, partition, from));
            this.next = from;
        }

        void go() {
            waits = true;
            Pending<Fetched> pending = reader.next(1 + random.nextInt(20), bytes(), LONG);
            listen(
                    pending,
                    fetched -> {
                        waits = false;
                        if (follower != this) {
                            // Read before the topic was removed, and given afterwards.
                            return;
                        }
                        if (fetched instanceof Fetched.Records(var _, var got, long missed)
                                && !got.isEmpty()) {
                            next += missed;
                            requireInOrder(got, next);
                            next = got.getLast().offset() + 1;
                        } else {
                            follower = null;
                        }
                    });
        }
    }

    private interface Listener {
        void fetched(Fetched fetched);
    }

    TopicClient(RandomGenerator random, Machine machine, Trace trace) {
        this.random = random;
        this.machine = machine;
        this.trace = trace;
        this.records = new TopicRecords(trace);
    }

    TopicRecords records() {
        return records;
    }

    long operations() {
        return operations;
    }

    /// Begins anew after the engine has come back.
    void connect() {
        session = machine.engine().engine().session(SessionSpec.of("topics"));
        follower = null;
        reading = 0;
        readingAtOnce = 0;
        boot++;
    }

    /// Whether anything was asked that is not answered, though no time has to pass for it.
    boolean isWaitingForAnswers() {
        return records.isWaiting() || readingAtOnce > 0;
    }

    private boolean isQuiet() {
        return !records.isWaiting() && reading == 0;
    }

    /// A reader that waits though there is something is forgotten.
    void requireNotForgotten() {
        PromiseBroken.unless(
                follower == null
                        || !follower.waits
                        || follower.next >= records.end(follower.partition),
                "topic",
                "Somebody waits for %d of partition %d, which is there",
                follower == null ? 0 : follower.next,
                follower == null ? 0 : follower.partition);
    }

    /// Does something.
    void act() {
        operations++;
        int dice = random.nextInt(100);
        if (records.isChanging()) {
            return;
        }
        if (!records.isThere() || dice < 2) {
            define();
        } else if (dice < 3) {
            remove();
        } else if (dice < 60) {
            append();
        } else if (dice < 85) {
            read();
        } else {
            follow();
        }
    }

    private void define() {
        if (!isQuiet()) {
            return;
        }
        Definition.Topic before = records.definition();
        int partitions = Math.max(1 + random.nextInt(PARTITIONS_MAX), records.partitions());
        Retention retention =
                switch (random.nextInt(4)) {
                    case 0 -> Retention.ofBytes(100 << 10);
                    case 1 -> Retention.of(Duration.ofMillis(random.nextInt(1, 20_000)));
                    default -> Retention.forever();
                };
        Definition.Topic topic =
                Definition.Topic.of(TOPIC)
                        .withPartitions(partitions)
                        // What was kept shortly is not to be kept longer: nobody would know what
                        // may be gone.
                        .withRetention(before == null ? retention : before.retention())
                        .withVersionedKeys(
                                before == null ? random.nextInt(2) * KEYS : before.versionedKeys());
        submit(
                new Attempt(List.of(), List.of(), topic, false),
                List.of(new Operation.Define(topic, Expect.Anything.ANYTHING)));
    }

    private void remove() {
        if (isQuiet() && random.nextInt(4) == 0) {
            if (follower != null) {
                follower.reader.close();
                follower = null;
            }
            submit(
                    new Attempt(List.of(), List.of(), null, true),
                    List.of(new Operation.Remove(TOPIC, Expect.Anything.ANYTHING)));
        }
    }

    private void append() {
        List<Operation> operations = new ArrayList<>();
        List<Appending> appends = new ArrayList<>();
        List<Moving> moves = new ArrayList<>();
        int count = random.nextInt(5) == 0 ? 2 + random.nextInt(3) : 1;
        for (int i = 0; i < count; i++) {
            int partition = random.nextInt(records.partitions());
            Appending appending = appending(partition);
            appends.add(appending);
            operations.add(
                    new Operation.Append(TOPIC, partition, appending.messages, appending.expected));
        }
        if (random.nextInt(4) == 0) {
            int partition = random.nextInt(records.partitions());
            long offset = random.nextLong(records.end(partition) + 1);
            moves.add(new Moving(partition, offset));
            operations.add(new Operation.MoveCursor(TOPIC, partition, CURSOR, offset));
        }
        submit(new Attempt(appends, moves, null, false), operations);
    }

    private Appending appending(int partition) {
        boolean counted = records.definition().versionedKeys() > 0;
        List<Message> messages = new ArrayList<>();
        int count = random.nextInt(4) == 0 ? 1 + random.nextInt(6) : 1;
        for (int i = 0; i < count; i++) {
            messages.add(message(counted || random.nextBoolean()));
        }
        Long expected = counted && random.nextInt(3) == 0 ? (long) random.nextInt(6) : null;
        return new Appending(partition, messages, expected);
    }

    private Message message(boolean keyed) {
        byte[] body = new byte[random.nextInt(random.nextInt(8) == 0 ? BODY_BYTES_MAX : 200)];
        random.nextBytes(body);
        Message.Builder message = Message.builder(Bytes.of(body)).id("e" + ++number);
        if (keyed) {
            message.key(Bytes.utf8("key " + random.nextInt(KEYS)));
        }
        return message.build();
    }

    private void submit(Attempt attempt, List<Operation> operations) {
        records.asked(attempt);
        int asked = boot;
        var _ =
                session.commit(new Commit(null, operations))
                        .whenComplete((receipt, failure) ->
                                guarded(() -> {
                                    if (failure != null) {
                                        Client.requireStopped(failure);
                                    } else if (asked == boot) {
                                        answered(attempt, receipt);
                                    }
                                }));
    }

    private void answered(Attempt attempt, Receipt receipt) {
        switch (receipt) {
            case Receipt.Committed(var _, List<Receipt.Effect> effects) -> {
                PromiseBroken.unless(
                        !movesKeys(attempt) || !records.hasSome(),
                        "topic",
                        "Keys that are counted moved: %s",
                        attempt.definition());
                List<Long> offsets = new ArrayList<>();
                for (Receipt.Effect effect : effects) {
                    if (effect instanceof Receipt.Effect.Appended(long first, long last)) {
                        Appending appending = attempt.appends().get(offsets.size());
                        PromiseBroken.unless(
                                last - first + 1 == appending.messages.size(),
                                "topic",
                                "%d messages became %s",
                                appending.messages.size(),
                                effect);
                        offsets.add(first);
                    }
                }
                records.happened(attempt, offsets);
            }
            case Receipt.Refused(var _, int operation, Refusal why) -> {
                // What settles nothing may have to wait for room anywhere.
                boolean allowed =
                        why instanceof Refusal.Conflict
                                ? attempt.appends().get(operation).expected != null
                                : why instanceof Refusal.Invalid
                                        ? movesKeys(attempt)
                                        : why instanceof Refusal.Busy || isTooMuch(attempt, why);
                PromiseBroken.unless(allowed, "topic", "Refused: %s", why);
                records.refused(attempt);
            }
        }
    }

    /// Several appends together may be more than half of the smallest file takes.
    private static boolean isTooMuch(Attempt attempt, Refusal why) {
        return why instanceof Refusal.TooLarge && attempt.appends().size() > 1;
    }

    /// Whether a topic that counts its keys is to grow: refused once it has had a record, perhaps
    /// one that was gone before anybody knew of it.
    private boolean movesKeys(Attempt attempt) {
        Definition.Topic next = attempt.definition();
        return next != null
                && records.isThere()
                && records.definition().versionedKeys() > 0
                && next.partitions() > records.partitions();
    }

    private void read() {
        int partition = random.nextInt(records.partitions());
        long from = random.nextLong(records.end(partition) + 1);
        TopicReader reader = session.read(new From.Offset(TOPIC, partition, from));
        int atOnce = random.nextInt(2);
        Duration wait = atOnce == 1 ? Duration.ZERO : Duration.ofMillis(20);
        reading++;
        readingAtOnce += atOnce;
        int asked = boot;
        Pending<Fetched> pending = reader.next(1 + random.nextInt(20), bytes(), wait);
        var _ =
                pending.stage()
                        .whenComplete((fetched, failure) -> {
                            if (asked == boot) {
                                reading--;
                                readingAtOnce -= atOnce;
                            }
                        });
        listen(
                pending,
                fetched -> {
                    if (fetched instanceof Fetched.Records(var _, var got, long missed)) {
                        requireInOrder(got, from + missed);
                    } else {
                        throw new PromiseBroken("topic", "Not read: " + fetched);
                    }
                });
    }

    private void follow() {
        if (follower == null) {
            int partition = random.nextInt(records.partitions());
            follower = new Follower(partition, random.nextLong(records.end(partition) + 1));
        }
        if (!follower.waits) {
            follower.go();
        }
    }

    private long bytes() {
        return random.nextBoolean() ? 1 << 20 : 1 + random.nextInt(5000);
    }

    private void listen(Pending<Fetched> pending, Listener listener) {
        var _ =
                pending.stage()
                        .whenComplete((fetched, failure) ->
                                guarded(() -> {
                                    if (failure == null) {
                                        listener.fetched(fetched);
                                    } else {
                                        Client.requireStopped(failure);
                                    }
                                }));
    }

    private void requireInOrder(List<TopicRecord> got, long first) {
        long next = first;
        for (TopicRecord record : got) {
            PromiseBroken.unless(
                    record.offset() == next++,
                    "topic",
                    "%d was read where %d comes next",
                    record.offset(),
                    next - 1);
            trace.tell("topic", () -> "read " + record.message().id());
            records.seen(record);
        }
    }

    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (PromiseBroken | RuntimeException broken) {
            machine.broken(broken);
        }
    }
}
