package io.millstream.server.command;

import io.millstream.api.MillstreamException;
import io.millstream.server.client.ClientCommands;
import io.millstream.server.client.Terminal;
import io.millstream.server.config.ConfigException;
import io.millstream.server.config.Nearest;
import io.millstream.server.config.Setting;
import io.millstream.server.work.Around;
import io.millstream.server.work.PushRun;
import io.millstream.server.work.StopSignals;
import io.millstream.server.work.WorkRun;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Everything that can be typed after `millstream`.
///
/// The options of `serve` are made from [Setting] instead of being annotated, so that there is one
/// list of them.
public final class Commands {
    private static final String SERVE = "serve";

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
        CommandLine line =
                new CommandLine(root())
                        .setOptionsCaseInsensitive(false)
                        // What is sent may begin with @, and names no file by that.
                        .setExpandAtFiles(false);
        try {
            return execute(line.parseArgs(arguments));
        } catch (UnmatchedArgumentException e) {
            return fail(ExitStatus.USAGE, unknown(e));
        } catch (ParameterException e) {
            return fail(ExitStatus.USAGE, e.getMessage() + ". " + seeHelp(e.getCommandLine()));
        } catch (ConfigException e) {
            return fail(ExitStatus.USAGE, String.valueOf(e.getMessage()));
        } catch (MillstreamException | IOException e) {
            return fail(ExitStatus.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private int execute(ParseResult typed) throws IOException {
        ParseResult last = typed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        CommandLine command = last.commandSpec().commandLine();
        if (last.isUsageHelpRequested()) {
            command.usage(surroundings.out());
            return ExitStatus.DONE;
        }
        if (last.isVersionHelpRequested()) {
            surroundings.out().println("millstream " + surroundings.version());
            return ExitStatus.DONE;
        }
        if (!last.commandSpec().subcommands().isEmpty()) {
            command.usage(surroundings.err());
            return ExitStatus.USAGE;
        }
        if (ClientCommands.has(last.commandSpec())) {
            return ClientCommands.run(last, terminal());
        }
        return switch (typed.subcommand().commandSpec().name()) {
            case BackupRun.NAME -> new BackupRun(surroundings).run(last);
            case RestoreRun.NAME -> new RestoreRun(surroundings).run(last);
            case Inspect.NAME -> new Inspect(surroundings).run(last);
            case Verify.NAME -> new Verify(surroundings).run(last);
            case Mend.NAME -> new Mend(surroundings).run(last);
            case UserSpecs.NAME -> new UserCommands(surroundings).run(last);
            case WorkRun.NAME -> new WorkRun(around()).run(last);
            case PushRun.NAME -> new PushRun(around()).run(last);
            case DemoRun.NAME -> new DemoRun(surroundings).run(last);
            default -> new Serve(surroundings).run(settings(last));
        };
    }

    private Around around() {
        return new Around(
                surroundings.out(),
                surroundings.err(),
                surroundings.environment(),
                surroundings.workingDirectory(),
                surroundings.version(),
                StopSignals::of);
    }

    private CommandSpec root() {
        CommandSpec root = CommandSpec.create().name("millstream");
        root.usageMessage()
                .description("A message broker and the workers behind it, in one process.")
                .footer(
                        "",
                        "Start with: millstream serve",
                        "See it work with: millstream demo",
                        "See what can be set with: millstream serve --help");
        root.addOption(version()).addOption(help());
        root.addSubcommand(SERVE, serve());
        for (CommandSpec other :
                List.of(
                        BackupRun.spec(),
                        RestoreRun.spec(),
                        Inspect.spec(),
                        Verify.spec(),
                        Mend.spec(),
                        WorkRun.spec(),
                        PushRun.spec(),
                        DemoRun.spec())) {
            root.addSubcommand(other.name(), other.addOption(help()));
        }
        CommandSpec users = UserSpecs.spec(Commands::help);
        root.addSubcommand(users.name(), users.addOption(help()));
        for (CommandSpec client : ClientCommands.specs(Commands::help)) {
            root.addSubcommand(client.name(), client);
        }
        return root;
    }

    private Terminal terminal() {
        return new Terminal(
                surroundings.in(),
                surroundings.out(),
                surroundings.err(),
                surroundings.environment(),
                surroundings.onStopSignal());
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
        CommandSpec command = e.getCommandLine().getCommandSpec();
        boolean inRoot = command.parent() == null;
        Set<String> known = new TreeSet<>(command.optionsMap().keySet());
        known.addAll(command.subcommands().keySet());
        boolean hasCommands = !command.subcommands().isEmpty();
        String what = name.startsWith("-") || !hasCommands ? "an option" : "a command";
        String advice =
                Nearest.to(name, known)
                        .map(near -> "Did you mean " + near + "?")
                        .orElseGet(() -> seeHelp(e.getCommandLine()));
        return name + " is not " + what + (inRoot ? ". " : " of " + command.name() + ". ") + advice;
    }

    private static String seeHelp(CommandLine command) {
        return "See: " + command.getCommandSpec().qualifiedName() + " --help";
    }

    private int fail(int status, String message) {
        surroundings.err().println("millstream: " + message);
        return status;
    }
}
