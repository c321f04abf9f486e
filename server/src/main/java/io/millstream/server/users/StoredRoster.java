package io.millstream.server.users;

import io.millstream.api.MillstreamException;
import io.millstream.protocols.access.Directory;
import io.millstream.protocols.access.Grant;
import io.millstream.protocols.access.User;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.access.Users.Step;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.access.Verifier;
import io.millstream.server.users.RosterException.Reason;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/// The users of an open store. Sees to it that as long as there are users, one of them may change
/// them, or else nobody could without stopping the server.
public final class StoredRoster implements Roster {
    private final Users users;
    private final boolean mayBeEmpty;
    private final boolean needsPassword;

    private StoredRoster(Users users, boolean mayBeEmpty, boolean needsPassword) {
        this.users = users;
        this.mayBeEmpty = mayBeEmpty;
        this.needsPassword = needsPassword;
    }

    /// Those of a server that runs, which asks who changes them for a password.
    ///
    /// @param mayBeEmpty whether the last user may be removed
    public static StoredRoster served(Users users, boolean mayBeEmpty) {
        return new StoredRoster(users, mayBeEmpty, true);
    }

    /// Those of a directory at rest, which whoever has it may change.
    public static StoredRoster atRest(Users users) {
        return new StoredRoster(users, true, false);
    }

    @Override
    public List<Listed> list() {
        return users.directory().all().stream().map(Listed::of).toList();
    }

    @Override
    public void put(String name, UserChange change, boolean mustBeNew) {
        List<String> texts = change.grants();
        List<Grant> grants =
                texts == null ? null : texts.stream().map(StoredRoster::grant).toList();
        Verifier.Password password = change.password() == null ? null : hash(change.password());
        await(
                users.take(
                        name,
                        all -> {
                            Optional<User> found = all.named(name);
                            if (found.isPresent() == mustBeNew) {
                                throw mustBeNew ? exists(name) : absent(name);
                            }
                            User changed = found.orElseGet(() -> User.named(name));
                            if (grants != null) {
                                changed = changed.withGrants(grants);
                            }
                            if (password != null) {
                                changed = changed.withPassword(password);
                            }
                            return new Step.Put(
                                    changed, administrator(all, name, Optional.of(changed)));
                        }));
    }

    @Override
    public void remove(String name) {
        await(
                users.take(
                        name,
                        all -> {
                            if (all.named(name).isEmpty()) {
                                throw absent(name);
                            }
                            return new Step.Remove(administrator(all, name, Optional.empty()));
                        }));
    }

    @Override
    public NewKey addKey(String name) {
        Verifier.AwsKey key = Verifier.AwsKey.generate();
        change(name, user -> user.withKey(key));
        return NewKey.of(key);
    }

    @Override
    public void removeKey(String name, String id) {
        change(
                name,
                user -> {
                    if (user.keys().stream().noneMatch(key -> key.id().equals(id))) {
                        throw new RosterException(
                                Reason.ABSENT, "The user " + name + " has no key " + id + ".");
                    }
                    return user.withoutKey(id);
                });
    }

    private void change(String name, UnaryOperator<User> change) {
        await(users.change(name, found -> change.apply(found.orElseThrow(() -> absent(name)))));
    }

    /// The administrator that this change relies on: it must be one still when the change is made.
    /// Null if there is no need of one.
    ///
    /// @param after the user as it will be, or nothing if it will be gone
    private @Nullable String administrator(Directory all, String name, Optional<User> after) {
        if (after.filter(this::isAdministrator).isPresent()) {
            return null;
        }
        boolean isLast = all.all().stream().allMatch(user -> user.name().equals(name));
        if (after.isEmpty() && isLast) {
            if (mayBeEmpty) {
                return null;
            }
            throw new RosterException(
                    Reason.CONFLICT,
                    "The user "
                            + name
                            + " is the last one, and other machines can reach this server: without"
                            + " users it would let nobody in. Add another user first.");
        }
        String other =
                all.all().stream()
                        .filter(user -> !user.name().equals(name) && isAdministrator(user))
                        .findFirst()
                        .map(User::name)
                        .orElseThrow(this::nobodyLeft);
        boolean takesOneAway = all.named(name).map(this::isAdministrator).orElse(after.isPresent());
        return takesOneAway ? other : null;
    }

    private RosterException nobodyLeft() {
        return new RosterException(
                Reason.CONFLICT,
                "Nobody could change users any more. Somebody has to have manage:*"
                        + (needsPassword ? " and a password" : "")
                        + " as long as there are users: begin with an administrator (--admin"
                        + (needsPassword ? " --password)." : ")."));
    }

    private boolean isAdministrator(User user) {
        boolean mayManage =
                user.grants().stream()
                        .anyMatch(grant ->
                                grant.verbs().contains(Verb.MANAGE) && grant.pattern().equals("*"));
        return mayManage && (!needsPassword || user.password().isPresent());
    }

    private static Grant grant(String text) {
        try {
            return Grant.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RosterException(Reason.WRONG, String.valueOf(e.getMessage()));
        }
    }

    private static Verifier.Password hash(String password) {
        try {
            return Verifier.Password.of(password);
        } catch (IllegalArgumentException e) {
            throw new RosterException(Reason.WRONG, String.valueOf(e.getMessage()));
        }
    }

    private static RosterException exists(String name) {
        return new RosterException(
                Reason.CONFLICT,
                "There is a user " + name + " already. Change it, or remove it first.");
    }

    private static RosterException absent(String name) {
        return new RosterException(Reason.ABSENT, "There is no user " + name + ".");
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw switch (e.getCause()) {
                case MillstreamException told -> told;
                case IllegalArgumentException wrong ->
                        new RosterException(Reason.WRONG, String.valueOf(wrong.getMessage()));
                case null, default -> e;
            };
        }
    }
}
