package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.MillstreamException;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.doctor.Loss;
import io.millstream.engine.doctor.Repair;
import io.millstream.testkit.simulation.Audit.Picture;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// A bit that turns over, or a log file that is cut short, while nothing runs. The engine may
/// refuse to open, naming file and offset, or stop when it reads what is damaged, or never notice
/// because nothing needs it; but it may never open and have lost something, or show something else.
final class Damage {
    private static final int HEADERS_BYTES = 8192;
    private static final int BLOCK_BYTES = 4096;
    private static final Pattern NAMED =
            Pattern.compile("(?s)File [a-z0-9-]+ is damaged at byte \\d+.*");

    private final RandomGenerator random;

    /// Apart, so that the seeds without cuts are what they were before.
    private final RandomGenerator cuts;

    private final Machine machine;
    private final Audit audit;
    private final Trace trace;

    Damage(RandomGenerator random, Machine machine, Audit audit, Trace trace) {
        this.random = random;
        this.cuts = new SplittableRandom(machine.durable());
        this.machine = machine;
        this.audit = audit;
        this.trace = trace;
    }

    /// @param before what the disk has
    /// @param whole whether no message may be dropped by the opening itself
    void tryOnce(Picture before, boolean whole) {
        SimulatedDisk copy = machine.disk().copy(new SplittableRandom(random.nextLong()));
        String where = flip(copy);
        trace.tell(() -> "damaged: " + where);
        boolean opened = false;
        try {
            Engine.Stepped engine = machine.openOn(copy);
            // From here on it lives: leases end, messages move.
            opened = true;
            Picture after = audit.look(engine);
            requireSame(where, before, after, whole);
        } catch (MalformedException found) {
            trace.tell(() -> "found while reading: " + found.getMessage());
        } catch (IOException | MillstreamException refused) {
            trace.tell(() -> "refused: " + refused.getMessage());
            PromiseBroken.unless(
                    NAMED.matcher(String.valueOf(refused.getMessage())).matches(),
                    where,
                    "Refused without saying where: %s",
                    refused);
            if (!opened) {
                mend(where, copy, before, whole);
            }
        } catch (RuntimeException raw) {
            throw new PromiseBroken(where, "Not understood as damage: " + raw);
        }
    }

    /// What was refused must be found at rest too, and a repair gets past it, at the price that it
    /// names, or says that it cannot.
    private void mend(String where, SimulatedDisk copy, Picture before, boolean whole) {
        copy.kill();
        List<Loss> losses;
        try (Repair repair = Repair.plan(copy, finding -> {})) {
            PromiseBroken.unless(repair.isNeeded(), where, "It is said to be sound");
            if (!repair.obstacles().isEmpty()) {
                trace.tell(() -> "cannot be repaired: " + repair.obstacles());
                return;
            }
            losses = repair.losses();
            repair.run("");
        } catch (IOException failed) {
            throw new PromiseBroken(where, "The repair failed: " + failed);
        }
        copy.kill();
        try {
            requireRepaired(where, before, whole, losses, audit.look(machine.openOn(copy)));
        } catch (IOException | MillstreamException refused) {
            throw new PromiseBroken(where, "Refused after the repair: " + refused);
        }
    }

    private static void requireRepaired(
            String where, Picture before, boolean whole, List<Loss> losses, Picture after) {
        requireTopicRepaired(where, before.topic(), after.topic(), losses);
        Map<String, View.MessageView> now = new HashMap<>();
        after.messages().values().stream()
                .flatMap(List::stream)
                .forEach(view ->
                        PromiseBroken.unless(
                                now.put(view.message().id(), view) == null,
                                where,
                                "%s is there twice after the repair",
                                view.message().id()));
        before.messages()
                .forEach((queue, views) -> {
                    long life = incarnation(before, queue);
                    // One that was made in a hole and not mentioned since is not known of.
                    boolean forgotten =
                            after.queues().stream().noneMatch(one -> one.incarnation() == life);
                    for (View.MessageView view : views) {
                        View.MessageView found = now.get(view.message().id());
                        PromiseBroken.unless(
                                found != null
                                        || !whole
                                        || forgotten
                                        || losses.stream()
                                                .anyMatch(loss ->
                                                        loss.incarnation() == life
                                                                && lists(loss, view.sequence())),
                                where,
                                "%s of %s is lost by the repair, and not listed in %s",
                                view.message().id(),
                                queue,
                                losses);
                        PromiseBroken.unless(
                                found == null || found.message().equals(view.message()),
                                where,
                                "%s is not what was sent",
                                view.message().id());
                    }
                });
    }

    private static void requireTopicRepaired(
            String where, TopicPicture before, TopicPicture after, List<Loss> losses) {
        if (before.ages() || before.view() == null) {
            return;
        }
        long life = before.view().incarnation();
        Map<String, TopicRecord> now = new HashMap<>();
        after.records().stream()
                .flatMap(List::stream)
                .forEach(record ->
                        PromiseBroken.unless(
                                now.put(record.message().id(), record) == null,
                                where,
                                "%s is there twice after the repair",
                                record.message().id()));
        boolean forgotten = after.view() == null || after.view().incarnation() != life;
        for (List<TopicRecord> records : before.records()) {
            for (TopicRecord record : records) {
                // A partition that was added in a hole and not mentioned since is not known of.
                boolean unheardOf = forgotten || record.partition() >= after.records().size();
                TopicRecord found = now.get(record.message().id());
                PromiseBroken.unless(
                        found == null || found.equals(record),
                        where,
                        "%s became %s",
                        record,
                        found);
                PromiseBroken.unless(
                        found != null
                                || unheardOf
                                || losses.stream()
                                        .anyMatch(loss ->
                                                loss.incarnation() == life
                                                        && loss.partition() == record.partition()
                                                        && lists(loss, record.offset())),
                        where,
                        "%s is lost by the repair, and not listed in " + losses,
                        record.message().id());
            }
        }
    }

    private static long incarnation(Picture picture, ChannelName queue) {
        return picture.queues().stream()
                .filter(one -> one.definition().name().equals(queue))
                .findFirst()
                .orElseThrow()
                .incarnation();
    }

    private static boolean lists(Loss loss, long sequence) {
        return loss.givenUp().contains(sequence)
                || (loss.givenUpFrom() != Loss.NONE && sequence >= loss.givenUpFrom());
    }

    private String flip(SimulatedDisk copy) {
        List<String> names = copy.list();
        String name = names.get(random.nextInt(names.size()));
        try {
            long size = copy.size(name);
            if (cuts.nextInt(4) == 0 && name.startsWith("log-") && size >= BLOCK_BYTES) {
                // Without its number, the newest one would look as if the log had never got there.
                long kept = cuts.nextLong(1, size / BLOCK_BYTES + 1) * BLOCK_BYTES;
                copy.cut(name, kept);
                return name + " cut to " + kept;
            }
            long bound = random.nextBoolean() ? Math.min(size, HEADERS_BYTES) : size;
            long offset =
                    random.nextInt(4) == 0
                            ? random.nextInt(64)
                            : random.nextLong(Math.max(1, bound));
            if (size > 0) {
                copy.flipBit(name, Math.min(offset, size - 1));
            }
            return name + " at " + offset;
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }

    private static void requireSame(String where, Picture before, Picture after, boolean whole) {
        Map<String, View.MessageView> found = new HashMap<>();
        after.messages().values().stream()
                .flatMap(List::stream)
                .forEach(view -> found.put(view.message().id(), view));
        for (List<View.MessageView> views : before.messages().values()) {
            for (View.MessageView view : views) {
                View.MessageView now = found.remove(view.message().id());
                PromiseBroken.unless(
                        now != null || !whole, where, "%s is lost", view.message().id());
                PromiseBroken.unless(
                        now == null || now.message().equals(view.message()),
                        where,
                        "%s is not what was sent",
                        view.message().id());
            }
        }
        PromiseBroken.unless(found.isEmpty(), where, "%s came back", found.keySet());
        PromiseBroken.unless(
                names(before).equals(names(after)),
                where,
                "%s became %s",
                names(before),
                names(after));
        PromiseBroken.unless(
                before.topic().ages() || before.topic().equals(after.topic()),
                where,
                "%s became %s",
                before.topic(),
                after.topic());
        for (View.RowView row : before.rows()) {
            PromiseBroken.unless(
                    row.expiresAt() != null || after.rows().contains(row),
                    where,
                    "%s is lost",
                    row);
        }
    }

    private static List<String> names(Picture picture) {
        return picture.queues().stream()
                .map(queue -> queue.definition() + " version " + queue.version())
                .toList();
    }
}
