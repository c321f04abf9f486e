package io.millstream.server.work;

import io.millstream.server.config.ConfigException;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// `millstream work QUEUE -- COMMAND…`
public final class WorkRun {
    /// As it is typed.
    public static final String NAME = "work";

    private static final String TIMEOUT = "--timeout";
    private static final String LATER = "--later";
    private static final int CONCURRENCY = 1;
    private static final int CONCURRENCY_MAX = 512;
    private static final Duration USUAL_TIMEOUT = Duration.ofHours(1);
    private static final Duration USUAL_LATER = Duration.ofSeconds(30);
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private final Around around;

    /// A run that finds this around it.
    public WorkRun(Around around) {
        this.around = around;
    }

    /// What can be typed.
    public static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(NAME);
        spec.usageMessage()
                .description(
                        "Does what is in a queue by a program: one process for each message, its"
                                + " body on standard input, its attributes in the environment"
                                + " (MILLSTREAM_ID, MILLSTREAM_TYPE, ...).",
                        "",
                        "What the program prints is the result. Exit status 0: done; 75: later,"
                                + " and no attempt is used; any other: failed.")
                .footer(
                        "",
                        "For example: millstream work thumbnails --concurrency 4 -- ./thumbnail.sh")
                .customSynopsis("millstream work QUEUE [OPTION...] -- COMMAND [ARGUMENT...]")
                .sortOptions(false);
        spec.addPositional(
                        PositionalParamSpec.builder()
                                .paramLabel("QUEUE")
                                .type(String.class)
                                .index("0")
                                .arity("1")
                                .required(true)
                                .description("Whose messages.")
                                .build())
                .addPositional(
                        PositionalParamSpec.builder()
                                .paramLabel("COMMAND")
                                .type(List.class)
                                .auxiliaryTypes(String.class)
                                .index("1..*")
                                .arity("1..*")
                                .required(true)
                                .description("The program, and its arguments.")
                                .build())
                .addOption(
                        Typed.option(
                                Shift.CONCURRENCY,
                                "N",
                                "How many processes at once, 1 to 512. Default: 1"))
                .addOption(
                        Typed.option(
                                TIMEOUT,
                                "TIME",
                                "How long one may take; it is ended then, and has failed."
                                        + " Default: 1h"))
                .addOption(
                        Typed.option(
                                LATER,
                                "TIME",
                                "How long a message waits whose program says later. Default: 30s"));
        Shift.addOptions(spec);
        return spec;
    }

    /// Blocks until it is told to stop.
    ///
    /// @return the status for the process to end with
    public int run(ParseResult line) {
        Typed typed = new Typed(line);
        Shift.Terms terms = Shift.terms(typed, around);
        int concurrency = typed.number(Shift.CONCURRENCY, CONCURRENCY, 1, CONCURRENCY_MAX);
        Duration timeout = typed.time(TIMEOUT, USUAL_TIMEOUT, SHORTEST);
        List<String> command = line.matchedPositionalValue(1, List.<String>of());
        requireProgram(command.getFirst());
        ProcessDecider.Plan plan =
                new ProcessDecider.Plan(
                        command,
                        around.workingDirectory().toAbsolutePath(),
                        typed.time(LATER, USUAL_LATER, Duration.ZERO));
        Shift shift = new Shift(around, terms);
        ProcessDecider decider = new ProcessDecider(plan, shift, around.err());
        return shift.run(
                (workers, types) ->
                        Every.of(workers.concurrency(concurrency), types, timeout, decider),
                "Runs %s, %d at once".formatted(Answers.line(command.getFirst(), 80), concurrency));
    }

    /// Better now than once for each message.
    private void requireProgram(String program) {
        boolean isPath = program.contains("/") || program.contains(File.separator);
        boolean isThere =
                isPath
                        ? candidates(around.workingDirectory().toAbsolutePath(), program)
                                .anyMatch(WorkRun::isProgram)
                        : Stream.of(path().split(File.pathSeparator))
                                .filter(folder -> !folder.isEmpty())
                                .flatMap(folder -> candidates(Path.of(folder), program))
                                .anyMatch(WorkRun::isProgram);
        if (!isThere) {
            throw new ConfigException(
                    isPath
                            ? "There is no program %s that may be run. Look at its path and rights."
                                    .formatted(program)
                            : ("There is no program %s in the folders of PATH. Name its path, or a"
                                            + " shell: -- sh -c '...'")
                                    .formatted(program));
        }
    }

    private String path() {
        return around.environment().getOrDefault("PATH", "/usr/bin:/bin");
    }

    /// On Windows programs are called without the end of their files' names.
    private static Stream<Path> candidates(Path folder, String program) {
        List<String> names = new ArrayList<>(List.of(program));
        if (File.separatorChar == '\\') {
            names.addAll(
                    Stream.of(".exe", ".cmd", ".bat")
                            .map(end -> program.toLowerCase(Locale.ROOT) + end)
                            .toList());
        }
        return names.stream().map(folder::resolve);
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
