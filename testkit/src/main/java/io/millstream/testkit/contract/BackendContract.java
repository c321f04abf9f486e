package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Support;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.Via;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// The words that all contracts are written in. Each test begins on an empty backend with one open
/// session.
public abstract class BackendContract {

    /// How long an answer may take in real time before the test fails.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long POLL_NANOS = 200_000;

    static final Duration MILLISECOND = Duration.ofMillis(1);
    static final Duration SECOND = Duration.ofSeconds(1);
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Term TIMED = new Term.Timed(LEASE);
    static final Term WHILE_OPEN = Term.WhileOpen.WHILE_OPEN;

    /// Longer than any test advances the clock: a take that waits so long ends by an answer.
    static final Duration LONG = Duration.ofHours(1);

    private @Nullable Harness harness;
    private @Nullable Backend backend;
    private @Nullable Session session;

    /// A new, empty backend for one test.
    protected abstract Harness open();

    @BeforeEach
    void open_the_backend() {
        harness = open();
        backend = harness.backend();
        session = newSession("contract");
    }

    @AfterEach
    void close_the_backend() {
        if (harness != null) harness.close();
    }

    // The backend and its clock.

    final Harness harness() {
        return present(harness);
    }

    final Backend backend() {
        return present(backend);
    }

    final Session session() {
        return present(session);
    }

    final Session newSession(String name) {
        return backend().session(SessionSpec.of(name));
    }

    final void restart() {
        backend = harness().restart();
        session = newSession("after the restart");
    }

    final void advance(Duration by) {
        harness().advance(by);
    }

    /// Lets time pass and waits until the backend has seen it: what is asked next is decided then.
    final void pass(Duration by) {
        advance(by);
        Query<?> look = new Query.QueueNamed(ChannelName.of("mail"));
        eventually(() -> !await(backend().find(look)).asOf().isBefore(now()));
    }

    final Instant now() {
        return Instant.ofEpochMilli(harness().time().wallMillis());
    }

    /// Skips the test if the backend says that it cannot do one of these. A test names all that it
    /// asks for, or else a backend that lacks it honestly fails.
    final void needs(Feature... features) {
        for (Feature feature : features) {
            if (backend().capabilities().of(feature)
                    instanceof Support.None(String why, String instead)) {
                Assumptions.abort(feature + " is not supported: " + why + " " + instead);
            }
        }
    }

    /// Skips the test if the backend can do it: the test is about refusing it.
    final void lacks(Feature feature) {
        Assumptions.assumeFalse(
                backend().capabilities().has(feature), feature + " is supported, so not refused.");
    }

    // Defining and putting.

    final ChannelName define(String name) {
        return define(Definition.Queue.of(ChannelName.of(name)));
    }

    final ChannelName define(Definition.Queue definition) {
        commit(defining(definition));
        return definition.name();
    }

    static Operation defining(Definition definition) {
        return new Operation.Define(definition, Expect.Anything.ANYTHING);
    }

    static Operation removing(ChannelName queue) {
        return new Operation.Remove(queue, Expect.Anything.ANYTHING);
    }

    /// Puts one message for each text and gives their sequences.
    final List<Long> put(ChannelName queue, String... texts) {
        Operation[] puts =
                Arrays.stream(texts).map(text -> putting(queue, text)).toArray(Operation[]::new);
        return commit(puts).effects().stream()
                .map(effect -> ((Effect.Stored) effect).sequence())
                .toList();
    }

    static Operation putting(ChannelName queue, String text) {
        return new Operation.Put(queue, Message.of(text));
    }

    /// Puts one message and gives its sequence.
    final long put(ChannelName queue, Message message) {
        Effect effect = commit(putting(queue, message)).effects().getFirst();
        assertThat(effect).isInstanceOf(Effect.Stored.class);
        return ((Effect.Stored) effect).sequence();
    }

    static Operation putting(ChannelName queue, Message message) {
        return new Operation.Put(queue, message);
    }

    static Message grouped(String group, String text) {
        return Message.builder(text).group(group).build();
    }

    static Message delayed(Duration delay, String text) {
        return Message.builder(text).delay(delay).build();
    }

    static Message urgent(int priority, String text) {
        return Message.builder(text).priority(priority).build();
    }

    static Message mortal(Duration timeToLive, String text) {
        return Message.builder(text).timeToLive(timeToLive).build();
    }

    static Operation writing(String key, String value, Expect expect) {
        return new Operation.Write("table", key, Bytes.utf8(value), expect, null);
    }

    // Committing.

    final Receipt.Committed commit(Operation... operations) {
        Receipt receipt = await(session().commit(Commit.of(operations)));
        assertThat(receipt).isInstanceOf(Receipt.Committed.class);
        return (Receipt.Committed) receipt;
    }

    final Receipt.Refused refused(Operation... operations) {
        return refused(Commit.of(operations));
    }

    final Receipt.Refused refused(Commit commit) {
        Receipt receipt = await(session().commit(commit));
        assertThat(receipt).isInstanceOf(Receipt.Refused.class);
        return (Receipt.Refused) receipt;
    }

    /// The refusal of the one operation, which must be of this kind.
    final <R extends Refusal> R refusal(Class<R> kind, Operation operation) {
        Receipt.Refused receipt = refused(operation);
        assertThat(receipt.operation()).isZero();
        assertThat(receipt.refusal()).isInstanceOf(kind);
        assertThat(receipt.refusal().text()).isNotBlank();
        return kind.cast(receipt.refusal());
    }

    static Operation settling(Lease lease, Outcome outcome) {
        return new Operation.Settle(lease.handle(), outcome, Operation.Stale.REFUSE);
    }

    static Operation finishing(Lease lease) {
        return settling(lease, Outcome.done());
    }

    /// As a standard SQS queue deletes.
    static Operation deleting(Lease lease) {
        return new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.ACCEPT);
    }

    final Effect settle(Lease lease, Outcome outcome) {
        return commit(settling(lease, outcome)).effects().getFirst();
    }

    final void finish(Lease... leases) {
        for (Lease lease : leases) settle(lease, Outcome.done());
    }

    final void retry(Lease... leases) {
        for (Lease lease : leases) settle(lease, Outcome.retry());
    }

    final void assertStale(Operation operation) {
        refusal(Refusal.StaleFence.class, operation);
    }

    /// The way of a message that died for the first time.
    static Via died(ChannelName in, Via.Cause cause, String reason, Instant at) {
        Via.Death death = new Via.Death(in, cause, 1, at, at);
        return new Via.DeadLettered(in, cause, reason, at, 1, List.of(death));
    }

    // Taking.

    final Pending<Taken> waitFor(ChannelName queue, int messages) {
        return session().take(Take.of(queue, messages, TIMED, LONG));
    }

    /// Takes one message, waiting for it in real time if need be.
    final Lease takeOne(ChannelName queue) {
        return takeOne(session(), queue, TIMED);
    }

    final Lease takeOne(Session by, ChannelName queue, Term term) {
        return take(by, queue, 1, term).getFirst();
    }

    /// Takes exactly so many messages, waiting for them in real time if need be.
    final List<Lease> take(ChannelName queue, int messages) {
        return take(session(), queue, messages, TIMED);
    }

    final List<Lease> take(Session by, ChannelName queue, int messages, Term term) {
        List<Lease> leases = new ArrayList<>();
        while (leases.size() < messages) {
            Take take = Take.of(queue, messages - leases.size(), term, LONG);
            leases.addAll(leased(by.take(take)));
        }
        return leases;
    }

    /// What can be taken at this moment.
    final List<Lease> takeNow(ChannelName queue, int messages) {
        return leased(session().take(Take.of(queue, messages, TIMED, Duration.ZERO)));
    }

    final void assertNothingToTake(ChannelName queue) {
        assertThat(takeNow(queue, 10)).isEmpty();
    }

    static List<Lease> leased(Pending<Taken> pending) {
        Taken taken = await(pending.stage());
        assertThat(taken).isInstanceOf(Taken.Leased.class);
        return ((Taken.Leased) taken).leases();
    }

    static Refusal refusedTake(Pending<Taken> pending) {
        Taken taken = await(pending.stage());
        assertThat(taken).isInstanceOf(Taken.Refused.class);
        return ((Taken.Refused) taken).refusal();
    }

    static List<String> texts(List<Lease> leases) {
        return leases.stream().map(lease -> lease.message().text()).toList();
    }

    /// Takes and finishes all that is ready, of which there must be as much as there are texts.
    final void assertReadyInOrder(ChannelName queue, String... texts) {
        awaitReady(queue, texts.length);
        List<Lease> leases = take(queue, texts.length);
        assertThat(texts(leases)).containsExactly(texts);
        finish(leases.toArray(Lease[]::new));
    }

    // Looking.

    final <V extends View> Page<V> find(Query<V> query) {
        return await(backend().find(query)).page();
    }

    final View.QueueView view(ChannelName queue) {
        List<View.QueueView> views = find(new Query.QueueNamed(queue)).items();
        assertThat(views).hasSize(1);
        return views.getFirst();
    }

    final View.QueueCounts counts(ChannelName queue) {
        return view(queue).counts();
    }

    final void awaitReady(ChannelName queue, long messages) {
        awaitCounts(queue, counts -> counts.ready() == messages);
    }

    final void awaitCounts(ChannelName queue, Predicate<View.QueueCounts> expected) {
        eventually(() -> expected.test(counts(queue)), () -> queue + " has " + counts(queue));
    }

    // Waiting.

    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            throw new AssertionError("The backend failed to answer", e);
        } catch (TimeoutException e) {
            throw new AssertionError("No answer within " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("The test was interrupted", e);
        }
    }

    static void eventually(BooleanSupplier condition) {
        eventually(condition, () -> "what was awaited did not happen");
    }

    static void eventually(BooleanSupplier condition, Supplier<String> otherwise) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new AssertionError(
                        "After " + PATIENCE.toSeconds() + " s, " + otherwise.get());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) throw new AssertionError("The backend was not opened");
        return value;
    }
}
