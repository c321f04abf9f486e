package io.millstream.testkit.simulation;

import java.util.stream.Stream;

/// Mistakes that an engine could have in what it tells topics of messages.
@SuppressWarnings("StringConcatToTextBlock") // A mistake is planted in a line as it stands.
final class LifecycleMutants {
    private static final String JOURNAL = "Journal.java";
    private static final String CHRONICLE = "Chronicle.java";
    private static final String NARRATION = "Narration.java";

    private LifecycleMutants() {}

    static Stream<Mutant> all() {
        return Stream.of(
                new Mutant(
                        "told in a later frame than it happens in",
                        JOURNAL,
                        "batches = chronicle.take();",
                        "batches = state.entries() % 3 == 0 ? chronicle.take() : List.of();"),
                new Mutant(
                        "nothing told any more after a restart",
                        CHRONICLE,
                        "            noteTeller(queue.channel(), queue.definition());\n",
                        ""),
                new Mutant(
                        "a return with a wait that is not told",
                        NARRATION,
                        "        long channel = returned.channel();\n"
                                + "        QueueState queue = state.queue(channel);\n"
                                + "        if (queue == null || !tells(channel)) {",
                        "        long channel = returned.channel();\n"
                                + "        QueueState queue = state.queue(channel);\n"
                                + "        if (queue == null || returned.due() > 0) {"),
                new Mutant(
                        "a dead letter that its new queue does not tell",
                        NARRATION,
                        "        if (tells(moved.target())) {",
                        "        if (tells(moved.target()) && moved instanceof"
                                + " Entry.Transferred) {"));
    }
}
