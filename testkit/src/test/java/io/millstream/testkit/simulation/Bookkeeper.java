package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Lease;
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
import io.millstream.api.Via;
import io.millstream.api.View;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Uses all that queues can do and keeps a [Ledger] of what must come of it. It asks for one thing
/// at a time, which is decided at once, so that it is known what was there and when; whether it is
/// durable and answered is left to what happens next. Its queues are in a virtual host of their
/// own.
final class Bookkeeper {
    private static final int STEPS_PER_ACT = 8;
    private static final int PAGE = 3;

    private final RandomGenerator random;
    private final Machine machine;
    private final Trace trace;
    private final long graceMillis;
    private final BookWishes wishes;
    private Ledger ledger = new Ledger();
    private Session session;
    private int boot;

    /// How often time had passed at the last look.
    private long passesSeen;

    /// What was asked for and has not been looked into, or null.
    private Asked asked;

    /// Something that was asked for.
    private static final class Asked {
        final List<Operation> operations;
        final Take take;
        Receipt receipt;
        Taken taken;

        /// How often time had passed by then.
        final long passes;

        Asked(List<Operation> operations, Take take, long passes) {
            this.passes = passes;
            this.operations = operations;
            this.take = take;
        }

        String words() {
            return take == null
                    ? operations.stream().map(Words::of).collect(Collectors.joining(" + "))
                    : take.toString();
        }

        boolean isAnswered() {
            return receipt != null || taken != null;
        }
    }

    Bookkeeper(RandomGenerator random, Machine machine, Trace trace, Plan plan) {
        this.random = random;
        this.machine = machine;
        this.trace = trace;
        this.graceMillis = plan.graceMillis();
        this.wishes = new BookWishes(random, plan.features().fair(), plan.features().weights());
    }

    /// Begins anew after the engine has come back.
    void connect() {
        boot++;
        session = machine.engine().engine().session(SessionSpec.of("bookkeeper"));
    }

    void step(Crowd.Settling settling) throws IOException {
        if (random.nextInt(STEPS_PER_ACT) > 0) {
            return;
        }
        judge(settling);
        Duration pause = wishes.pause(ledger);
        if (!pause.isZero()) {
            machine.pass(pause);
            judge(settling);
        }
        if (ledger.books.isEmpty()) {
            ask(wishes.definitions());
        } else if (random.nextInt(60) == 0) {
            reconnect(settling);
        } else if (wishes.wantsToTake(ledger)) {
            ask(wishes.take(ledger));
        } else {
            ask(wishes.commit(ledger));
        }
        if (random.nextInt(4) > 0) {
            judge(settling);
        }
    }

    /// Comes before time passes: sees to it that what happens by itself between two looks happens
    /// at one known moment.
    void timePasses(Crowd.Settling settling) throws IOException {
        if (asked != null || machine.passes() != passesSeen) {
            judge(settling);
        }
    }

    /// Has everything done, and judges it.
    private void judge(Crowd.Settling settling) throws IOException {
        settling.settle();
        Asked heard = asked;
        Ledger next = ledger;
        if (heard != null) {
            PromiseBroken.unless(heard.isAnswered(), "books", "Nobody answers %s", heard.words());
            next = after(heard);
        }
        Look look = look();
        trace.tell(() -> "the bookkeeper sees " + look);
        Reckoning.reckon(next, look, isAtOnce(heard));
        passesSeen = machine.passes();
        // Once it has been seen it is durable.
        ledger = next;
        asked = null;
    }

    /// Whether all that has happened by itself since the last look happened now.
    private boolean isAtOnce(Asked heard) {
        long from = heard == null ? passesSeen + 1 : heard.passes;
        return machine.passes() <= from;
    }

    // What it asks for.

    private void ask(List<Operation> operations) throws IOException {
        if (operations.isEmpty()) {
            return;
        }
        Asked one = new Asked(operations, null, machine.passes());
        asked = one;
        trace.tell(() -> "the bookkeeper asks " + one.words() + " of " + ledger);
        int now = boot;
        var _ =
                session.commit(List.of(new Commit(null, operations)))
                        .thenAccept(receipts -> {
                            if (now == boot) {
                                one.receipt = receipts.getFirst();
                                trace.tell(() -> "the bookkeeper is told " + one.receipt);
                            }
                        });
        machine.engine().loop();
    }

    private void ask(Take take) throws IOException {
        Asked one = new Asked(null, take, machine.passes());
        asked = one;
        trace.tell(() -> "the bookkeeper asks " + take + " of " + ledger);
        int now = boot;
        var _ =
                session.take(take)
                        .stage()
                        .thenAccept(taken -> {
                            if (now == boot) {
                                one.taken = taken;
                                trace.tell(() -> "the bookkeeper gets " + taken);
                            }
                        });
        machine.engine().loop();
    }

    // What it is told.

    /// What must be there after an answer.
    private Ledger after(Asked heard) {
        return heard.take == null ? committed(heard) : taken(heard);
    }

    private Ledger committed(Asked heard) {
        Ledger.Verdict verdict = ledger.decide(heard.operations);
        switch (heard.receipt) {
            case Receipt.Committed committed -> {
                requireNow(committed.now().toEpochMilli());
                List<Effect> effects = committed.effects().stream().map(this::plain).toList();
                PromiseBroken.unless(
                        effects.equals(verdict.effects()),
                        "books",
                        "%s did %s, and must have done %s, or be refused: %s",
                        heard.words(),
                        effects,
                        verdict.effects(),
                        verdict.refusal());
                heard.operations.forEach(this::ended);
                return verdict.after();
            }
            case Receipt.Refused(var now, int operation, Refusal why) -> {
                requireNow(now.toEpochMilli());
                boolean same =
                        operation == verdict.refused()
                                && (why instanceof Refusal.Invalid
                                        ? verdict.refusal() instanceof Refusal.Invalid
                                        : why.equals(verdict.refusal()));
                PromiseBroken.unless(
                        same,
                        "books",
                        "%s was refused: %d %s, and must do %s, or be refused: %s",
                        heard.words(),
                        operation,
                        why,
                        verdict.effects(),
                        verdict.refusal());
                return ledger;
            }
        }
    }

    private void ended(Operation operation) {
        if (operation instanceof Operation.Settle settle) {
            wishes.ended(settle.handle());
        }
    }

    private Effect plain(Effect effect) {
        return effect instanceof Effect.Changed ? new Effect.Changed(0) : effect;
    }

    /// It was decided at once, when it was known what was there.
    private void requireNow(long now) {
        PromiseBroken.unless(
                now == ledger.now, "books", "Decided at %d, not at %d", now, ledger.now);
    }

    private Ledger taken(Asked heard) {
        Take take = heard.take;
        if (!(heard.taken instanceof Taken.Leased(var now, List<Lease> leases))) {
            throw new PromiseBroken("books", "A take is told " + heard.taken);
        }
        requireNow(now.toEpochMilli());
        Ledger after = ledger.copy();
        Book book = after.book(take.queue());
        List<Booked> got = new ArrayList<>();
        for (Lease lease : leases) {
            Booked one = book.find(lease.message().id());
            PromiseBroken.unless(
                    one != null && one.sequence == lease.handle().sequence(),
                    lease.message().id(),
                    "Handed out from %s, where it is not: %s",
                    take.queue(),
                    one);
            got.add(one);
        }
        requireTaken(book, got, take);
        for (int i = 0; i < got.size(); i++) {
            lease(got.get(i), leases.get(i), take.term(), after.now);
        }
        return after;
    }

    private void requireTaken(Book book, List<Booked> got, Take take) {
        new BookOrder(book, ledger.now).requireTaken(got, take.messages());
    }

    private static void lease(Booked one, Lease lease, Term term, long now) {
        Long until = term instanceof Term.Timed(Duration length) ? now + length.toMillis() : null;
        Long told = lease.until() == null ? null : lease.until().toEpochMilli();
        PromiseBroken.unless(
                java.util.Objects.equals(until, told)
                        && lease.deliveries() == one.deliveries + 1
                        && (one.unsure || lease.attempts() == one.attempts + 1)
                        && lease.stored().toEpochMilli() == one.stored
                        && lease.message().equals(one.message),
                one.id(),
                "Leased as %s until %s, and must be until %s: %s",
                lease,
                told,
                until,
                one);
        checkWay(one, lease.via());
        one.standing = Booked.Standing.LEASED;
        one.handle = lease.handle();
        one.leaseEnd = until == null ? null : Span.at(until);
        one.deliveries++;
        one.attempts = lease.attempts();
        one.unsure = false;
    }

    private static void checkWay(Booked one, Via via) {
        switch (via) {
            case Via.Direct direct ->
                    PromiseBroken.unless(
                            one.diedIn == null,
                            one.id(),
                            "It never died, though in %s",
                            one.diedIn);
            case Via.DeadLettered dead -> {
                List<Booked.Death> history =
                        dead.history().stream()
                                .map(death ->
                                        new Booked.Death(
                                                death.queue(), death.cause(), death.count()))
                                .toList();
                boolean same =
                        dead.from().equals(one.diedIn)
                                && dead.deaths() == one.deaths
                                && (one.vague || history.equals(one.history))
                                && one.diedAt.holds(dead.at().toEpochMilli());
                PromiseBroken.unless(
                        same,
                        one.id(),
                        "It came by %s, and died %d times, in %s at %s: %s",
                        dead,
                        one.deaths,
                        one.diedIn,
                        one.diedAt,
                        one.history);
                one.history = new ArrayList<>(history);
                one.vague = false;
                one.diedAt = Span.at(dead.at().toEpochMilli());
            }
        }
    }

    // What it sees.

    private Look look() throws IOException {
        machine.settle();
        Map<ChannelName, View.QueueView> queues = new TreeMap<>();
        Map<ChannelName, List<View.MessageView>> messages = new TreeMap<>();
        Map<ChannelName, List<View.MessageView>> delayed = new TreeMap<>();
        Query<View.QueueView> all = new Query.Queues(BookWishes.HOST, "", null, 100);
        Page<View.QueueView> page = page(all);
        for (View.QueueView view : page.items()) {
            ChannelName name = view.definition().name();
            queues.put(name, view);
            messages.put(name, all(after -> new Query.Browse(name, 1 << 20, after, PAGE)));
            delayed.put(name, all(after -> new Query.Delayed(name, 0, after, PAGE)));
        }
        return new Look(queues, messages, delayed, page.asOf().toEpochMilli());
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

    /// The engine has ended and is there again: what was asked for last happened or did not.
    void compare() throws IOException {
        Asked last = asked;
        Look look = look();
        trace.tell(() -> "the bookkeeper sees again " + look);
        PromiseBroken broken = null;
        for (Candidate candidate : candidates(last)) {
            Ledger one = candidate.ledger;
            if (one.books.isEmpty() != look.queues().isEmpty()) {
                continue;
            }
            try {
                Reckoning.afterRestart(one, look, graceMillis, candidate.unheard);
                ledger = one;
                asked = null;
                passesSeen = machine.passes();
                trace.tell(() -> "the bookkeeper finds " + candidate.what);
                return;
            } catch (PromiseBroken cannotBe) {
                trace.tell(() ->
                        "the bookkeeper does not find %s: %s"
                                .formatted(candidate.what, cannotBe.getMessage()));
                broken = broken == null ? cannotBe : broken;
            }
        }
        throw broken == null
                ? new PromiseBroken("books", "There are " + look.queues().keySet())
                : broken;
    }

    private record Candidate(String what, Ledger ledger, Take unheard) {}

    /// What may be there after an end, if `last` was asked for before it.
    private List<Candidate> candidates(Asked last) {
        Candidate without = new Candidate("nothing new", ledger.copy(), null);
        if (last == null) {
            return List.of(without);
        }
        if (last.isAnswered()) {
            Candidate with = new Candidate("what it was told", after(last).copy(), null);
            // A take is told of before it is durable.
            return last.take == null ? List.of(with) : List.of(with, without);
        }
        if (last.take != null) {
            return List.of(without, new Candidate("a take", ledger.copy(), last.take));
        }
        Ledger.Verdict verdict = ledger.decide(last.operations);
        Candidate with = new Candidate("what it asked for", verdict.after().copy(), null);
        markUnsure(with.ledger, last);
        markUnsure(without.ledger, last);
        return List.of(without, with);
    }

    /// Whether a lease ended because of the settle or of the restart is not seen.
    private void markUnsure(Ledger after, Asked last) {
        after.books.values().forEach(book -> book.either += last.operations.size());
        for (Operation operation : last.operations) {
            if (operation instanceof Operation.Settle settle) {
                after.book(settle.handle().queue()).messages.stream()
                        .filter(message -> message.sequence == settle.handle().sequence())
                        .forEach(message -> {
                            message.unsure = true;
                            message.vague = true;
                            message.misplaced = true;
                        });
            }
        }
    }

    // The end.

    /// Everything can be had in the end, in order; then all of it goes.
    void leave(Crowd.Settling settling) throws IOException {
        judge(settling);
        if (!ledger.books.isEmpty()) {
            ask(wishes.plainDefinitions());
            judge(settling);
            drain(settling);
            var _ = session.commit(List.of(new Commit(null, wishes.removals())));
            ledger = new Ledger();
        }
        session.close();
        settling.settle();
    }

    /// What is bound to the session ends with it.
    private void reconnect(Crowd.Settling settling) throws IOException {
        trace.tell(() -> "the bookkeeper closes its session");
        session.close();
        connect();
        settling.settle();
        Reckoning.afterRestart(ledger, look(), 0, null);
    }

    private void drain(Crowd.Settling settling) throws IOException {
        reconnect(settling);
        machine.pass(Duration.ofSeconds(20));
        judge(settling);
        for (int round = 0; ledger.size() > 0; round++) {
            PromiseBroken.unless(round < 200, "books", "It cannot be drained: %s", ledger);
            for (ChannelName name : List.copyOf(ledger.books.keySet())) {
                ask(Take.of(name, 100, new Term.Timed(Duration.ofHours(1)), Duration.ZERO));
                judge(settling);
                ask(finished(ledger.book(name)));
                judge(settling);
            }
        }
    }

    private static List<Operation> finished(Book book) {
        List<Operation> settles = new ArrayList<>();
        for (Booked one : book.messages) {
            if (one.handle != null) {
                settles.add(
                        new Operation.Settle(one.handle, Outcome.done(), Operation.Stale.REFUSE));
            }
        }
        return settles;
    }
}
