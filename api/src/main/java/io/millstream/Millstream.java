package io.millstream;

import io.millstream.api.Backend;
import io.millstream.api.BackendProvider;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.MillstreamException;
import io.millstream.api.NotSupportedException;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// A message broker in your process.
///
/// ```java
/// try (Millstream millstream = Millstream.open(Path.of("data"))) {
///     WorkQueue mail = millstream.queue("mail");
///     mail.send("hello");
///     mail.receive(Duration.ofSeconds(1)).ifPresent(delivery -> {
///         System.out.println(delivery.text());
///         delivery.done();
///     });
/// }
/// ```
///
/// All methods may be called from any thread, virtual threads included. Those that change something
/// block until the change is on disk, typically well under a millisecond, and share the cost of one
/// sync with all other callers: many threads that send at once are served as fast as one that sends
/// a batch.
///
/// A refusal is thrown as [RefusedException]; a store that stopped as
/// [io.millstream.api.StoppedException], after which it is unknown whether the last call was done.
/// So it is after an [io.millstream.api.ConnectionLostException] of a store that is elsewhere,
/// which goes on and may be asked again.
public final class Millstream implements AutoCloseable {
    private final Backend backend;
    private final Session session;

    private Millstream(Backend backend) {
        this.backend = backend;
        this.session = backend.session(SessionSpec.of("in-process"));
    }

    /// Opens the data directory `path`, making it if it is not there. Blocks until what a crash
    /// left behind is recovered. One process at a time.
    ///
    /// @throws MillstreamException if it is in use, damaged or not writable; the message says what
    ///   to do
    public static Millstream open(Path path) {
        return open(path.toAbsolutePath().toUri());
    }

    /// Opens a store in this process's memory, which behaves like one on disk and is gone when it
    /// is closed: for tests.
    public static Millstream inMemory() {
        return open(URI.create("memory:new"));
    }

    /// Opens whatever store `address` names: a data directory by `file:`, a server by its HTTP
    /// port, `http://user:password@host:7171`. The address is all that changes when an application
    /// moves to another store.
    public static Millstream open(URI address) {
        ServiceLoader<BackendProvider> providers = ServiceLoader.load(BackendProvider.class);
        return providers.stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.opens(address))
                .findFirst()
                .map(provider -> over(provider.open(address)))
                .orElseThrow(() ->
                        new MillstreamException(
                                "Nothing on the class path opens "
                                        + address
                                        + ". Add io.millstream:millstream-engine for file:"
                                        + " and memory: addresses, and"
                                        + " io.millstream:millstream-backends for http: and"
                                        + " https:."));
    }

    /// Uses a backend that is open already; closing closes it.
    public static Millstream over(Backend backend) {
        return new Millstream(backend);
    }

    /// Makes sure, at the start of a program, that the store supports all that it needs: better
    /// than being refused in the middle.
    ///
    /// @param program what to call it if the store does not
    /// @throws NotSupportedException if some are not supported, naming all of them
    public void require(String program, Feature... features) {
        backend.capabilities().require(program, Set.copyOf(List.of(features)));
    }

    /// What is declared may ask for much: all of it that is lacking is said at once.
    private void require(Definition definition) {
        backend.capabilities()
                .require("What uses " + definition.name(), Feature.askedBy(definition));
    }

    /// The queue of this name in the default virtual host, defined plainly if there is none.
    public WorkQueue queue(String name) {
        ChannelName channel = ChannelName.of(name);
        ensure(Definition.Queue.of(channel));
        return new WorkQueue(backend, session, channel);
    }

    /// Defines it unless there is one of that name already.
    private void ensure(Definition definition) {
        require(definition);
        Operation define = new Operation.Define(definition, Expect.Nothing.NOTHING);
        Receipt receipt = Waiting.on(session.commit(Commit.of(define)));
        if (receipt instanceof Receipt.Refused refused
                && !(refused.refusal() instanceof Refusal.Conflict)) {
            throw new RefusedException(refused.refusal());
        }
    }

    /// The queue that `definition` declares; an earlier definition of that name is replaced, its
    /// messages stay.
    ///
    /// @throws NotSupportedException if the store lacks something that it asks for
    public WorkQueue queue(Definition.Queue definition) {
        require(definition);
        commit(new Operation.Define(definition, Expect.Anything.ANYTHING));
        return new WorkQueue(backend, session, definition.name());
    }

    /// The topic of this name in the default virtual host, defined plainly if there is none: one
    /// partition, kept for a week.
    ///
    /// @param codec how its events are bytes
    public <T> Topic<T> topic(String name, Codec<T> codec) {
        ChannelName channel = ChannelName.of(name);
        ensure(Definition.Topic.of(channel));
        return new Topic<>(backend, session, channel, codec);
    }

    /// The topic that `definition` declares; an earlier definition of that name is replaced, its
    /// records stay. Blocks until it is on disk.
    ///
    /// @param codec how its events are bytes
    /// @throws RefusedException if what is there cannot become so: a topic has fewer partitions
    ///   than before, or has had a record and would begin or cease to count its keys, or counts
    ///   them and would grow; see [Definition.Topic]
    public <T> Topic<T> topic(Definition.Topic definition, Codec<T> codec) {
        require(definition);
        commit(new Operation.Define(definition, Expect.Anything.ANYTHING));
        return new Topic<>(backend, session, definition.name(), codec);
    }

    /// The exchange of this name in the default virtual host, defined if there is none as one of
    /// [ExchangeKind#TOPIC], which can do what direct and fanout ones can.
    public Exchange exchange(String name) {
        ChannelName exchange = ChannelName.of(name);
        require(Definition.Exchange.of(exchange, ExchangeKind.TOPIC));
        if (Waiting.on(backend.find(new Query.ExchangeNamed(exchange))).page().items().isEmpty()) {
            ensure(Definition.Exchange.of(exchange, ExchangeKind.TOPIC));
        }
        return new Exchange(backend, session, exchange);
    }

    /// The exchange that `definition` declares; an earlier definition of that name is replaced, its
    /// bindings stay.
    ///
    /// @throws RefusedException if there is one of another kind
    /// @throws NotSupportedException if the store lacks something that it asks for
    public Exchange exchange(Definition.Exchange definition) {
        require(definition);
        commit(new Operation.Define(definition, Expect.Anything.ANYTHING));
        return new Exchange(backend, session, definition.name());
    }

    /// Removes a queue or a topic with everything in it and all bindings to it.
    ///
    /// @throws RefusedException if there is none
    public void remove(String name) {
        commit(new Operation.Remove(ChannelName.of(name), Expect.Anything.ANYTHING));
    }

    /// Does all of `operations` or none of them, over any number of queues and rows. Blocks until
    /// it is on disk.
    ///
    /// @return one effect for each operation
    /// @throws RefusedException if one of them is refused; none has happened then
    public List<Receipt.Effect> commit(Operation... operations) {
        return Waiting.forRoom(session, Commit.of(operations)).effects();
    }

    /// As [#commit], without waiting; the receipt says whether it was done. Nothing is sent again
    /// when the store is busy.
    public CompletionStage<Receipt> commitAsync(Operation... operations) {
        return Waiting.apart(session.commit(Commit.of(operations)));
    }

    /// As [#commitAsync(Operation...)], of a commit that may have an id, see
    /// [io.millstream.api.CommitId].
    public CompletionStage<Receipt> commitAsync(Commit commit) {
        return Waiting.apart(session.commit(commit));
    }

    /// The seam below: sessions, stages, pushed deliveries, looks inside.
    public Backend backend() {
        return backend;
    }

    /// Finishes what is in flight and closes the store. Blocks for seconds at most.
    @Override
    public void close() {
        session.close();
        backend.close();
    }
}
