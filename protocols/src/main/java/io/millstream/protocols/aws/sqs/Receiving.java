package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Handle;
import io.millstream.api.Header;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.room.Room;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// One receive on its way to its messages, which takes no more memory than it has room for.
///
/// With room for the largest answer it takes what is there. Without, or to wait for messages, it
/// takes a small answer, which needs none. A first message may be larger than that, as nobody knows
/// before: then it is given back, the receive stands in line for room, and takes it again.
final class Receiving {
    /// How long a receive may stand in line for room that would not wait for messages so long.
    private static final Duration LINE_WAIT_MIN = Duration.ofSeconds(1);

    private final Tools tools;
    private final Caller caller;
    private final ChannelName queue;
    private final int messages;
    private final Term term;
    private final long endNanos;

    Receiving(
            Tools tools,
            Caller caller,
            ChannelName queue,
            int messages,
            Term term,
            Duration maxWait) {
        this.tools = tools;
        this.caller = caller;
        this.queue = queue;
        this.messages = messages;
        this.term = term;
        this.endNanos = System.nanoTime() + maxWait.toNanos();
    }

    /// The messages; none if there are none in time.
    CompletionStage<List<Lease>> run() {
        if (caller.hurried()) {
            return none();
        }
        return caller.takeRoom(limits().receiveBytesMax()) ? withRoom() : look();
    }

    /// Messages that are leased already and read once more, if there is room for them.
    CompletionStage<List<Lease>> roomFor(Supplier<CompletionStage<List<Lease>>> reading) {
        long bytes = limits().receiveBytesMax();
        CompletionStage<Boolean> room =
                caller.takeRoom(bytes)
                        ? CompletableFuture.completedStage(true)
                        : caller.awaitRoom(bytes, lineWait());
        return room.thenCompose(found -> found ? reading.get() : ended())
                .thenApply(leases -> {
                    if (leases.isEmpty()) {
                        caller.leaveRoom();
                    }
                    return leases;
                });
    }

    private CompletionStage<List<Lease>> withRoom() {
        return take(limits().receiveBytesMax(), Duration.ZERO)
                .thenCompose(leases -> {
                    if (!leases.isEmpty()) {
                        return CompletableFuture.completedStage(leases);
                    }
                    caller.leaveRoom();
                    return await();
                });
    }

    /// What those who look at once may have in hand is bounded too, but they are soon done.
    private CompletionStage<List<Lease>> look() {
        Room looks = tools.traffic().looks();
        long bytes = limits().receiveBytesMax();
        return caller.awaitTurn(looks, bytes, lineWait())
                .thenCompose(ours -> {
                    if (!ours) {
                        return ended();
                    }
                    return started(limits().smallReceiveBytesMax(), Duration.ZERO)
                            .whenComplete((leases, failure) -> looks.free(bytes))
                            .thenCompose(leases -> leases.isEmpty() ? await() : admit(leases));
                });
    }

    private CompletionStage<List<Lease>> await() {
        Duration left = left();
        if (left.isZero() || caller.hurried()) {
            return none();
        }
        Traffic traffic = tools.traffic();
        Room turns = traffic.beginWait(queue);
        long bytes = limits().receiveBytesMax();
        CompletionStage<Boolean> turn =
                turns.tryHold(bytes)
                        ? CompletableFuture.completedStage(true)
                        : caller.awaitTurn(turns, bytes, left);
        return turn.thenCompose(
                        ours -> {
                            if (!ours) {
                                return none();
                            }
                            return started(limits().smallReceiveBytesMax(), left())
                                    .whenComplete((leases, failure) -> turns.free(bytes));
                        })
                .whenComplete((leases, failure) -> traffic.endWait(queue))
                .thenCompose(leases -> leases.isEmpty() ? none() : admit(leases));
    }

    /// Keeps what is small or finds room.
    private CompletionStage<List<Lease>> admit(List<Lease> leases) {
        long bytes = leases.stream().mapToLong(Receiving::bytes).sum();
        if (bytes <= limits().smallReceiveBytesMax() || caller.takeRoom(bytes)) {
            return CompletableFuture.completedStage(leases);
        }
        List<Handle> handles = leases.stream().map(Lease::handle).toList();
        return giveBack(tools, handles, false).thenCompose(given -> standInLine());
    }

    private CompletionStage<List<Lease>> standInLine() {
        return caller.awaitRoom(limits().receiveBytesMax(), lineWait())
                .thenCompose(found -> {
                    if (found && !caller.hurried()) {
                        return withRoom();
                    }
                    caller.leaveRoom();
                    return ended();
                });
    }

    /// The wait in line has ended without room.
    private CompletionStage<List<Lease>> ended() {
        if (caller.hurried()) {
            return none();
        }
        throw SqsError.REQUEST_THROTTLED.with(
                "Answers of other receives take all the memory that there is for answers. Ask again"
                        + " later; messages of up to "
                        + limits().smallReceiveBytesMax()
                        + " bytes are always handed out.");
    }

    /// The take, or why it could not even be begun, as a stage: what is held for it is freed in
    /// either case.
    private CompletionStage<List<Lease>> started(long bytes, Duration wait) {
        try {
            return take(bytes, wait);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private CompletionStage<List<Lease>> take(long bytes, Duration wait) {
        Store.Taking taking =
                tools.store().take(new Take(queue, messages, bytes, term, wait, Set.of()));
        caller.onCancel(taking.cancel());
        return taking.stage().thenApply(Receiving::leases);
    }

    private static List<Lease> leases(Taken taken) {
        return switch (taken) {
            case Taken.Leased leased -> leased.leases();
            case Taken.Refused refused -> throw Refusals.fault(refused.refusal()).exception();
        };
    }

    private static long bytes(Lease lease) {
        long bytes = lease.message().body().length();
        for (Header header : lease.message().headers()) {
            bytes += header.name().length() + header.type().length() + header.value().length();
        }
        return bytes;
    }

    /// Gives messages back to their place; one that cannot be comes back by itself when its lease
    /// ends.
    ///
    /// @param counts whether they count as received
    static CompletionStage<?> giveBack(Tools tools, List<Handle> handles, boolean counts) {
        if (handles.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        Outcome again = new Outcome.Retry(Duration.ZERO, counts);
        return tools.store()
                .commit(
                        handles.stream()
                                .map(handle -> Commit.of(new Operation.Settle(handle, again)))
                                .toList());
    }

    private SqsLimits limits() {
        return tools.traffic().limits();
    }

    private Duration lineWait() {
        Duration left = left();
        return left.compareTo(LINE_WAIT_MIN) < 0 ? LINE_WAIT_MIN : left;
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
    }

    private static CompletionStage<List<Lease>> none() {
        return CompletableFuture.completedStage(List.of());
    }
}
