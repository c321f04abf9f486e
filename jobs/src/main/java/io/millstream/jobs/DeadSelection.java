package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// Which dead jobs are meant: those that are all that is said.
///
/// ```java
/// DeadSelection.ALL.queue("mail").since(Instant.parse("2026-01-01T00:00:00Z"))
/// ```
///
/// @param id of the job, or null for any
/// @param type its wire name with its version, or null for any
/// @param queue where it died, or null for any
/// @param fingerprint what it died of, or null for anything
/// @param since died then or later, or null
/// @param before died before then, or null
public record DeadSelection(
        @Nullable String id,
        @Nullable String type,
        @Nullable String queue,
        @Nullable String fingerprint,
        @Nullable Instant since,
        @Nullable Instant before) {

    /// All of them.
    public static final DeadSelection ALL = new DeadSelection(null, null, null, null, null, null);

    /// Only this job.
    public DeadSelection id(String id) {
        return new DeadSelection(id, type, queue, fingerprint, since, before);
    }

    /// Only jobs of this type, by its wire name with its version, as [DeadJob] has it.
    public DeadSelection type(String type) {
        return new DeadSelection(id, type, queue, fingerprint, since, before);
    }

    /// Only jobs that died in this queue.
    public DeadSelection queue(String queue) {
        return new DeadSelection(id, type, queue, fingerprint, since, before);
    }

    /// Only jobs that died of this.
    public DeadSelection fingerprint(String fingerprint) {
        return new DeadSelection(id, type, queue, fingerprint, since, before);
    }

    /// Only jobs that died then or later.
    public DeadSelection since(Instant since) {
        return new DeadSelection(id, type, queue, fingerprint, since, before);
    }

    /// Only jobs that died before then.
    public DeadSelection before(Instant before) {
        return new DeadSelection(id, type, queue, fingerprint, since, before);
    }

    boolean contains(DeadJob job) {
        return (id == null || id.equals(job.id()))
                && (type == null || type.equals(job.type()))
                && (queue == null || queue.equals(job.queue()))
                && (fingerprint == null || fingerprint.equals(job.fingerprint()))
                && (since == null || !job.died().isBefore(since))
                && (before == null || job.died().isBefore(before));
    }
}
