package io.millstream.testkit.simulation;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.testkit.simulation.Sent.Attempt;
import io.millstream.testkit.simulation.Sent.Held;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// One program that uses the engine: it asks for whatever the dice say and tells the history.
final class Client {
    private static final int STALE_MAX = 50;

    private final int number;
    private final RandomGenerator random;
    private final Machine machine;
    private final History history;
    private final Trace trace;
    private final Wishes wishes;

    private Session session;
    private int life;
    private final List<Held> leases = new ArrayList<>();
    private final List<Asking> takes = new ArrayList<>();
    private final List<Consuming> consumers = new ArrayList<>();
    private long operations;

    /// A take that has not been answered.
    static final class Asking {
        final Take take;
        boolean cancelled;
        boolean answered;
        Pending<Taken> pending;

        Asking(Take take) {
            this.take = take;
        }
    }

    /// A consumer and its window.
    private static final class Consuming {
        final ChannelName queue;
        final List<Held> held = new ArrayList<>();
        int messagesMax;
        Credit credit;
        Subscription subscription;
        boolean ended;

        /// Whether its window may be closed for want of bytes.
        boolean bounded;

        Consuming(ChannelName queue, int messagesMax) {
            this.queue = queue;
            this.messagesMax = messagesMax;
        }
    }

    Client(
            int number,
            RandomGenerator random,
            Machine machine,
            History history,
            Trace trace,
            Wishes wishes) {
        this.number = number;
        this.random = random;
        this.machine = machine;
        this.history = history;
        this.trace = trace;
        this.wishes = wishes;
    }

    long operations() {
        return operations;
    }

    /// Begins anew after the engine has come back. Handles are kept.
    void connect() {
        session = backend().session(SessionSpec.of("client " + number));
        life++;
        takes.clear();
        consumers.clear();
    }

    private Backend backend() {
        return machine.engine().engine();
    }

    List<Asking> waiting() {
        return takes.stream().filter(asking -> !asking.answered).toList();
    }

    /// The queues that a consumer with an open window waits for.
    List<ChannelName> consumed() {
        return consumers.stream()
                .filter(one -> !one.ended && !one.bounded && current(one) == 0)
                .map(one -> one.queue)
                .toList();
    }

    /// Does something.
    void act() {
        operations++;
        int dice = random.nextInt(100);
        if (dice < 52) {
            commit();
        } else if (dice < 77) {
            take();
        } else if (dice < 85) {
            consume();
        } else if (dice < 89) {
            cancel();
        } else if (dice < 92) {
            resize();
        } else if (dice < 94) {
            stopConsuming();
        } else if (dice < 95) {
            reconnect();
        } else {
            commit();
        }
    }

    private void commit() {
        int count = random.nextInt(6) == 0 ? random.nextInt(2, 5) : 1;
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            wishes.next(leases)
                    .ifPresent(attempt -> {
                        history.asked(attempt);
                        attempts.add(attempt);
                    });
        }
        submit(attempts);
    }

    /// Defines some of the queues, so that there is something to do.
    void define() {
        List<Attempt> attempts = wishes.definitions();
        attempts.forEach(history::asked);
        submit(attempts);
    }

    private void submit(List<Attempt> attempts) {
        List<Commit> commits =
                attempts.stream().map(attempt -> new Commit(null, attempt.operations)).toList();
        var _ =
                session.commit(commits)
                        .whenComplete((receipts, failure) ->
                                guarded(() -> {
                                    if (failure == null) {
                                        for (int i = 0; i < receipts.size(); i++) {
                                            answered(attempts.get(i), receipts.get(i));
                                        }
                                    } else {
                                        requireStopped(failure);
                                    }
                                }));
    }

    private void answered(Attempt attempt, Receipt receipt) {
        history.answered(attempt, receipt);
        for (Held held : attempt.leases) {
            if (held != null && held.ended && leases.size() > STALE_MAX) {
                leases.remove(held);
            }
        }
    }

    static void requireStopped(Throwable failure) {
        PromiseBroken.unless(
                failure instanceof StoppedException
                        || failure.getCause() instanceof StoppedException,
                "engine",
                "A stage failed with %s",
                failure);
    }

    private void take() {
        Asking asking = new Asking(wishes.take());
        ask(asking);
    }

    /// Takes everything that is ready, to settle it.
    void drain(ChannelName queue) {
        ask(new Asking(Take.of(queue, 100, Term.WhileOpen.WHILE_OPEN, Duration.ZERO)));
    }

    private void ask(Asking asking) {
        if (asking.take.term() instanceof Term.Auto) {
            history.swallows(asking.take.queue());
        }
        trace.tell(() -> "client " + number + " takes " + asking.take);
        takes.removeIf(one -> one.answered);
        takes.add(asking);
        int asked = life;
        asking.pending = session.take(asking.take);
        var _ =
                asking.pending
                        .stage()
                        .whenComplete((taken, failure) ->
                                guarded(() -> {
                                    asking.answered = true;
                                    if (failure == null) {
                                        taken(asking, taken, asked);
                                    } else {
                                        requireStopped(failure);
                                    }
                                }));
    }

    private void taken(Asking asking, Taken taken, int asked) {
        switch (taken) {
            case Taken.Leased(var now, List<Lease> got) -> {
                PromiseBroken.unless(
                        got.isEmpty() || !asking.cancelled,
                        got.isEmpty() ? "" : got.getFirst().message().id(),
                        "A take that was called off delivers");
                PromiseBroken.unless(
                        got.size() <= asking.take.messages(),
                        "take",
                        "%d messages for a take of %d",
                        got.size(),
                        asking.take.messages());
                for (Lease lease : got) {
                    got(lease, asking.take.term(), now.toEpochMilli(), asked);
                }
            }
            case Taken.Refused(var now, Refusal why) ->
                    PromiseBroken.unless(
                            why instanceof Refusal.NoSuchChannel
                                    || (why instanceof Refusal.Busy && machine.mayBeFull()),
                            "take",
                            "Refused: %s",
                            why);
        }
    }

    private Held got(Lease lease, Term term, long at, int asked) {
        // If the session was closed while it was on its way, it has ended already.
        boolean late = asked != life && !(term instanceof Term.Timed);
        Held held = history.deliveries().delivered(lease, term, at, late);
        if (held != null) {
            leases.add(held);
            forgetOneOf(4 * STALE_MAX);
        }
        return held;
    }

    /// Old handles are kept to be tried again, but not without end. Those that last are needed when
    /// the session closes.
    private void forgetOneOf(int most) {
        if (leases.size() > most) {
            leases.stream()
                    .filter(held -> held.ended || held.mayHaveEnded)
                    .findFirst()
                    .ifPresent(leases::remove);
        }
    }

    private void consume() {
        if (consumers.size() >= 3) {
            return;
        }
        ChannelName queue = wishes.queue();
        Consuming consuming = new Consuming(queue, random.nextInt(1, 6));
        long bytes = wishes.bytes();
        consuming.bounded = bytes < Long.MAX_VALUE;
        consuming.credit = session.credit(consuming.messagesMax, bytes);
        Term term = wishes.term(queue);
        if (term instanceof Term.Auto) {
            return;
        }
        int asked = life;
        DeliverySink sink =
                new DeliverySink() {
                    @Override
                    public void deliver(List<Lease> got) {
                        guarded(() -> pushed(consuming, got, term, asked));
                    }

                    @Override
                    public void ended(Refusal why) {
                        consuming.ended = true;
                    }
                };
        trace.tell(() -> "client " + number + " consumes " + queue + " " + term);
        consuming.subscription = session.consume(Subscribe.of(queue, term, consuming.credit), sink);
        consumers.add(consuming);
    }

    /// A stage keeps what is thrown here to itself and a sink's caller ignores it; a broken promise
    /// is not to be ignored.
    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (PromiseBroken | RuntimeException broken) {
            machine.broken(broken);
        }
    }

    private void pushed(Consuming consuming, List<Lease> got, Term term, int asked) {
        for (Lease lease : got) {
            Held held = got(lease, term, 0, asked);
            if (held != null) {
                consuming.held.add(held);
            }
        }
        int current = current(consuming);
        PromiseBroken.unless(
                current <= consuming.messagesMax,
                got.getFirst().message().id(),
                "%d leases through a window of %d",
                current,
                consuming.messagesMax);
    }

    private int current(Consuming consuming) {
        consuming.held.removeIf(held -> held.mayBeOver(machine.latest()));
        return consuming.held.size();
    }

    private void resize() {
        if (!consumers.isEmpty()) {
            Consuming consuming = consumers.get(random.nextInt(consumers.size()));
            int messages = random.nextInt(0, 8);
            // Leases that are out stay out.
            consuming.messagesMax = Math.max(consuming.messagesMax, messages);
            consuming.credit.resize(messages, wishes.bytes());
            consuming.bounded = true;
            trace.tell(() -> "client " + number + " resizes to " + messages);
            if (messages == 0) {
                consuming.ended = true;
            }
        }
    }

    private void stopConsuming() {
        if (!consumers.isEmpty()) {
            Consuming consuming = consumers.remove(random.nextInt(consumers.size()));
            consuming.subscription.close();
            trace.tell(() -> "client " + number + " stops consuming " + consuming.queue);
        }
    }

    private void cancel() {
        List<Asking> waiting = waiting();
        if (!waiting.isEmpty() && wishes.mayCancel()) {
            Asking asking = waiting.get(random.nextInt(waiting.size()));
            asking.cancelled = true;
            asking.pending.cancel();
            trace.tell(() -> "client " + number + " cancels " + asking.take);
        }
    }

    void reconnect() {
        trace.tell(() -> "client " + number + " closes its session");
        history.closing(leases.stream().filter(held -> held.boot == history.boot()).toList());
        session.close();
        connect();
    }

    /// Settles all that it holds, as done.
    void finish() {
        List<Attempt> attempts = new ArrayList<>();
        for (Held held : leases) {
            if (!held.mayBeOver(machine.latest())) {
                attempts.add(wishes.finish(held));
            }
        }
        attempts.forEach(history::asked);
        submit(attempts);
    }
}
