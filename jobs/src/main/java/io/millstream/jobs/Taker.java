package io.millstream.jobs;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.Lease;
import io.millstream.api.Pending;
import io.millstream.api.Session;
import io.millstream.api.StoppedException;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Takes jobs when places are free, on a thread of its own, and hands them to who does them.
///
/// One queue is asked for as many as there are places, and that waits until it has some. Several
/// are asked in their [Turns], without waiting, as long as any of them has something. When none
/// has, each is asked for one job, and that waits; as soon as one of them answers the others are
/// called off. If more answer at that moment than there are places, what has none goes back at
/// once, to its old place and without an attempt: nothing is leased that nobody does.
final class Taker {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final Duration WAIT = Duration.ofSeconds(20);
    private static final Duration LOOKS = Duration.ofMillis(250);
    private static final int MESSAGES_MAX = 256;
    private static final long REFUSED_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

    private final Duration lease;
    private final List<DeclaredQueue> queues;
    private final Gate gate;
    private final Turns turns;
    private final Places places;
    private final Hands hands;
    private final Asks asks;
    private final Thread thread;
    private volatile boolean stopping;

    /// Until when each queue is let alone, because it was not there or could not be reached.
    private final long[] letAloneUntil;

    private final BitSet letAlone = new BitSet();

    /// Who does jobs.
    interface Hands {
        /// Does it, or gives it back. Does not block.
        ///
        /// @param queue the number of its queue
        /// @param now the backend's clock when it was taken
        /// @param isBusy whether more waits than there is room for
        void take(int queue, Lease lease, Instant now, boolean isBusy);

        /// Gives it back, as there is no place for it.
        void giveBack(Lease lease);
    }

    Taker(
            Session session,
            Crew.Plan plan,
            List<DeclaredQueue> queues,
            Gate gate,
            Places places,
            Hands hands) {
        this.lease = plan.lease();
        this.queues = queues;
        this.gate = gate;
        this.turns = plan.queues().turns();
        this.places = places;
        this.hands = hands;
        this.asks = new Asks(session);
        this.letAloneUntil = new long[queues.size()];
        this.thread =
                Thread.ofVirtual()
                        .name("millstream-take-" + queues.getFirst().name().name())
                        .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// It may have asked for more than is right now, or for less.
    void askAnew() {
        asks.callOff();
    }

    /// Takes no more. Blocks for a second at most.
    void stop() {
        stopping = true;
        asks.callOff();
        try {
            thread.join(CLOSE_WAIT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                asks.begin();
                if (stopping) {
                    return;
                }
                takeOrRest(places.awaitFree(MESSAGES_MAX));
            }
        } catch (InterruptedException _) {
            // Closing.
        } catch (StoppedException stopped) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "Workers of %s have stopped: %s".formatted(names(), stopped.getMessage()));
        }
    }

    /// Whatever goes wrong once, they go on.
    private void takeOrRest(int free) throws InterruptedException {
        try {
            takeSome(free);
        } catch (StoppedException stopped) {
            throw stopped;
        } catch (RuntimeException failed) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "Workers of %s could take no jobs, and try again".formatted(names()),
                    failed);
            asks.rest(Duration.ofNanos(REFUSED_PAUSE_NANOS));
        }
    }

    private String names() {
        return String.join(", ", queues.stream().map(queue -> queue.name().toString()).toList());
    }

    private void takeSome(int free) throws InterruptedException {
        BitSet asked = new BitSet();
        asked.set(0, queues.size());
        // Places that nobody needs are noticed between two of them.
        Duration wait = places.areAutomatic() ? Places.SHRINKS : WAIT;
        Gate.Allowed allowed = gate.now();
        wait = shorter(letAlone(asked), shorter(allowed.holds(), wait));
        if (asked.isEmpty() || allowed.isNothing()) {
            // Tells the places that nothing is asked for, and looks again soon.
            places.answered(free, 0);
            asks.rest(shorter(wait, LOOKS));
            return;
        }
        boolean inTurns = queues.size() > 1 || allowed.most() < free;
        if (inTurns && takeReady(asked, free, allowed)) {
            return;
        }
        wait = shorter(letAlone(asked), wait);
        if (!asked.isEmpty()) {
            waitForAny(asked, free, allowed, wait);
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /// Removes those that are let alone now.
    ///
    /// @return for how long one of them still is
    private Duration letAlone(BitSet asked) {
        long now = System.nanoTime();
        long shortest = WAIT.toNanos();
        for (int i = letAlone.nextSetBit(0); i >= 0; i = letAlone.nextSetBit(i + 1)) {
            long left = letAloneUntil[i] - now;
            if (left <= 0) {
                letAlone.clear(i);
            } else {
                asked.clear(i);
                shortest = Math.min(shortest, left);
            }
        }
        return Duration.ofNanos(shortest);
    }

    // Several queues, as long as any of them has something.

    /// Asks each in its turn, until there are no more places or nothing more is ready.
    ///
    /// @return whether anything was, or it is time to begin anew
    private boolean takeReady(BitSet asked, int free, Gate.Allowed allowed) {
        BitSet candidates = (BitSet) asked.clone();
        turns.begin();
        int left = free;
        while (left > 0 && !candidates.isEmpty()) {
            int[] shares = turns.shares(left, candidates);
            for (int queue = 0; queue < shares.length; queue++) {
                if (shares[queue] > 0) {
                    left -= takeReady(queue, shares[queue], allowed, candidates);
                }
                if (asks.areCalledOff()) {
                    return true;
                }
            }
        }
        places.answered(free, free - left);
        return left < free;
    }

    /// @return how many there were
    private int takeReady(int queue, int share, Gate.Allowed allowed, BitSet candidates) {
        int most = queues.get(queue).takes(share);
        int few = Math.min(most, allowed.most());
        Set<String> types = allowed.types();
        if (few < most) {
            // Those of which few may begin are asked for alone: of others as many do as ever.
            int got = takeNow(queue, few, allowed.few());
            if (got > 0) {
                turns.answered(queue, got, got);
                return got;
            }
            types = allowed.others();
        }
        // No type at all would be every one.
        int got = types.isEmpty() && few < most ? 0 : takeNow(queue, most, types);
        if (got > 0 || !asks.areCalledOff()) {
            turns.answered(queue, most, got);
        }
        if (got < most) {
            candidates.clear(queue);
        }
        return got;
    }

    private int takeNow(int queue, int messages, Set<String> types) {
        Taken.Leased leased = answer(queue, ask(queue, messages, types, Duration.ZERO));
        if (leased == null) {
            return 0;
        }
        handOut(queue, leased, leased.leases().size() == messages);
        return leased.leases().size();
    }

    // Nothing is ready.

    /// Asks all of them, and waits until one answers.
    private void waitForAny(BitSet asked, int free, Gate.Allowed allowed, Duration wait) {
        int each = queues.size() == 1 ? free : 1;
        List<Integer> numbers = asked.stream().boxed().toList();
        int most = Math.min(each, allowed.most());
        List<Integer> messages = numbers.stream().map(i -> queues.get(i).takes(most)).toList();
        List<Pending<Taken>> asking = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            asking.add(ask(numbers.get(i), messages.get(i), allowed.types(), wait));
        }
        awaitOne(asking);
        Taken.Leased[] answers = new Taken.Leased[queues.size()];
        BitSet answered = new BitSet();
        int got = 0;
        for (int i = 0; i < numbers.size(); i++) {
            Taken.Leased leased = answer(numbers.get(i), asking.get(i));
            if (leased != null && !leased.leases().isEmpty()) {
                answers[numbers.get(i)] = leased;
                answered.set(numbers.get(i));
                got += leased.leases().size();
            }
        }
        int all = messages.stream().mapToInt(Integer::intValue).sum();
        boolean isBusy = queues.size() == 1 && got == all;
        handOut(answers, answered, isBusy);
        places.answered(Math.min(free, all), got);
    }

    /// One is answered, and the others soon will be.
    private void awaitOne(List<Pending<Taken>> asking) {
        if (asking.size() == 1) {
            return;
        }
        CompletableFuture<?>[] stages =
                asking.stream()
                        .map(one -> one.stage().toCompletableFuture().handle((_, _) -> true))
                        .toArray(CompletableFuture<?>[]::new);
        var _ = CompletableFuture.anyOf(stages).join();
        asks.callOff();
    }

    /// Those whose turn it is have what places there are.
    private void handOut(Taken.@Nullable Leased[] answers, BitSet answered, boolean isBusy) {
        turns.begin();
        while (!answered.isEmpty()) {
            int[] shares = turns.shares(1, answered);
            int queue = 0;
            while (shares[queue] == 0) {
                queue++;
            }
            Taken.Leased leased = answers[queue];
            answered.clear(queue);
            if (leased != null) {
                turns.answered(queue, leased.leases().size() + 1, leased.leases().size());
                handOut(queue, leased, isBusy);
            }
        }
    }

    // Each request.

    private Pending<Taken> ask(int queue, int messages, Set<String> types, Duration wait) {
        Take take = Take.of(queues.get(queue).name(), messages, new Term.Timed(lease), wait);
        return asks.ask(take.withTypes(types));
    }

    /// Blocks.
    ///
    /// @return null if the queue is let alone from now on
    private Taken.@Nullable Leased answer(int queue, Pending<Taken> asking) {
        try {
            switch (Answer.of(asking.stage())) {
                case Taken.Leased leased -> {
                    return leased;
                }
                case Taken.Refused refused -> letAlone(queue, refused.refusal().text());
            }
        } catch (ConnectionLostException lost) {
            // What it leased, if it leased anything, comes back when those leases end.
            letAlone(queue, String.valueOf(lost.getMessage()));
        } finally {
            asks.forget(asking);
        }
        return null;
    }

    private void letAlone(int queue, String why) {
        LOGGER.log(
                System.Logger.Level.WARNING,
                "Workers of %s get no jobs: %s They ask again."
                        .formatted(queues.get(queue).name(), why));
        letAlone.set(queue);
        letAloneUntil[queue] = System.nanoTime() + REFUSED_PAUSE_NANOS;
    }

    private void handOut(int queue, Taken.Leased leased, boolean isBusy) {
        for (Lease one : leased.leases()) {
            if (stopping || places.free() == 0) {
                hands.giveBack(one);
            } else {
                hands.take(queue, one, leased.now(), isBusy);
            }
        }
    }
}
