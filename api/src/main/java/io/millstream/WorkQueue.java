package io.millstream;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.View;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// A work queue: each message is delivered to one receiver, which settles it.
///
/// Threading, blocking and failures are those of [Millstream].
public final class WorkQueue {
    /// How long a received message is its receiver's unless it says otherwise.
    public static final Duration LEASE = Duration.ofSeconds(30);

    private final Backend backend;
    private final Session session;
    private final ChannelName name;

    WorkQueue(Backend backend, Session session, ChannelName name) {
        this.backend = backend;
        this.session = session;
        this.name = name;
    }

    /// What it is called.
    public ChannelName name() {
        return name;
    }

    /// Sends a text. Blocks until it is on disk.
    ///
    /// @return its place in the queue
    public long send(String text) {
        return send(Message.of(text));
    }

    /// Sends a message. Blocks until it is on disk, and as long as the store is busy.
    ///
    /// @return its place in the queue
    /// @throws RefusedException if the queue is gone, or the message too large or not supported
    public long send(Message message) {
        return sendAll(List.of(message)).getFirst();
    }

    /// Sends messages, all or none, in order. Blocks until they are on disk. One that the queue has
    /// stored before, see [io.millstream.api.Deduplication], is not stored again.
    ///
    /// @return their places in the queue; of one that was stored before, that one's
    public List<Long> sendAll(List<Message> messages) {
        List<Operation> puts = new ArrayList<>(messages.size());
        for (Message message : messages) {
            puts.add(new Operation.Put(name, message));
        }
        return Waiting.forRoom(session, new Commit(null, puts)).effects().stream()
                .map(WorkQueue::placeOf)
                .toList();
    }

    private static long placeOf(Receipt.Effect effect) {
        return switch (effect) {
            case Receipt.Effect.Stored(long sequence) -> sequence;
            case Receipt.Effect.Duplicate(long of) -> of;
            default -> throw new IllegalStateException("A put has the effect " + effect);
        };
    }

    /// Sends without waiting. The stage completes with the receipt when the message is on disk or
    /// refused; refused as [Refusal.Busy], it is the caller's to send again.
    public CompletionStage<Receipt> sendAsync(Message message) {
        return Waiting.apart(session.commit(Commit.of(new Operation.Put(name, message))));
    }

    /// Receives the next message, waiting for it at most `wait`. It is the caller's for [#LEASE];
    /// if it is not settled or extended by then, it is delivered again.
    public Optional<Delivery> receive(Duration wait) {
        return receive(1, LEASE, wait).stream().findFirst();
    }

    /// Receives up to `messages` messages, waiting for the first at most `wait`.
    ///
    /// @param messages how many at most
    /// @param lease how long they are the caller's
    /// @param wait how long to wait; zero not to wait
    /// @return what there was, in the queue's order; empty if nothing came
    /// @throws RefusedException if the queue is gone
    public List<Delivery> receive(int messages, Duration lease, Duration wait) {
        return receive(Set.of(), messages, lease, wait);
    }

    /// Receives the next message of one of these [Message#type]s, waiting for it at most `wait`. It
    /// is the caller's for [#LEASE].
    ///
    /// @throws RefusedException if the queue is gone or is not [Definition.Queue#typed]
    public Optional<Delivery> receive(Set<String> types, Duration wait) {
        return receive(types, 1, LEASE, wait).stream().findFirst();
    }

    /// Receives up to `messages` messages of these [Message#type]s, waiting for the first at most
    /// `wait`. All others, and those without a type, are left for whoever knows them.
    ///
    /// @param types which, up to [Take#TYPES_MAX]; empty for all messages
    /// @param messages how many at most
    /// @param lease how long they are the caller's
    /// @param wait how long to wait; zero not to wait
    /// @return what there was, in the queue's order; empty if nothing came
    /// @throws RefusedException if the queue is gone, or is not [Definition.Queue#typed] and types
    ///   are named
    public List<Delivery> receive(Set<String> types, int messages, Duration lease, Duration wait) {
        Take take = Take.of(name, messages, new Term.Timed(lease), wait).withTypes(types);
        return switch (Waiting.on(session.take(take).stage())) {
            case Taken.Leased leased ->
                    leased.leases().stream().map(one -> new Delivery(this, one)).toList();
            case Taken.Refused refused -> throw new RefusedException(refused.refusal());
        };
    }

    /// Ends a delivery. Blocks until it is on disk.
    ///
    /// @throws RefusedException with [Refusal.StaleFence] if the lease has ended: the message is
    ///   somebody else's
    public void settle(Lease lease, Outcome outcome) {
        Operation settle = new Operation.Settle(lease.handle(), outcome);
        Waiting.forRoom(session, Commit.of(settle));
    }

    /// Makes a delivery the caller's for `length` from now.
    ///
    /// @throws RefusedException with [Refusal.StaleFence] if the lease has ended
    public void extend(Lease lease, Duration length) {
        Waiting.forRoom(session, Commit.of(new Operation.Extend(lease.handle(), length, true)));
    }

    /// Looks at the oldest messages without receiving them.
    ///
    /// @param limit how many at most, up to 1000
    public List<View.MessageView> browse(int limit) {
        Query.Browse query = new Query.Browse(name, Integer.MAX_VALUE, null, limit);
        return Waiting.on(backend.find(query)).page().items();
    }

    /// What is in the queue and has passed through it.
    ///
    /// @throws RefusedException if the queue is gone
    public View.QueueCounts counts() {
        return Waiting.on(backend.find(new Query.QueueNamed(name))).page().items().stream()
                .findFirst()
                .orElseThrow(() -> new RefusedException(new Refusal.NoSuchChannel(name)))
                .counts();
    }

    /// Looks at the messages that wait for their time, the one that is due first first.
    ///
    /// @param limit how many at most, up to 1000
    public List<View.MessageView> delayed(int limit) {
        Query.Delayed query = new Query.Delayed(name, Integer.MAX_VALUE, null, limit);
        return Waiting.on(backend.find(query)).page().items();
    }

    /// Drops one message that nobody holds: what was to come later is called off.
    ///
    /// @param place as [#send] returned it
    /// @return whether it was there and nobody held it
    public boolean drop(long place) {
        return edit(new Operation.Edit.Drop(name, place)) == 1;
    }

    /// Moves messages that are ready to another queue, in the order in which they would be
    /// received.
    ///
    /// @param messages how many at most; more than [Operation.Edit.Move#MESSAGES_MAX] takes several
    ///   calls
    /// @return how many were moved
    public long moveTo(ChannelName target, int messages) {
        return edit(new Operation.Edit.Move(name, target, messages));
    }

    /// Puts messages again that were done between two times and are kept
    /// ([Definition.Queue#keepSettled]), in the order in which they were done.
    ///
    /// @param since done from when on
    /// @param until done before when
    /// @return how many were put
    public long replay(Instant since, Instant until) {
        long put = 0;
        long after = 0;
        while (true) {
            Operation.Edit replay =
                    new Operation.Edit.Replay(name, since, until, after, Integer.MAX_VALUE);
            Receipt.Committed done = Waiting.forRoom(session, Commit.of(replay));
            if (!(done.effects().getFirst() instanceof Receipt.Effect.Replayed replayed)) {
                return put;
            }
            put += replayed.messages();
            if (!replayed.more()) {
                return put;
            }
            after = replayed.after();
        }
    }

    /// Moves dead letters back to the queues that they died in.
    ///
    /// @param messages how many at most, as for [#moveTo]
    /// @return how many were moved
    public long redrive(int messages) {
        return edit(new Operation.Edit.Move(name, null, messages));
    }

    private long edit(Operation.Edit edit) {
        Receipt.Committed done = Waiting.forRoom(session, Commit.of(edit));
        return done.effects().getFirst() instanceof Receipt.Effect.Edited(long messages)
                ? messages
                : 0;
    }

    /// Drops everything in the queue.
    public void purge() {
        Waiting.forRoom(session, Commit.of(new Operation.Edit.Purge(name)));
    }
}
