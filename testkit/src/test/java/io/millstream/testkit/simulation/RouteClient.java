package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Operation.WhenFull;
import io.millstream.api.Outcome;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.testkit.simulation.RouteRecords.Attempt;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// A program that binds queues to exchanges, publishes, and consumes from the queues, all in a
/// virtual host of its own.
final class RouteClient {
    static final String HOST = "routes";
    private static final int HELD_MAX = 20;

    private final RandomGenerator random;
    private final Machine machine;
    private final RouteWishes wishes;
    private final RouteRecords records;
    private final List<Lease> held = new ArrayList<>();
    private Session session;
    private int boot;
    private long operations;

    /// @param all whether it uses all that exchanges and bindings can do
    RouteClient(RandomGenerator random, Machine machine, Trace trace, boolean all) {
        this.random = random;
        this.machine = machine;
        this.wishes = new RouteWishes(random, all);
        this.records = new RouteRecords(trace);
    }

    RouteRecords records() {
        return records;
    }

    long operations() {
        return operations;
    }

    boolean isWaitingForAnswers() {
        return records.isWaiting();
    }

    /// Begins anew after the engine has come back.
    void connect() {
        session = machine.engine().engine().session(SessionSpec.of("routes"));
        held.clear();
        boot++;
    }

    /// Does something.
    void act() {
        operations++;
        int dice = random.nextInt(100);
        if (dice < 55) {
            publish();
        } else if (dice < 70) {
            define();
        } else if (dice < 75) {
            unbind();
        } else if (dice < 76) {
            remove();
        } else if (dice < 90) {
            take();
        } else {
            settle();
        }
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private void publish() {
        List<Operation> operations = new ArrayList<>();
        List<Lease> settled = new ArrayList<>();
        for (int i = random.nextInt(5) == 0 ? 3 : 1; i > 0; i--) {
            operations.add(
                    new Operation.Publish(
                            wishes.exchange(), wishes.key(), wishes.message(), any(whenFull())));
            settled.add(null);
        }
        if (!held.isEmpty() && random.nextInt(4) == 0) {
            Lease lease = held.remove(random.nextInt(held.size()));
            operations.add(settling(lease));
            settled.add(lease);
        }
        submit(operations, settled);
    }

    private static List<WhenFull> whenFull() {
        return List.of(WhenFull.values());
    }

    private void define() {
        if (wishes.asksForAll() && !records.hasChannels()) {
            submit(wishes.everything().stream().map(RouteClient::defining).toList());
        } else {
            submit(defining(wishes.definition(records)));
        }
    }

    private static Operation defining(Definition definition) {
        return new Operation.Define(definition, Expect.Anything.ANYTHING);
    }

    private void unbind() {
        submit(new Operation.Unbind(wishes.unbound(records), Expect.Anything.ANYTHING));
    }

    /// Its leases are not settled any more: their queue may be another one by then.
    private void remove() {
        ChannelName queue = wishes.queue();
        if (records.hasQueue(queue)) {
            held.removeIf(lease -> lease.handle().queue().equals(queue));
            submit(new Operation.Remove(queue, Expect.Anything.ANYTHING));
        }
    }

    private void settle() {
        if (!held.isEmpty()) {
            Lease lease = held.remove(random.nextInt(held.size()));
            List<Lease> settled = new ArrayList<>();
            settled.add(lease);
            submit(List.of(settling(lease)), settled);
        }
    }

    private static Operation settling(Lease lease) {
        return new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.REFUSE);
    }

    private void submit(Operation operation) {
        submit(List.of(operation));
    }

    private void submit(List<Operation> operations) {
        List<@Nullable Lease> settled = new ArrayList<>();
        operations.forEach(_ -> settled.add(null));
        submit(operations, settled);
    }

    private void submit(List<Operation> operations, List<@Nullable Lease> settled) {
        Attempt attempt = new Attempt(List.copyOf(operations), settled);
        records.asked(attempt);
        int asked = boot;
        var _ =
                session.commit(new Commit(null, attempt.operations()))
                        .whenComplete((receipt, failure) ->
                                guarded(() -> {
                                    if (failure != null) {
                                        Client.requireStopped(failure);
                                    } else if (asked == boot) {
                                        records.answered(attempt, receipt, machine.mayBeFull());
                                    }
                                }));
    }

    private void take() {
        ChannelName queue = wishes.queue();
        if (!records.hasQueue(queue) || held.size() > HELD_MAX) {
            return;
        }
        int asked = boot;
        Take take = Take.of(queue, 1 + random.nextInt(5), Term.WhileOpen.WHILE_OPEN, Duration.ZERO);
        var _ =
                session.take(take)
                        .stage()
                        .whenComplete((taken, failure) ->
                                guarded(() -> {
                                    if (failure == null
                                            && asked == boot
                                            && taken instanceof Taken.Leased leased) {
                                        long now = leased.now().toEpochMilli();
                                        for (Lease lease : leased.leases()) {
                                            records.delivered(lease, now);
                                        }
                                        held.addAll(leased.leases());
                                    }
                                }));
    }

    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (PromiseBroken | RuntimeException broken) {
            machine.broken(broken);
        }
    }
}
