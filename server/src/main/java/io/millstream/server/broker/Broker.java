package io.millstream.server.broker;

import io.millstream.api.MillstreamException;
import io.millstream.index.JobIndex;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.aws.AwsDoor;
import io.millstream.protocols.aws.AwsLimits;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.web.Guard;
import io.millstream.protocols.web.Tls;
import io.millstream.protocols.web.TlsRenewal;
import io.millstream.server.config.ServerConfig;
import io.millstream.server.config.Setting;
import io.millstream.server.http.HttpDoor;
import io.millstream.server.http.Phase;
import io.millstream.server.http.Site;
import io.millstream.server.users.StoredRoster;
import io.vertx.core.Vertx;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/// A server from its start to its end.
///
/// [#start()], [#close()] and [#awaitEnd()] may be called from different threads: a stop that is
/// asked for while the store is still being opened waits for that.
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

    /// How long requests in flight may take to be answered once a stop is asked for.
    static final Duration GRACE = Duration.ofSeconds(10);

    private static final Duration MIDWAY = Duration.ofSeconds(2);

    private final ServerConfig config;
    private final String version;
    private final StoreOpener opener;
    private final Instant started = Instant.now();
    private final Meters meters = new Meters();
    private final Optional<ReadyFile> readyFile;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.STARTING);
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();
    private final ReentrantLock lifecycle = new ReentrantLock();

    // In the order in which they are opened; what is null is not open.
    private @Nullable OpenStore store;
    private @Nullable JobIndex index;
    private @Nullable Users users;
    private @Nullable Vertx vertx;
    private Guard guard = Guard.OPEN;
    private @Nullable String storeFault;
    private final List<Door> doors = new CopyOnWriteArrayList<>();
    private @Nullable TlsRenewal renewal;

    /// Nothing happens before [#start()].
    public Broker(ServerConfig config, String version, StoreOpener opener) {
        this.config = config;
        this.version = version;
        this.opener = opener;
        this.readyFile = config.readyFile().map(ReadyFile::new);
    }

    /// Opens everything, or closes again what it had opened. Blocks until the server is ready.
    ///
    /// @throws StartException if it cannot start, saying what to do
    public void start() {
        lifecycle.lock();
        try {
            openAll();
            phase.compareAndSet(Phase.STARTING, Phase.READY);
        } catch (RuntimeException e) {
            RuntimeException told = cause(e);
            phase.set(Phase.FAILED);
            ended.complete(new Ending.Failed(String.valueOf(told.getMessage())));
            closeAll(Duration.ZERO);
            throw told;
        } finally {
            lifecycle.unlock();
        }
    }

    /// Why the store has stopped, if that is why a door could not be opened.
    private RuntimeException cause(RuntimeException e) {
        if (!Network.isOfStoppedStore(e)) {
            return e;
        }
        // It fails what it was asked before it says why.
        Ending ending =
                ended.copy()
                        .completeOnTimeout(
                                new Ending.Stopped(), MIDWAY.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
        return ending instanceof Ending.Failed failed
                ? new StartException("Cannot start: the store has stopped: " + failed.reason(), e)
                : e;
    }

    /// Waits until the server was closed, or its store stopped by itself.
    public Ending awaitEnd() {
        return ended.join();
    }

    /// Takes nothing new, finishes what is in flight for at most ten seconds, and closes the store.
    /// After a failure there is nothing to finish: what is in flight stays without an answer.
    /// Blocks until done; doing it again does nothing.
    @Override
    public void close() {
        switch (phase.getAndUpdate(Broker::stopping)) {
            case READY -> {
                LOG.info("Stopping; requests in flight have {} s to finish", GRACE.toSeconds());
                closeLocked(GRACE);
                if (storeFault == null && !ended.isDone()) {
                    LOG.info("Stopped; everything is on disk");
                } else {
                    LOG.warn("Stopped, but the store did not close in an orderly way");
                }
            }
            case STARTING -> closeMidway();
            case STOPPING, FAILED -> closeLocked(Duration.ZERO);
        }
        String fault = storeFault;
        ended.complete(fault == null ? new Ending.Stopped() : new Ending.Failed(fault));
    }

    private static Phase stopping(Phase phase) {
        return phase == Phase.FAILED ? Phase.FAILED : Phase.STOPPING;
    }

    private void closeLocked(Duration grace) {
        lifecycle.lock();
        try {
            closeAll(grace);
        } finally {
            lifecycle.unlock();
        }
    }

    /// A store that is still being read cannot be hurried, and need not be: nothing was
    /// acknowledged yet.
    private void closeMidway() {
        LOG.info("Stopping before the start was finished; the next start begins it again");
        try {
            if (lifecycle.tryLock(MIDWAY.toMillis(), TimeUnit.MILLISECONDS)) {
                closeAll(Duration.ZERO);
                lifecycle.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// One line for who started it: where everything is.
    public String readyLine() {
        StringBuilder line = new StringBuilder("Millstream " + version + " is ready: ");
        addresses().forEach((title, url) -> line.append(title + " " + url + ", "));
        long pid = ProcessHandle.current().pid();
        return line.append("data " + config.data() + " (pid " + pid + ")").toString();
    }

    private void openAll() {
        // Before the store, which is changed by being opened.
        config.httpPort().ifPresent(port -> Network.probe(Setting.HTTP_PORT, config.bind(), port));
        config.awsPort().ifPresent(port -> Network.probe(Setting.AWS_PORT, config.bind(), port));
        Optional<Tls> tls = config.tls().map(files -> Tls.read(files.certificate(), files.key()));
        OpenStore opened = openStore();
        store = opened;
        opened.onStopped().accept(this::storeStopped);
        opened.meters().bindTo(meters.registry());
        index =
                config.index()
                        .map(files -> Indexing.open(opened.backend(), files, meters.registry()))
                        .orElse(null);
        Users known = Admission.users(opened.backend());
        users = known;
        guard = Admission.guard(config, known, tls);
        // Only now is the directory ours, and with it what its last owner may have left.
        readyFile.ifPresent(ReadyFile::clear);
        Vertx network = Network.vertx();
        vertx = network;
        // First in and last out: health and metrics show how the others come and go.
        if (config.httpPort().isPresent()) {
            doors.add(openHttp(network, opened, known, config.httpPort().getAsInt()));
        }
        if (config.awsPort().isPresent()) {
            doors.add(openAws(network, opened, config.awsPort().getAsInt()));
        }
        if (tls.isPresent()) {
            renewal = renewal(config.tls().orElseThrow(), tls.get());
        }
        readyFile.ifPresent(file -> file.write(doors));
    }

    private TlsRenewal renewal(ServerConfig.TlsFiles files, Tls current) {
        TlsRenewal begun =
                new TlsRenewal(
                        files.certificate(),
                        files.key(),
                        current,
                        tls -> doors.forEach(door -> door.renewing().accept(tls)));
        begun.start();
        return begun;
    }

    private OpenStore openStore() {
        try {
            Instant before = Instant.now();
            OpenStore opened = opener.open(config.data());
            long millis = Duration.between(before, Instant.now()).toMillis();
            LOG.info("Opened the store {} in {} ms", config.data(), millis);
            return opened;
        } catch (IOException | UncheckedIOException | MillstreamException e) {
            String reason = StoreFault.explain(e);
            boolean named = reason.contains(config.data().toString());
            String where = named ? "" : " on " + config.data();
            throw new StartException("Cannot start" + where + ": " + reason, e);
        }
    }

    private Door openHttp(Vertx network, OpenStore opened, Users known, int port) {
        Site site =
                new Site(
                        version,
                        config.data(),
                        started,
                        opened.backend(),
                        opened.backups(),
                        StoredRoster.served(known, config.opensWithoutUsers()),
                        meters.registry(),
                        phase::get,
                        this::addresses,
                        Optional.ofNullable(index));
        long held = HeapShares.here().apiBytesMax();
        HttpDoor door =
                new HttpDoor(network, site, guard, ApiLimits.USUAL.withBytesMax(held, held));
        int actual =
                Network.listening(
                        Setting.HTTP_PORT, config.bind(), port, host -> door.start(host, port));
        return new Door("http", "status", actual, door::renew, door::close);
    }

    private Door openAws(Vertx network, OpenStore opened, int port) {
        HeapShares shares = HeapShares.here();
        FileShares files = FileShares.here();
        int usual = AwsLimits.USUAL.connectionsMax();
        int connections = files.connectionsMax(usual);
        if (connections < usual) {
            LOG.info(
                    "This process may have {} files open, so {} SQS clients may be connected at"
                            + " once, not {}. For more, raise the limit (ulimit -n, LimitNOFILE)",
                    files.filesMax(),
                    connections,
                    usual);
        }
        AwsLimits limits =
                AwsLimits.USUAL
                        .withConnectionsMax(connections)
                        .withBodiesBytesMax(shares.bodiesBytesMax())
                        .withAnswersBytesMax(shares.answersBytesMax(), shares.looksMax());
        AwsDoor door = new AwsDoor(network, opened.backend(), limits, meters.registry(), guard);
        int actual =
                Network.listening(
                        Setting.AWS_PORT, config.bind(), port, host -> door.start(host, port));
        // It has a grace period of its own, as long as ours.
        return new Door("aws", "SQS", actual, door::renew, grace -> door.close());
    }

    /// On a thread of the store, which must not be held up: whoever awaits the end closes the
    /// doors.
    private void storeStopped(Throwable fault) {
        String reason = StoreFault.explain(fault);
        phase.set(Phase.FAILED);
        if (ended.complete(new Ending.Failed(reason))) {
            LOG.error("The server stops, because its store has stopped: {}", reason);
        }
    }

    /// Where its doors are, by what they are called in the ready line, while they are open.
    public Map<String, String> addresses() {
        Map<String, String> addresses = new LinkedHashMap<>();
        for (Door door : doors.reversed()) {
            addresses.put(door.title(), Network.url(guard.scheme(), config.bind(), door.port()));
        }
        return addresses;
    }

    /// Undoes [#openAll()] in reverse, also half of it. A step that fails does not keep the next
    /// from being done.
    private void closeAll(Duration grace) {
        readyFile.ifPresent(file -> attempt("remove the ready file", file::remove));
        if (renewal != null) {
            TlsRenewal ending = renewal;
            renewal = null;
            attempt("stop looking at the certificate", ending::close);
        }
        long end = System.nanoTime() + grace.toNanos();
        for (Door door : doors.reversed()) {
            Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            attempt("close the door " + door.name(), () -> door.closing().close(left));
        }
        doors.clear();
        if (vertx != null) {
            Vertx network = vertx;
            vertx = null;
            attempt("close the network", () -> Network.close(network));
        }
        if (users != null) {
            Users forgotten = users;
            users = null;
            attempt("let go of the users", forgotten::close);
        }
        if (index != null) {
            JobIndex closing = index;
            index = null;
            attempt("close the index", closing::close);
        }
        if (store != null) {
            OpenStore closing = store;
            store = null;
            attempt("close the store", () -> close(closing));
        }
        meters.close();
    }

    private void close(OpenStore closing) {
        try {
            closing.backend().close();
        } catch (RuntimeException e) {
            storeFault = StoreFault.explain(e);
            throw e;
        }
    }

    private static void attempt(String what, Step step) {
        try {
            step.run();
        } catch (Exception e) {
            LOG.warn("Could not {}; the rest is closed all the same.", what, e);
        }
    }

    /// Part of closing.
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }
}
