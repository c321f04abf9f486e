package io.millstream.backends.remote;

import io.millstream.api.ChannelName;
import io.millstream.api.CommitId;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Query;
import io.millstream.api.StoppedException;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

import org.jspecify.annotations.Nullable;

import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The line to a server, over one connection after the other: what is asked is sent in order, what
/// is told goes to whom it is for.
///
/// Safe for threads. Nothing blocks but [#close()]; answers arrive on the connection's thread, and
/// failures also on the line's own.
final class RemoteLine implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(RemoteLine.class.getName());
    private static final long TICK_MILLIS = 250;
    private static final int TICKS_PER_PING = 8;
    private static final long PAUSE_MILLIS_MIN = 50;
    private static final long PAUSE_MILLIS_MAX = 2_000;
    private static final long CLOSE_SECONDS = 5;
    private static final ChannelName NOTHING = ChannelName.of("-");

    /// How long a commit is sent again after it was asked for: well below the time for which a
    /// store remembers it.
    private static final Duration AGAIN = CommitId.REMEMBERED_FOR.dividedBy(2);

    private final RemoteOptions options;
    private final HttpClient http;
    private final AtomicLong numbers = new AtomicLong();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("millstream-remote").factory());

    // Guarded by this.
    private final Outgoing outgoing = new Outgoing();
    private final Map<Long, Outgoing.Message> underWay = new LinkedHashMap<>();
    private final Map<Long, Work> standing = new LinkedHashMap<>();
    private @Nullable RemoteConnection connection;
    private boolean sending;
    private long pauseMillis = PAUSE_MILLIS_MIN;
    private boolean isReported;
    private boolean closed;
    private int ticks;

    RemoteLine(RemoteOptions options, HttpClient http) {
        this.options = options;
        this.http = http;
    }

    void start() {
        timer.execute(this::connect);
        var _ =
                timer.scheduleAtFixedRate(
                        this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// A number that nothing else has.
    long number() {
        return numbers.incrementAndGet();
    }

    // Asking.

    /// Asks for something.
    ///
    /// @throws IllegalArgumentException if it cannot be said
    void ask(Work work) {
        send(Letter.whole(work, work.ask()));
    }

    /// Asks for commits that are written already.
    void commit(Work work, long session, List<byte[]> commits) {
        send(Letter.commits(work, session, commits));
    }

    /// Says something that is not answered.
    void say(Ask ask) {
        send(Letter.whole(null, ask));
    }

    /// Runs something when the server has passed this point: what was on its way before is told
    /// until then, and nothing of it afterwards.
    void whenPassed(Runnable then) {
        OneAnswer<Told> passed =
                new OneAnswer<>(
                        number(),
                        id -> new Ask.Find(id, new Query.QueueNamed(NOTHING)),
                        told -> told,
                        refusal -> new Told.Active(0, false));
        var _ = passed.answer().whenComplete((_, _) -> then.run());
        ask(passed);
    }

    private void send(Letter letter) {
        Work work = letter.work();
        boolean isTaken;
        synchronized (this) {
            isTaken = !closed;
            if (isTaken) {
                if (work != null && work.stands()) {
                    standing.put(work.id, work);
                }
                outgoing.add(letter);
            }
        }
        if (isTaken) {
            pump();
        } else if (work != null) {
            work.failed(stopped());
        }
    }

    /// Whether too much waits for more to be taken; nothing that ends something is refused.
    synchronized boolean isFull() {
        return outgoing.bytes() > options.waitingBytesMax();
    }

    /// Takes back what was not sent yet.
    ///
    /// @return whether it was not
    synchronized boolean takeBack(Work work) {
        return outgoing.remove(work);
    }

    /// Something is over; what is still told about it, nobody hears.
    synchronized void forget(Work work) {
        standing.remove(work.id);
    }

    private static StoppedException stopped() {
        return new StoppedException("This backend was closed. Open another one.");
    }

    private void pump() {
        while (true) {
            Outgoing.Message message;
            RemoteConnection over;
            synchronized (this) {
                over = connection;
                if (sending || over == null || !over.isWelcome() || outgoing.isEmpty()) {
                    return;
                }
                message = outgoing.next();
                if (message.json().length <= over.bytesMax()) {
                    sending = true;
                    message.works().forEach(work -> work.sent = true);
                    if (!message.works().isEmpty() && !message.works().getFirst().stands()) {
                        underWay.put(message.works().getFirst().id, message);
                    }
                }
            }
            if (message.json().length > over.bytesMax()) {
                tooLarge(message, over.bytesMax());
            } else {
                var _ = over.send(message.json()).whenComplete((_, failure) -> sent(over, failure));
                return;
            }
        }
    }

    private void tooLarge(Outgoing.Message message, long bytesMax) {
        message.works()
                .forEach(work -> {
                    forget(work);
                    work.failed(new TooLargeException(message.json().length, bytesMax));
                });
    }

    private void sent(RemoteConnection over, @Nullable Throwable failure) {
        if (failure != null) {
            broken(over, "It could not be sent to: " + failure.getMessage());
            return;
        }
        synchronized (this) {
            if (connection == over) {
                sending = false;
            }
        }
        pump();
    }

    // Being told.

    /// The server tells something, over a connection that may be the last one.
    void told(RemoteConnection over, Told told) {
        try {
            tell(over, told);
        } catch (RuntimeException mistake) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "Who was told something by %s failed at it".formatted(options),
                    mistake);
        }
    }

    private void tell(RemoteConnection over, Told told) {
        if (told instanceof Told.Welcome) {
            welcome(over);
            return;
        }
        Outgoing.Message message;
        Work stands;
        if (told instanceof Told.Failed failed
                && Problems.isAway(failed.problem())
                && keepsForNext(over, failed.id())) {
            broken(over, failed.problem().detail());
            return;
        }
        synchronized (this) {
            if (connection != over) {
                return;
            }
            message = underWay.remove(told.id());
            stands = standing.get(told.id());
        }
        if (message != null) {
            message.told(told);
        } else if (stands != null && stands.told(told)) {
            forget(stands);
        }
    }

    /// Whether what the server could not do is sent again over the next connection.
    private synchronized boolean keepsForNext(RemoteConnection over, long id) {
        Outgoing.Message message = underWay.get(id);
        return connection == over && message != null && message.repeats();
    }

    private void welcome(RemoteConnection over) {
        boolean wasLost;
        synchronized (this) {
            if (connection != over) {
                return;
            }
            outgoing.removeStanding();
            outgoing.addFirst(
                    standing.values().stream()
                            .filter(work -> work.sent)
                            .map(work -> Letter.whole(work, work.ask()))
                            .toList());
            wasLost = isReported;
            isReported = false;
            pauseMillis = PAUSE_MILLIS_MIN;
        }
        if (wasLost) {
            LOGGER.log(System.Logger.Level.INFO, "The server at %s is back.".formatted(options));
        }
        pump();
    }

    // Connecting.

    private void connect() {
        RemoteConnection next = new RemoteConnection(this, options.silence());
        synchronized (this) {
            if (closed) {
                return;
            }
            connection = next;
            sending = false;
        }
        next.open(http, options)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        broken(next, why(failure));
                    }
                });
    }

    private static String why(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null ->
                    why(wrapped.getCause());
            case WebSocketHandshakeException refused ->
                    "It answers with status %d".formatted(refused.getResponse().statusCode());
            default ->
                    failure.getMessage() == null
                            ? failure.getClass().getSimpleName()
                            : failure.getMessage();
        };
    }

    /// A connection is of no use any more.
    void broken(RemoteConnection over, String why) {
        over.abort();
        List<Work> lost = new ArrayList<>();
        List<Work> interrupted;
        boolean report;
        synchronized (this) {
            if (connection != over) {
                return;
            }
            connection = null;
            sending = false;
            putBack(lost);
            interrupted = standing.values().stream().filter(work -> work.sent).toList();
            report = !isReported && !closed;
            isReported = true;
            if (!closed) {
                long pause = pauseMillis;
                pauseMillis = Math.min(2 * pause, PAUSE_MILLIS_MAX);
                var _ =
                        timer.schedule(
                                this::connect,
                                pause / 2 + ThreadLocalRandom.current().nextLong(pause),
                                TimeUnit.MILLISECONDS);
            }
        }
        if (report) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    ("The connection to %s is lost (%s). It is tried again until it works; what is"
                                    + " asked meanwhile waits up to %d s.")
                            .formatted(options, why, options.patience().toSeconds()));
        }
        String text = "The connection to %s was lost: %s.".formatted(options, why);
        interrupted.forEach(work -> work.interrupted(new ConnectionLostException(text)));
        lost.forEach(work -> work.failed(new ConnectionLostException(text)));
    }

    /// What may be sent again waits for that in its order, if it has not for too long; all else
    /// that was sent is lost.
    private void putBack(List<Work> lost) {
        List<Letter> again = new ArrayList<>();
        long now = System.nanoTime();
        for (Outgoing.Message message : underWay.values()) {
            boolean isOld =
                    message.letters().stream()
                            .anyMatch(letter -> now - letter.nanos() > AGAIN.toNanos());
            if (message.repeats() && !isOld) {
                again.addAll(message.letters());
            } else {
                lost.addAll(message.works());
            }
        }
        underWay.clear();
        outgoing.addFirst(again);
    }

    private void tick() {
        RemoteConnection over;
        List<Work> impatient = List.of();
        boolean ping;
        synchronized (this) {
            over = connection;
            ping = ++ticks % TICKS_PER_PING == 0;
            if (over == null || !over.isWelcome()) {
                impatient = outgoing.removeOlder(System.nanoTime() - options.patience().toNanos());
            }
        }
        if (over != null) {
            if (over.isSilent()) {
                broken(over, "Nothing was heard of it for too long");
            } else if (ping) {
                over.ping();
            }
        }
        Duration patience = options.patience();
        impatient.forEach(work ->
                work.failed(
                        new ConnectionLostException(
                                "The server at %s could not be reached for %d s. %s"
                                        .formatted(
                                                options,
                                                patience.toSeconds(),
                                                work.sent
                                                        ? "Whether it was done before is not known."
                                                        : "Nothing was sent to it."))));
    }

    // Its end.

    /// Waits a little for what is under way, and ends. What has no answer then fails.
    @Override
    public void close() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        List<Work> left = new ArrayList<>();
        RemoteConnection over;
        synchronized (this) {
            if (closed) {
                return;
            }
            while (hasWork() && System.nanoTime() - end < 0) {
                try {
                    wait(10);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            closed = true;
            over = connection;
            connection = null;
            underWay.values().forEach(message -> left.addAll(message.works()));
            underWay.clear();
            left.addAll(outgoing.removeOlder(Long.MAX_VALUE / 2 + System.nanoTime()));
        }
        timer.shutdownNow();
        if (over != null) {
            over.close();
        }
        left.forEach(work -> work.failed(stopped()));
    }

    private boolean hasWork() {
        return connection != null
                && connection.isWelcome()
                && (sending
                        || !outgoing.isEmpty()
                        || underWay.values().stream().anyMatch(RemoteLine::ends));
    }

    /// Whether it is answered soon; a take may wait for ever.
    private static boolean ends(Outgoing.Message message) {
        return message.works().getFirst() instanceof CommitWork;
    }
}
