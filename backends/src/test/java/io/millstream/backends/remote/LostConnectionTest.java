package io.millstream.backends.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.TopicReader;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.protocols.http.ApiLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What a program sees when the network between it and its server breaks.
class LostConnectionTest {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final Term TIMED = new Term.Timed(Duration.ofMinutes(5));

    private final MemoryDisk disk = new MemoryDisk();
    private Engine engine;
    private ServerForTests server;
    private Cable cable;
    private RemoteBackend backend;
    private Session session;

    @BeforeEach
    void open() throws IOException {
        engine = Engine.open(disk, EngineOptions.inMemory());
        server = new ServerForTests(engine, ApiLimits.USUAL, 0);
        cable = new Cable(server.port());
        backend = RemoteBackend.open(RemoteOptions.at(cable.address()));
        session = backend.session(SessionSpec.of("test"));
        commit(new Operation.Define(Definition.Queue.of(MAIL), Expect.Anything.ANYTHING));
    }

    @AfterEach
    void close() throws IOException {
        backend.close();
        cable.close();
        server.close();
        engine.close();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private Receipt.Committed commit(Operation... operations) {
        return (Receipt.Committed)
                session.commit(Commit.of(operations)).toCompletableFuture().join();
    }

    private static Operation put(String text) {
        return new Operation.Put(MAIL, Message.of(text));
    }

    private static Operation done(Lease lease) {
        return new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.REFUSE);
    }

    private List<Lease> take(int messages) throws Exception {
        Taken taken =
                get(session.take(Take.of(MAIL, messages, TIMED, Duration.ofSeconds(10))).stage());
        return ((Taken.Leased) taken).leases();
    }

    @Test
    void a_commit_that_was_sent_and_not_answered_is_sent_again_and_done_once() throws Exception {
        for (int i = 0; i < 20; i++) {
            List<CompletionStage<Receipt>> asked = new ArrayList<>();
            for (int j = 0; j < 20; j++) {
                asked.add(session.commit(Commit.of(put(i + "." + j))));
                if (j == i) {
                    cable.breakAll();
                }
            }
            List<Long> places = new ArrayList<>();
            for (CompletionStage<Receipt> each : asked) {
                Receipt.Committed receipt = (Receipt.Committed) get(each);
                places.add(((Receipt.Effect.Stored) receipt.effects().getFirst()).sequence());
            }
            assertThat(places).isSorted().doesNotHaveDuplicates();
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            expected.add(i / 20 + "." + i % 20);
        }
        List<String> stored = new ArrayList<>();
        while (stored.size() < expected.size()) {
            take(100).forEach(lease -> stored.add(lease.message().text()));
        }
        assertThat(stored).containsExactlyElementsOf(expected);
        assertThat(countThere()).isEqualTo(expected.size());
    }

    private long countThere() {
        return engine.find(new Query.QueueNamed(MAIL))
                .toCompletableFuture()
                .join()
                .page()
                .items()
                .getFirst()
                .counts()
                .leased();
    }

    @Test
    void a_commit_outlives_the_server_that_was_killed_before_it_had_answered() throws Exception {
        int port = server.port();
        for (int i = 0; i < 5; i++) {
            List<CompletionStage<Receipt>> asked = new ArrayList<>();
            for (int j = 0; j < 20; j++) {
                asked.add(session.commit(Commit.of(put(i + "." + j))));
            }
            engine.kill();
            server.close();
            engine = Engine.open(disk, EngineOptions.inMemory());
            server = new ServerForTests(engine, ApiLimits.USUAL, port);
            for (CompletionStage<Receipt> each : asked) {
                assertThat(get(each)).isInstanceOf(Receipt.Committed.class);
            }
        }

        List<String> stored = new ArrayList<>();
        while (stored.size() < 100) {
            take(100).forEach(lease -> stored.add(lease.message().text()));
        }
        assertThat(stored).doesNotHaveDuplicates().hasSize(100);
        assertThat(countThere()).isEqualTo(100);
    }

    @Test
    void what_is_asked_while_the_connection_is_lost_waits_for_the_next_one() throws Exception {
        cable.cut();
        CompletionStage<Receipt> waiting = session.commit(Commit.of(put("1")));
        assertThatThrownBy(() -> waiting.toCompletableFuture().get(300, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);

        cable.mend();

        assertThat(get(waiting)).isInstanceOf(Receipt.Committed.class);
        assertThat(take(10)).hasSize(1);
    }

    @Test
    void what_was_sent_and_not_answered_fails_and_the_session_goes_on() throws Exception {
        var waiting = session.take(Take.of(MAIL, 1, TIMED, Duration.ofMinutes(1)));
        commit(new Operation.CheckDefinition(MAIL, Expect.Anything.ANYTHING));
        cable.breakAll();

        assertThatThrownBy(() -> get(waiting.stage()))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("was lost");
        commit(put("1"));
        assertThat(take(1)).hasSize(1);
    }

    @Test
    void a_lease_with_a_time_is_settled_over_the_next_connection() throws Exception {
        commit(put("1"));
        Lease lease = take(1).getFirst();
        cable.breakAll();

        assertThat(get(session.commit(Commit.of(done(lease)))))
                .isInstanceOf(Receipt.Committed.class);
    }

    @Test
    void a_lease_that_lasts_as_long_as_its_session_goes_back() throws Exception {
        commit(put("1"));
        Take take = Take.of(MAIL, 1, Term.WhileOpen.WHILE_OPEN, Duration.ofSeconds(10));
        get(session.take(take).stage());

        cable.breakAll();

        try (Session other = engine.session(SessionSpec.of("other"))) {
            Taken again = get(other.take(take).stage());
            assertThat(((Taken.Leased) again).leases()).hasSize(1);
        }
    }

    @Test
    void a_consumer_goes_on_over_the_next_connection() {
        List<String> got = new CopyOnWriteArrayList<>();
        session.consume(
                Subscribe.of(MAIL, Term.WhileOpen.WHILE_OPEN, session.credit(10, Long.MAX_VALUE)),
                new DeliverySink() {
                    @Override
                    public void deliver(List<Lease> leases) {
                        leases.forEach(lease -> got.add(lease.message().text()));
                    }

                    @Override
                    public void ended(Refusal why) {
                        got.add("ended: " + why.text());
                    }
                });
        commit(put("1"));
        await().until(() -> got.equals(List.of("1")));

        cable.breakAll();
        commitThere(put("2"));

        await().untilAsserted(() -> assertThat(got).containsExactly("1", "1", "2"));
    }

    private void commitThere(Operation operation) {
        try (Session there = engine.session(SessionSpec.of("there"))) {
            there.commit(Commit.of(operation)).toCompletableFuture().join();
        }
    }

    @Test
    void a_watch_tells_all_there_is_again() {
        List<Change> changes = new CopyOnWriteArrayList<>();
        session.watch(new Interest.Definitions(), changes::add);
        await().until(() -> changes.size() == 1);

        cable.breakAll();

        await().until(() -> changes.size() == 2);
        assertThat(changes).allMatch(Change.Snapshot.class::isInstance);
    }

    @Test
    void a_reader_goes_on_where_it_was() throws Exception {
        ChannelName log = ChannelName.of("log");
        commit(
                new Operation.Define(Definition.Topic.of(log), Expect.Anything.ANYTHING),
                append(log, "1"),
                append(log, "2"),
                append(log, "3"));
        TopicReader reader = session.read(new From.Offset(log, 0, 0));
        List<String> read = new ArrayList<>(texts(get(reader.next(2, 1 << 20, WAIT).stage())));

        cable.breakAll();
        while (read.size() < 3) {
            try {
                read.addAll(texts(get(reader.next(1, 1 << 20, WAIT).stage())));
            } catch (ConnectionLostException again) {
                // Asked before the loss was noticed.
            }
        }

        assertThat(read).containsExactly("1", "2", "3");
    }

    private static final Duration WAIT = Duration.ofSeconds(10);

    private static Operation append(ChannelName topic, String text) {
        return new Operation.Append(topic, 0, List.of(Message.of(text)), null);
    }

    private static List<String> texts(Fetched fetched) {
        return ((Fetched.Records) fetched)
                .records().stream().map(record -> record.message().text()).toList();
    }

    @Test
    void a_network_that_swallows_everything_is_noticed() throws Exception {
        backend.close();
        backend =
                RemoteBackend.open(
                        RemoteOptions.at(cable.address()).withSilence(Duration.ofSeconds(1)));
        session = backend.session(SessionSpec.of("test"));
        commit(put("1"));
        cable.fallSilent();
        var lost = session.take(Take.of(MAIL, 1, TIMED, Duration.ofMinutes(1)));

        assertThatThrownBy(() -> get(lost.stage())).isInstanceOf(ConnectionLostException.class);
        cable.mend();

        commit(put("2"));
    }

    @Test
    void who_waits_too_long_for_a_connection_is_told() {
        backend.close();
        backend =
                RemoteBackend.open(
                        RemoteOptions.at(cable.address()).withPatience(Duration.ofMillis(500)));
        session = backend.session(SessionSpec.of("test"));
        cable.cut();

        await().untilAsserted(() ->
                assertThatThrownBy(() -> get(session.commit(Commit.of(put("1")))))
                        .isInstanceOf(ConnectionLostException.class)
                        .hasMessageContaining("Nothing was sent to it."));
    }

    @Test
    void what_waits_for_a_connection_is_bounded() {
        backend.close();
        backend = RemoteBackend.open(RemoteOptions.at(cable.address()).withWaitingBytesMax(10_000));
        session = backend.session(SessionSpec.of("test"));
        cable.cut();
        String large = "x".repeat(1_000);

        await().untilAsserted(() -> {
            CompletionStage<Receipt> asked = session.commit(Commit.of(put(large)));
            assertThat(asked.toCompletableFuture().getNow(null))
                    .isInstanceOfSatisfying(
                            Receipt.Refused.class,
                            refused ->
                                    assertThat(refused.refusal()).isInstanceOf(Refusal.Busy.class));
        });
    }

    @Test
    void a_backend_that_was_closed_says_so() {
        var waiting = session.take(Take.of(MAIL, 1, TIMED, Duration.ofMinutes(1)));
        backend.close();

        assertThat(waiting.stage().toCompletableFuture()).isDone();
        assertThatThrownBy(() -> get(session.commit(Commit.of(put("1")))))
                .isInstanceOf(StoppedException.class);
    }

    @Test
    void a_server_that_is_not_there_is_said_at_once() {
        URI nowhere = URI.create("http://127.0.0.1:1");

        assertThatThrownBy(() -> RemoteBackend.open(RemoteOptions.at(nowhere)))
                .isInstanceOf(MillstreamException.class)
                .hasMessageContaining("No Millstream server answers at http://127.0.0.1:1");
    }

    @Test
    void an_address_with_a_path_is_refused() {
        assertThatThrownBy(() -> RemoteOptions.at(URI.create("http://ann:secret@host:7171/api/v1")))
                .isInstanceOf(MillstreamException.class)
                .hasMessageContaining("Give the HTTP port alone, such as http://host:7171.")
                .hasMessageNotContaining("secret");
    }
}
