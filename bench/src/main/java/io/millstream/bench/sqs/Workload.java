package io.millstream.bench.sqs;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What is asked of the peers.
///
/// @param kind which requests
/// @param connections how many at once, each with one request under way
record Workload(Kind kind, int connections) {
    static final int BODY_BYTES = 1024;

    /// So many bytes fit into the log's ring beside what it keeps free.
    private static final long STORED_BYTES_MAX = 500L << 20;

    /// Which requests, and how many messages a request carries on average.
    enum Kind {
        SEND("SendMessage", 1, 1),
        SEND_BATCH("SendMessageBatch of 10", 10, 10),
        CYCLE("SendMessage, ReceiveMessage, DeleteMessage", 1.0 / 3, 0);

        private final String words;
        private final double messages;
        private final int kept;

        Kind(String words, double messages, int kept) {
            this.words = words;
            this.messages = messages;
            this.kept = kept;
        }

        double messages() {
            return messages;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /// How many requests a round may have, so that what is stored fits.
    long requestsMax() {
        return kind.kept == 0 ? Long.MAX_VALUE : STORED_BYTES_MAX / ((long) BODY_BYTES * kind.kept);
    }

    /// A script for each connection, on the queue at `url`.
    List<HttpLoad.Script> scripts(Requests requests, String url) {
        ByteBuffer send = ByteBuffer.wrap(requests.send(url, BODY_BYTES));
        ByteBuffer batch = ByteBuffer.wrap(requests.sendBatch(url, BODY_BYTES, 10));
        List<HttpLoad.Script> scripts = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            scripts.add(
                    switch (kind) {
                        case SEND -> connection -> send.duplicate();
                        case SEND_BATCH -> connection -> batch.duplicate();
                        case CYCLE -> new Cycle(requests, url, send);
                    });
        }
        return scripts;
    }

    /// Sends a message, receives one, deletes it, and so on.
    private static final class Cycle implements HttpLoad.Script {
        private static final String HANDLE = "\"ReceiptHandle\":\"";

        private final Requests requests;
        private final String url;
        private final ByteBuffer send;
        private final ByteBuffer receive;
        private int step;

        Cycle(Requests requests, String url, ByteBuffer send) {
            this.requests = requests;
            this.url = url;
            this.send = send;
            this.receive = ByteBuffer.wrap(requests.receive(url));
        }

        @Override
        public ByteBuffer next(HttpConnection connection) {
            if (step == 2) {
                step = 0;
                String body = connection.body();
                int at = body.indexOf(HANDLE);
                if (at >= 0) {
                    int from = at + HANDLE.length();
                    String handle = body.substring(from, body.indexOf('"', from));
                    return ByteBuffer.wrap(requests.delete(url, handle));
                }
            }
            return (step++ == 0 ? send : receive).duplicate();
        }
    }

    @Override
    public String toString() {
        return kind + ", " + connections + " connections";
    }
}
