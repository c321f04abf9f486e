package io.millstream.server.command;

import io.millstream.api.MillstreamException;
import io.millstream.server.config.ConfigException;
import io.millstream.server.config.Nearest;
import io.millstream.server.config.Setting;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Everything that can be typed after `millstream`.
///
/// The options of `serve` are made from [Setting] instead of being annotated, so that there is one
/// list of them.
public final class Commands {
    private static final String SERVE = "serve";
    private static final String BACKUP = "backup";
    private static final String RESTORE = "restore";
    private static final String FROM = "--from";

    private final Surroundings surroundings;

    private Commands(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// Does what `arguments` say and returns the status for the process to end with. Every failure
    /// is one message on standard error.
    public static int run(String[] arguments, Surroundings surroundings) {
        return new Commands(surroundings).run(arguments);
    }

    private int run(String[] arguments) {
        CommandLine line = new CommandLine(root()).setOptionsCaseInsensitive(false);
        try {
            return execute(line.parseArgs(arguments));
        } catch (UnmatchedArgumentException e) {
            return fail(ExitStatus.USAGE, unknown(e));
        } catch (ParameterException e) {
            return fail(ExitStatus.USAGE, e.getMessage() + ". " + seeHelp(e.getCommandLine()));
        } catch (ConfigException e) {
            return fail(ExitStatus.USAGE, String.valueOf(e.getMessage()));
        } catch (MillstreamException e) {
            return fail(ExitStatus.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private int execute(ParseResult typed) {
        ParseResult last = typed.hasSubcommand() ? typed.subcommand() : typed;
        CommandLine command = last.commandSpec().commandLine();
        if (last.isUsageHelpRequested()) {
            command.usage(surroundings.out());
            return ExitStatus.DONE;
        }
        if (last.isVersionHelpRequested()) {
            surroundings.out().println("millstream " + surroundings.version());
            return ExitStatus.DONE;
        }
        return switch (command.getCommandName()) {
            case SERVE -> new Serve(surroundings).run(settings(last));
            case BACKUP -> backup(last);
            case RESTORE -> {
                requirePaths(last, 2, "the backup and the directory to restore it to");
                yield new RestoreRun(surroundings).run(path(last, 0), path(last, 1));
            }
            default -> {
                command.usage(surroundings.err());
                yield ExitStatus.USAGE;
            }
        };
    }

    private int backup(ParseResult typed) {
        String server = typed.matchedOptionValue(FROM, "");
        BackupRun run = new BackupRun(surroundings);
        if (server.isEmpty()) {
            requirePaths(typed, 2, "the data directory and the file to write");
            return run.ofDirectory(path(typed, 0), path(typed, 1));
        }
        requirePaths(typed, 1, "the file to write");
        return run.ofServer(server, path(typed, 0));
    }

    private static void requirePaths(ParseResult typed, int count, String which) {
        List<String> paths = typed.matchedPositionalValue(0, List.of());
        if (paths.size() != count) {
            CommandLine command = typed.commandSpec().commandLine();
            throw new ParameterException(
                    command,
                    "%s needs %s, and nothing else".formatted(command.getCommandName(), which));
        }
    }

    private Path path(ParseResult typed, int index) {
        List<String> paths = typed.matchedPositionalValue(0, List.of());
        return surroundings.workingDirectory().toAbsolutePath().resolve(paths.get(index));
    }

    private CommandSpec root() {
        CommandSpec root = CommandSpec.create().name("millstream");
        root.usageMessage()
                .description("A message broker and the workers behind it, in one process.")
                .footer(
                        "",
                        "Start with: millstream serve",
                        "Back up with: millstream backup --from http://127.0.0.1:7171 FILE",
                        "See what can be set with: millstream serve --help");
        root.addOption(version()).addOption(help());
        root.addSubcommand(SERVE, serve());
        root.addSubcommand(BACKUP, backup());
        root.addSubcommand(RESTORE, restore());
        return root;
    }

    private static CommandSpec serve() {
        CommandSpec serve = CommandSpec.create().name(SERVE);
        serve.usageMessage()
                .description("Serves until it is told to stop (Ctrl-C, or the signal TERM).")
                .footer(
                        "",
                        "Each option can also be a variable of the environment (--aws.port is",
                        "MILLSTREAM_AWS_PORT) or a line of the settings file (aws.port=9324).",
                        "The command line wins over the environment, and that over the file.")
                .customSynopsis("millstream serve [OPTION...]")
                .sortOptions(false);
        for (Setting setting : Setting.values()) {
            serve.addOption(option(setting));
        }
        return serve.addOption(help());
    }

    private static CommandSpec backup() {
        CommandSpec backup = CommandSpec.create().name(BACKUP);
        backup.usageMessage()
                .description("Writes everything acknowledged so far to one new file.")
                .customSynopsis(
                        "millstream backup --from URL FILE", "millstream backup DIRECTORY FILE")
                .footer(
                        "",
                        "With --from, of a server that runs and goes on; without, of a data",
                        "directory that no process has.");
        backup.addOption(
                OptionSpec.builder(FROM)
                        .paramLabel("URL")
                        .type(String.class)
                        .arity("1")
                        .description("The server's status port, such as http://127.0.0.1:7171.")
                        .build());
        return backup.addPositional(paths()).addOption(help());
    }

    private static CommandSpec restore() {
        CommandSpec restore = CommandSpec.create().name(RESTORE);
        restore.usageMessage()
                .description(
                        "Makes a data directory of a backup. The directory must be empty or not"
                                + " exist.")
                .customSynopsis("millstream restore FILE DIRECTORY");
        return restore.addPositional(paths()).addOption(help());
    }

    private static PositionalParamSpec paths() {
        return PositionalParamSpec.builder()
                .index("0..*")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .hidden(true)
                .build();
    }

    private static OptionSpec option(Setting setting) {
        String meaning =
                setting.meaning()
                        + setting.value()
                                .flatMap(value -> setting.standard())
                                .map(standard -> " Default: " + standard)
                                .orElse("");
        OptionSpec.Builder option =
                OptionSpec.builder(setting.option()).description(meaning.replace("%", "%%"));
        return setting.value()
                .map(value -> option.paramLabel(value).type(String.class).arity("1").build())
                .orElseGet(() -> option.type(boolean.class).arity("0").build());
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this and end.")
                .build();
    }

    private static OptionSpec version() {
        return OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Show the version and end.")
                .build();
    }

    private static Map<Setting, String> settings(ParseResult serve) {
        Map<Setting, String> settings = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            if (serve.hasMatchedOption(setting.option())) {
                Object value = serve.matchedOption(setting.option()).getValue();
                settings.put(setting, value.toString());
            }
        }
        return settings;
    }

    private static String unknown(UnmatchedArgumentException e) {
        String typed = e.getUnmatched().getFirst();
        String name = typed.contains("=") ? typed.substring(0, typed.indexOf('=')) : typed;
        String command = e.getCommandLine().getCommandName();
        boolean inCommand = e.getCommandLine().getParent() != null;
        List<String> known =
                switch (command) {
                    case SERVE -> Arrays.stream(Setting.values()).map(Setting::option).toList();
                    case BACKUP -> List.of(FROM, "--help");
                    case RESTORE -> List.of("--help");
                    default -> List.of(SERVE, BACKUP, RESTORE, "--help", "--version");
                };
        String what = name.startsWith("-") || inCommand ? "an option" : "a command";
        String advice =
                Nearest.to(name, known)
                        .map(near -> "Did you mean " + near + "?")
                        .orElseGet(() -> seeHelp(e.getCommandLine()));
        return name + " is not " + what + (inCommand ? " of " + command + ". " : ". ") + advice;
    }

    private static String seeHelp(CommandLine command) {
        return "See: " + command.getCommandSpec().qualifiedName() + " --help";
    }

    private int fail(int status, String message) {
        surroundings.err().println("millstream: " + message);
        return status;
    }
}
