package io.millstream.testkit.simulation;

import java.util.stream.Stream;

/// Mistakes that an engine could have in limits, in types and in what it keeps to be put again.
@SuppressWarnings("StringConcatToTextBlock") // A mistake is planted in a line as it stands.
final class LimitMutants {
    private LimitMutants() {}

    static Stream<Mutant> all() {
        return Stream.of(slots(), rates(), types(), kept()).flatMap(some -> some);
    }

    private static Stream<Mutant> slots() {
        return Stream.of(
                new Mutant(
                        "a slot of a type that is not given back",
                        "state/Throttle.java",
                        "            types.get(type).leased--;\n",
                        ""),
                new Mutant(
                        "slots of types forgotten by a restart",
                        "state/Lanes.java",
                        "                        throttle.holds(delivery.mark.type());\n",
                        ""),
                new Mutant(
                        "limits of types counted per take only",
                        "state/Throttle.java",
                        "        type.leased++;\n",
                        ""),
                new Mutant(
                        "limits of types that hold from take to take only",
                        "state/Started.java",
                        "already < throttle.left(type, now)",
                        "0 < throttle.left(type, now)"),
                new Mutant(
                        "limits of groups that hold from take to take only",
                        "state/Started.java",
                        "already < group.left(now)",
                        "0 < group.left(now)"),
                new Mutant(
                        "limits that mean what they did before a definition",
                        "state/Types.java",
                        "        types.forEach(type -> type.limit = now.of(type.key));\n",
                        ""),
                new Mutant(
                        "an exception that counts for nothing",
                        "state/KeyedLimits.java",
                        "return limit == null ? each : limit;",
                        "return each == null ? limit : each;"));
    }

    private static Stream<Mutant> rates() {
        return Stream.of(
                new Mutant(
                        "the rate of a queue forgotten by a restart",
                        "state/Throttle.java",
                        "        next = in.varint();\n",
                        "        in.varint();\n"),
                new Mutant(
                        "the rate of a type forgotten by a restart",
                        "state/Types.java",
                        "            type.next = in.varint();\n",
                        "            in.varint();\n"),
                new Mutant(
                        "rates of groups forgotten by a restart",
                        "state/Paces.java",
                        "page.set(i, KeyHash.read(in), in.varint());",
                        "page.set(i, KeyHash.read(in), 0 * in.varint());"),
                new Mutant(
                        "rates of groups that are not written down before they change",
                        "state/QueueImages.java",
                        "        changing(throttle.paces().page((int) number));\n",
                        ""),
                new Mutant(
                        "a rate of a group forgotten with its last message",
                        "state/Throttle.java",
                        "group.rate() == null ? 0 : paces.find(group.key);",
                        "0;"),
                new Mutant(
                        "a group whose rate does not wake it up",
                        "state/Throttle.java",
                        "                opened.accept(which);\n",
                        ""),
                new Mutant(
                        "a rate that gives one too many",
                        "state/Pace.java",
                        "early / rate.intervalNanos() + 1);",
                        "early / rate.intervalNanos() + 2);"),
                new Mutant(
                        "a rate that is a little too slow",
                        "state/Pace.java",
                        "return Math.ceilDiv(next - ahead(rate), NANOS_PER_MILLI);",
                        "return 1 + Math.ceilDiv(next - ahead(rate), NANOS_PER_MILLI);"),
                new Mutant(
                        "a rate that has a burst after a pause only once",
                        "state/Pace.java",
                        "return Math.max(next, now * NANOS_PER_MILLI) +",
                        "return next +"),
                new Mutant(
                        "rates that a definition forgets",
                        "state/Throttle.java",
                        "        next = rate == null ? 0 : next;\n",
                        "        next = 0;\n"));
    }

    private static Stream<Mutant> types() {
        return Stream.of(
                new Mutant(
                        "a take that gets types that it does not name",
                        "state/TypeFilter.java",
                        "(type != 0 && throttle != null && keys.contains("
                                + "throttle.types().get(type).key));",
                        "(type != 0 && throttle != null);"),
                new Mutant(
                        "a receiver that waits for its types and holds up those behind it",
                        "Waiters.java",
                        "if (take.filter().isAll() || queue.hasReady(take.filter())) {",
                        "if (queue.hasReady()) {"),
                new Mutant(
                        "a take that names types and gets what has none",
                        "state/TypeFilter.java",
                        "(type != 0 && throttle != null &&",
                        "type == 0 || (throttle != null &&"),
                new Mutant(
                        "a limit of a type ignored within a take for what is ready again",
                        "state/ReadyOrder.java",
                        "if (!started.mayGoOn(lane.type)) {",
                        "if (!started.mayGoOn(lane.type) && !ofAgain.isAtOne()) {"),
                new Mutant(
                        "a type whose rate does not wake it up",
                        "state/Throttle.java",
                        "                types.get((int) -which).opens = 0;\n",
                        ""),
                new Mutant(
                        "a closed type that is handed out",
                        "state/Lanes.java",
                        "return throttle == null || throttle.isOpen(lane.type);",
                        "return throttle == null || throttle.isOpen(0);"));
    }

    private static Stream<Mutant> kept() {
        return Stream.of(
                new Mutant(
                        "kept messages forgotten by a checkpoint",
                        "state/State.java",
                        "queueOf(queue.archiveOf).archive = queue;",
                        "queueOf(queue.archiveOf).version += 0;"),
                new Mutant(
                        "what died kept as if it were done",
                        "state/State.java",
                        "if (wasDone && archive != null) {",
                        "if (archive != null) {"),
                new Mutant(
                        "a replay that puts what was settled when it is to end",
                        "state/Editing.java",
                        "at.stored() >= until",
                        "at.stored() > until"),
                new Mutant(
                        "a replay that leaves out what was settled when it begins",
                        "state/Editing.java",
                        "at.stored() >= since",
                        "at.stored() > since"),
                new Mutant(
                        "what is kept as old as its message",
                        "state/Archive.java",
                        "Location kept = new Location(at.position(), at.bytes(), state.now(),"
                                + " mark);",
                        "Location kept = new Location(at.position(), at.bytes(), at.stored(),"
                                + " mark);"),
                new Mutant(
                        "a replay that loses its group",
                        "state/Archive.java",
                        "members.groupKey(mark),",
                        "null,"),
                new Mutant(
                        "a replay that loses its type",
                        "state/Archive.java",
                        "members.typeKey(mark),",
                        "null,"));
    }
}
