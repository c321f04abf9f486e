package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.e2e.RawSqs.Received;
import io.millstream.e2e.RawSqs.RefusedException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Clients that send, receive, delete and change visibility until told to stop, on a server that
/// comes and goes, and write into a [Ledger] what they were promised.
///
/// A connection that dies while its server is said to be up is a finding. While it is down, the
/// clients wait.
final class SqsLoad implements AutoCloseable {
    private static final int CLIENTS = 12;
    private static final int BACKLOG_MAX = 15_000;
    private static final long DRAIN_NANOS_MAX = TimeUnit.MINUTES.toNanos(10);

    /// A handle of the queue with dead letters is not used for longer, by far, than its lease
    /// lasts: a delete by an older one would succeed without touching the dead letter.
    private static final int DEAD_LETTER_SECONDS = 25;

    private static final long HANDLE_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

    private static final String LAPSING = "lapsing";
    private static final String PLAIN = "plain";
    private static final String REDRIVEN = "redriven";
    private static final String DEAD = "dead";
    private static final List<String> SOURCES = List.of(LAPSING, PLAIN, REDRIVEN);
    private static final List<String> ALL = List.of(LAPSING, PLAIN, REDRIVEN, DEAD);

    private final Ledger ledger;
    private final AtomicReference<CompletableFuture<RawSqs>> server =
            new AtomicReference<>(new CompletableFuture<>());
    private final AtomicInteger deaths = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> findings = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    SqsLoad(Ledger ledger, long seed) {
        this.ledger = ledger;
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CLIENTS; i++) {
            SplittableRandom own = random.split();
            clients.add(Thread.ofPlatform().name("client-" + i).start(() -> run(own)));
        }
    }

    static void createQueues(int port) throws IOException, InterruptedException {
        RawSqs sqs = new RawSqs(port);
        sqs.createQueue(DEAD, Map.of("VisibilityTimeout", "3"));
        sqs.createQueue(LAPSING, Map.of("VisibilityTimeout", "3"));
        sqs.createQueue(PLAIN, Map.of("VisibilityTimeout", "30"));
        String policy = "{\"deadLetterTargetArn\":\"" + sqs.arn(DEAD) + "\",\"maxReceiveCount\":2}";
        sqs.createQueue(
                REDRIVEN,
                Map.of(
                        "VisibilityTimeout",
                        String.valueOf(DEAD_LETTER_SECONDS),
                        "RedrivePolicy",
                        policy));
    }

    /// The server is ready on this port.
    void up(int port) {
        server.get().complete(new RawSqs(port));
    }

    /// The server is about to die: from now on calls may fail.
    void down() {
        deaths.incrementAndGet();
        server.set(new CompletableFuture<>());
    }

    /// Ends the clients. The server must be up.
    void stop() throws InterruptedException {
        stopping = true;
        for (Thread client : clients) {
            client.join();
        }
    }

    /// What went wrong that no kill explains.
    List<String> findings() {
        return List.copyOf(findings);
    }

    /// Receives and deletes everything that is still there.
    ///
    /// @return how many messages there were
    int drain() throws IOException, InterruptedException {
        RawSqs sqs = server.get().join();
        int drained = 0;
        long end = System.nanoTime() + DRAIN_NANOS_MAX;
        for (int left = 1; left > 0; ) {
            left = 0;
            for (String queue : ALL) {
                for (List<Taken> taken = take(sqs, queue, 0); !taken.isEmpty(); ) {
                    delete(sqs, queue, taken);
                    drained += taken.size();
                    taken = take(sqs, queue, 0);
                }
                left += sqs.count(queue);
            }
            if (left > 0) {
                // Leases of clients that are gone end by themselves; what they return is awaited.
                drained += awaitReturned(sqs);
            }
            assertThat(end - System.nanoTime()).as("%d messages left to drain", left).isPositive();
        }
        return drained;
    }

    private int awaitReturned(RawSqs sqs) throws IOException, InterruptedException {
        int drained = 0;
        for (String queue : ALL) {
            if (sqs.count(queue) > 0) {
                List<Taken> taken = take(sqs, queue, 1);
                delete(sqs, queue, taken);
                drained += taken.size();
            }
        }
        return drained;
    }

    @Override
    public void close() {
        stopping = true;
        server.get().completeExceptionally(new IllegalStateException("The test has ended"));
        clients.forEach(Thread::interrupt);
    }

    private record Taken(int number, String handle, long atNanos) {}

    private void run(SplittableRandom random) {
        while (!stopping) {
            int before = deaths.get();
            try {
                step(server.get().join(), random);
            } catch (RefusedException e) {
                if (!e.isBusy() && !e.isLate()) {
                    findings.add(e.getMessage());
                }
            } catch (IOException e) {
                if (before == deaths.get() && !stopping) {
                    findings.add("The server is up, and a connection died: " + e);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (!stopping) {
                    findings.add("The client failed: " + e);
                }
                return;
            }
        }
    }

    private void step(RawSqs sqs, SplittableRandom random)
            throws IOException, InterruptedException {
        boolean enough = ledger.acknowledged() - ledger.deletes() > BACKLOG_MAX;
        if (enough || random.nextBoolean()) {
            consume(sqs, random);
        } else if (random.nextInt(5) == 0) {
            int number = ledger.next();
            sqs.send(any(SOURCES, random), Ledger.body(number));
            ledger.sent(number);
        } else {
            List<Integer> numbers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                numbers.add(ledger.next());
            }
            List<String> bodies = numbers.stream().map(Ledger::body).toList();
            sqs.sendBatch(any(SOURCES, random), bodies)
                    .forEach(done -> ledger.sent(numbers.get(done)));
        }
    }

    private void consume(RawSqs sqs, SplittableRandom random)
            throws IOException, InterruptedException {
        String queue = any(ALL, random);
        List<Taken> taken = take(sqs, queue, random.nextInt(20) == 0 ? 1 : 0);
        if (random.nextInt(4) != 0) {
            delete(sqs, queue, taken);
            return;
        }
        for (Taken message : taken) {
            switch (random.nextInt(4)) {
                case 0 -> sqs.changeVisibility(queue, message.handle, 0);
                case 1 -> {
                    sqs.changeVisibility(queue, message.handle, DEAD_LETTER_SECONDS);
                    delete(sqs, queue, List.of(message));
                }
                case 2 -> {
                    // Left to its visibility timeout; where that is long, returned.
                    if (!queue.equals(LAPSING)) {
                        sqs.changeVisibility(queue, message.handle, 0);
                    }
                }
                default -> delete(sqs, queue, List.of(message));
            }
        }
    }

    private List<Taken> take(RawSqs sqs, String queue, int waitSeconds)
            throws IOException, InterruptedException {
        long asked = System.nanoTime();
        List<Taken> taken = new ArrayList<>();
        for (Received message : sqs.receive(queue, 10, waitSeconds)) {
            int number = ledger.received(message.body(), asked);
            if (number >= 0) {
                taken.add(new Taken(number, message.handle(), System.nanoTime()));
            }
        }
        return taken;
    }

    private void delete(RawSqs sqs, String queue, List<Taken> taken)
            throws IOException, InterruptedException {
        List<Taken> fresh =
                taken.stream()
                        .filter(t -> System.nanoTime() - t.atNanos < HANDLE_NANOS_MAX)
                        .toList();
        fresh.forEach(message -> ledger.deleting(message.number));
        if (fresh.size() == 1) {
            sqs.delete(queue, fresh.getFirst().handle);
            ledger.deleted(fresh.getFirst().number);
        } else if (!fresh.isEmpty()) {
            sqs.deleteBatch(queue, fresh.stream().map(Taken::handle).toList())
                    .forEach(done -> ledger.deleted(fresh.get(done).number));
        }
    }

    private static String any(List<String> queues, SplittableRandom random) {
        return queues.get(random.nextInt(queues.size()));
    }
}
