package io.millstream.protocols.access;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Change;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Interest;
import io.millstream.api.MillstreamException;
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

    private static final String TABLE = "millstream.users";
    private static final int TRIES_MAX = 100;

    private final Session session;
    private final CompletableFuture<Users> loaded = new CompletableFuture<>();
    private final List<String> unreadable = new ArrayList<>();
    private volatile Directory directory = Directory.EMPTY;

    private Users(Session session) {
        this.session = session;
    }

    /// The users of this store, once they are known. The stage fails with a [RefusedException] if
    /// the backend cannot watch rows.
    public static CompletionStage<Users> open(Backend backend) {
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

    /// Makes a user of this name, or changes it, whoever else changes it at the same time.
    ///
    /// @param change gets the user there is, if there is one, and gives the one that there shall
    ///   be; what it throws fails the stage. Asked again if somebody else was faster
    public CompletionStage<User> change(String name, Function<Optional<User>, User> change) {
        return change(name, change, TRIES_MAX);
    }

    private CompletionStage<User> change(
            String name, Function<Optional<User>, User> change, int tries) {
        Optional<Directory.Stored> before = directory.stored(name);
        User after;
        try {
            after = change.apply(before.map(Directory.Stored::user));
            check(name, before.isPresent(), after);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
        return write(name, UserCodec.write(after), expect(before))
                .thenCompose(refusal ->
                        switch (refusal) {
                            case null -> CompletableFuture.completedStage(after);
                            case Refusal.Conflict _ when tries > 1 ->
                                    change(name, change, tries - 1);
                            default -> throw new RefusedException(refusal);
                        });
    }

    private void check(String name, boolean isThere, User after) {
        if (!after.name().equals(name)) {
            throw new IllegalArgumentException("A user's name cannot be changed.");
        }
        if (!isThere && directory.size() >= USERS_MAX) {
            throw new IllegalArgumentException(
                    "There are " + USERS_MAX + " users already. Remove one first.");
        }
        for (Verifier.AwsKey key : after.keys()) {
            directory
                    .keyHolder(key.id())
                    .filter(holder -> !holder.user().name().equals(name))
                    .ifPresent(holder -> {
                        throw new IllegalArgumentException(
                                "The access key id "
                                        + key.id()
                                        + " belongs to another user. Make another key.");
                    });
        }
    }

    /// Removes a user; from then on nothing that it sends is taken.
    ///
    /// @return whether there was one
    public CompletionStage<Boolean> remove(String name) {
        return remove(name, TRIES_MAX);
    }

    private CompletionStage<Boolean> remove(String name, int tries) {
        Optional<Directory.Stored> before = directory.stored(name);
        if (before.isEmpty()) {
            return CompletableFuture.completedStage(false);
        }
        return write(name, null, expect(before))
                .thenCompose(refusal ->
                        switch (refusal) {
                            case null -> CompletableFuture.completedStage(true);
                            case Refusal.Conflict _ when tries > 1 -> remove(name, tries - 1);
                            default -> throw new RefusedException(refusal);
                        });
    }

    private static Expect expect(Optional<Directory.Stored> before) {
        return before.<Expect>map(stored -> new Expect.Version(stored.version()))
                .orElse(Expect.Nothing.NOTHING);
    }

    /// Completes with why it was not written, or with null if it was.
    private CompletionStage<@Nullable Refusal> write(
            String name, @Nullable Bytes value, Expect expect) {
        return session.commit(Commit.of(new Operation.Write(TABLE, name, value, expect, null)))
                .thenApply(receipt ->
                        receipt instanceof Receipt.Refused refused ? refused.refusal() : null);
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
