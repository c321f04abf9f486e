package io.millstream.server.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Backend;
import io.millstream.api.Feature;
import io.millstream.api.MillstreamException;
import io.millstream.api.StoppedException;
import io.millstream.engine.Backup;
import io.millstream.engine.io.TimeSource;
import io.millstream.protocols.access.User;
import io.millstream.protocols.access.Users;
import io.millstream.server.config.ServerConfig;
import io.millstream.testkit.denied.DenyingBackend;
import io.millstream.testkit.memory.MemoryBackend;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

class BrokerTest {
    private final MemoryBackend memory = new MemoryBackend(TimeSource.system());
    private final AtomicReference<Consumer<Throwable>> onStopped = new AtomicReference<>();

    @Test
    void a_port_that_is_taken_is_noticed_before_the_store_is_touched() throws IOException {
        AtomicBoolean opened = new AtomicBoolean();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Broker broker =
                    broker(
                            taken.getLocalPort(),
                            path -> {
                                opened.set(true);
                                return store(memory);
                            });

            assertThatThrownBy(broker::start)
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(
                            "Port " + taken.getLocalPort() + " on 127.0.0.1 is taken");
        }
        assertThat(opened).isFalse();
    }

    @Test
    void a_store_that_stops_during_the_start_is_the_reason_told() {
        Backend stopping =
                backend((self, method, arguments) -> {
                    if (method.getName().equals("find")) {
                        Thread.ofVirtual()
                                .start(() ->
                                        onStopped
                                                .get()
                                                .accept(new MillstreamException("It is damaged.")));
                        return CompletableFuture.failedStage(new StoppedException("No answer."));
                    }
                    return method.invoke(memory, arguments);
                });
        Broker broker = broker(0, path -> store(stopping));

        assertThatThrownBy(broker::start)
                .isInstanceOf(StartException.class)
                .hasMessage("Cannot start: the store has stopped: It is damaged.");
    }

    @Test
    void a_store_that_lacks_what_clients_need_is_told_with_all_that_it_lacks() {
        Backend lacking =
                new DenyingBackend(
                        memory, Set.of(Feature.TOPICS, Feature.DELAY), InstantSource.system());
        Broker broker = broker(0, path -> store(lacking));

        assertThatThrownBy(broker::start)
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll("SQS and SNS", "memory", "delay (", "topics (");
    }

    @Test
    void a_store_that_does_not_close_is_a_failure() {
        Backend stuck =
                backend((self, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        throw new MillstreamException("The disk is gone.");
                    }
                    return method.invoke(memory, arguments);
                });
        Broker broker = broker(0, path -> store(stuck));
        broker.start();

        broker.close();

        assertThat(broker.awaitEnd()).isEqualTo(new Ending.Failed("The disk is gone."));
    }

    @Test
    void a_server_that_was_closed_has_stopped() {
        Broker broker = broker(0, path -> store(memory));
        broker.start();

        broker.close();

        assertThat(broker.awaitEnd()).isEqualTo(new Ending.Stopped());
    }

    /// Its address is one that others can reach, but it opens no door.
    private Broker reachable(boolean insecure) throws IOException {
        ServerConfig config =
                new ServerConfig(
                        Path.of("/data"),
                        InetAddress.getByName("0.0.0.0"),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        insecure);
        return new Broker(config, "1.2.3", path -> store(memory));
    }

    @Test
    void without_users_only_this_machine_can_reach_a_server_unless_it_is_insecure()
            throws IOException {
        assertThatThrownBy(reachable(false)::start)
                .isInstanceOf(StartException.class)
                .hasMessageContaining(
                        "Other machines can reach 0.0.0.0, and there are no users yet")
                .hasMessageContaining("millstream users add NAME --admin --password --data /data");
    }

    @Test
    void an_insecure_server_needs_no_users() throws IOException {
        try (Broker broker = reachable(true)) {
            broker.start();
            assertThat(broker.readyLine()).contains("is ready");
        }
    }

    @Test
    void with_users_other_machines_can_reach_a_server() throws IOException {
        try (Users users = Users.open(memory).toCompletableFuture().join()) {
            users.change("admin", none -> User.named("admin")).toCompletableFuture().join();
        }

        try (Broker broker = reachable(false)) {
            broker.start();
            assertThat(broker.readyLine()).contains("is ready");
        }
    }

    private static Broker broker(int port, StoreOpener opener) {
        ServerConfig config =
                new ServerConfig(
                        Path.of("/data"),
                        InetAddress.getLoopbackAddress(),
                        OptionalInt.of(port),
                        OptionalInt.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false);
        return new Broker(config, "1.2.3", opener);
    }

    private OpenStore store(Backend backend) {
        return new OpenStore(
                backend, onStopped::set, registry -> {}, CompletableFuture<Backup>::new);
    }

    private static Backend backend(InvocationHandler handler) {
        return (Backend)
                Proxy.newProxyInstance(
                        Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, handler);
    }
}
