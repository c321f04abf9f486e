package io.millstream.protocols.http;

import io.millstream.protocols.access.Principal;
import io.millstream.protocols.http.Reply.Feed;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A request to an [Extension] while it is worked on: one virtual thread, which is interrupted when
/// its client leaves. All else happens on the request's event loop.
final class Extended {
    private final Call call;
    private final Extension extension;
    private final Premises premises;
    private final Context loop;

    private Extended(Call call, Extension extension, Premises premises) {
        this.call = call;
        this.extension = extension;
        this.premises = premises;
        this.loop = call.context();
    }

    /// Begins it, and answers when it is done.
    static void begin(Call call, Extension extension, Premises premises) {
        Extended work = new Extended(call, extension, premises);
        Asked asked = call.asked();
        Thread thread =
                Thread.ofVirtual()
                        .name("millstream-http-" + extension.path())
                        .unstarted(() -> work.run(asked));
        premises.works().add(thread);
        call.onGone(thread::interrupt);
        thread.start();
    }

    private void run(Asked asked) {
        try {
            switch (extension.work().work(asked)) {
                case Reply.Events(Reply.Source source) -> tell(source);
                case Reply.Nothing _ -> onLoop(() -> call.answer(204));
                case Reply.Json json -> onLoop(() -> answer(json));
            }
        } catch (InterruptedException _) {
            // Whoever asked has left, and is told nothing, or the API stops.
            onLoop(() -> {
                throw Trouble.STORE_AWAY.with("The server is stopping. Ask again when it is back.");
            });
        } catch (RuntimeException failure) {
            onLoop(() -> {
                throw failure;
            });
        } catch (Error broken) {
            // No memory, mostly: whoever asked is told all the same, and holds its room no longer.
            onLoop(() -> {
                throw new IllegalStateException(broken);
            });
            throw broken;
        } finally {
            premises.works().remove(Thread.currentThread());
        }
    }

    private void onLoop(Runnable step) {
        loop.runOnContext(_ -> call.attempt(step));
    }

    private void answer(Reply.Json json) {
        if (call.isOver()) {
            return;
        }
        if (json.body().length > premises.limits().smallAnswerBytesMax()
                && !call.holdAnswer(json.body().length)) {
            throw call.noRoom();
        }
        json.headers().forEach(call.response()::putHeader);
        call.answer(json.status(), json.body());
    }

    // Events.

    private void tell(Reply.Source source) throws InterruptedException {
        CompletableFuture<@Nullable HttpServerResponse> begun = new CompletableFuture<>();
        loop.runOnContext(_ -> begun.complete(call.beginStream("text/event-stream")));
        HttpServerResponse response = get(begun);
        if (response == null) {
            return;
        }
        try {
            source.run(new Client(response));
            loop.runOnContext(_ -> response.end());
        } catch (InterruptedException stopped) {
            loop.runOnContext(_ -> response.end());
        } catch (IOException _) {
            loop.runOnContext(_ -> response.reset());
        } catch (RuntimeException failure) {
            // Half of it is told; the client sees that it was cut off, and asks again.
            loop.runOnContext(_ -> {
                response.reset();
                call.failed(failure);
            });
        }
    }

    private static <T extends @Nullable Object> T get(CompletableFuture<T> future)
            throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// The client, as events are told to it.
    private final class Client implements Feed {
        private final HttpServerResponse response;

        Client(HttpServerResponse response) {
            this.response = response;
        }

        @Override
        public Principal principal() {
            return premises.entrance().now(call.principal());
        }

        @Override
        public void event(String name, byte[] data) throws IOException, InterruptedException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(("event: " + name + "\ndata: ").getBytes(StandardCharsets.UTF_8));
            bytes.writeBytes(data);
            bytes.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
            write(bytes.toByteArray());
        }

        @Override
        public void heartbeat() throws IOException, InterruptedException {
            write(":\n\n".getBytes(StandardCharsets.UTF_8));
        }

        /// Waits until the connection has it, so that nothing piles up for who does not read.
        private void write(byte[] bytes) throws IOException, InterruptedException {
            CompletableFuture<@Nullable Void> written = new CompletableFuture<>();
            loop.runOnContext(_ -> {
                Future<Void> writing =
                        response.ended() || response.closed()
                                ? Future.failedFuture("The client has left.")
                                : response.write(Buffer.buffer(bytes));
                writing.onComplete(done -> {
                    if (done.succeeded()) {
                        written.complete(null);
                    } else {
                        written.completeExceptionally(done.cause());
                    }
                });
            });
            try {
                written.get(premises.limits().answerMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException left) {
                throw new IOException("The client has left.", left);
            } catch (TimeoutException slow) {
                throw new IOException("The client takes nothing.", slow);
            }
        }
    }
}
