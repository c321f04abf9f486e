package io.millstream.bench.sqs;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// One keep-alive connection: writes a whole request, then reads until the answer is complete, of
/// which it understands the status and `Content-Length` and nothing else.
final class HttpConnection implements AutoCloseable {
    private static final int ANSWER_BYTES_MAX = 256 << 10;
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel channel;
    private final ByteBuffer answer = ByteBuffer.allocate(ANSWER_BYTES_MAX);
    private int bodyAt = -1;
    private int end = -1;

    HttpConnection(int port) throws IOException {
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    SocketChannel channel() {
        return channel;
    }

    /// Writes a request. A request fits into the socket's buffer, or this waits.
    void write(ByteBuffer request) throws IOException {
        answer.clear();
        bodyAt = -1;
        end = -1;
        while (request.hasRemaining()) {
            if (channel.write(request) == 0) {
                Thread.onSpinWait();
            }
        }
    }

    /// Reads what is there.
    ///
    /// @return whether the answer is complete
    /// @throws IOException if the status is not 200
    boolean read() throws IOException {
        if (channel.read(answer) < 0) {
            throw new EOFException("The server closed the connection: " + text());
        }
        if (bodyAt < 0) {
            head();
        }
        if (end < 0 || answer.position() < end) {
            return false;
        }
        if (answer.get(9) != '2') {
            throw new IOException("Refused: " + text());
        }
        return true;
    }

    /// Sends a request and waits for the body of its answer.
    String call(byte[] request) throws IOException {
        write(ByteBuffer.wrap(request));
        while (!read()) {
            Thread.onSpinWait();
        }
        return body();
    }

    private void head() {
        byte[] bytes = answer.array();
        int length = 0;
        int line = 0;
        for (int i = 0; i + 1 < answer.position(); i++) {
            if (bytes[i] != '\r' || bytes[i + 1] != '\n') {
                continue;
            }
            if (i == line) {
                bodyAt = i + 2;
                end = bodyAt + length;
                return;
            }
            if (isLength(bytes, line)) {
                length = number(bytes, line + LENGTH.length, i);
            }
            line = i + 2;
        }
    }

    private static boolean isLength(byte[] bytes, int at) {
        for (int i = 0; i < LENGTH.length; i++) {
            byte letter = bytes[at + i];
            if ((letter >= 'A' && letter <= 'Z' ? letter + 32 : letter) != LENGTH[i]) {
                return false;
            }
        }
        return true;
    }

    private static int number(byte[] bytes, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
                number = number * 10 + bytes[i] - '0';
            }
        }
        return number;
    }

    /// The body of the complete answer.
    String body() {
        return new String(answer.array(), bodyAt, end - bodyAt, StandardCharsets.UTF_8);
    }

    private String text() {
        return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
