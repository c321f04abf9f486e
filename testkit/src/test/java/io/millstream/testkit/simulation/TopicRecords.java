package io.millstream.testkit.simulation;

import io.millstream.api.Bytes;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.Retention;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// What must be found in the one topic of a run, what may be, and what must not.
final class TopicRecords {
    private static final String SUBJECT = "topic";

    /// An extent is no longer than this, unless it is one batch; retention drops one at a time.
    private static final long EXTENT_BYTES_MAX = 80 << 10;

    private final Trace trace;
    private final Map<String, Sent> byId = new HashMap<>();

    /// By partition and offset: what was acknowledged or seen there.
    private final List<NavigableMap<Long, Sent>> known = new ArrayList<>();

    private final List<Cursor> cursors = new ArrayList<>();
    private final Set<Attempt> open = new LinkedHashSet<>();

    /// What it was acknowledged or seen to be, or null if it is not there.
    private Definition.Topic definition;

    private long incarnation;

    /// One message of an append.
    private static final class Sent {
        final Message message;
        final Appending appending;
        long offset = -1;
        long stored = Long.MIN_VALUE;

        Sent(Message message, Appending appending) {
            this.message = message;
            this.appending = appending;
        }
    }

    /// What is known of an append.
    enum Fate {
        ASKED,
        STORED,
        REFUSED
    }

    /// One append.
    static final class Appending {
        final int partition;
        final List<Message> messages;
        final Long expected;
        Fate fate = Fate.ASKED;

        Appending(int partition, List<Message> messages, Long expected) {
            this.partition = partition;
            this.messages = messages;
            this.expected = expected;
        }
    }

    /// The cursor stands here, of one partition.
    record Moving(int partition, long offset) {}

    /// One commit.
    ///
    /// @param definition what it makes of the topic, or null
    /// @param removes whether it removes the topic
    record Attempt(
            List<Appending> appends,
            List<Moving> moves,
            Definition.Topic definition,
            boolean removes) {}

    /// Where the cursor may stand in a partition.
    private static final class Cursor {
        long offset;
        final List<Long> asked = new ArrayList<>();

        boolean mayBeAt(long found) {
            return found == offset || asked.contains(found);
        }
    }

    TopicRecords(Trace trace) {
        this.trace = trace;
    }

    /// Whether it is there, as far as is known.
    boolean isThere() {
        return definition != null;
    }

    int partitions() {
        return definition == null ? 0 : definition.partitions();
    }

    Definition.Topic definition() {
        return definition;
    }

    boolean isWaiting() {
        return !open.isEmpty();
    }

    /// Whether it may be there no more, or not yet, for all that is known.
    boolean isChanging() {
        return open.stream().anyMatch(one -> one.removes || one.definition != null);
    }

    /// Behind the last record that is known.
    long end(int partition) {
        NavigableMap<Long, Sent> records = of(partition);
        return records.isEmpty() ? 0 : records.lastKey() + 1;
    }

    /// Whether it is known to have had a record.
    boolean hasSome() {
        return known.stream().anyMatch(records -> !records.isEmpty());
    }

    private NavigableMap<Long, Sent> of(int partition) {
        while (known.size() <= partition) {
            known.add(new TreeMap<>());
            cursors.add(new Cursor());
        }
        return known.get(partition);
    }

    private Cursor cursor(int partition) {
        of(partition);
        return cursors.get(partition);
    }

    void asked(Attempt attempt) {
        open.add(attempt);
        for (Appending appending : attempt.appends) {
            for (Message message : appending.messages) {
                byId.put(message.id(), new Sent(message, appending));
            }
        }
        attempt.moves.forEach(move -> cursor(move.partition).asked.add(move.offset));
        trace.tell(SUBJECT, () -> "asked " + words(attempt));
    }

    /// All of it happened.
    ///
    /// @param offsets of the first record of each append
    void happened(Attempt attempt, List<Long> offsets) {
        open.remove(attempt);
        trace.tell(SUBJECT, () -> "happened at " + offsets + ": " + words(attempt));
        if (attempt.removes) {
            forget();
        }
        if (attempt.definition != null) {
            definition = attempt.definition;
        }
        for (int i = 0; i < offsets.size(); i++) {
            Appending appending = attempt.appends.get(i);
            requireVersion(appending, offsets.get(i));
            for (int record = 0; record < appending.messages.size(); record++) {
                place(
                        appending.partition,
                        offsets.get(i) + record,
                        byId.get(appending.messages.get(record).id()));
            }
        }
        for (Moving move : attempt.moves) {
            Cursor cursor = cursor(move.partition);
            cursor.asked.subList(0, cursor.asked.indexOf(move.offset) + 1).clear();
            cursor.offset = move.offset;
        }
    }

    /// None of it happened, and it never will.
    void refused(Attempt attempt) {
        open.remove(attempt);
        trace.tell(SUBJECT, () -> "refused: " + words(attempt));
        for (Appending appending : attempt.appends) {
            PromiseBroken.unless(
                    appending.fate != Fate.STORED, SUBJECT, "Refused, though it was seen");
            appending.fate = Fate.REFUSED;
        }
        attempt.moves.forEach(move -> cursor(move.partition).asked.remove(move.offset));
    }

    private void forget() {
        definition = null;
        incarnation = 0;
        known.clear();
        cursors.clear();
        // Nothing that was in it is in the next one.
        byId.values().forEach(sent -> sent.appending.fate = Fate.REFUSED);
    }

    private void requireVersion(Appending appending, long first) {
        if (appending.expected == null) {
            return;
        }
        Map<Long, Sent> before = of(appending.partition).headMap(first);
        if (before.size() == first) {
            Bytes key = appending.messages.getFirst().key();
            long version =
                    before.values().stream().filter(sent -> key.equals(sent.message.key())).count();
            PromiseBroken.unless(
                    version == appending.expected,
                    SUBJECT,
                    "Version %d of %s was expected, but there were %d records",
                    appending.expected,
                    key.utf8(),
                    version);
        }
    }

    /// A record was read.
    void seen(TopicRecord record) {
        String id = record.message().id();
        Sent sent = byId.get(id);
        PromiseBroken.unless(sent != null, SUBJECT, "Nobody sent %s", id);
        PromiseBroken.unless(
                sent.message.equals(record.message()), SUBJECT, "%s is not what was sent", id);
        PromiseBroken.unless(
                sent.appending.partition == record.partition(),
                SUBJECT,
                "%s is in partition %d",
                id,
                record.partition());
        place(record.partition(), record.offset(), sent);
        long stored = record.stored().toEpochMilli();
        PromiseBroken.unless(
                sent.stored == Long.MIN_VALUE || sent.stored == stored,
                SUBJECT,
                "%s was stored at %d and now at %d",
                id,
                sent.stored,
                stored);
        sent.stored = stored;
    }

    private void place(int partition, long offset, Sent sent) {
        String id = sent.message.id();
        PromiseBroken.unless(
                sent.appending.fate != Fate.REFUSED, SUBJECT, "%s is there, but was not to be", id);
        PromiseBroken.unless(
                sent.offset < 0 || sent.offset == offset,
                SUBJECT,
                "%s was at %d and is at %d",
                id,
                sent.offset,
                offset);
        Sent before = of(partition).putIfAbsent(offset, sent);
        PromiseBroken.unless(
                before == null || before == sent,
                SUBJECT,
                "%d of partition %d is %s, and was %s",
                offset,
                partition,
                id,
                before == null ? "" : before.message.id());
        sent.offset = offset;
        sent.appending.fate = Fate.STORED;
    }

    /// Everything that is there was looked at while nothing was under way.
    void compare(TopicPicture picture, long now) {
        View.TopicView view = picture.view();
        List<Attempt> unknown = List.copyOf(open);
        open.clear();
        boolean mayVanish = unknown.stream().anyMatch(attempt -> attempt.removes);
        if (view == null || (incarnation != 0 && view.incarnation() != incarnation)) {
            PromiseBroken.unless(mayVanish || definition == null, SUBJECT, "It is gone");
            forget();
        }
        if (view == null) {
            unknown.forEach(this::refused);
            return;
        }
        boolean mayChange =
                unknown.stream().anyMatch(one -> view.definition().equals(one.definition));
        PromiseBroken.unless(
                view.definition().equals(definition) || mayChange,
                SUBJECT,
                "It is %s, not %s",
                view.definition(),
                definition);
        definition = view.definition();
        incarnation = view.incarnation();
        for (int number = 0; number < view.partitions().size(); number++) {
            comparePartition(number, view.partitions().get(number), picture, now);
        }
        unknown.forEach(attempt -> resolve(attempt, picture));
        compareCursors(picture);
    }

    private void comparePartition(
            int number, View.PartitionView view, TopicPicture picture, long now) {
        List<TopicRecord> records = picture.records().get(number);
        PromiseBroken.unless(
                view.end() >= end(number),
                SUBJECT,
                "Partition %d ends at %d, but %d records are known",
                number,
                view.end(),
                end(number));
        PromiseBroken.unless(
                records.size() == view.end() - view.start(),
                SUBJECT,
                "%d records of %s",
                records.size(),
                view);
        long offset = view.start();
        for (TopicRecord record : records) {
            PromiseBroken.unless(
                    record.offset() == offset++, SUBJECT, "A gap before %d", record.offset());
            seen(record);
        }
        requireRetention(number, view, now);
    }

    private void requireRetention(int number, View.PartitionView view, long now) {
        Retention retention = definition.retention();
        Duration time = retention.time();
        for (Sent dropped : of(number).headMap(view.start()).values()) {
            boolean old =
                    time != null
                            && (dropped.stored == Long.MIN_VALUE
                                    || dropped.stored + time.toMillis() <= now);
            boolean tooMuch =
                    retention.bytes() > 0 && view.bytes() + EXTENT_BYTES_MAX > retention.bytes();
            PromiseBroken.unless(
                    old || tooMuch,
                    SUBJECT,
                    "%s was dropped; %s is kept of %s",
                    dropped.message.id(),
                    view,
                    retention);
        }
    }

    /// All of a commit happened or nothing.
    private void resolve(Attempt attempt, TopicPicture picture) {
        boolean happened =
                attempt.appends.stream().anyMatch(appending -> appending.fate == Fate.STORED);
        for (Appending appending : attempt.appends) {
            if (appending.fate == Fate.REFUSED) {
                continue;
            }
            for (Message message : appending.messages) {
                PromiseBroken.unless(
                        !happened
                                || byId.get(message.id()).offset >= 0
                                || picture.view().partitions().get(appending.partition).start() > 0,
                        SUBJECT,
                        "%s is not there, but others of its commit",
                        message.id());
            }
            // What is not there now is not there later, unless it has been dropped already.
            appending.fate = happened ? Fate.STORED : Fate.REFUSED;
        }
        trace.tell(SUBJECT, () -> (happened ? "it happened: " : "perhaps not: ") + words(attempt));
    }

    private void compareCursors(TopicPicture picture) {
        List<Long> found =
                picture.cursors().isEmpty() ? List.of() : picture.cursors().getFirst().offsets();
        for (int number = 0; number < partitions(); number++) {
            long offset = number < found.size() ? found.get(number) : 0;
            Cursor cursor = cursor(number);
            PromiseBroken.unless(
                    cursor.mayBeAt(offset),
                    SUBJECT,
                    "The cursor of partition %d is at %d, not %d %s",
                    number,
                    offset,
                    cursor.offset,
                    cursor.asked);
            cursor.offset = offset;
            cursor.asked.clear();
        }
    }

    private static String words(Attempt attempt) {
        StringBuilder words = new StringBuilder();
        if (attempt.definition != null) {
            words.append(attempt.definition).append(' ');
        }
        if (attempt.removes) {
            words.append("removal ");
        }
        for (Appending appending : attempt.appends) {
            words.append(appending.messages.stream().map(Message::id).toList())
                    .append(" in ")
                    .append(appending.partition)
                    .append(appending.expected == null ? " " : " if " + appending.expected + " ");
        }
        attempt.moves.forEach(move -> words.append(move).append(' '));
        return words.toString();
    }
}
