package io.millstream.testkit.simulation;

import java.util.stream.Stream;

/// Mistakes that an engine could have in what it remembers of commits that may be sent again.
@SuppressWarnings("StringConcatToTextBlock") // A mistake is planted in a line as it stands.
final class SenderMutants {
    private static final String COMMITTER = "Committer.java";
    private static final String SENDERS = "state/Senders.java";

    private SenderMutants() {}

    static Stream<Mutant> all() {
        return Stream.of(
                new Mutant(
                        "a receipt in the frame after that of what it tells",
                        COMMITTER,
                        "        if (store(decided.entries)) {\n",
                        "        int last = decided.entries.size() - (id == null ? 0 : 1);\n"
                                + "        if (last > 0 && id != null"
                                + " && store(decided.entries.subList(0, last))"
                                + " && (journal.sealIfPossible() || true)"
                                + " && store(decided.entries.subList(last, last + 1))\n"
                                + "                || (last <= 0 || id == null)"
                                + " && store(decided.entries)) {\n"),
                new Mutant(
                        "a repetition answered before the first one is durable",
                        COMMITTER,
                        "        if (first != null) {\n            return first;\n",
                        "        if (first != null) {\n"
                                + "            if (work.commits().size() == 1)"
                                + " work.answer().complete(List.of(first));\n"
                                + "            return first;\n"),
                new Mutant(
                        "receipts that a checkpoint leaves out",
                        "state/Snapshot.java",
                        "                && !state.senders().imageNext()\n",
                        ""),
                new Mutant(
                        "a checkpoint that has receipts of what came after it",
                        SENDERS,
                        "new Answer(answered.receipt(), images.number())",
                        "new Answer(answered.receipt(), 0)"),
                new Mutant(
                        "refusals that are decided anew",
                        COMMITTER,
                        "                        && refused.refusal() instanceof Refusal.Busy)) {",
                        "                        && refused.refusal().text() != null)) {"),
                new Mutant(
                        "a number that was passed over and is done late",
                        SENDERS,
                        "        if (id.number() < highest) {",
                        "        if (id.number() < 0) {"),
                new Mutant(
                        "what was given up and is done again",
                        SENDERS,
                        "        if (id.number() < sender.kept) {\n"
                                + "            return id.forgotten(sender.kept);\n"
                                + "        }\n"
                                + "        if (id.number() < highest) {",
                        "        if (id.number() < highest && id.number() >= sender.kept) {"),
                new Mutant(
                        "one receipt too many forgotten",
                        SENDERS,
                        "sender.answers.headMap(answered.from(), false)",
                        "sender.answers.headMap(answered.from(), true)"),
                new Mutant(
                        "a sender forgotten by opening the store",
                        SENDERS,
                        "            sender.last = now;\n"
                                + "            byTime.add(sender);\n"
                                + "        }\n",
                        "            sender.last = Math.max(0, now - 599_999);\n"
                                + "            byTime.add(sender);\n        }\n"));
    }
}
