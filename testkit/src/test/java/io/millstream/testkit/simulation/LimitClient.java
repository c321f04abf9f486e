package io.millstream.testkit.simulation;

import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.View;
import io.millstream.testkit.simulation.LimitQueue.Held;
import io.millstream.testkit.simulation.LimitQueue.Kept;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// Programs that share a few queues with limits, which keep what is settled. They have a virtual
/// host of their own, so that nobody else's promises depend on what they do.
///
/// They ask for things at any time, and what they are told is held to the limits at once. Now and
/// then a census is taken, when all that was asked has been done. Queues are declared anew, purged
/// and replayed only then, so that it is known what came before and what after.
final class LimitClient {
    private static final int QUEUES = 3;
    private static final int SESSIONS = 3;
    private static final int CONSUMERS_MAX = 3;
    private static final int MESSAGES_MAX = 50;
    private static final int CREDIT = 1 << 20;

    private final RandomGenerator random;
    private final Machine machine;
    private final Trace trace;
    private final LimitWishes wishes;
    private final List<LimitQueue> queues = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();

    /// Each session that there has been is another one.
    private final List<Integer> lives = new ArrayList<>();

    private final Map<String, Message> sent = new TreeMap<>();
    private final List<Asking> takes = new ArrayList<>();
    private final List<Consuming> consumers = new ArrayList<>();

    /// What was asked for and not answered, and what never was.
    private final List<Asked> pending = new ArrayList<>();

    private final List<Asked> unknown = new ArrayList<>();
    private int sessionsEver;
    private int boot;
    private long durableAtEnd;

    /// A commit.
    ///
    /// @param told the latest time that had been told by then
    private record Asked(LimitQueue queue, List<Operation> operations, List<Held> of, long told) {}

    private record Consuming(LimitQueue queue, int session, Subscription subscription) {}

    /// A take that may not have been answered.
    private static final class Asking {
        final LimitQueue queue;
        final Take take;
        final int session;
        boolean answered;

        Asking(LimitQueue queue, Take take, int session) {
            this.queue = queue;
            this.take = take;
            this.session = session;
        }
    }

    /// The latest time by the engine's clock in any answer.
    private long told;

    /// Has time pass for everybody.
    interface Passing {
        void pass(Duration time) throws IOException;
    }

    LimitClient(RandomGenerator random, Machine machine, Trace trace) {
        this.random = random;
        this.machine = machine;
        this.trace = trace;
        this.wishes = new LimitWishes(random);
        for (int i = 0; i < QUEUES; i++) {
            queues.add(new LimitQueue(LimitWishes.name(i)));
        }
    }

    /// Begins anew after the engine has come back.
    void connect() {
        boot++;
        sessions.clear();
        lives.clear();
        takes.clear();
        consumers.clear();
        for (int i = 0; i < SESSIONS; i++) {
            sessions.add(null);
            lives.add(0);
            open(i);
        }
    }

    private void open(int number) {
        sessions.set(number, machine.engine().engine().session(SessionSpec.of("limits " + number)));
        lives.set(number, ++sessionsEver);
    }

    void step(Crowd.Settling settling, Passing passing) throws IOException {
        LimitQueue queue = queues.get(random.nextInt(QUEUES));
        int dice = random.nextInt(40);
        if (dice < 14 && queue.definition != null) {
            act(queue);
        } else if (dice == 14) {
            census(settling);
            change(queue, settling, passing);
        }
    }

    // What they ask for at any time.

    private void act(LimitQueue queue) {
        int dice = random.nextInt(30);
        if (dice < 10) {
            put(queue);
        } else if (dice < 18) {
            take(queue, wishes.take(queue), random.nextInt(SESSIONS));
        } else if (dice < 27) {
            settle(queue);
        } else if (dice < 28) {
            consume(queue);
        } else if (dice < 29) {
            stopConsuming();
        } else {
            reconnect(random.nextInt(SESSIONS));
        }
    }

    private void put(LimitQueue queue) {
        List<Operation> puts = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0 && queue.live.size() < MESSAGES_MAX; i--) {
            Message message = wishes.message();
            sent.put(message.id(), message);
            puts.add(new Operation.Put(queue.name, message));
        }
        commit(queue, puts, List.of());
    }

    private void settle(LimitQueue queue) {
        List<Operation> settles = new ArrayList<>();
        List<Held> ended = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0 && !queue.held.isEmpty(); i--) {
            Held held = queue.held.remove(random.nextInt(queue.held.size()));
            settles.add(settle(held, wishes.outcome()));
            ended.add(held);
        }
        commit(queue, settles, ended);
    }

    private static Operation settle(Held held, Outcome outcome) {
        return new Operation.Settle(held.handle(), outcome, Operation.Stale.REFUSE);
    }

    private void commit(LimitQueue queue, List<Operation> operations, List<Held> of) {
        if (operations.isEmpty()) {
            return;
        }
        Asked asked = new Asked(queue, operations, of, told);
        pending.add(asked);
        trace.tell(() -> "limits ask " + queue.name + " " + operations);
        int before = boot;
        var _ =
                sessions.get(0)
                        .commit(List.of(new Commit(null, operations)))
                        .thenAccept(receipts -> {
                            if (boot == before) {
                                guarded(() -> answered(asked, receipts.getFirst()));
                            }
                        });
    }

    /// A stage keeps what is thrown here to itself.
    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (PromiseBroken | RuntimeException broken) {
            machine.broken(broken);
        }
    }

    private void answered(Asked asked, Receipt receipt) {
        pending.remove(asked);
        trace.tell(() -> "limits are told " + receipt + " to " + asked.operations);
        switch (receipt) {
            case Receipt.Committed(Instant now, List<Effect> effects) -> {
                told = Math.max(told, now.toEpochMilli());
                for (int i = 0; i < effects.size(); i++) {
                    done(asked, i, effects.get(i), Span.at(now.toEpochMilli()));
                }
            }
            case Receipt.Refused refused -> {
                // What settles nothing may have to wait for room.
                boolean allowed =
                        asked.of.isEmpty()
                                ? refused.refusal() instanceof Refusal.Busy
                                : refused.refusal() instanceof Refusal.StaleFence;
                PromiseBroken.unless(
                        allowed,
                        asked.queue.name.toString(),
                        "%s was refused: %s",
                        asked.operations,
                        refused);
                asked.queue.refused();
            }
        }
    }

    private void done(Asked asked, int index, Effect effect, Span at) {
        LimitQueue queue = asked.queue;
        switch (asked.operations.get(index)) {
            case Operation.Put put ->
                    queue.live.put(((Effect.Stored) effect).sequence(), put.message().id());
            case Operation.Settle settle -> settled(queue, asked.of.get(index), settle, at);
            case Operation.Define define -> defined(queue, (Definition.Queue) define.definition());
            case Operation.Edit.Purge purge -> queue.live.clear();
            default -> {}
        }
    }

    private void settled(LimitQueue queue, Held held, Operation.Settle settle, Span at) {
        if (settle.outcome() instanceof Outcome.Retry) {
            return;
        }
        String id = queue.live.remove(held.handle().sequence());
        PromiseBroken.unless(id != null, held.message().id(), "Settled twice: %s", held);
        if (settle.outcome() instanceof Outcome.Done && queue.definition.keepSettled() != null) {
            queue.kept.add(new Kept(id, at));
        }
    }

    private void defined(LimitQueue queue, Definition.Queue as) {
        queue.definition = as;
        queue.asked = null;
        queue.rates.define(as);
    }

    private void take(LimitQueue queue, Take take, int session) {
        Asking asking = new Asking(queue, take, session);
        takes.removeIf(one -> one.answered);
        takes.add(asking);
        trace.tell(() -> "limits take " + take + " in session " + lives.get(session));
        int before = boot;
        int life = lives.get(session);
        var _ =
                sessions.get(session)
                        .take(take)
                        .stage()
                        .thenAccept(taken -> {
                            if (boot == before) {
                                asking.answered = true;
                                guarded(() -> taken(asking, taken, life));
                            }
                        });
    }

    private void taken(Asking asking, Taken taken, int life) {
        switch (taken) {
            case Taken.Leased(Instant now, List<Lease> leases) -> {
                for (Lease lease : leases) {
                    PromiseBroken.unless(
                            asking.take.types().isEmpty()
                                    || asking.take
                                            .types()
                                            .contains(String.valueOf(lease.message().type())),
                            lease.message().id(),
                            "Handed out to %s",
                            asking.take);
                    delivered(asking.queue, lease, now.toEpochMilli(), asking.session, life);
                }
            }
            case Taken.Refused refused ->
                    throw new PromiseBroken(asking.queue.name.toString(), "Refused: " + refused);
        }
    }

    private void delivered(LimitQueue queue, Lease lease, long at, int session, int life) {
        Message message = lease.message();
        told = Math.max(told, at);
        trace.tell(() -> "limits get " + Words.of(lease) + " " + message + " at " + at);
        long durable = machine.durable();
        queue.rates.started(new LimitRates.Start(lease.handle().fence(), at, message, durable));
        long latest = machine.latest();
        queue.forget(held -> held.until() <= latest);
        boolean bound = lease.until() == null;
        long until = bound ? Long.MAX_VALUE : lease.until().toEpochMilli();
        boolean late = until <= latest || (bound && lives.get(session) != life);
        Held held = new Held(lease.handle(), message, until, bound ? life : -1, boot, durable);
        queue.delivered(lease, late ? null : held, sent.get(message.id()));
    }

    private void consume(LimitQueue queue) {
        if (consumers.size() >= CONSUMERS_MAX) {
            return;
        }
        int number = random.nextInt(SESSIONS);
        int life = lives.get(number);
        int before = boot;
        // The time of a push is told by when its leases end.
        Term.Timed term = wishes.timed();
        DeliverySink sink =
                new DeliverySink() {
                    @Override
                    public void deliver(List<Lease> leases) {
                        if (boot == before) {
                            guarded(() -> leases.forEach(lease -> pushed(lease)));
                        }
                    }

                    private void pushed(Lease lease) {
                        long at = lease.until().minus(term.length()).toEpochMilli();
                        delivered(queue, lease, at, number, life);
                    }

                    @Override
                    public void ended(Refusal why) {
                        machine.broken(new PromiseBroken(queue.name.toString(), why.text()));
                    }
                };
        Session session = sessions.get(number);
        Credit credit = session.credit(CREDIT, Long.MAX_VALUE);
        trace.tell(() -> "limits consume " + queue.name + " " + term);
        consumers.add(
                new Consuming(
                        queue,
                        number,
                        session.consume(Subscribe.of(queue.name, term, credit), sink)));
    }

    private void stopConsuming() {
        if (!consumers.isEmpty()) {
            Consuming one = consumers.remove(random.nextInt(consumers.size()));
            trace.tell(() -> "limits stop consuming " + one.queue.name);
            one.subscription.close();
            one.queue.rates.unheard(machine.latest());
        }
    }

    private void reconnect(int number) {
        int life = lives.get(number);
        trace.tell(() -> "limits close session " + life);
        consumers.removeIf(one -> one.session == number);
        queues.forEach(queue -> queue.forget(held -> held.session() == life));
        // What is called off in the moment in which it is answered has used its permits.
        queues.forEach(queue -> queue.rates.unheard(machine.latest()));
        Session old = sessions.get(number);
        open(number);
        old.close();
    }

    // What is judged.

    private record Look(View.QueueView view, List<View.MessageView> messages, long now) {
        /// All of it, in few words.
        @Override
        public String toString() {
            return now + " " + messages.stream().map(Look::words).toList();
        }

        private static String words(View.MessageView view) {
            Message message = view.message();
            return "%s at %d %s, type %s, group %s"
                    .formatted(
                            message.id(),
                            view.sequence(),
                            view.state(),
                            message.type(),
                            message.group());
        }
    }

    /// Has everything done, and looks whether it is as it was told.
    private void census(Crowd.Settling settling) throws IOException {
        settling.settle();
        PromiseBroken.unless(pending.isEmpty(), "limits", "Nobody answers %s", pending);
        for (LimitQueue queue : queues) {
            if (queue.definition != null) {
                Look look = look(queue);
                trace.tell(() -> "limits see " + queue.name + " " + look);
                queue.census(look.view, look.messages, look.now);
                requireNobodyForgotten(queue, look);
            }
        }
    }

    /// Whoever waits for what may be handed out should have got it.
    private void requireNobodyForgotten(LimitQueue queue, Look look) {
        for (Asking asking : takes) {
            if (asking.queue == queue && !asking.answered) {
                requireNothingFor(queue, look, asking.take.types(), asking.take.toString());
            }
        }
        for (Consuming one : consumers) {
            if (one.queue == queue) {
                requireNothingFor(queue, look, Set.of(), "a consumer");
            }
        }
    }

    private static void requireNothingFor(
            LimitQueue queue, Look look, Set<String> types, String who) {
        View.MessageView offered = queue.offers(look.messages, types, look.now);
        PromiseBroken.unless(
                offered == null,
                offered == null ? "" : offered.message().id(),
                "It may be handed out at %d, and %s waits: %s of %s",
                look.now,
                who,
                offered,
                queue.definition);
    }

    private void change(LimitQueue queue, Crowd.Settling settling, Passing passing)
            throws IOException {
        int dice = random.nextInt(12);
        if (queue.definition == null || dice < 2) {
            define(queue, wishes.definition(queue), settling);
        } else if (dice < 5) {
            if (queue.definition.keepSettled() != null) {
                replay(queue, settling);
            }
        } else if (dice < 11) {
            passing.pass(pause(queue));
        } else if (random.nextInt(4) == 0) {
            queue.held.clear();
            commit(queue, List.of(new Operation.Edit.Purge(queue.name)), List.of());
        }
        census(settling);
    }

    private void define(LimitQueue queue, Definition.Queue as, Crowd.Settling settling)
            throws IOException {
        queue.asked = as;
        commit(queue, List.of(new Operation.Define(as, Expect.Anything.ANYTHING)), List.of());
        settling.settle();
    }

    private void replay(LimitQueue queue, Crowd.Settling settling) throws IOException {
        if (queue.live.size() >= MESSAGES_MAX) {
            return;
        }
        Operation.Edit.Replay replay = wishes.replay(queue);
        List<Long> before = List.copyOf(queue.live.keySet());
        queue.replaying = true;
        commit(queue, List.of(replay), List.of());
        queue.busy = false;
        settling.settle();
        if (queue.busy) {
            return;
        }
        Look look = look(queue);
        List<View.MessageView> again =
                look.messages.stream().filter(one -> !before.contains(one.sequence())).toList();
        again.forEach(one -> {
            queue.live.put(one.sequence(), one.message().id());
            LimitQueue.requireSame(one.message(), sent.get(one.message().id()));
        });
        queue.replayed(
                again,
                replay.since().toEpochMilli(),
                replay.until().toEpochMilli(),
                replay.messages(),
                look.now);
        queue.replaying = false;
    }

    /// Until something may begin again, or a little less or more.
    private Duration pause(LimitQueue queue) throws IOException {
        Look look = look(queue);
        List<Long> times =
                look.messages.stream()
                        .filter(one -> one.state() == View.MessageState.READY)
                        .map(one -> queue.rates.surelyOpen(queue.definition, one.message()))
                        .filter(time -> time > look.now)
                        .distinct()
                        .toList();
        return times.isEmpty() || random.nextInt(4) == 0
                ? Duration.ofMillis(random.nextInt(1, 2000))
                : Duration.ofMillis(
                        Math.max(
                                1,
                                times.get(random.nextInt(times.size()))
                                        - look.now
                                        + random.nextInt(-1, 2)));
    }

    private Look look(LimitQueue queue) throws IOException {
        Page<View.QueueView> page = page(new Query.QueueNamed(queue.name));
        View.QueueView view = page.items().isEmpty() ? null : page.items().getFirst();
        List<View.MessageView> messages =
                view == null
                        ? List.of()
                        : all(after -> new Query.Browse(queue.name, 2000, after, 100));
        return new Look(view, messages, page.asOf().toEpochMilli());
    }

    private <V extends View> List<V> all(Function<String, Query<V>> query) throws IOException {
        List<V> items = new ArrayList<>();
        String after = null;
        do {
            Page<V> page = page(query.apply(after));
            items.addAll(page.items());
            after = page.next();
        } while (after != null);
        return items;
    }

    private <V extends View> Page<V> page(Query<V> query) throws IOException {
        var stage = machine.engine().engine().find(query).toCompletableFuture();
        machine.settle();
        PromiseBroken.unless(stage.isDone(), "engine", "Nobody answers %s", query);
        return stage.join().page();
    }

    // After the end of an engine.

    /// The engine has ended.
    ///
    /// @param power whether what was not durable may be forgotten
    void ended(boolean power, long durable) {
        unknown.addAll(pending);
        pending.clear();
        durableAtEnd = durable;
        long latest = machine.latest();
        for (LimitQueue queue : queues) {
            if (queue.now() != null) {
                queue.rates.ended(queue.now(), power ? durable : -1, latest);
            }
            queue.forget(held -> held.session() >= 0);
        }
        if (power) {
            powerCut();
        }
    }

    /// The power is cut, perhaps while the engine opens after it was killed.
    void powerCut() {
        for (LimitQueue queue : queues) {
            queue.forget(held -> held.boot() == boot && held.durable() == durableAtEnd);
        }
    }

    /// It is there again: what was asked for happened or did not.
    void compare() throws IOException {
        machine.settle();
        for (LimitQueue queue : queues) {
            Look look = look(queue);
            if (queue.asked != null) {
                if (look.view != null && look.view.definition().equals(queue.asked)) {
                    defined(queue, queue.asked);
                }
                queue.asked = null;
            }
            if (queue.definition != null) {
                unknown.stream()
                        .filter(asked -> asked.queue == queue)
                        .forEach(asked -> resolve(asked, look));
                if (queue.replaying) {
                    replayedUnseen(queue, look);
                }
                queue.census(look.view, look.messages, look.now);
            }
            queue.replaying = false;
        }
        unknown.clear();
    }

    private void resolve(Asked asked, Look look) {
        LimitQueue queue = asked.queue;
        Map<Long, String> found = new TreeMap<>();
        look.messages.forEach(one -> found.put(one.sequence(), one.message().id()));
        for (int i = 0; i < asked.operations.size(); i++) {
            switch (asked.operations.get(i)) {
                case Operation.Put put ->
                        found.forEach((sequence, id) -> {
                            if (id.equals(put.message().id())) {
                                queue.live.putIfAbsent(sequence, id);
                            }
                        });
                case Operation.Settle settle -> {
                    long sequence = settle.handle().sequence();
                    if (queue.live.containsKey(sequence) && !found.containsKey(sequence)) {
                        Span at = new Span(asked.told, look.now);
                        settled(queue, asked.of.get(i), settle, at);
                    }
                }
                case Operation.Edit.Purge purge -> {
                    if (found.isEmpty()) {
                        queue.live.clear();
                    }
                }
                case Operation.Edit.Replay replay -> replayedUnseen(queue, look);
                default -> {}
            }
        }
    }

    /// Where its messages are has not been seen before the engine ended.
    private static void replayedUnseen(LimitQueue queue, Look look) {
        for (View.MessageView found : look.messages) {
            String id = found.message().id();
            if (queue.kept.stream().anyMatch(one -> one.id().equals(id))) {
                queue.live.putIfAbsent(found.sequence(), id);
            }
        }
    }

    // The end.

    /// All that is there can be had in time; then everything goes.
    void leave(Crowd.Settling settling) throws IOException {
        census(settling);
        for (int i = 0; i < SESSIONS; i++) {
            reconnect(i);
        }
        for (int round = 0; queues.stream().anyMatch(queue -> !queue.live.isEmpty()); round++) {
            PromiseBroken.unless(round < 400, "limits", "They cannot be drained");
            for (LimitQueue queue : queues) {
                drain(queue, settling);
            }
            machine.pass(Duration.ofMillis(random.nextInt(1, 4000)));
        }
        census(settling);
        for (LimitQueue queue : queues) {
            if (queue.definition != null) {
                queue.definition = null;
                var _ =
                        sessions.get(0)
                                .commit(
                                        List.of(
                                                new Commit(
                                                        null,
                                                        List.of(
                                                                new Operation.Remove(
                                                                        queue.name,
                                                                        Expect.Anything
                                                                                .ANYTHING)))));
            }
        }
        sessions.forEach(Session::close);
        settling.settle();
    }

    private void drain(LimitQueue queue, Crowd.Settling settling) throws IOException {
        if (!queue.live.isEmpty()) {
            Take all = Take.of(queue.name, 100, Term.WhileOpen.WHILE_OPEN, Duration.ZERO);
            take(queue, all, 0);
            settling.settle();
            List<Held> ended = List.copyOf(queue.held);
            queue.held.clear();
            commit(queue, ended.stream().map(held -> settle(held, Outcome.done())).toList(), ended);
            settling.settle();
        }
    }
}
