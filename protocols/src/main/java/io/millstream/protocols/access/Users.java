package io.millstream.protocols.access;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Change;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Interest;
import io.millstream.api.MillstreamException;
import io.millstream.api.NotSupportedException;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// The users of a store: rows of its table `millstream.users`, one a user, at hand as a [Directory]
/// that a watch keeps current. A change counts for everybody when its stage completes.
///
/// May be used from any thread; nothing blocks.
public final class Users implements AutoCloseable {
    /// The most users of one store.
    public static final int USERS_MAX = 10_000;

    public static final Set<Feature> NEEDS =
            Set.of(Feature.ROWS, Feature.WATCH_ROWS, Feature.ATOMIC_COMMIT);

    private static final String TABLE = "millstream.users";
    private static final int TRIES_MAX = 100;

    private final Session session;
    private final CompletableFuture<Users> loaded = new CompletableFuture<>();
    private final List<String> unreadable = new ArrayList<>();
    private volatile Directory directory = Directory.EMPTY;

    private Users(Session session) {
        this.session = session;
    }

    /// The users of this store, once they are known.
    ///
    /// @throws NotSupportedException if the backend lacks something that users need
    public static CompletionStage<Users> open(Backend backend) {
        backend.capabilities().require("Users", NEEDS);
        Users users = new Users(backend.session(SessionSpec.of("users")));
        users.session.watch(new Interest.Rows(TABLE, ""), users::changed);
        return users.loaded;
    }

    /// All of them at this moment.
    public Directory directory() {
        return directory;
    }

    /// What is wrong with those that could not be read when the store was opened, in words. They
    /// can do nothing until they are removed and added again, and nobody else can do more because
    /// of them.
    public List<String> unreadable() {
        return List.copyOf(unreadable);
    }

    /// What is done about one user.
    public sealed interface Step {

        /// The user is made, or changed.
        ///
        /// @param user as it shall be
        /// @param reliance the name of another user that must still be as it was seen, or null
        record Put(User user, @Nullable String reliance) implements Step {}

        /// The user is removed, if it is there.
        ///
        /// @param reliance the name of another user that must still be as it was seen, or null
        record Remove(@Nullable String reliance) implements Step {}
    }

    /// Makes a user of this name, or changes it, whoever else changes it at the same time.
    ///
    /// @param change gets the user there is, if there is one, and gives the one that there shall
    ///   be; what it throws fails the stage. Asked again if somebody else was faster
    public CompletionStage<User> change(String name, Function<Optional<User>, User> change) {
        return take(name, all -> new Step.Put(change.apply(all.named(name)), null))
                .thenApply(done -> ((Step.Put) done.step()).user());
    }

    /// Removes a user; from then on nothing that it sends is taken.
    ///
    /// @return whether there was one
    public CompletionStage<Boolean> remove(String name) {
        return take(name, all -> new Step.Remove(null)).thenApply(Done::wasThere);
    }

    /// What was done.
    ///
    /// @param step how it was decided at last
    /// @param wasThere whether there was the user before
    public record Done(Step step, boolean wasThere) {}

    /// Does what is decided by all users there are. If it relies on another one, both are written
    /// in one commit, the other one as it is: of two who rely on each other one is refused, and
    /// decides again.
    ///
    /// @param decide gets all users; what it throws fails the stage. Asked again if somebody else
    ///   was faster
    public CompletionStage<Done> take(String name, Function<Directory, Step> decide) {
        return take(name, decide, TRIES_MAX);
    }

    private CompletionStage<Done> take(String name, Function<Directory, Step> decide, int tries) {
        Directory seen = directory;
        Step step;
        List<Operation> writes;
        try {
            step = decide.apply(seen);
            writes = writes(name, step, seen);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
        return session.commit(Commit.of(writes.toArray(Operation[]::new)))
                .thenCompose(receipt ->
                        switch (receipt) {
                            case Receipt.Committed _ ->
                                    CompletableFuture.completedStage(
                                            new Done(step, seen.named(name).isPresent()));
                            case Receipt.Refused refused
                                    when refused.refusal() instanceof Refusal.Conflict
                                            && tries > 1 ->
                                    take(name, decide, tries - 1);
                            case Receipt.Refused refused ->
                                    throw new RefusedException(refused.refusal());
                        });
    }

    private static List<Operation> writes(String name, Step step, Directory seen) {
        List<Operation> writes = new ArrayList<>();
        String reliance =
                switch (step) {
                    case Step.Put put -> {
                        check(name, put.user(), seen);
                        writes.add(write(name, UserCodec.write(put.user()), seen));
                        yield put.reliance();
                    }
                    case Step.Remove remove -> {
                        writes.add(write(name, null, seen));
                        yield remove.reliance();
                    }
                };
        if (reliance != null) {
            User other = seen.named(reliance).orElseThrow();
            writes.add(write(reliance, UserCodec.write(other), seen));
        }
        return writes;
    }

    private static void check(String name, User after, Directory seen) {
        if (!after.name().equals(name)) {
            throw new IllegalArgumentException("A user's name cannot be changed.");
        }
        if (seen.named(name).isEmpty() && seen.size() >= USERS_MAX) {
            throw new IllegalArgumentException(
                    "There are " + USERS_MAX + " users already. Remove one first.");
        }
        for (Verifier.AwsKey key : after.keys()) {
            seen.keyHolder(key.id())
                    .filter(holder -> !holder.user().name().equals(name))
                    .ifPresent(holder -> {
                        throw new IllegalArgumentException(
                                "The access key id "
                                        + key.id()
                                        + " belongs to another user. Make another key.");
                    });
        }
    }

    private static Operation write(String name, @Nullable Bytes value, Directory seen) {
        Expect expect =
                seen.stored(name)
                        .<Expect>map(stored -> new Expect.Version(stored.version()))
                        .orElse(Expect.Nothing.NOTHING);
        return new Operation.Write(TABLE, name, value, expect, null);
    }

    /// On a thread of the backend, one change after the other, and before the writer is answered.
    private void changed(Change change) {
        switch (change) {
            case Change.RowSnapshot snapshot -> {
                directory = Directory.of(snapshot.rows().stream().map(this::stored).toList());
                loaded.complete(this);
            }
            case Change.RowChanged written -> directory = directory.with(stored(written.row()));
            case Change.RowRemoved removed -> directory = directory.without(removed.key());
            case Change.Refused refused ->
                    loaded.completeExceptionally(new RefusedException(refused.refusal()));
            case Change.Pressure _, Change.Defined _, Change.Removed _, Change.Snapshot _ -> {}
        }
    }

    /// A row that cannot be read is a user that can do nothing, but a user: without it the doors
    /// might be open to everybody.
    private Directory.Stored stored(View.RowView row) {
        User user;
        try {
            user = UserCodec.read(row.key(), row.value());
        } catch (MillstreamException e) {
            if (!loaded.isDone()) {
                unreadable.add(String.valueOf(e.getMessage()));
            }
            user = User.named(row.key());
        }
        return new Directory.Stored(user, row.version());
    }

    /// Follows no further changes. Does not block.
    @Override
    public void close() {
        session.close();
    }
}
