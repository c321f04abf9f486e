package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Fence;
import io.millstream.api.Handle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Term;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A message that a client has sent, and all that is known of what became of it.
final class Sent {
    /// What is known of its put.
    enum Fate {
        ASKED,
        STORED,
        REFUSED,
        UNKNOWN
    }

    final String id;
    final ChannelName origin;
    final Message message;
    final Attempt attempt;

    /// Commits that may have taken it out, until it is known whether they did.
    final Set<Attempt> removers = new LinkedHashSet<>();

    Fate fate = Fate.ASKED;

    /// When it was stored, or at least not before, by the engine's clock.
    long stored;

    boolean storedIsKnown;

    /// Why it must never be seen again, or null.
    String gone;

    /// Whether something that is not answered may have taken it out.
    boolean atRisk;

    /// Where it was last known to be, or null; and its place there, or 0.
    Life life;

    long sequence;

    /// Whether it was given up while its dead-letter queue was not there.
    boolean stranded;

    int deaths;
    Held last;

    /// It must not be delivered before, by the engine's clock.
    long notBefore;

    Sent(Message message, ChannelName origin, Attempt attempt, long stored) {
        this.id = message.id();
        this.message = message;
        this.origin = origin;
        this.attempt = attempt;
        this.stored = stored;
    }

    boolean mayBeGone() {
        return atRisk || stranded || !removers.isEmpty();
    }

    /// A lease of it that has reached a client.
    static final class Held {
        final Sent sent;
        final Handle handle;
        final Life life;
        final Term term;
        final int boot;
        final int deliveries;
        final int attempts;

        /// How far the log was durable when it arrived: if it is no further at a power cut, the
        /// take may be forgotten.
        final long durable;

        /// Commits that may have ended it, until it is known whether they did.
        final Set<Attempt> enders = new LinkedHashSet<>();

        /// When it ends by the engine's clock, or never.
        long until = Long.MAX_VALUE;

        /// Whether it has certainly ended.
        boolean ended;

        /// Whether something that is not answered may have ended it.
        boolean mayHaveEnded;

        boolean forgettable;

        private final Held previous;

        Held(
                Sent sent,
                Life life,
                io.millstream.api.Lease lease,
                Term term,
                int boot,
                long durable) {
            this.sent = sent;
            this.previous = sent.last;
            this.life = life;
            this.handle = lease.handle();
            this.term = term;
            this.boot = boot;
            this.deliveries = lease.deliveries();
            this.attempts = lease.attempts();
            this.durable = durable;
            if (lease.until() != null) {
                until = lease.until().toEpochMilli();
            }
        }

        boolean isSessionBound() {
            return term instanceof Term.WhileOpen;
        }

        /// Whether somebody else may have the message at `latest` without breaking a promise.
        boolean mayBeOver(long latest) {
            return ended || mayHaveEnded || forgettable || !enders.isEmpty() || latest >= until;
        }

        /// How often it was delivered for all that no power cut could take back.
        int sureDeliveries() {
            Held sure = this;
            while (sure != null && sure.forgettable) {
                sure = sure.previous;
            }
            return sure == null ? 0 : sure.deliveries;
        }

        Fence fence() {
            return handle.fence();
        }
    }

    /// One life of a queue's name, from its definition to its removal.
    static final class Life {
        final ChannelName name;
        long incarnation;
        io.millstream.api.Definition.Queue definition;

        /// What it was before its last change: answers that do not wait for the same frame may be
        /// heard after it.
        io.millstream.api.Definition.Queue before;

        long version;
        long lastSequence;
        boolean removed;
        boolean removalAsked;

        /// Everything below is certainly gone.
        long purgedBelow;

        /// The highest sequence first delivered in this boot.
        long firstDelivered;

        Fence firstDeliveredBy;

        Life(ChannelName name) {
            this.name = name;
        }
    }

    /// A commit that a client has asked for.
    static final class Attempt {
        final int client;
        final List<Operation> operations;

        /// What each `Put` sends and each operation on a lease concerns; null elsewhere.
        final Sent[] puts;

        final Held[] leases;

        /// The newest fence that had been seen of each lease's message when this was asked.
        final Fence[] newest;

        /// For each purge: everything below was acknowledged when it was asked, in this life.
        final long[] purgeBelow;

        final Life[] purged;

        boolean answered;

        Attempt(int client, List<Operation> operations) {
            this.client = client;
            this.operations = operations;
            this.puts = new Sent[operations.size()];
            this.leases = new Held[operations.size()];
            this.newest = new Fence[operations.size()];
            this.purgeBelow = new long[operations.size()];
            this.purged = new Life[operations.size()];
        }

        boolean buries() {
            return operations.stream()
                    .anyMatch(operation ->
                            operation instanceof Operation.Settle settle
                                    && settle.outcome() instanceof Outcome.Dead);
        }

        boolean settles() {
            return operations.stream().anyMatch(Operation.Settle.class::isInstance);
        }
    }
}
