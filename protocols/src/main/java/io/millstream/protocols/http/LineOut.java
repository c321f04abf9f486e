package io.millstream.protocols.http;

import io.millstream.api.Lease;
import io.millstream.wire.Forms;
import io.millstream.wire.Told;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// What is told over a line, in order. It waits here, counted, until the client takes it; what
/// becomes of it when it cannot be told is known beforehand. Used on the line's event loop.
///
/// When much waits, the line is behind, and its owner asks for no more until that is over.
final class LineOut {
    /// From so many bytes on that wait, the line is behind.
    private static final long BEHIND_BYTES = 1 << 20;

    private final Premises premises;
    private final ServerWebSocket socket;
    private final Context context;
    private final Runnable behind;
    private final Runnable caughtUp;
    private final Deque<Letter> letters = new ArrayDeque<>();
    private long waitingBytes;
    private boolean isBehind;
    private boolean writing;
    private boolean binary;
    private boolean closed;

    /// Something to tell.
    ///
    /// @param told what
    /// @param bytes of room that are held for it
    /// @param leases what goes back if it is not told
    private record Letter(Told told, long bytes, List<Lease> leases) {}

    LineOut(
            Premises premises,
            ServerWebSocket socket,
            Context context,
            Runnable behind,
            Runnable caughtUp) {
        this.premises = premises;
        this.socket = socket;
        this.context = context;
        this.behind = behind;
        this.caughtUp = caughtUp;
        socket.drainHandler(_ -> pump());
    }

    /// Whether the client is told in binary messages from now on, as it asks.
    void setBinary(boolean binary) {
        this.binary = binary;
    }

    boolean isBehind() {
        return isBehind;
    }

    long waitingBytes() {
        return waitingBytes;
    }

    /// Tells something.
    ///
    /// @param bytes how many bytes of room are held for it, which are let go of when it has left
    /// @param leases what goes back if it cannot be told
    void tell(Told told, long bytes, List<Lease> leases) {
        Letter letter = new Letter(told, bytes, leases);
        if (closed) {
            returned(letter);
            return;
        }
        letters.add(letter);
        waitingBytes += bytes;
        pump();
        if (!isBehind && waitingBytes > BEHIND_BYTES) {
            isBehind = true;
            behind.run();
        }
    }

    private void pump() {
        while (!writing && !letters.isEmpty() && !isGone() && !socket.writeQueueFull()) {
            Letter letter = letters.removeFirst();
            if (letter.bytes() <= Call.INLINE_BYTES) {
                write(letter, Forms.TOLD.write(letter.told()));
            } else {
                writing = true;
                premises.scribe()
                        .executeBlocking(() -> Forms.TOLD.write(letter.told()), true)
                        .onComplete(
                                done -> context.runOnContext(_ -> written(letter, done.result())));
            }
        }
        if (isBehind && waitingBytes <= BEHIND_BYTES / 2) {
            isBehind = false;
            caughtUp.run();
        }
    }

    /// A socket that has closed and has not said so yet refuses all but this question.
    private boolean isGone() {
        return closed || socket.isClosed();
    }

    /// @param json null if it could not be written
    private void written(Letter letter, byte @Nullable [] json) {
        writing = false;
        if (json == null) {
            waitingBytes -= letter.bytes();
            returned(letter);
            if (!isGone()) {
                socket.close(Line.MISTAKE, "What was to be told could not be written.");
            }
        } else {
            write(letter, json);
        }
        pump();
    }

    private void write(Letter letter, byte[] json) {
        waitingBytes -= letter.bytes();
        if (isGone()) {
            returned(letter);
            return;
        }
        Future<Void> written =
                binary
                        ? socket.writeBinaryMessage(Buffer.buffer(json))
                        : socket.writeTextMessage(new String(json, StandardCharsets.UTF_8));
        written.onComplete(done -> {
            premises.answers().free(letter.bytes());
            if (done.failed()) {
                premises.giveBack(letter.leases());
            }
        });
    }

    private void returned(Letter letter) {
        premises.answers().free(letter.bytes());
        premises.giveBack(letter.leases());
    }

    /// Tells nothing more. What waits goes back.
    void close() {
        closed = true;
        letters.forEach(this::returned);
        letters.clear();
        waitingBytes = 0;
    }
}
