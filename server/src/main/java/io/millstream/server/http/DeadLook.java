package io.millstream.server.http;

import io.millstream.jobs.DeadJob;
import io.millstream.jobs.DeadPage;
import io.millstream.jobs.DeadSelection;
import io.millstream.jobs.Jobs;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What jobs died of, that of which most did first.
///
/// @param kinds the first few
/// @param others how many more there are
/// @param isCut whether there are more dead jobs than were looked at
record DeadLook(List<Kind> kinds, int others, boolean isCut) {
    static final DeadLook NOTHING = new DeadLook(List.of(), 0, false);

    private static final int KINDS_MAX = 10;

    /// Of so many that died first.
    static final int JOBS_MAX = 5_000;

    private static final int PAGE_JOBS = 100;

    DeadLook {
        kinds = List.copyOf(kinds);
    }

    /// One of them.
    ///
    /// @param fingerprint what they have in common
    /// @param jobs how many
    /// @param first when the first of them died
    /// @param last when the last of them did
    /// @param type of the last
    /// @param reason of the last, in words
    record Kind(
            String fingerprint,
            long jobs,
            Instant first,
            Instant last,
            @Nullable String type,
            String reason) {
        static Kind of(DeadJob job) {
            return new Kind(job.fingerprint(), 1, job.died(), job.died(), job.type(), job.reason());
        }

        Kind plus(Kind later) {
            return new Kind(
                    fingerprint, jobs + later.jobs, first, later.last, later.type, later.reason);
        }
    }

    /// Blocks for the look, which takes longer the more dead jobs there are.
    static DeadLook at(Jobs jobs) {
        Map<String, Kind> kinds = new HashMap<>();
        String after = null;
        int looked = 0;
        do {
            DeadPage page = jobs.dead().page(DeadSelection.ALL, after, PAGE_JOBS);
            page.jobs().forEach(job -> kinds.merge(job.fingerprint(), Kind.of(job), Kind::plus));
            looked += PAGE_JOBS;
            after = page.next();
        } while (after != null && looked < JOBS_MAX);
        List<Kind> sorted =
                kinds.values().stream()
                        .sorted(Comparator.comparingLong(Kind::jobs).reversed())
                        .toList();
        return new DeadLook(
                sorted.stream().limit(KINDS_MAX).toList(),
                Math.max(0, sorted.size() - KINDS_MAX),
                after != null);
    }
}
