package io.millstream.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Session;
import io.millstream.api.Taken;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.lossy.LosingBackend;
import io.millstream.testkit.memory.MemoryBackend;
import io.millstream.wire.Forms;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Messages whose taker has left when they come, and answers that the store does not give.
class UndeliveredTest {
    private final MemoryBackend kept = new MemoryBackend(TimeSource.system());
    private ApiServer server;

    private void open(Backend backend) {
        server = new ApiServer(backend, ApiLimits.USUAL);
        server.commit(
                new Operation.Define(
                        Definition.Queue.of(ChannelName.of("mail")), Expect.Anything.ANYTHING));
        server.put("mail", "hi");
    }

    @AfterEach
    void close() {
        await().untilAsserted(() -> {
            assertThat(server.api().requests()).isZero();
            assertThat(server.api().heldBytes()).isZero();
        });
        server.close();
        kept.close();
    }

    @Test
    void what_comes_for_who_has_left_goes_back_without_using_an_attempt() throws Exception {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        open(late(kept, gate));
        String session = server.open();
        try (Socket _ =
                server.rawPost(session + "/takes", "{\"queue\":\"mail\",\"lease_ms\":86400000}")) {
            await().until(() -> server.api().requests() == 1);
        }
        await().until(() -> server.api().requests() == 0);
        gate.complete(null);

        HttpResponse<String> again =
                server.post(session + "/takes", "{\"queue\":\"mail\",\"max_wait_ms\":20000}");

        Taken.Leased taken = (Taken.Leased) ApiServer.read(Forms.TAKEN, again);
        assertThat(taken.leases())
                .singleElement()
                .satisfies(lease -> {
                    assertThat(lease.deliveries()).isEqualTo(2);
                    assertThat(lease.attempts()).isEqualTo(1);
                });
    }

    @Test
    void an_answer_that_the_store_lost_is_unknown_and_the_session_goes_on() {
        LosingBackend losing = new LosingBackend(kept);
        open(losing);
        String session = server.open();
        losing.loseNext(LosingBackend.Kind.COMMIT, LosingBackend.When.AFTER);

        HttpResponse<String> lost =
                server.post(
                        session + "/commits",
                        "[{\"operations\":[{\"op\":\"purge\",\"queue\":\"mail\"}]}]");

        assertThat(ApiServer.problem(lost).type()).isEqualTo("urn:millstream:store-away");
        assertThat(lost.statusCode()).isEqualTo(503);
        assertThat(server.post(session + "/takes", "{\"queue\":\"mail\"}").body())
                .contains("\"leases\":[]");
    }

    @Test
    void a_store_that_has_stopped_is_a_503() {
        open(kept);
        String session = server.open();

        kept.close();

        for (HttpResponse<String> answer :
                List.of(
                        server.post("/sessions", "{\"name\":\"x\"}"),
                        server.post("/find", "{\"query\":\"queues\"}"),
                        server.post(session + "/takes", "{\"queue\":\"mail\"}"),
                        server.post(
                                session + "/commits",
                                "[{\"operations\":[{\"op\":\"purge\",\"queue\":\"mail\"}]}]"))) {
            assertThat(ApiServer.problem(answer).type()).isEqualTo("urn:millstream:store-away");
        }
    }

    /// A backend whose takes are answered when the gate opens, and cannot be called off any more.
    private static Backend late(Backend backend, CompletableFuture<Void> gate) {
        return proxy(
                Backend.class,
                backend,
                "session",
                session -> proxy(Session.class, session, "take", take -> held(take, gate)));
    }

    private static Pending<Taken> held(Object take, CompletableFuture<Void> gate) {
        @SuppressWarnings("unchecked") // What a session gives.
        Pending<Taken> pending = (Pending<Taken>) take;
        CompletionStage<Taken> stage = pending.stage().thenCombine(gate, (taken, _) -> taken);
        return new Pending<>() {
            @Override
            public CompletionStage<Taken> stage() {
                return stage;
            }

            @Override
            public void cancel() {}
        };
    }

    private interface Wrapping {
        Object wrap(Object result);
    }

    private static <T> T proxy(Class<T> type, Object target, String name, Wrapping wrapping) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> {
                            Object result = call(target, method, arguments);
                            return method.getName().equals(name) ? wrapping.wrap(result) : result;
                        }));
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
