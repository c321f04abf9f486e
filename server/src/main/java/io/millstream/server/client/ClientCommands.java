package io.millstream.server.client;

import io.millstream.Millstream;
import io.millstream.api.MillstreamException;
import io.millstream.server.config.ConfigException;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// All commands that are clients of a server.
public final class ClientCommands {
    private static final String FOOTER =
            "The variables %s and %s say who you are, where there are users."
                    .formatted(ServerAddress.NAME_VARIABLE, ServerAddress.PASSWORD_VARIABLE);

    private ClientCommands() {}

    /// What can be typed.
    ///
    /// @param help makes the option that shows a command's help
    public static List<CommandSpec> specs(Supplier<OptionSpec> help) {
        List<CommandSpec> specs = new ArrayList<>();
        specs.add(whole(EnqueueCommand.verb(), help));
        specs.add(
                group(
                        "jobs",
                        "Shows jobs, cancels them, and sends dead ones back.",
                        JobCommands.verbs(),
                        help));
        specs.add(
                group(
                        "schedules",
                        "Shows what submits jobs by the clock, and changes it.",
                        ScheduleCommands.verbs(),
                        help));
        specs.add(group("queues", "Shows queues and changes them.", QueueCommands.verbs(), help));
        specs.add(whole(SendCommand.verb(), help));
        specs.add(whole(ReceiveCommand.verb(), help));
        specs.add(whole(PublishCommand.verb(), help));
        specs.add(whole(TailCommand.verb(), help));
        return specs;
    }

    private static CommandSpec whole(Verb verb, Supplier<OptionSpec> help) {
        CommandSpec spec = verb.spec();
        spec.usageMessage().footer("", FOOTER);
        return spec.addOption(Specs.json()).addOption(Specs.server()).addOption(help.get());
    }

    private static CommandSpec group(
            String name, String description, List<Verb> verbs, Supplier<OptionSpec> help) {
        CommandSpec group = CommandSpec.create().name(name);
        group.usageMessage().description(description);
        for (Verb verb : verbs) {
            group.addSubcommand(verb.spec().name(), whole(verb, help));
        }
        return group.addOption(help.get());
    }

    /// Whether a command is one of these.
    public static boolean has(CommandSpec spec) {
        return spec.userObject() instanceof Verb.Reader;
    }

    /// Does what was typed.
    ///
    /// @return the status for the process to end with
    /// @throws ConfigException if it makes no sense; nothing was touched then
    /// @throws MillstreamException if it was refused, or nobody answers
    public static int run(ParseResult command, Terminal terminal) throws IOException {
        Typed typed = new Typed(command);
        Verb.Work work;
        ServerAddress address;
        try {
            work = ((Verb.Reader) command.commandSpec().userObject()).read(typed);
            address =
                    ServerAddress.of(
                            typed.text(Specs.SERVER, ServerAddress.USUAL), terminal.environment());
        } catch (IllegalArgumentException senseless) {
            throw new ConfigException(inOneLine(senseless));
        }
        Stop stop = new Stop(terminal.onStopSignal());
        try (Millstream millstream = address.open()) {
            Output out = new Output(terminal.out(), terminal.err(), typed.has(Specs.JSON));
            Call call =
                    new Call(
                            millstream,
                            new IndexPages(address.options()),
                            out,
                            new Input(terminal.in()),
                            stop);
            int status = work.run(call);
            if (!out.flush()) {
                throw new MillstreamException("What was to be printed could not be.");
            }
            return stop.ending(status);
        } catch (ConfigException slip) {
            var _ = stop.ending(Status.SLIP);
            throw slip;
        } catch (MillstreamException | IllegalArgumentException | IllegalStateException failed) {
            var _ = stop.ending(Status.FAILED);
            throw new MillstreamException(inOneLine(failed), failed);
        } finally {
            stop.ended();
        }
    }

    private static String inOneLine(RuntimeException failed) {
        String message = failed.getMessage();
        return message == null ? failed.toString() : Texts.line(message);
    }
}
