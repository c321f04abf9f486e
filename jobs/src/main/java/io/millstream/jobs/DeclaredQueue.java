package io.millstream.jobs;

import io.millstream.api.BackOff;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.MillstreamException;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// What the queue that workers work is declared to be, as of some seconds ago: it may be declared
/// anew at any time. For use by any thread.
///
/// A queue is one *of jobs*, or anybody's. In one of jobs, what failed is seen to by the runtime:
/// waits, attempts and the dead set are those of jobs. In any other one it is settled as the queue
/// declares it, so that nothing of jobs is forced on who made it.
final class DeclaredQueue {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    /// For queues that declare none: what fails again and again and is had again at once keeps its
    /// workers from all that came after it.
    private static final BackOff USUAL =
            new BackOff(Duration.ofSeconds(1), 2, Duration.ofMinutes(1));

    private final Declarations declarations;
    private final ChannelName name;
    private final boolean isOfJobs;
    private volatile Seen seen;

    private record Seen(Definition.Queue definition, long at) {}

    /// Blocks for a look.
    ///
    /// @throws RefusedException if there is no such queue
    DeclaredQueue(Declarations declarations, ChannelName name) {
        this.declarations = declarations;
        this.name = name;
        View.QueueView view = declarations.look(name);
        if (view == null) {
            throw new RefusedException(new Refusal.NoSuchChannel(name));
        }
        this.seen = new Seen(view.definition(), System.nanoTime());
        this.isOfJobs = Envelope.isOfJobs(view.definition());
    }

    ChannelName name() {
        return name;
    }

    /// As it was when its workers started.
    boolean isOfJobs() {
        return isOfJobs;
    }

    /// What it is declared to be. Blocks for a look if the last one was a while ago.
    Definition.Queue now() {
        Seen last = seen;
        if (System.nanoTime() - last.at < FRESH_NANOS) {
            return last.definition;
        }
        try {
            View.QueueView view = declarations.look(name);
            Definition.Queue found = view == null ? last.definition : view.definition();
            seen = new Seen(found, System.nanoTime());
            return found;
        } catch (MillstreamException _) {
            // Who takes from it, and who settles, notices what is wrong and reports it.
            return last.definition;
        }
    }

    /// How many messages a take may ask for. Where groups are worked in order, one take may get
    /// several of a group, and its workers would do them at once.
    int takes(int free) {
        return now().groups() == Groups.ORDERED ? 1 : free;
    }

    /// How long what failed waits, by the queue's declaration.
    static Duration wait(Definition.Queue declared, int attempts) {
        BackOff backOff = declared.backOff();
        return (backOff == null ? USUAL : backOff).after(attempts);
    }

    /// Whether this was the last attempt, by the queue's declaration.
    static boolean isLast(Definition.Queue declared, int attempts) {
        return declared.maxAttempts() > 0 && attempts >= declared.maxAttempts();
    }
}
