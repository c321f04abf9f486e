package io.millstream.bench.sqs;

import io.millstream.bench.Arguments;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// Answers every request with the same bytes, from one thread: what the load generator reaches here
/// is what it could ask of anybody.
public final class EchoServer {
    private static final byte[] ANSWER =
            """
            HTTP/1.1 200 OK\r
            Content-Type: application/x-amz-json-1.0\r
            Content-Length: 117\r
            \r
            {"MD5OfMessageBody":"00000000000000000000000000000000",\
            "MessageId":"00000000-0000-0000-0000-000000000000","QueueUrl":"x"}\
            """
                    .getBytes(StandardCharsets.US_ASCII);

    private EchoServer() {}

    /// Serves until the process is ended.
    public static void run(Arguments arguments) throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), arguments.number("port", 0)));
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            while (true) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    if (key.isAcceptable()) {
                        SocketChannel client = server.accept();
                        client.configureBlocking(false);
                        client.register(selector, SelectionKey.OP_READ, new Request());
                    } else {
                        ((Request) key.attachment()).serve((SocketChannel) key.channel());
                    }
                }
                selector.selectedKeys().clear();
            }
        }
    }

    /// Counts how much of a request has come. All requests of a connection have one length, which
    /// the first one tells.
    private static final class Request {
        private final ByteBuffer bytes = ByteBuffer.allocate(64 << 10);

        void serve(SocketChannel client) throws IOException {
            if (client.read(bytes) < 0) {
                client.close();
                return;
            }
            String head =
                    new String(
                            bytes.array(),
                            0,
                            Math.min(512, bytes.position()),
                            StandardCharsets.US_ASCII);
            int body = head.indexOf("\r\n\r\n") + 4;
            int at = head.indexOf("Content-Length: ");
            if (body < 4 || at < 0) {
                return;
            }
            int length = Integer.parseInt(head, at + 16, head.indexOf('\r', at), 10);
            if (bytes.position() >= body + length) {
                bytes.clear();
                ByteBuffer answer = ByteBuffer.wrap(ANSWER);
                while (answer.hasRemaining()) {
                    client.write(answer);
                }
            }
        }
    }
}
