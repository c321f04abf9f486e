package io.millstream.server.command;

import io.millstream.api.ChannelName;
import io.millstream.engine.doctor.Finding;
import io.millstream.engine.doctor.Loss;
import io.millstream.engine.doctor.Repair;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Repairs a data directory: says what that gives up, and does it if told so.
final class Mend {
    static final String NAME = "repair";
    private static final String YES = "--yes";

    private final Surroundings surroundings;

    Mend(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    static CommandSpec spec() {
        return DataDirectory.spec(
                        NAME,
                        "Lists what is damaged in a data directory and what a repair would give"
                                + " up. Changes nothing without "
                                + YES
                                + ".",
                        "",
                        "Ends with 0 if all is sound (again) and with 1 if something is damaged.")
                .addOption(DataDirectory.flag(YES, "Do it."));
    }

    int run(ParseResult typed) throws IOException {
        List<Finding> findings = new ArrayList<>();
        boolean isAgreed = typed.hasMatchedOption(YES);
        try (DataDirectory directory =
                        isAgreed
                                ? DataDirectory.take(typed, surroundings)
                                : DataDirectory.look(typed, surroundings);
                Repair repair = Repair.plan(directory.disk(), findings::add)) {
            if (!repair.isNeeded()) {
                surroundings.out().println("Nothing is damaged, so nothing was changed.");
                return ExitStatus.DONE;
            }
            String plan = describe(findings, repair);
            surroundings.out().print(plan);
            if (!repair.obstacles().isEmpty()) {
                surroundings
                        .out()
                        .println(
                                "This cannot be repaired, and nothing was changed: restore a"
                                        + " backup.");
                return ExitStatus.FAILED;
            }
            if (!isAgreed) {
                surroundings
                        .out()
                        .println(
                                "Nothing was changed. Copy the directory, then: millstream repair "
                                        + directory.typed()
                                        + " "
                                        + YES);
                return ExitStatus.FAILED;
            }
            repair.run(plan);
            surroundings.out().println("Done. See: millstream verify " + directory.typed());
            return ExitStatus.DONE;
        }
    }

    private static String describe(List<Finding> findings, Repair repair) throws IOException {
        StringBuilder text = new StringBuilder();
        add(text, "Damaged:", findings.stream().map(Finding::toString).toList());
        add(text, "Cannot be repaired:", repair.obstacles());
        if (!repair.obstacles().isEmpty()) {
            return text.toString();
        }
        List<Loss> known =
                repair.losses().stream().filter(loss -> !loss.givenUp().isEmpty()).toList();
        add(
                text,
                "Given up:",
                known.isEmpty()
                        ? List.of("nothing that is known of")
                        : known.stream()
                                .map(loss -> loss.describe(loss.givenUp().toString()))
                                .toList());
        add(
                text,
                "Given up as well, if there were any: what was stored where nothing is readable,"
                        + " with these sequences or later ones:",
                repair.losses().stream()
                        .filter(loss -> loss.givenUpFrom() != Loss.NONE)
                        .map(loss -> loss.describe("from " + loss.givenUpFrom() + " on"))
                        .toList());
        add(
                text,
                "May have been settled, and will be delivered again:",
                repair.losses().stream()
                        .filter(loss -> !loss.mayReturn().isEmpty())
                        .map(loss -> loss.describe(loss.mayReturn().toString()))
                        .toList());
        add(
                text,
                "Queues and topics whose names are lost get these:",
                repair.renamed().stream().map(ChannelName::toString).toList());
        add(text, "Files:", repair.steps());
        return text.toString();
    }

    private static void add(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append(title).append('\n');
            lines.forEach(line -> text.append("  ").append(line).append('\n'));
        }
    }
}
