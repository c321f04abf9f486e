package io.millstream.server.command;

import io.millstream.api.Backend;
import io.millstream.api.MillstreamException;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.access.Verifier;
import io.millstream.server.broker.StoreFault;
import io.millstream.server.config.ConfigException;
import io.millstream.server.users.Listed;
import io.millstream.server.users.NewKey;
import io.millstream.server.users.Roster;
import io.millstream.server.users.StoredRoster;
import io.millstream.server.users.UserChange;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `millstream users …`: of a server that runs, or of a directory that nobody has.
final class UserCommands {
    private static final String ADMINISTRATOR = "all:*";

    private final Surroundings surroundings;

    UserCommands(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// Something to be done with the users.
    private interface Work {
        void with(Roster roster);
    }

    int run(ParseResult typed) {
        String name = typed.matchedPositionalValue(0, "");
        Work work =
                switch (typed.commandSpec().name()) {
                    case UserSpecs.ADD -> add(typed, name);
                    case UserSpecs.CHANGE -> change(typed, name);
                    case UserSpecs.REMOVE -> roster -> remove(roster, name);
                    case UserSpecs.KEY -> key(typed, name);
                    default -> this::list;
                };
        String data = typed.matchedOptionValue(UserSpecs.DATA, "");
        String server = typed.matchedOptionValue(UserSpecs.SERVER, "");
        if (!data.isEmpty() && !server.isEmpty()) {
            throw new ConfigException(
                    "--data is for a directory at rest and --server for a server that runs. Give"
                            + " one of them.");
        }
        if (data.isEmpty()) {
            String address = server.isEmpty() ? UserSpecs.USUAL_SERVER : server;
            work.with(new ServedRoster(StatusPort.at(address, surroundings.environment())));
        } else {
            atRest(surroundings.workingDirectory().toAbsolutePath().resolve(data), work);
        }
        return ExitStatus.DONE;
    }

    private void atRest(Path directory, Work work) {
        try (Backend store = surroundings.opener().open(directory).backend();
                Users users = Users.open(store).toCompletableFuture().join()) {
            users.unreadable().forEach(surroundings.err()::println);
            work.with(StoredRoster.atRest(users));
        } catch (IOException | UncheckedIOException e) {
            throw new MillstreamException(
                    "Cannot open " + directory + ": " + StoreFault.explain(e), e);
        }
    }

    private void list(Roster roster) {
        Table table = new Table("name", "password", "keys", "may");
        for (Listed user : roster.list()) {
            table.row(
                    user.name(),
                    user.password() ? "yes" : "no",
                    orDash(String.join(" ", user.keys())),
                    orDash(String.join(" ", user.grants())));
        }
        surroundings.out().print(table);
        surroundings.out().flush();
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private Work add(ParseResult typed, String name) {
        NewPassword password = NewPassword.of(typed, surroundings);
        List<String> grants = grants(typed);
        boolean key = typed.hasMatchedOption(UserSpecs.AWS_KEY);
        return roster -> {
            roster.put(name, new UserChange(grants, password.text()), true);
            say("Added " + name + ".");
            password.tell();
            if (key) {
                tell(roster.addKey(name));
            }
            if (grants.contains(ADMINISTRATOR) && password.text() == null) {
                say(
                        name
                                + " has no password, which the status port asks for: it cannot"
                                + " change users while the server runs.");
            }
        };
    }

    private Work change(ParseResult typed, String name) {
        NewPassword password = NewPassword.of(typed, surroundings);
        List<String> grants = grants(typed);
        if (grants.isEmpty() && password.text() == null) {
            throw new ConfigException(
                    "users change needs what to change: --allow, --admin, --password or"
                            + " --password-file.");
        }
        UserChange change = new UserChange(grants.isEmpty() ? null : grants, password.text());
        return roster -> {
            roster.put(name, change, false);
            say("Changed " + name + ".");
            password.tell();
        };
    }

    private void remove(Roster roster, String name) {
        roster.remove(name);
        say("Removed " + name + ". What it sends from now on is refused.");
    }

    private Work key(ParseResult typed, String name) {
        String removed = typed.matchedOptionValue(UserSpecs.REMOVE_KEY, "");
        return roster -> {
            if (removed.isEmpty()) {
                tell(roster.addKey(name));
            } else {
                roster.removeKey(name, removed);
                say("Removed the key " + removed + " of " + name + ".");
            }
        };
    }

    private static List<String> grants(ParseResult typed) {
        List<String> grants = new ArrayList<>(typed.matchedOptionValue(UserSpecs.ALLOW, List.of()));
        if (typed.hasMatchedOption(UserSpecs.ADMIN)) {
            grants.add(ADMINISTRATOR);
        }
        return grants;
    }

    private void tell(NewKey key) {
        say("AWS_ACCESS_KEY_ID=" + key.accessKeyId());
        say("AWS_SECRET_ACCESS_KEY=" + key.secretAccessKey());
        say("The secret is not shown again.");
    }

    private void say(String line) {
        surroundings.out().println(line);
        surroundings.out().flush();
    }

    /// A password that somebody is to get.
    ///
    /// @param text the password, or null for none
    /// @param isGenerated whether nobody knows it yet
    private record NewPassword(
            @Nullable String text, boolean isGenerated, Surroundings surroundings) {

        static NewPassword of(ParseResult typed, Surroundings surroundings) {
            boolean generated = typed.hasMatchedOption(UserSpecs.PASSWORD);
            String file = typed.matchedOptionValue(UserSpecs.PASSWORD_FILE, "");
            if (generated && !file.isEmpty()) {
                throw new ConfigException(
                        "--password makes a password and --password-file reads one. Give one of"
                                + " them.");
            }
            if (generated) {
                return new NewPassword(Verifier.Password.generate(), true, surroundings);
            }
            String text =
                    file.isEmpty()
                            ? null
                            : firstLine(surroundings.workingDirectory().resolve(file));
            return new NewPassword(text, false, surroundings);
        }

        private static String firstLine(Path file) {
            try {
                return Files.readString(file).lines().findFirst().orElse("");
            } catch (IOException e) {
                throw new MillstreamException(
                        "The password cannot be read from the file "
                                + file
                                + ": "
                                + StoreFault.explain(e),
                        e);
            }
        }

        void tell() {
            if (isGenerated) {
                surroundings.out().println("Password: " + text);
                surroundings.out().println("It is not shown again.");
                surroundings.out().flush();
            }
        }
    }
}
