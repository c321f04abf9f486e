package io.millstream.jobs;

import io.millstream.api.Fence;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a handler may know about the job that it does, and do besides.
public final class JobContext {
    private final Lease lease;
    private final Hold hold;
    private final Notes notes;
    private final List<Operation> besides = new ArrayList<>();

    JobContext(Lease lease, Hold hold, Notes notes) {
        this.lease = lease;
        this.hold = hold;
        this.notes = notes;
    }

    /// The job's id.
    public String id() {
        return Execution.idOf(lease);
    }

    /// The queue that it is in.
    public String queue() {
        return lease.handle().queue().name();
    }

    /// Whether somebody may ask for its result; it is dropped otherwise.
    public boolean isAwaited() {
        return Envelope.keepResult(lease.message()) != null;
    }

    /// Its tags.
    public Set<String> tags() {
        return Envelope.tags(lease.message());
    }

    /// Which attempt this is, 1 for the first.
    public int attempt() {
        return lease.attempts();
    }

    /// When the job was submitted, by the backend's clock.
    public Instant submitted() {
        return lease.stored();
    }

    /// Which run of which schedule this is; empty for a job that somebody submitted.
    public Optional<ScheduledRun> scheduled() {
        return Runs.of(lease.message());
    }

    /// The message that the job is, with its headers.
    public Message message() {
        return lease.message();
    }

    /// Grows with every lease of every job, across restarts: who writes elsewhere in the name of
    /// this attempt can have older ones refused by it.
    public Fence fence() {
        return lease.handle().fence();
    }

    /// Whether the job is somebody else's by now, because the lease could not be renewed in time:
    /// nothing that this attempt returns will be stored. The thread has been interrupted.
    public boolean isLost() {
        return hold.isLost();
    }

    /// Whether the job was cancelled meanwhile: nothing that this attempt returns will be stored,
    /// and it is best to end soon.
    public boolean isCancelled() {
        return hold.isCancelled();
    }

    /// Says how far the job has come, for people: it is in the job's history within half a second,
    /// or the next one is. Does not block. For any thread.
    ///
    /// @param done how much of it
    /// @param total how much there is, or 0 if that is not known
    public void progress(long done, long total) {
        progress(done, total, "");
    }

    /// As [#progress(long, long)], with what it does now in words; cut at
    /// [io.millstream.api.Lifecycle#TEXT_CHARS_MAX].
    public void progress(long done, long total, String text) {
        notes.progress(done, total, text);
    }

    /// Writes a line into the job's log, for people: it is in the job's history within half a
    /// second. One attempt writes 64,000 characters at most; what comes then is left out. Does not
    /// block. For any thread.
    public void log(String line) {
        notes.log(line);
    }

    /// Does this together with the completion of the job, or not at all: messages to other queues,
    /// events, rows. Only if this attempt succeeds. For the handler's thread.
    public void besides(Operation operation) {
        besides.add(operation);
    }

    List<Operation> operations() {
        return besides;
    }
}
