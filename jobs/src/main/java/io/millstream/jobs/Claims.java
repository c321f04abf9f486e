package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// The keys of unique jobs: a row for each that is taken, which names the job that has it. Written
/// in the commit that puts the job, removed in the one that ends it.
///
/// Who removes a row has looked at it and expects its version: a key that another job has by now
/// stays that job's.
final class Claims {
    static final String TABLE = "jobs.unique";

    private static final String JOB = "job";
    private static final String UNTIL = "until";

    private final Backend backend;

    /// Who has a key.
    ///
    /// @param job its id
    /// @param version of the row
    record Held(String job, long version) {}

    /// What a look at a key has seen.
    ///
    /// @param held who has it, or null if it is free
    /// @param asOf the backend's clock
    record Seen(@Nullable Held held, Instant asOf) {}

    Claims(Backend backend) {
        this.backend = backend;
    }

    /// Takes a key that is free, for the job that is put with it.
    static Operation take(Claim claim, String job, @Nullable Instant expiresAt) {
        return new Operation.Write(
                TABLE,
                claim.key(),
                Json.bytes(Json.newObject().put(JOB, job).put(UNTIL, claim.until().name())),
                Expect.Nothing.NOTHING,
                expiresAt);
    }

    CompletionStage<Seen> look(String key) {
        return RowLook.ask(backend, TABLE, key)
                .thenApply(look -> new Seen(heldOf(look.row()), look.asOf()));
    }

    private static @Nullable Held heldOf(View.@Nullable RowView row) {
        return row == null ? null : new Held(jobOf(row.value()), row.version());
    }

    /// The job that a row names; none if it is not one of ours.
    static String jobOf(Bytes value) {
        try {
            return Json.object(value).path(JOB).asString("");
        } catch (Json.Unreadable _) {
            return "";
        }
    }

    /// Whether the key is free by itself when its time has come.
    static boolean isForATime(Bytes value) {
        try {
            return Json.object(value).path(UNTIL).asString("").equals(Claim.Until.TIME.name());
        } catch (Json.Unreadable _) {
            return false;
        }
    }

    /// Frees the key that a job has, if it ends now: nothing if it has none, or keeps it for a
    /// time. Blocks for a look.
    List<Operation> freedBy(Message message, String job) {
        Claim claim = Claim.of(message);
        return claim == null || claim.until() == Claim.Until.TIME ? List.of() : free(claim, job);
    }

    /// Frees a key if this job has it. Blocks for a look.
    List<Operation> free(Claim claim, String job) {
        Held held = Answer.of(look(claim.key())).held();
        if (held == null || !held.job().equals(job)) {
            return List.of();
        }
        return List.of(RowLook.write(TABLE, claim.key(), null, held.version(), null));
    }
}
