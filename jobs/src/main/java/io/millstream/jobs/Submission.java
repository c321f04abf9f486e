package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Puts jobs, unless they are duplicates.
final class Submission {
    private static final int JOBS_PER_COMMIT = 500;

    private final Millstream millstream;
    private final Claims claims;
    private final Debounce debounce;

    Submission(Millstream millstream) {
        this.millstream = millstream;
        this.claims = new Claims(millstream.backend());
        this.debounce = new Debounce(millstream);
    }

    /// Blocks until all are on disk; some hundreds at a time are all or none.
    ///
    /// @param drafts all of them unique in the same way, or none of them
    List<Accepted> submit(List<Draft> drafts) {
        List<Accepted> accepted = new ArrayList<>(drafts.size());
        for (int i = 0; i < drafts.size(); i += JOBS_PER_COMMIT) {
            List<Draft> some = drafts.subList(i, Math.min(i + JOBS_PER_COMMIT, drafts.size()));
            accepted.addAll(submitSome(some));
        }
        return accepted;
    }

    private List<Accepted> submitSome(List<Draft> drafts) {
        return switch (drafts.getFirst().scope()) {
            case null -> put(drafts);
            case Unique.Scope.Debounced debounced ->
                    drafts.stream().map(draft -> debounce.submit(draft, debounced)).toList();
            case Unique.Scope.UntilStarted _, Unique.Scope.UntilDone _, Unique.Scope.Within _ ->
                    putUnique(drafts);
        };
    }

    private List<Accepted> put(List<Draft> drafts) {
        Operation[] puts = drafts.stream().map(Draft::put).toArray(Operation[]::new);
        List<Effect> effects = millstream.commit(puts);
        List<Accepted> accepted = new ArrayList<>();
        for (int i = 0; i < puts.length; i++) {
            accepted.add(accepted(drafts.get(i), effects.get(i)));
        }
        return accepted;
    }

    private static Accepted accepted(Draft draft, Effect put) {
        return put instanceof Effect.Stored(long sequence)
                ? Accepted.put(draft, sequence)
                : new Accepted(draft.id(), null, false);
    }

    /// Looks, and commits what it saw to be free; if that is not so any more, looks again. Each
    /// time somebody else got on.
    private List<Accepted> putUnique(List<Draft> drafts) {
        while (true) {
            List<Accepted> accepted = tryUnique(drafts);
            if (accepted != null) {
                return accepted;
            }
        }
    }

    private @Nullable List<Accepted> tryUnique(List<Draft> drafts) {
        List<CompletableFuture<Claims.Seen>> looks =
                drafts.stream()
                        .map(draft -> claims.look(draft.key()).toCompletableFuture())
                        .toList();
        Map<String, String> first = new HashMap<>();
        List<Operation> operations = new ArrayList<>();
        List<Integer> free = new ArrayList<>();
        List<Accepted> accepted = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            Claims.Seen seen = Answer.of(looks.get(i));
            String holder =
                    seen.held() == null
                            ? first.putIfAbsent(draft.key(), draft.id())
                            : seen.held().job();
            if (holder == null) {
                free.add(i);
                operations.add(draft.put());
                operations.add(Claims.take(draft.claim(), draft.id(), end(draft, seen.asOf())));
            }
            accepted.add(Accepted.duplicateOf(holder == null ? draft.id() : holder));
        }
        if (free.isEmpty()) {
            return accepted;
        }
        List<Effect> effects = Unchanged.commit(millstream, operations);
        if (effects == null) {
            return null;
        }
        for (int i = 0; i < free.size(); i++) {
            int place = free.get(i);
            accepted.set(place, accepted(drafts.get(place), effects.get(2 * i)));
        }
        return accepted;
    }

    private static @Nullable Instant end(Draft draft, Instant now) {
        return draft.scope() instanceof Unique.Scope.Within(var time) ? now.plus(time) : null;
    }
}
