package io.millstream.server.work;

import io.millstream.api.Message;
import io.millstream.jobs.JobContext;
import io.millstream.jobs.JobDecider;
import io.millstream.jobs.JobOutcome;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Does messages by requests for several of them: `{"queue": "mail", "messages": [...]}`, each as a
/// [Letter].
///
/// Each message has a worker's thread of its own, which hands its letter to the batch that is open
/// and waits for its share of the answer. So leases, cancellation and stop are those of any other
/// worker: who is interrupted takes the letter back, or if the batch is on its way no longer cares.
///
/// A batch goes when it is full, or its window is over, and one of the requests that may be under
/// way at once is free; until then it is open.
final class Batches implements JobDecider<Message, JsonNode> {
    /// The largest batch of more than one message, in bytes; the largest event of AWS Lambda.
    static final int BYTES_MAX = 6 << 20;

    private static final byte[] COMMA = {','};

    private final Endpoint endpoint;
    private final InstantSource clock;
    private final Plan plan;
    private final Semaphore requests;

    // Guarded by this.
    private @Nullable Batch open;

    /// @param queue whose messages
    /// @param messages how many go together at most
    /// @param window how long the first one waits for others
    /// @param requests how many are under way at once
    record Plan(String queue, int messages, Duration window, int requests) {}

    /// A letter, and who waits for what becomes of it.
    private record Entry(Letter letter, CompletableFuture<JobOutcome<JsonNode>> outcome) {}

    /// Guarded by the batches that it belongs to, but for what is called from elsewhere.
    private static final class Batch {
        private final List<Entry> entries = new ArrayList<>();
        private final CountDownLatch full = new CountDownLatch(1);
        private long bytes;
        private int waiting;
        private boolean isSealed;
        private @Nullable CompletableFuture<Reply> call;
    }

    Batches(Endpoint endpoint, InstantSource clock, Plan plan) {
        this.endpoint = endpoint;
        this.clock = clock;
        this.plan = plan;
        this.requests = new Semaphore(plan.requests, true);
    }

    @Override
    public JobOutcome<JsonNode> decide(Message message, JobContext context) throws Exception {
        Letter letter;
        try {
            letter = Letter.of(message, context);
        } catch (IllegalArgumentException unsayable) {
            return JobOutcome.dead(String.valueOf(unsayable.getMessage()));
        }
        Entry entry = new Entry(letter, new CompletableFuture<>());
        Batch batch = add(entry);
        try {
            return entry.outcome.get();
        } catch (InterruptedException interrupted) {
            withdraw(batch, entry);
            throw interrupted;
        } catch (ExecutionException failed) {
            return JobOutcome.failed("Its batch failed: " + failed.getCause(), "");
        }
    }

    private synchronized Batch add(Entry entry) {
        int length = entry.letter.json().length;
        Batch batch = open;
        if (batch == null || batch.bytes + length > BYTES_MAX) {
            if (batch != null) {
                batch.full.countDown();
            }
            batch = new Batch();
            open = batch;
            Batch begun = batch;
            Thread.ofVirtual().name("millstream-batch").start(() -> run(begun));
        }
        batch.entries.add(entry);
        batch.waiting++;
        batch.bytes += length;
        if (batch.entries.size() >= plan.messages) {
            batch.full.countDown();
            open = null;
        }
        return batch;
    }

    private synchronized void withdraw(Batch batch, Entry entry) {
        batch.waiting--;
        if (!batch.isSealed) {
            batch.entries.remove(entry);
            batch.bytes -= entry.letter.json().length;
        } else if (batch.waiting == 0 && batch.call != null) {
            batch.call.cancel(true);
        }
    }

    private void run(Batch batch) {
        try {
            var _ = batch.full.await(plan.window.toNanos(), TimeUnit.NANOSECONDS);
            requests.acquire();
            try {
                send(batch);
            } finally {
                requests.release();
            }
        } catch (Throwable failed) {
            // Errors too: who waits for a share of it must not wait for ever.
            fail(batch, failed);
        }
    }

    private void send(Batch batch) {
        CompletableFuture<Reply> call;
        List<Entry> entries;
        synchronized (this) {
            batch.isSealed = true;
            open = open == batch ? null : open;
            entries = List.copyOf(batch.entries);
            if (entries.isEmpty()) {
                return;
            }
            call = endpoint.post(json(entries));
            batch.call = call;
        }
        Verdict.Batched batched;
        try {
            Reply reply = call.join();
            Set<String> sent =
                    entries.stream().map(entry -> entry.letter.id()).collect(Collectors.toSet());
            batched = verdict().ofBatch(reply, sent);
        } catch (CompletionException | CancellationException none) {
            batched = Verdict.Batched.all(verdict().none(none));
        }
        for (Entry entry : entries) {
            entry.outcome.complete(batched.of(entry.letter.id()));
        }
    }

    private synchronized void fail(Batch batch, Throwable failure) {
        batch.isSealed = true;
        open = open == batch ? null : open;
        batch.entries.forEach(entry -> entry.outcome.completeExceptionally(failure));
    }

    private Verdict verdict() {
        return new Verdict(endpoint.address(), clock.instant());
    }

    private byte[] json(List<Entry> entries) {
        String queue = JsonMapper.shared().writeValueAsString(plan.queue);
        List<byte[]> parts = new ArrayList<>();
        parts.add(Letter.utf8("{\"queue\":" + queue + ",\"messages\":["));
        for (int i = 0; i < entries.size(); i++) {
            if (i > 0) {
                parts.add(COMMA);
            }
            parts.add(entries.get(i).letter.json());
        }
        parts.add(Letter.utf8("]}"));
        return Letter.joined(parts.toArray(byte[][]::new));
    }
}
