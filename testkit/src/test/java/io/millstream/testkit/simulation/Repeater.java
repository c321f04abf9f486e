package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Definition;
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
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.View;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// A program that sends commits with ids and, whether or not it has been answered, sends them
/// again: in lists that begin and end anywhere, on other sessions, after the engine has come back.
/// It outlives the engine, as a program elsewhere does, and knows all that it was ever told.
///
/// What it holds the engine to: the second answer is the first, whole; what was done is there,
/// once; what was refused is not; and what has been told stays so, whatever crashes.
final class Repeater {
    private static final String HOST = "again";
    private static final int WINDOW_MAX = 12;
    private static final int LEASES_MAX = 4;
    private static final int MESSAGES_MAX = 60;
    private static final int CLOSED_MAX = 40;

    private final RandomGenerator random;
    private final Machine machine;
    private final Trace trace;
    private final ChannelName queue = new ChannelName(HOST, "q");
    private final ChannelName absent = new ChannelName(HOST, "absent");

    /// What may be asked for, by ascending numbers.
    private final List<Sent> window = new ArrayList<>();

    /// What was answered and then given up.
    private final Deque<Sent> givenUp = new ArrayDeque<>();

    /// Everything that puts a message, by the message's id, as long as that may be there.
    private final Map<String, Sent> byMessage = new HashMap<>();

    /// Everything that settles one of these messages.
    private final List<Sent> settlers = new ArrayList<>();

    private final List<Lease> leases = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();
    private int boot;
    private String sender = "";
    private int senders;
    private long number;

    /// The highest number that was answered, but for busy ones, and the lowest that may be asked
    /// for.
    private long answered;

    private long declared;
    private int messages;
    private long newestMillis;
    private boolean defined;

    /// One commit with its id.
    private static final class Sent {
        final CommitId id;
        final List<Operation> operations;

        /// The message that it puts, and the one whose lease it settles, or empty.
        final String puts;

        final String settles;

        /// What it was told first, but for that somebody is busy.
        Receipt receipt;

        /// A later one was answered before it was done: it never will be.
        boolean passedOver;

        Sent(CommitId id, List<Operation> operations, String puts, String settles) {
            this.id = id;
            this.operations = operations;
            this.puts = puts;
            this.settles = settles;
        }

        boolean isDone() {
            return receipt instanceof Receipt.Committed;
        }

        boolean isOver() {
            return receipt != null || passedOver;
        }

        @Override
        public String toString() {
            return id.number() + " from " + id.from() + (puts.isEmpty() ? "" : " " + puts);
        }
    }

    Repeater(RandomGenerator random, Machine machine, Trace trace) {
        this.random = random;
        this.machine = machine;
        this.trace = trace;
        begin();
    }

    /// As another sender.
    private void begin() {
        sender = "sender-" + ++senders;
        number = random.nextInt(3);
        answered = -1;
        declared = 0;
        window.clear();
        givenUp.clear();
        newestMillis = machine.clock().nanos() / 1_000_000;
    }

    /// Begins anew after the engine has come back, with all that it knows.
    void connect() {
        boot++;
        sessions.clear();
        leases.clear();
        for (int i = 0; i < 2; i++) {
            sessions.add(session());
        }
    }

    private Session session() {
        return machine.engine().engine().session(SessionSpec.of("repeater"));
    }

    private Session anySession() {
        return sessions.get(random.nextInt(sessions.size()));
    }

    void step(Crowd.Settling settling) throws IOException {
        long now = machine.clock().nanos() / 1_000_000;
        if (now - newestMillis > CommitId.REMEMBERED_FOR.toMillis() / 2) {
            trace.tell(() -> sender + " has been quiet for so long that it gives up");
            begin();
        }
        switch (random.nextInt(16)) {
            case 0, 1 -> send();
            case 2, 3, 4 -> sendAgain();
            case 5 -> take();
            case 6 -> askForWhatWasGivenUp();
            case 7 -> {
                if (random.nextInt(6) == 0) {
                    reconnect();
                }
            }
            case 8 -> {
                if (random.nextInt(6) == 0) {
                    settling.settle();
                    compare();
                }
            }
            default -> {}
        }
    }

    private void reconnect() {
        trace.tell(() -> "the repeater closes a session");
        leases.clear();
        Session old = sessions.set(random.nextInt(sessions.size()), session());
        old.close();
    }

    // Sending.

    private void send() {
        giveUp();
        if (window.size() >= WINDOW_MAX) {
            return;
        }
        List<Sent> list = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            Sent sent = wish();
            window.add(sent);
            list.add(sent);
        }
        newestMillis = machine.clock().nanos() / 1_000_000;
        submit(list);
    }

    /// Some of those that have been answered, from the beginning on.
    private void giveUp() {
        while (!window.isEmpty() && window.getFirst().isOver() && random.nextInt(3) > 0) {
            givenUp.add(window.removeFirst());
            if (givenUp.size() > CLOSED_MAX) {
                givenUp.removeFirst();
            }
        }
    }

    private Sent wish() {
        number += random.nextInt(5) == 0 ? 2 : 1;
        long from = window.isEmpty() ? number : window.getFirst().id.number();
        CommitId id = new CommitId(sender, number, from);
        if (!defined || random.nextInt(30) == 0) {
            defined = true;
            Definition.Queue definition = Definition.Queue.of(queue);
            return sent(id, "", "", new Operation.Define(definition, Expect.Anything.ANYTHING));
        }
        if (!leases.isEmpty() && random.nextInt(3) > 0) {
            return settling(id, leases.remove(random.nextInt(leases.size())));
        }
        boolean crowded = byMessage.size() > MESSAGES_MAX;
        return switch (crowded ? 3 : random.nextInt(5)) {
            case 0 -> refusedAtLast(id);
            case 1 -> sent(id, "", "", put(absent, "nothing"));
            case 3 -> sent(id, "", "", write());
            default -> putting(id);
        };
    }

    private Sent sent(CommitId id, String puts, String settles, Operation... operations) {
        Sent sent = new Sent(id, List.of(operations), puts, settles);
        if (!puts.isEmpty()) {
            byMessage.put(puts, sent);
        }
        if (!settles.isEmpty()) {
            settlers.add(sent);
        }
        return sent;
    }

    private Operation put(ChannelName to, String id) {
        return new Operation.Put(to, Message.builder("again and again").id(id).build());
    }

    private Sent putting(CommitId id) {
        String message = "again-" + ++messages;
        return sent(id, message, "", put(queue, message));
    }

    /// What it puts is not there.
    private Sent refusedAtLast(CommitId id) {
        String message = "again-" + ++messages;
        return sent(id, message, "", put(queue, message), put(absent, "nothing"));
    }

    /// Which version it has is known from receipts alone, so that most of them are refused.
    private Operation write() {
        Expect expect =
                random.nextBoolean() ? Expect.Anything.ANYTHING : new Expect.Version(messages);
        return new Operation.Write(
                "again", "row", Message.of("value " + number).body(), expect, null);
    }

    private Sent settling(CommitId id, Lease lease) {
        Operation settle =
                new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.REFUSE);
        String message = "again-" + ++messages;
        return random.nextBoolean()
                ? sent(id, "", lease.message().id(), settle)
                : sent(id, message, lease.message().id(), settle, put(queue, message));
    }

    /// A part of what may be asked for, in its order.
    private void sendAgain() {
        if (window.isEmpty()) {
            return;
        }
        int first = random.nextInt(3) == 0 ? random.nextInt(window.size()) : 0;
        int end = random.nextInt(3) == 0 ? random.nextInt(first, window.size()) : window.size();
        submit(List.copyOf(window.subList(first, end)));
    }

    private void submit(List<Sent> list) {
        if (list.isEmpty()) {
            return;
        }
        trace.tell(() -> sender + " sends " + list);
        declared = Math.max(declared, list.getLast().id.from());
        int asked = boot;
        int asker = senders;
        List<Commit> commits =
                list.stream().map(sent -> new Commit(sent.id, sent.operations)).toList();
        var _ =
                anySession()
                        .commit(commits)
                        .whenComplete((receipts, failure) ->
                                guarded(() -> {
                                    if (failure != null) {
                                        Client.requireStopped(failure);
                                    } else if (asked == boot && asker == senders) {
                                        for (int i = 0; i < receipts.size(); i++) {
                                            told(list.get(i), receipts.get(i));
                                        }
                                    }
                                }));
    }

    // What it is told.

    private void told(Sent sent, Receipt receipt) {
        trace.tell(() -> sender + " is told of " + sent + ": " + receipt);
        if (isGivenUp(sent, receipt)) {
            return;
        }
        if (receipt instanceof Receipt.Refused refused
                && refused.refusal() instanceof Refusal.Busy busy) {
            busy(sent, busy);
            return;
        }
        PromiseBroken.unless(
                !sent.passedOver, sender, "%s was not to be done, and is: %s", sent, receipt);
        if (sent.receipt == null) {
            sent.receipt = receipt;
        }
        answered = Math.max(answered, sent.id.number());
        PromiseBroken.unless(
                sent.receipt.equals(receipt),
                sender,
                "%s was told %s and then %s",
                sent,
                sent.receipt,
                receipt);
    }

    /// A copy that came behind the one that gave it up.
    private boolean isGivenUp(Sent sent, Receipt receipt) {
        return sent.id.number() < declared
                && receipt instanceof Receipt.Refused refused
                && refused.refusal() instanceof Refusal.Invalid invalid
                && invalid.text().contains("will not ask");
    }

    /// It was not done; if a later one was answered, it never will be.
    private void busy(Sent sent, Refusal.Busy busy) {
        PromiseBroken.unless(
                sent.receipt == null,
                sender,
                "%s was told %s and then %s",
                sent,
                sent.receipt,
                busy);
        boolean mayBe = number > sent.id.number();
        PromiseBroken.unless(
                mayBe || machine.mayBeFull(), sender, "%s was refused: %s", sent, busy.text());
        sent.passedOver |= answered > sent.id.number();
    }

    /// Nobody knows of it any more, or not yet that it was given up.
    private void askForWhatWasGivenUp() {
        if (givenUp.isEmpty()) {
            return;
        }
        Sent sent = List.copyOf(givenUp).get(random.nextInt(givenUp.size()));
        trace.tell(() -> sender + " asks for " + sent + ", which it gave up");
        int asked = boot;
        var _ =
                anySession()
                        .commit(new Commit(sent.id, sent.operations))
                        .thenAccept(receipt ->
                                guarded(() -> {
                                    if (asked == boot) {
                                        PromiseBroken.unless(
                                                receipt instanceof Receipt.Refused
                                                        || receipt.equals(sent.receipt),
                                                sender,
                                                "%s was given up, and is done: %s",
                                                sent,
                                                receipt);
                                    }
                                }));
    }

    private void take() {
        if (leases.size() >= LEASES_MAX) {
            return;
        }
        int asked = boot;
        Term term =
                random.nextBoolean()
                        ? Term.WhileOpen.WHILE_OPEN
                        : new Term.Timed(Duration.ofSeconds(20));
        var _ =
                anySession()
                        .take(Take.of(queue, 2, term, Duration.ZERO))
                        .stage()
                        .thenAccept(taken ->
                                guarded(() -> {
                                    if (asked == boot && taken instanceof Taken.Leased leased) {
                                        leases.addAll(leased.leases());
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

    // What there is.

    /// What was told is so, before and after the engine has gone.
    void compare() throws IOException {
        Map<String, Long> there = look();
        byMessage.forEach((message, sent) -> {
            Long sequence = there.get(message);
            if (sent.isDone() && !isSettled(message)) {
                PromiseBroken.unless(
                        sequence != null, sender, "%s was done, and its message is gone", sent);
            }
            boolean mayBe = !(sent.receipt instanceof Receipt.Refused) && !sent.passedOver;
            PromiseBroken.unless(
                    sequence == null || mayBe, sender, "%s was not done, and it is there", sent);
            if (sequence != null && sent.isDone()) {
                Effect stored = ((Receipt.Committed) sent.receipt).effects().getLast();
                PromiseBroken.unless(
                        stored.equals(new Effect.Stored(sequence)),
                        sender,
                        "%s was told %s, and it is at %d",
                        sent,
                        stored,
                        sequence);
            }
        });
        byMessage.keySet().removeIf(message -> isForgotten(message, there));
    }

    /// Something that settles it was sent, and may have been done.
    private boolean isSettled(String message) {
        return byWhatSettles(message)
                .anyMatch(one -> !one.passedOver && !(one.receipt instanceof Receipt.Refused));
    }

    private Stream<Sent> byWhatSettles(String message) {
        return settlers.stream().filter(one -> one.settles.equals(message));
    }

    private boolean isForgotten(String message, Map<String, Long> there) {
        return !there.containsKey(message)
                && byMessage.get(message).isDone()
                && byWhatSettles(message).anyMatch(Sent::isDone);
    }

    /// All messages by their ids, each of which is there once.
    private Map<String, Long> look() throws IOException {
        Map<String, Long> there = new HashMap<>();
        String after = null;
        do {
            Page<View.MessageView> page = page(after);
            for (View.MessageView view : page.items()) {
                String message = view.message().id();
                Long before = there.put(message, view.sequence());
                PromiseBroken.unless(before == null, sender, "%s is there twice", message);
            }
            after = page.next();
        } while (after != null);
        return there;
    }

    private Page<View.MessageView> page(String after) throws IOException {
        var stage =
                machine.engine()
                        .engine()
                        .find(new Query.Browse(queue, 0, after, 20))
                        .toCompletableFuture();
        machine.settle();
        if (!stage.isDone() && machine.isFull()) {
            throw new Machine.FullLog();
        }
        PromiseBroken.unless(stage.isDone(), "engine", "Nobody answers what is in %s", queue);
        // Where its definition was lost with the power, there is none.
        return stage.join() instanceof Page<View.MessageView> page
                ? page
                : new Page<>(List.of(), null, Instant.EPOCH);
    }

    /// Everything is asked for until it is known.
    void leave(Crowd.Settling settling) throws IOException {
        settling.settle();
        submit(List.copyOf(window));
        settling.settle();
        for (Sent sent : window) {
            PromiseBroken.unless(
                    sent.isOver() || machine.mayBeFull(), sender, "%s is never answered", sent);
        }
        compare();
        Operation remove = new Operation.Remove(queue, Expect.Anything.ANYTHING);
        var _ = anySession().commit(Commit.of(remove));
        sessions.forEach(Session::close);
        settling.settle();
    }
}
