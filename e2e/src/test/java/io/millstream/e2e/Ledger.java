package io.millstream.e2e;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/// What a client was promised about each message, and where the server broke it.
///
/// A message is its number: the body follows from it. Nothing is sent twice, so a number that comes
/// back after its delete was acknowledged was raised from the dead or stored twice.
final class Ledger {
    static final int MESSAGES_MAX = 1 << 22;

    private static final int SENT = 1;
    private static final int DELETE_ASKED = 2;
    private static final int FINDINGS_SHOWN_MAX = 20;

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicIntegerArray promises = new AtomicIntegerArray(MESSAGES_MAX);
    private final AtomicLongArray deletedAt = new AtomicLongArray(MESSAGES_MAX);
    private final LongAdder sent = new LongAdder();
    private final LongAdder deleted = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final AtomicInteger resurrected = new AtomicInteger();
    private final AtomicInteger corrupt = new AtomicInteger();
    private final Queue<String> findings = new ConcurrentLinkedQueue<>();

    /// The number of a message that is about to be sent.
    int next() {
        int number = asked.getAndIncrement();
        if (number >= MESSAGES_MAX) {
            throw new IllegalStateException("The ledger holds " + MESSAGES_MAX + " messages");
        }
        return number;
    }

    static String body(int number) {
        int bytes =
                switch (Math.floorMod(number * 0x9E3779B9, 100)) {
                    case 0 -> 50_000;
                    case 1, 2, 3, 4, 5 -> 3_000;
                    default -> 100;
                };
        return number + ":" + String.valueOf((char) ('a' + number % 26)).repeat(bytes);
    }

    /// The server acknowledged the send.
    void sent(int number) {
        promises.accumulateAndGet(number, SENT, (was, more) -> was | more);
        sent.increment();
    }

    /// From now on the message may be gone.
    void deleting(int number) {
        promises.accumulateAndGet(number, DELETE_ASKED, (was, more) -> was | more);
    }

    /// The server acknowledged the delete.
    void deleted(int number) {
        if (deletedAt.compareAndSet(number, 0, System.nanoTime())) {
            deleted.increment();
        }
    }

    /// The answer to a receive that was asked for at `askedNanos` had this body.
    ///
    /// @return the message's number, or -1 if nobody sent it
    int received(String body, long askedNanos) {
        received.increment();
        int number = number(body);
        if (number < 0 || number >= asked.get() || !body(number).equals(body)) {
            corrupt.incrementAndGet();
            find("a body that was never sent: " + body.substring(0, Math.min(40, body.length())));
            return -1;
        }
        long gone = deletedAt.get(number);
        if (gone != 0 && askedNanos - gone > 0) {
            resurrected.incrementAndGet();
            long millis = (askedNanos - gone) / 1_000_000;
            find("message " + number + ", asked for " + millis + " ms after its delete");
        }
        return number;
    }

    long acknowledged() {
        return sent.sum();
    }

    long deletes() {
        return deleted.sum();
    }

    long receives() {
        return received.sum();
    }

    int resurrections() {
        return resurrected.get();
    }

    int corruptions() {
        return corrupt.get();
    }

    /// Sends and deletes whose end the client never learned.
    long unknown() {
        return numbers().filter(n -> !has(n, SENT)).count()
                + numbers().filter(n -> has(n, DELETE_ASKED) && deletedAt.get(n) == 0).count();
    }

    /// After everything that is still there was received and deleted: the acknowledged messages
    /// that never came.
    List<Integer> lost() {
        return numbers().filter(n -> has(n, SENT) && !has(n, DELETE_ASKED)).boxed().toList();
    }

    /// The first broken promises, in words.
    List<String> findings() {
        return List.copyOf(findings);
    }

    private void find(String what) {
        if (findings.size() < FINDINGS_SHOWN_MAX) {
            findings.add(what);
        }
    }

    private IntStream numbers() {
        return IntStream.range(0, asked.get());
    }

    private boolean has(int number, int promise) {
        return (promises.get(number) & promise) != 0;
    }

    private static int number(String body) {
        try {
            return Integer.parseInt(body.substring(0, Math.max(0, body.indexOf(':'))));
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
