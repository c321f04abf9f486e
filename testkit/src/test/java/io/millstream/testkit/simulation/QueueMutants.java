package io.millstream.testkit.simulation;

import java.util.stream.Stream;

/// Mistakes that an engine could have in what queues do with delays, groups, priorities, ages,
/// limits and equal messages.
@SuppressWarnings("StringConcatToTextBlock") // A mistake is planted in a line as it stands.
final class QueueMutants {
    private QueueMutants() {}

    static Stream<Mutant> all() {
        return Stream.of(groups(), times(), order(), duplicates(), limits(), deaths())
                .flatMap(some -> some);
    }

    private static Stream<Mutant> groups() {
        return Stream.of(
                new Mutant(
                        "a group that stays locked when its lease ends",
                        "state/Lanes.java",
                        "            group.leased--;\n",
                        ""),
                new Mutant(
                        "a lock of a group forgotten by a restart",
                        "state/Lanes.java",
                        "members.groups().get(delivery.mark.group()).leased++;",
                        ""),
                new Mutant(
                        "a group that is not locked",
                        "state/Lanes.java",
                        "} else if (group.leased == 0) {",
                        "} else {"),
                new Mutant(
                        "a message of a group while its head waits",
                        "state/Lanes.java",
                        "            group.members.add(0, delivery.sequence);\n"
                                + "            relist(group);\n",
                        "            relist(group);\n"),
                new Mutant(
                        "several messages of a group that gives one at a time",
                        "state/ReadyOrder.java",
                        "oneOfEach =\n",
                        "oneOfEach = false && \n"),
                new Mutant(
                        "groups that mean what they did before a definition",
                        "state/QueueState.java",
                        "        if (lanesChange) {\n",
                        "        if (newVersion < 0) {\n"),
                new Mutant(
                        "a group that a dead letter loses",
                        "state/Passage.java",
                        "mark(group, type, priority,",
                        "mark(null, type, priority,"),
                new Mutant(
                        "a group that a moved message loses",
                        "state/Passage.java",
                        "KeyHash group = source.lanes().members().groupKey(delivery.mark);",
                        "KeyHash group = entry instanceof Moved ?"
                                + " source.lanes().members().groupKey(delivery.mark) : null;"),
                new Mutant(
                        "groups that a snapshot leaves out",
                        "state/QueueCodec.java",
                        "                if (birth != 0) {",
                        "                if (birth > 7) {"));
    }

    private static Stream<Mutant> times() {
        return Stream.of(
                new Mutant(
                        "a delayed message too early",
                        "state/Lanes.java",
                        "while (delayed.firstTime() <= now) {",
                        "while (delayed.firstTime() <= now + 1) {"),
                new Mutant(
                        "a delayed message too late",
                        "state/Upcoming.java",
                        "dues.set(queue, queue.lanes().nextChange());",
                        // Never stays never.
                        "long at = queue.lanes().nextChange();\n"
                                + " dues.set(queue, Math.max(at, at + 3_600_000));"),
                new Mutant(
                        "what waits forgotten by a restart",
                        "state/Lanes.java",
                        "boolean waits = mark.due() > now;",
                        "boolean waits = mark.due() > now && !rebuilding;"),
                new Mutant(
                        "what waits left out of the next page",
                        "state/DelayedOrder.java",
                        "queue.lanes().waiting().walkBehind(due, sequence);",
                        "queue.lanes().waiting().walkBehind(due == 0 ? 0 : due + 500, 0);"),
                new Mutant(
                        "no back-off",
                        "state/Decider.java",
                        "backOff == null || delivery.returnsAtOnce()",
                        "backOff == null || delivery.isLeased()"),
                new Mutant(
                        "a back-off that does not grow",
                        "state/Decider.java",
                        ": backOff.after(delivery.attempts);",
                        ": backOff.after(1);"),
                new Mutant(
                        "an overdue message handed out",
                        "state/TakeDecider.java",
                        "if (TimeToLive.isOver(queue, sequence, state.now())) {",
                        "if (TimeToLive.isOver(queue, sequence, state.now() - 1000)) {"),
                new Mutant(
                        "overdue too early",
                        "state/TimeToLive.java",
                        "end(queue, sequence) <= now;",
                        "end(queue, sequence) <= now + 200;"),
                new Mutant(
                        "an overdue head that stays until somebody asks",
                        "state/Upcoming.java",
                        "lives.set(queue, TimeToLive.next(queue));",
                        "lives.set(queue, Long.MAX_VALUE);"),
                new Mutant(
                        "times to live forgotten by a restart",
                        "state/Lanes.java",
                        "members.came(at.mark());",
                        "members.came(new Mark(at.mark().group(), at.mark().type(), 0, 0,"
                                + " Mark.NEVER));"));
    }

    private static Stream<Mutant> order() {
        return Stream.of(
                new Mutant(
                        "a worse priority first",
                        "state/ReadyOrder.java",
                        "return priority < ofPriority;",
                        "return priority > ofPriority;"),
                new Mutant(
                        "a priority that does not age",
                        "state/ReadyOrder.java",
                        "step == null ? 0 : step.toMillis();",
                        "0;"),
                new Mutant(
                        "a priority that a dead letter loses",
                        "state/Passage.java",
                        "int priority = delivery.mark.priority();",
                        "int priority = 0;"),
                new Mutant(
                        "what waited before what was ready first",
                        "state/Turn.java",
                        "return 2 * time;",
                        "return time;"),
                new Mutant(
                        "the place of a wait that has ended forgotten",
                        "state/Resting.java",
                        "        delivery.waitedUntil = delivery.deadline;\n",
                        ""),
                new Mutant(
                        "a fair share for nobody",
                        "state/Service.java",
                        "tags.put(new Share(group, priority), tag + share(group));",
                        "tags.put(new Share(group, priority), tag);"));
    }

    private static Stream<Mutant> duplicates() {
        return Stream.of(
                new Mutant(
                        "keys that are not written down before there are more",
                        "state/Equals.java",
                        "        queue.images().changing(keys.open());\n",
                        ""),
                new Mutant(
                        "keys forgotten by a restart",
                        "state/QueueState.java",
                        "        equal.loaded();\n",
                        ""),
                new Mutant(
                        "a window that is too long",
                        "state/SeenKeys.java",
                        "page.times[index] > since ?",
                        "page.times[index] >= since ?"),
                new Mutant(
                        "a window that is too short",
                        "state/SeenKeys.java",
                        "page.times[index] > since ?",
                        "page.times[index] > since + 1 ?"),
                new Mutant(
                        "no window",
                        "state/SeenKeys.java",
                        "page.times[index] > since ?",
                        "page.times[index] > 0 ?"),
                new Mutant(
                        "keys of a purged queue forgotten",
                        "state/QueueState.java",
                        "        ages.clear();\n",
                        "        equal.forget();\n        ages.clear();\n"),
                new Mutant(
                        "two equal ones of one commit",
                        "state/Admission.java",
                        "            tentative.see(target, equal, sequence);\n",
                        ""),
                new Mutant(
                        "equal ones of different groups",
                        "state/Admission.java",
                        "declared.scope() == Deduplication.Scope.QUEUE || group == null",
                        "declared.scope() == Deduplication.Scope.QUEUE || group != null"));
    }

    private static Stream<Mutant> limits() {
        return Stream.of(
                new Mutant(
                        "leased bytes that stay counted",
                        "state/QueueState.java",
                        "return bytes - leasedBytes;",
                        "return bytes;"),
                new Mutant(
                        "a settling commit that is held to the capacity",
                        "state/Decider.java",
                        "messageBytesMax, !prepared.settles());",
                        "messageBytesMax, true);"),
                new Mutant(
                        "what waits makes room before what is ready",
                        "state/DropOrder.java",
                        "        Tentative.Own put = own.peek();\n",
                        "        long soon = nextDelayed();\n        if (soon >= 0) return soon;\n"
                                + "        Tentative.Own put = own.peek();\n"),
                new Mutant(
                        "a message dropped that is to be dead-lettered for want of room",
                        "state/Admission.java",
                        "burial.bury(target, sequence, bytes, Via.Cause.OVERFLOW, reason);",
                        "entries.add(new Entry.Dropped(target.channel, sequence));"),
                new Mutant(
                        "a head dropped though what comes is to be dead-lettered",
                        "state/Admission.java",
                        "capacity.overflow() == Capacity.Overflow.DROP_HEAD && canGo(queue);",
                        "capacity.overflow() != Capacity.Overflow.REFUSE && canGo(queue);"),
                new Mutant(
                        "a dropped message counted twice",
                        "state/State.java",
                        "                    settled(queueOf(channel).pick(sequence), false);\n",
                        "{ settled(queueOf(channel).pick(sequence), false);"
                                + " queueOf(channel).dead++; }\n"));
    }

    private static Stream<Mutant> deaths() {
        return Stream.of(
                new Mutant(
                        "a death that is not counted",
                        "state/Deaths.java",
                        "death.count() + 1, death.first()",
                        "death.count(), death.first()"),
                new Mutant(
                        "the oldest death first",
                        "state/Deaths.java",
                        "history.addFirst(last);",
                        "history.addLast(last);"),
                new Mutant(
                        "a message that goes round for ever",
                        "state/Deaths.java",
                        "if (death.queue().equals(queue)) {",
                        "if (death.queue() == null) {"),
                new Mutant(
                        "what died of its age as if it had been rejected",
                        "state/Decider.java",
                        "bury(source, sequence, bytes, Via.Cause.EXPIRED, Deaths.EXPIRED);",
                        "bury(source, sequence, bytes, Via.Cause.REJECTED, Deaths.EXPIRED);"),
                new Mutant(
                        "what died of its age counted as given up",
                        "state/TimeToLive.java",
                        "if (queue.definition.deadLetter() != null) {",
                        "if (queue.definition != null) {"),
                new Mutant(
                        "what used up its attempts as if it had been too old",
                        "state/TakeDecider.java",
                        "Via.Cause.ATTEMPTS,",
                        "Via.Cause.EXPIRED,"),
                new Mutant(
                        "a message moved though it stays",
                        "state/Editing.java",
                        "        return 1;\n",
                        "        return 2;\n"),
                new Mutant(
                        "a moved message that keeps its age",
                        "state/Passage.java",
                        "entry instanceof Moved ? left.stored() : state.now();",
                        "left.stored();"),
                new Mutant(
                        "the cursor at one that waits for its dead-letter target",
                        "state/Cursor.java",
                        "while (next >= 0 && queue.delivery(next) != null) {",
                        "while (next < -1) {"));
    }
}
