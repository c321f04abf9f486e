package io.millstream.protocols.web;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/// An answer's body on its way to the client: a large one is given to the connection piece by
/// piece, as the client takes it. What nobody reads stays in our memory, where it is counted, and
/// does not use up the network's. Used on the event loop of its response.
public final class Outlet {
    private static final int PIECE_BYTES = 64 << 10;

    private final HttpServerResponse response;
    private final byte[] bytes;
    private final Promise<Void> end = Promise.promise();
    private int sent;

    /// Nothing is sent before [#send()].
    public Outlet(HttpServerResponse response, byte[] bytes) {
        this.response = response;
        this.bytes = bytes;
    }

    /// Sends it as the whole body. The future ends when the client's connection has all of it, or
    /// never will.
    public Future<Void> send() {
        if (bytes.length <= PIECE_BYTES) {
            sent = bytes.length;
            return response.end(Buffer.buffer(bytes));
        }
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes.length));
        response.drainHandler(_ -> go());
        go();
        return end.future();
    }

    /// The client has left. What its connection was not given yet, it will not get.
    public void abandon() {
        if (sent < bytes.length) {
            end.tryFail("The client left in the middle of its answer.");
        }
    }

    private void go() {
        while (sent < bytes.length && !response.writeQueueFull()) {
            int piece = Math.min(PIECE_BYTES, bytes.length - sent);
            response.write(Buffer.buffer(piece).appendBytes(bytes, sent, piece));
            sent += piece;
        }
        if (sent == bytes.length && !response.ended()) {
            response.drainHandler(null);
            response.end().onComplete(end);
        }
    }
}
