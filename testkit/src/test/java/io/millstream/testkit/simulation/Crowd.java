package io.millstream.testkit.simulation;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Expect;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.View;
import io.millstream.testkit.simulation.CrowdQueue.Member;
import io.millstream.testkit.simulation.CrowdQueue.Taker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Programs that compete for the messages of a few queues: by priority, exclusively, one active at
/// a time, of queues that are paused or go when nobody uses them. They have a virtual host of their
/// own, so that nobody else's promises depend on what they do.
///
/// They ask for things at any time. Now and then a census is taken, when all that was asked has
/// been done, and what follows is judged by itself: messages that are put, and a queue that
/// changes.
final class Crowd {
    private static final String HOST = "crowd";
    private static final int QUEUES = 3;
    private static final int SESSIONS = 3;
    private static final int MEMBERS_MAX = 5;
    private static final int MESSAGES_MAX = 40;
    private static final long PLENTY = 1 << 20;

    private final RandomGenerator random;
    private final Machine machine;
    private final Trace trace;
    private final List<CrowdQueue> queues = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();

    /// Who has leases, whether still there or not, by session.
    private final List<List<Member>> holders = new ArrayList<>();

    /// What has been asked to be settled.
    private final Set<Handle> finishing = new HashSet<>();

    private int unanswered;
    private int boot;
    private long count;

    /// Has everything done and heard that can be without time passing.
    interface Settling {
        void settle() throws IOException;
    }

    Crowd(RandomGenerator random, Machine machine, Trace trace) {
        this.random = random;
        this.machine = machine;
        this.trace = trace;
        for (int i = 0; i < QUEUES; i++) {
            queues.add(new CrowdQueue(new ChannelName(HOST, "c" + i), machine));
        }
    }

    /// Begins anew after the engine has come back.
    void connect() {
        boot++;
        unanswered = 0;
        finishing.clear();
        sessions.clear();
        holders.clear();
        for (int i = 0; i < SESSIONS; i++) {
            sessions.add(session(i));
            holders.add(new ArrayList<>());
        }
    }

    private Session session(int number) {
        return machine.engine().engine().session(SessionSpec.of("crowd " + number));
    }

    /// The engine has come back: the queues are what they were, but for those that nobody used.
    void compare() throws IOException {
        for (CrowdQueue queue : queues) {
            queue.compare(look(queue));
        }
    }

    void step(Settling settling) throws IOException {
        int dice = random.nextInt(40);
        if (dice < 12) {
            act(queues.get(random.nextInt(QUEUES)));
        } else if (dice == 12) {
            settling.settle();
            if (census() && !machine.isFull()) {
                judge(settling);
            }
        }
    }

    // What they ask for at any time.

    private void act(CrowdQueue queue) {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> consume(queue);
            case 3 -> stop(queue);
            case 4 -> take(queue);
            case 5 -> put(queue, 1 + random.nextInt(3));
            case 6 -> finish();
            default -> {
                if (random.nextInt(4) == 0) {
                    reconnect(random.nextInt(SESSIONS));
                }
            }
        }
    }

    private void consume(CrowdQueue queue) {
        if (queue.members().size() >= MEMBERS_MAX) {
            return;
        }
        Member member =
                new Member(
                        queue,
                        random.nextInt(SESSIONS),
                        random.nextInt(-1, 3),
                        random.nextInt(6) == 0,
                        random.nextInt(1, 6));
        int asked = boot;
        Session session = sessions.get(member.session);
        DeliverySink sink =
                new DeliverySink() {
                    @Override
                    public void deliver(List<Lease> leases) {
                        if (asked == boot) {
                            trace.tell(() ->
                                    queue.name + " pushes " + leases.size() + " to " + member);
                            queue.pushed(member, leases);
                            if (!member.cut) {
                                leases.forEach(lease -> member.held.add(lease.handle()));
                            }
                        }
                    }

                    @Override
                    public void active(boolean active) {
                        member.standing = active;
                    }

                    @Override
                    public void ended(Refusal why) {
                        trace.tell(() -> queue.name + " ends " + member + ": " + why.text());
                        member.ended = why;
                    }
                };
        trace.tell(() -> queue.name + " gets a " + member);
        queue.begins(member);
        holders.get(member.session).add(member);
        Subscribe subscribe =
                new Subscribe(
                        queue.name,
                        Term.WhileOpen.WHILE_OPEN,
                        session.credit(member.credit, PLENTY),
                        member.priority,
                        member.exclusive,
                        "");
        member.subscription = session.consume(subscribe, sink);
    }

    private void stop(CrowdQueue queue) {
        if (!queue.members().isEmpty()) {
            Member member = queue.members().get(random.nextInt(queue.members().size()));
            if (!member.left) {
                trace.tell(() -> queue.name + " is left by a " + member);
                queue.ends(member);
                member.subscription.close();
            }
        }
    }

    private void reconnect(int number) {
        trace.tell(() -> "crowd " + number + " closes its session");
        for (Member member : holders.get(number)) {
            if (!member.left) {
                member.queue.ends(member);
            }
            member.cut = true;
            member.held.clear();
        }
        holders.get(number).clear();
        Session old = sessions.set(number, session(number));
        old.close();
    }

    private void take(CrowdQueue queue) {
        Taker taker = new Taker(machine.clock().nanos());
        Duration wait =
                random.nextInt(3) == 0 ? Duration.ofMillis(random.nextInt(8000)) : Duration.ZERO;
        trace.tell(() -> queue.name + " is taken from, waiting " + wait);
        queue.takes(taker);
        // Settled by being delivered: nothing is left to be done.
        Take take = Take.of(queue.name, random.nextInt(1, 4), Term.Auto.AUTO, wait);
        var _ =
                sessions.get(random.nextInt(SESSIONS))
                        .take(take)
                        .stage()
                        .thenAccept(taken -> {
                            switch (taken) {
                                case Taken.Leased(var _, List<Lease> got) ->
                                        taker.leases = got.size();
                                case Taken.Refused(var _, Refusal why) -> taker.refused = why;
                            }
                            taker.answered = true;
                        });
    }

    private void put(CrowdQueue queue, int messages) {
        commit(puts(queue, messages), receipt -> {});
    }

    private List<Operation> puts(CrowdQueue queue, int messages) {
        List<Operation> puts = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            Message message =
                    Message.builder(Bytes.utf8("for one of the crowd"))
                            .id("crowd-" + ++count)
                            .build();
            puts.add(new Operation.Put(queue.name, message));
        }
        return puts;
    }

    private interface Told {
        void receipt(Receipt receipt);
    }

    private void commit(List<Operation> operations, Told told) {
        int asked = boot;
        unanswered++;
        var _ =
                sessions.get(0)
                        .commit(List.of(new Commit(null, operations)))
                        .thenAccept(receipts -> {
                            if (asked == boot) {
                                unanswered--;
                                told.receipt(receipts.getFirst());
                            }
                        });
    }

    /// Settles some of what they hold, each by itself: those of a queue that is gone are refused.
    private void finish() {
        for (Member member : holders.get(random.nextInt(SESSIONS))) {
            for (Handle handle : List.copyOf(member.held)) {
                if (random.nextBoolean() && finishing.add(handle)) {
                    finish(member, handle);
                }
            }
        }
    }

    private void finish(Member member, Handle handle) {
        Operation settle = new Operation.Settle(handle, Outcome.done(), Operation.Stale.REFUSE);
        commit(
                List.of(settle),
                receipt -> {
                    finishing.remove(handle);
                    if (receipt instanceof Receipt.Committed
                            || (receipt instanceof Receipt.Refused refused
                                    && !(refused.refusal() instanceof Refusal.Busy))) {
                        member.held.remove(handle);
                    }
                });
    }

    // What is judged.

    /// @return whether everything was answered, so that it could be taken
    private boolean census() throws IOException {
        if (unanswered > 0) {
            PromiseBroken.unless(machine.mayBeFull(), HOST, "%d commits wait", unanswered);
            return false;
        }
        for (CrowdQueue queue : queues) {
            queue.census(look(queue));
        }
        return true;
    }

    private View.QueueView look(CrowdQueue queue) throws IOException {
        var stage =
                machine.engine()
                        .engine()
                        .find(new Query.QueueNamed(queue.name))
                        .toCompletableFuture();
        machine.settle();
        if (!stage.isDone() && machine.isFull()) {
            throw new Machine.FullLog();
        }
        PromiseBroken.unless(stage.isDone(), "engine", "Nobody answers what %s is", queue.name);
        Page<View.QueueView> page = stage.join().page();
        return page.items().isEmpty() ? null : page.items().getFirst();
    }

    private void judge(Settling settling) throws IOException {
        CrowdQueue queue = queues.get(random.nextInt(QUEUES));
        if (queue.definition == null || random.nextInt(3) == 0) {
            define(queue, settling);
        } else if (!queue.hasTakers()) {
            View.QueueView view = look(queue);
            if (view != null && view.counts().messages() < MESSAGES_MAX) {
                judgeShares(queue, (int) view.counts().ready(), settling);
            }
        }
    }

    private void define(CrowdQueue queue, Settling settling) throws IOException {
        Definition.Queue definition =
                Definition.Queue.builder(queue.name)
                        .singleActive(random.nextBoolean())
                        .paused(random.nextInt(5) == 0)
                        .unusedFor(
                                random.nextBoolean()
                                        ? null
                                        : Duration.ofMillis(random.nextInt(500, 15_000)))
                        .build();
        long nanos = machine.clock().nanos();
        queue.asked = definition;
        trace.tell(() -> queue.name + " is to be " + definition);
        commit(
                List.of(new Operation.Define(definition, Expect.Anything.ANYTHING)),
                receipt -> {
                    if (receipt instanceof Receipt.Committed) {
                        queue.defined(definition, nanos);
                    }
                });
        settling.settle();
        census();
    }

    /// Several messages are put at once: those of the highest priority get them.
    private void judgeShares(CrowdQueue queue, int ready, Settling settling) throws IOException {
        int messages = random.nextInt(1, 6);
        Map<Integer, Integer> shares = queue.shares(ready + messages);
        boolean[] stored = new boolean[1];
        commit(puts(queue, messages), receipt -> stored[0] = receipt instanceof Receipt.Committed);
        settling.settle();
        if (stored[0] && !machine.isFull()) {
            shares.forEach((priority, share) ->
                    PromiseBroken.unless(
                            queue.pushedTo(priority) == share,
                            queue.name.toString(),
                            "Of %d messages those of priority %d got %d, not %d: %s",
                            ready + messages,
                            priority,
                            queue.pushedTo(priority),
                            share,
                            queue.members()));
        }
        census();
    }

    /// All go, and their queues are removed.
    void leave(Settling settling) throws IOException {
        settling.settle();
        census();
        for (CrowdQueue queue : queues) {
            queue.removed = true;
            commit(
                    List.of(new Operation.Remove(queue.name, Expect.Anything.ANYTHING)),
                    receipt -> {});
        }
        for (int i = 0; i < SESSIONS; i++) {
            sessions.get(i).close();
        }
        settling.settle();
    }
}
