package io.millstream.engine.state;

import io.millstream.api.BackOff;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Handle;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Decides commits: looks at the state, changes nothing, and says which entries a commit makes or
/// why it is refused. One decider decides one commit.
public final class Decider {

    /// The largest value of a row.
    public static final int ROW_BYTES_MAX = 1 << 20;

    private final State state;
    private final long messageBytesMax;
    private final Tentative tentative;
    private final List<Entry> entries = new ArrayList<>(2);
    private final List<Effect> effects;
    private final TopicDecider topics;
    private @Nullable PublishDecider publishes;
    private final Burial burial;
    private final Admission admission;
    private final Editing editing;
    private @Nullable Refusal refusal;

    private Decider(State state, int operations, long messageBytesMax, boolean limits) {
        this.state = state;
        this.messageBytesMax = messageBytesMax;
        this.tentative = new Tentative(state);
        this.effects = new ArrayList<>(operations);
        this.topics = new TopicDecider(state, tentative, messageBytesMax, entries, effects);
        this.burial = new Burial(state, tentative, entries);
        this.admission = new Admission(tentative, entries, burial, limits);
        this.editing = new Editing(state, tentative, entries);
    }

    /// What to do about `prepared`, of which no message may have more than `messageBytesMax` bytes
    /// of body, key and headers.
    public static Decision decide(State state, PreparedCommit prepared, long messageBytesMax) {
        List<Operation> operations = prepared.commit().operations();
        if (prepared.rejected() != null) {
            return prepared.rejected();
        }
        Decider decider =
                new Decider(state, operations.size(), messageBytesMax, !prepared.settles());
        for (int i = 0; i < operations.size(); i++) {
            decider.decide(operations.get(i), prepared.messages()[i]);
            Refusal refusal = decider.refusal;
            if (refusal != null) {
                return new Decision.Rejected(i, refusal);
            }
        }
        return new Decision.Accepted(decider.entries, decider.effects);
    }

    /// @param encoded the operation's message or batch, if it has one
    private void decide(Operation operation, byte[] encoded) {
        switch (operation) {
            case Operation.Put put -> put(put, encoded);
            case Operation.Settle settle -> settle(settle);
            case Operation.Extend extend -> extend(extend);
            case Operation.Check check -> {
                if (leaseOf(check.handle()) != null) {
                    effects.add(Effect.Plain.PLAIN);
                }
            }
            case Operation.CheckDefinition check -> checkDefinition(check);
            case Operation.Write write -> write(write);
            case Operation.Define define -> define(define);
            case Operation.Remove remove -> remove(remove);
            case Operation.Edit.Purge purge -> edit(purge.queue(), editing::purge);
            case Operation.Edit.Drop drop ->
                    edit(drop.queue(), target -> editing.drop(target, drop, this::refuse));
            case Operation.Edit.Move move -> move(move);
            case Operation.Edit.Replay replay -> replay(replay);
            case Operation.Append append -> refusal = topics.append(append, encoded);
            case Operation.MoveCursor move -> refusal = topics.moveCursor(move);
            case Operation.Publish publish ->
                    refusal = publishes().publish(publish, encoded, messageBytesMax);
            case Operation.Unbind unbind -> refusal = routes().unbind(unbind);
            case Operation.RemoveExchange remove -> refusal = routes().remove(remove);
        }
    }

    /// Most commits route nothing.
    private PublishDecider publishes() {
        PublishDecider known = publishes;
        if (known == null) {
            PublishDecider.Putting putting = this::putOrRefuse;
            known = new PublishDecider(state, tentative, topics, putting, entries, effects);
            publishes = known;
        }
        return known;
    }

    private RouteDecider routes() {
        return publishes().routes();
    }

    private @Nullable Refusal putOrRefuse(Operation.Put put, byte[] encoded) {
        put(put, encoded);
        Refusal why = refusal;
        refusal = null;
        return why;
    }

    private void put(Operation.Put put, byte[] encoded) {
        Tentative.Target target = target(put.queue());
        if (target == null) {
            return;
        }
        long bytes = PreparedCommit.bytesOf(put.message());
        if (bytes > messageBytesMax) {
            refuse(new Refusal.TooLarge("A message", bytes, messageBytesMax));
            return;
        }
        long limit = target.definition.messageBytesMax();
        if (limit > 0 && bytes > limit) {
            refuse(new Refusal.TooLarge("A message for " + put.queue(), bytes, limit));
            return;
        }
        Traits traits = StoredMessage.traits(encoded);
        int stored = EntryCodec.putBytes(target.channel, target.end, encoded.length);
        switch (admission.admit(target, traits, stored, put.ifDuplicate())) {
            case Admission.Admitted.Refused(Refusal why) -> refuse(why);
            case Admission.Admitted.Duplicate(long of) -> effects.add(new Effect.Duplicate(of));
            case Admission.Admitted.In(long sequence, boolean overflows) -> {
                entries.add(new Entry.Put(target.channel, sequence, encoded));
                if (overflows) {
                    admission.overflow(target, sequence, stored);
                }
                effects.add(new Effect.Stored(sequence));
            }
        }
    }

    private void edit(ChannelName name, Function<Tentative.Target, Effect> edit) {
        Tentative.Target target = target(name);
        if (target != null) {
            effects.add(edit.apply(target));
        }
    }

    private void replay(Operation.Edit.Replay replay) {
        refusal = Editing.refusalOf(replay, tentative.queue(replay.queue()));
        if (refusal == null) {
            edit(replay.queue(), target -> editing.replay(target, replay));
        }
    }

    private void move(Operation.Edit.Move move) {
        Refusal senseless = Editing.refusalOf(move);
        if (senseless != null) {
            refuse(senseless);
            return;
        }
        Tentative.Target from = target(move.from());
        ChannelName name = move.to();
        Tentative.Target to = from == null || name == null ? null : target(name);
        if (from != null && refusal == null) {
            effects.add(editing.move(from, to, move.messages()));
        }
    }

    private void settle(Operation.Settle settle) {
        Handle handle = settle.handle();
        boolean anyGenuine = settle.stale() == Operation.Stale.ACCEPT;
        if (anyGenuine && !(settle.outcome() instanceof Outcome.Done)) {
            refuse(
                    new Refusal.Invalid(
                            "A stale handle can only be settled as done. Settle with"
                                    + " Stale.REFUSE."));
            return;
        }
        if (anyGenuine) {
            settleAnyway(handle);
            return;
        }
        Delivery delivery = leaseOf(handle);
        if (delivery == null) {
            return;
        }
        switch (settle.outcome()) {
            case Outcome.Done done -> {
                entries.add(new Entry.Settled(handle.incarnation(), handle.sequence(), false));
                effects.add(new Effect.Settled(null));
            }
            case Outcome.Retry retry -> effects.add(giveBack(delivery, retry));
            case Outcome.Dead(String reason) ->
                    effects.add(
                            new Effect.Settled(burial.bury(delivery, Via.Cause.REJECTED, reason)));
        }
        end(handle);
    }

    private void settleAnyway(Handle handle) {
        Tentative.Target target = tentative.queue(handle.incarnation());
        if (!state.isOwn(handle.fence())) {
            refuse(new Refusal.StaleFence(handle));
            return;
        }
        if (target == null) {
            // Its queue is gone, and the message with it; there may be another one of that name.
            if (target(handle.queue()) != null) {
                effects.add(new Effect.Settled(null));
            }
            return;
        }
        if (tentative.delivery(target, handle.sequence()) != null) {
            entries.add(new Entry.Settled(handle.incarnation(), handle.sequence(), false));
            end(handle);
        } else if (tentative.isWaitingAnew(target, handle.sequence())) {
            // A power cut took the take back: to call it settled would be a lie.
            refuse(new Refusal.StaleFence(handle));
            return;
        }
        effects.add(new Effect.Settled(null));
    }

    private Effect giveBack(Delivery delivery, Outcome.Retry retry) {
        int attempts = delivery.attempts - (retry.counts() ? 0 : 1);
        int limit = definitionOf(delivery).maxAttempts();
        if (isUsedUp(limit, attempts)) {
            return new Effect.Settled(
                    burial.bury(delivery, Via.Cause.ATTEMPTS, usedUp(limit, attempts)));
        }
        long due = retry.after().isZero() ? 0 : Times.after(state.now(), retry.after());
        entries.add(
                new Entry.Returned(
                        delivery.queue.channel(),
                        delivery.sequence,
                        due,
                        retry.counts() ? Entry.Uncount.NOTHING : Entry.Uncount.ATTEMPT));
        return new Effect.Settled(null);
    }

    /// As the operations before this one leave it.
    private Definition.Queue definitionOf(Delivery delivery) {
        Tentative.Target target = tentative.queue(delivery.queue.channel());
        return target == null ? delivery.queue.definition() : target.definition;
    }

    private void extend(Operation.Extend extend) {
        Delivery delivery = leaseOf(extend.handle());
        if (delivery == null) {
            return;
        }
        if (delivery.isSessionBound()) {
            refuse(
                    new Refusal.Invalid(
                            "This lease lasts as long as its session and has no end to extend."));
            return;
        }
        long deadline = Times.after(state.now(), extend.length());
        entries.add(
                new Entry.Extended(
                        extend.handle().incarnation(), extend.handle().sequence(), deadline));
        effects.add(new Effect.Extended(Instant.ofEpochMilli(deadline)));
    }

    private void write(Operation.Write write) {
        long actual = tentative.rowVersion(write.table(), write.key());
        if (!meets(write.expect(), actual)) {
            refuse(
                    new Refusal.Conflict(
                            "Row %s of table %s".formatted(write.key(), write.table()), actual));
            return;
        }
        if (write.value() == null && actual == 0) {
            effects.add(Effect.Plain.PLAIN);
            return;
        }
        if (write.value() != null && write.value().length() > ROW_BYTES_MAX) {
            refuse(new Refusal.TooLarge("A row", write.value().length(), ROW_BYTES_MAX));
            return;
        }
        long version = tentative.nextVersion();
        Instant expiresAt = write.expiresAt();
        entries.add(
                new Entry.RowWritten(
                        write.table(),
                        write.key(),
                        write.value(),
                        version,
                        expiresAt == null
                                ? Entry.RowWritten.NEVER
                                : Math.max(1, Times.millis(expiresAt))));
        tentative.writeRow(write.table(), write.key(), write.value() == null ? 0 : version);
        effects.add(write.value() == null ? Effect.Plain.PLAIN : new Effect.Changed(version));
    }

    private void checkDefinition(Operation.CheckDefinition check) {
        Tentative.Target queue = tentative.queue(check.name());
        long version = queue == null ? topics.versionOf(check.name()) : queue.version;
        if (meets(check.expect(), version)) {
            effects.add(Effect.Plain.PLAIN);
        } else {
            refuse(new Refusal.Conflict("The definition of " + check.name(), version));
        }
    }

    private void define(Operation.Define define) {
        switch (define.definition()) {
            case Definition.Queue queue -> defineQueue(queue, define.expect());
            case Definition.Topic topic -> refusal = topics.define(topic, define.expect());
            case Definition.Exchange exchange ->
                    refusal = routes().define(exchange, define.expect());
            case Definition.Binding binding -> {
                ChannelName target = binding.id().target().name();
                boolean there = tentative.queue(target) != null || topics.has(target);
                refusal = routes().define(binding, define.expect(), there);
            }
        }
    }

    private void defineQueue(Definition.Queue queue, Expect expect) {
        Tentative.Target target = tentative.queue(queue.name());
        if (!meets(expect, target == null ? 0 : target.version)) {
            refuse(
                    new Refusal.Conflict(
                            "Queue " + queue.name(), target == null ? 0 : target.version));
            return;
        }
        if (queue.name().equals(queue.deadLetter())) {
            refuse(
                    new Refusal.Invalid(
                            "Queue %s cannot be its own dead-letter target. Name another queue."
                                    .formatted(queue.name())));
            return;
        }
        refusal = topics.refusalOf(queue);
        if (refusal == null) {
            refusal = Typing.refusalOf(queue, target, tentative);
        }
        if (refusal != null) {
            return;
        }
        long version = tentative.nextVersion();
        if (target == null) {
            target = tentative.create(queue, version);
        }
        target.definition = queue;
        target.version = version;
        entries.add(new Entry.QueueDefined(target.channel, version, queue));
        editing.keep(target);
        effects.add(new Effect.Changed(version));
    }

    private void remove(Operation.Remove remove) {
        if (topics.has(remove.name())) {
            routes().removed(new Target.Channel(remove.name()));
            refusal = topics.remove(remove);
            return;
        }
        Tentative.Target target = target(remove.name());
        if (target == null) {
            return;
        }
        if (!meets(remove.expect(), target.version)) {
            refuse(new Refusal.Conflict("Queue " + remove.name(), target.version));
            return;
        }
        target.removed = true;
        routes().removed(new Target.Channel(remove.name()));
        entries.add(new Entry.QueueRemoved(target.channel, tentative.nextVersion()));
        effects.add(Effect.Plain.PLAIN);
    }

    /// The current lease that `handle` names, or null after having refused.
    private @Nullable Delivery leaseOf(Handle handle) {
        Tentative.Target target = targetOf(handle);
        if (target == null) {
            return null;
        }
        Delivery delivery = tentative.delivery(target, handle.sequence());
        if (delivery == null || !delivery.isLeased() || !delivery.fence.equals(handle.fence())) {
            refuse(new Refusal.StaleFence(handle));
            return null;
        }
        return delivery;
    }

    private Tentative.@Nullable Target targetOf(Handle handle) {
        Tentative.Target target = tentative.queue(handle.incarnation());
        if (target == null) {
            refuse(new Refusal.NoSuchChannel(handle.queue()));
        }
        return target;
    }

    private Tentative.@Nullable Target target(ChannelName name) {
        Tentative.Target target = tentative.queue(name);
        if (target == null) {
            refuse(new Refusal.NoSuchChannel(name));
        }
        return target;
    }

    private void end(Handle handle) {
        Tentative.Target target = tentative.queue(handle.incarnation());
        if (target != null) {
            tentative.end(target, handle.sequence(), entries.getLast());
        }
    }

    private void refuse(Refusal why) {
        refusal = why;
    }

    static boolean meets(Expect expect, long version) {
        return switch (expect) {
            case Expect.Anything anything -> true;
            case Expect.Nothing nothing -> version == 0;
            case Expect.Version(long expected) -> version == expected;
        };
    }

    /// Whether a message that would be handed out again has used its attempts up.
    static boolean isUsedUp(QueueState queue, int attempts) {
        return isUsedUp(queue.definition().maxAttempts(), attempts);
    }

    private static boolean isUsedUp(int limit, int attempts) {
        return limit > 0 && attempts >= limit;
    }

    static String usedUp(QueueState queue, int attempts) {
        return usedUp(queue.definition().maxAttempts(), attempts);
    }

    private static String usedUp(int limit, int attempts) {
        return Deaths.USED_UP + ": %d of %d".formatted(attempts, limit);
    }

    /// What happens to a lease that ended by itself: its message waits again, or has used up its
    /// attempts.
    public static List<Entry> decideEnd(State state, Delivery delivery) {
        Decider decider = new Decider(state, 1, 0, false);
        BackOff backOff = delivery.queue.definition().backOff();
        Duration wait =
                backOff == null || delivery.returnsAtOnce()
                        ? Duration.ZERO
                        : backOff.after(delivery.attempts);
        decider.giveBack(delivery, new Outcome.Retry(wait, true));
        return decider.entries;
    }

    /// What happens to a message that is dead and was handed out.
    static List<Entry> decideDeath(State state, Delivery delivery, Via.Cause cause, String reason) {
        Decider decider = new Decider(state, 1, 0, false);
        decider.burial.bury(delivery, cause, reason);
        return decider.entries;
    }

    /// What happens to messages that were not delivered within their time to live.
    static List<Entry> decideExpiry(State state, QueueState queue, List<Long> sequences) {
        Decider decider = new Decider(state, 1, 0, false);
        Tentative.Target source =
                Invariant.present(
                        decider.tentative.queue(queue.channel()),
                        "There is no channel %d",
                        queue.channel());
        for (long sequence : sequences) {
            int bytes = queue.locate(sequence).bytes();
            decider.burial.bury(source, sequence, bytes, Via.Cause.EXPIRED, Deaths.EXPIRED);
        }
        return decider.entries;
    }

    /// What happens to a stranded message now that a definition has changed; nothing if its target
    /// still refuses it.
    public static List<Entry> decideStranded(State state, Delivery delivery) {
        QueueState queue = delivery.queue();
        String reason = delivery.strandedReason == null ? "" : delivery.strandedReason;
        if (delivery.strandedCause == Via.Cause.ATTEMPTS && !isUsedUp(queue, delivery.attempts)) {
            return List.of(
                    new Entry.Returned(
                            queue.channel(), delivery.sequence, 0, Entry.Uncount.NOTHING));
        }
        List<Entry> entries = decideDeath(state, delivery, delivery.strandedCause, reason);
        return entries.getFirst() instanceof Entry.Stranded ? List.of() : entries;
    }
}
