package io.millstream.server.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

import java.util.List;
import java.util.function.Supplier;

/// What can be typed after `millstream users`.
final class UserSpecs {
    static final String NAME = "users";
    static final String ADD = "add";
    static final String CHANGE = "change";
    static final String LIST = "list";
    static final String REMOVE = "remove";
    static final String KEY = "key";

    static final String ALLOW = "--allow";
    static final String ADMIN = "--admin";
    static final String PASSWORD = "--password";
    static final String PASSWORD_FILE = "--password-file";
    static final String AWS_KEY = "--aws-key";
    static final String REMOVE_KEY = "--remove";
    static final String SERVER = "--server";
    static final String DATA = "--data";
    static final String USUAL_SERVER = "http://127.0.0.1:7171";

    private UserSpecs() {}

    /// @param help makes the option that shows a command's help
    static CommandSpec spec(Supplier<OptionSpec> help) {
        CommandSpec users = CommandSpec.create().name(NAME);
        users.usageMessage()
                .description("Shows and changes who may do what.")
                .footer(
                        "",
                        "At a server that runs, " + StatusPort.NAME_VARIABLE + " and",
                        StatusPort.PASSWORD_VARIABLE + " say who you are, once there are users.");
        for (CommandSpec command : List.of(add(), change(), list(), remove(), key())) {
            command.addOption(text(SERVER, "URL", "The status port. Default: " + USUAL_SERVER));
            command.addOption(
                    text(DATA, "DIR", "Or the data directory, while no server is at work in it."));
            users.addSubcommand(command.name(), command.addOption(help.get()));
        }
        return users;
    }

    private static CommandSpec add() {
        return withRights(command(ADD, "Adds a user."))
                .addOption(DataDirectory.flag(AWS_KEY, "Make an AWS key, and print it once."))
                .addPositional(name());
    }

    private static CommandSpec change() {
        return withRights(command(CHANGE, "Changes what a user may do, or its password."))
                .addPositional(name());
    }

    private static CommandSpec withRights(CommandSpec spec) {
        return spec.addOption(
                        OptionSpec.builder(ALLOW)
                                .paramLabel("GRANT")
                                .type(List.class)
                                .auxiliaryTypes(String.class)
                                .arity("1")
                                .description(
                                        "Verbs and channels, such as read:orders* or"
                                                + " read,write:mail. May be given many times.")
                                .build())
                .addOption(DataDirectory.flag(ADMIN, "Allow everything; the same as all:*."))
                .addOption(DataDirectory.flag(PASSWORD, "Make a password, and print it once."))
                .addOption(
                        text(PASSWORD_FILE, "FILE", "Take the first line of a file as password."));
    }

    private static CommandSpec list() {
        return command(LIST, "Lists all users, without their secrets.");
    }

    private static CommandSpec remove() {
        return command(REMOVE, "Removes a user.").addPositional(name());
    }

    private static CommandSpec key() {
        return command(KEY, "Makes a new AWS key for a user, and prints it once.")
                .addOption(text(REMOVE_KEY, "ID", "Remove the key of this id instead."))
                .addPositional(name());
    }

    private static CommandSpec command(String name, String description) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(description).sortOptions(false);
        return spec;
    }

    private static OptionSpec text(String name, String label, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(String.class)
                .arity("1")
                .description(description)
                .build();
    }

    private static PositionalParamSpec name() {
        return PositionalParamSpec.builder()
                .paramLabel("NAME")
                .type(String.class)
                .index("0")
                .arity("1")
                .required(true)
                .description("The user's name.")
                .build();
    }
}
