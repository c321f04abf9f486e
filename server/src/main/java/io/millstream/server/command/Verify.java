package io.millstream.server.command;

import io.millstream.engine.doctor.Examination;
import io.millstream.engine.doctor.Finding;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

import java.io.IOException;

/// Proves every checksum in a data directory.
final class Verify {
    static final String NAME = "verify";

    private final Surroundings surroundings;

    Verify(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    static CommandSpec spec() {
        return DataDirectory.spec(
                NAME,
                "Proves every checksum that counts in a data directory. Changes nothing.",
                "",
                "Ends with 0 if all is sound and with 1 if something is damaged.");
    }

    int run(ParseResult typed) throws IOException {
        try (DataDirectory directory = DataDirectory.look(typed, surroundings);
                Examination examination = Examination.of(directory.disk(), this::tell)) {
            examination.checkMessages();
            examination.obstacles().forEach(one -> surroundings.out().println("Moreover, " + one));
            if (examination.findings() == 0) {
                surroundings.out().println(sound(examination));
                return ExitStatus.DONE;
            }
            surroundings
                    .out()
                    .println(
                            "%d damaged. See what can be saved: millstream repair %s"
                                    .formatted(examination.findings(), directory.typed()));
            return ExitStatus.FAILED;
        }
    }

    private void tell(Finding finding) {
        surroundings.out().println(finding);
    }

    private static String sound(Examination examination) {
        return ("Sound: %d messages, %d batches of topics, %d log files, %d checkpoints,"
                        + " %d segments.")
                .formatted(
                        examination.messages(),
                        examination.batches(),
                        examination.survey().logFiles().size(),
                        examination.survey().checkpoints().size(),
                        examination.survey().segments().size());
    }
}
