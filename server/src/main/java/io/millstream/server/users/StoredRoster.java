package io.millstream.server.users;

import io.millstream.api.MillstreamException;
import io.millstream.protocols.access.Grant;
import io.millstream.protocols.access.User;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.access.Verifier;
import io.millstream.server.users.RosterException.Reason;

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

    /// @param mayBeEmpty whether the last user may be removed
    public StoredRoster(Users users, boolean mayBeEmpty) {
        this.users = users;
        this.mayBeEmpty = mayBeEmpty;
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
                users.change(
                        name,
                        found -> {
                            User changed = found.orElseGet(() -> User.named(name));
                            if (found.isPresent() == mustBeNew) {
                                throw mustBeNew ? exists(name) : absent(name);
                            }
                            if (grants != null) {
                                changed = changed.withGrants(grants);
                            }
                            if (password != null) {
                                changed = changed.withPassword(password);
                            }
                            checkAdministrator(name, Optional.of(changed));
                            return changed;
                        }));
    }

    @Override
    public void remove(String name) {
        if (users.directory().named(name).isEmpty()) {
            throw absent(name);
        }
        checkAdministrator(name, Optional.empty());
        await(users.remove(name));
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

    /// @param after the user as it will be, or nothing if it will be gone
    private void checkAdministrator(String name, Optional<User> after) {
        List<User> others =
                users.directory().all().stream().filter(user -> !user.name().equals(name)).toList();
        boolean left =
                after.filter(StoredRoster::isAdministrator).isPresent()
                        || others.stream().anyMatch(StoredRoster::isAdministrator);
        if (after.isEmpty() && others.isEmpty() && !mayBeEmpty) {
            throw new RosterException(
                    Reason.CONFLICT,
                    "The user "
                            + name
                            + " is the last one, and other machines can reach this server: without"
                            + " users it would let nobody in. Add another user first.");
        }
        if (!left && (after.isPresent() || !others.isEmpty())) {
            throw new RosterException(
                    Reason.CONFLICT,
                    "Nobody could change users any more. Somebody has to have manage:* as long as"
                            + " there are users: begin with an administrator (--admin).");
        }
    }

    private static boolean isAdministrator(User user) {
        return user.grants().stream()
                .anyMatch(grant ->
                        grant.verbs().contains(Verb.MANAGE) && grant.pattern().equals("*"));
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
