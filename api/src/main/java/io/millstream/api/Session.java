package io.millstream.api;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// Somebody's liveness: closing it returns the leases that last as long as it does.
///
/// Threading and failure are those of [Backend].
///
/// **Order.** What is asked of one session is decided in the order in which it was asked, whether
/// or not anything has been answered: a take finds what a commit before it has put or given back,
/// and nothing of what one has settled; a definition holds for what comes after it; closing comes
/// last. What several threads ask comes in one order or another. Commits are answered in their
/// order, except that one that is refused as [Refusal.Busy] may be answered before those ahead of
/// it. A take may be answered before the receipt of a commit that it was asked for after.
///
/// Between sessions there is one promise: what has been answered is seen by all that is asked
/// afterwards, by anybody.
public interface Session extends AutoCloseable {

    /// Does each commit, all or nothing, in order; the list is only transport, and others may
    /// change things between two of its commits. A refused commit does not keep the later ones from
    /// being done. The stage completes when every receipt is durable.
    ///
    /// If it fails, nobody knows which of them were done, unless they bear ids, see [CommitId]:
    /// then the same list may be sent again, on any session, and comes to the receipts of the first
    /// time for all that was done or refused then, and is done for the rest. The numbers of a
    /// sender ascend in a list. One that was refused as [Refusal.Busy] while a later one of its
    /// sender was done will not be done by sending it again: it needs a number of its own.
    CompletionStage<List<Receipt>> commit(List<Commit> commits);

    /// One commit.
    default CompletionStage<Receipt> commit(Commit commit) {
        return commit(List.of(commit)).thenApply(List::getFirst);
    }

    /// Asks once for messages, waiting for the first one as long as the take says.
    ///
    /// Leases leave when their messages are durable and the take itself is written, so that a
    /// message that kills its consumer's machine is counted.
    Pending<Taken> take(Take take);

    /// A window of leased messages, to be shared by any number of subscriptions of this session.
    Credit credit(int messages, long bytes);

    /// Has messages pushed to `sink` as long as its credit lasts, until the subscription is closed.
    Subscription consume(Subscribe what, DeliverySink sink);

    /// Reads a topic from an offset or a time.
    TopicReader read(From from);

    /// Tells a snapshot of what interests, then every change. Where the store is elsewhere, a lost
    /// connection is followed by another snapshot: what it does not have is gone.
    Watch watch(Interest what, ChangeSink sink);

    /// Returns session-bound leases to their old places and ends subscriptions, takes and watches.
    /// Timed leases keep their deadline. Does not block; doing it again does nothing.
    @Override
    void close();
}
