package io.millstream.bench.sqs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// Keeps a number of connections busy from one thread: each has one request under way, and sends
/// the next as soon as the answer is there.
final class HttpLoad {
    /// What a connection asks, one request after the other.
    interface Script {
        /// The next request, given the connection whose last answer, if there is one, is complete.
        ByteBuffer next(HttpConnection connection);
    }

    /// What there is of each connection.
    private static final class Talk {
        private final HttpConnection connection;
        private final Script script;
        private long began;

        Talk(HttpConnection connection, Script script) {
            this.connection = connection;
            this.script = script;
        }

        void ask() throws IOException {
            ByteBuffer request = script.next(connection);
            began = System.nanoTime();
            connection.write(request);
        }
    }

    private HttpLoad() {}

    /// Runs one connection for each script for so long, or until so many answers came, and adds
    /// what came of it to `outcome`.
    static void run(
            int port, List<Script> scripts, double seconds, long answersMax, Outcome outcome)
            throws IOException {
        List<Talk> talks = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (Script script : scripts) {
                Talk talk = new Talk(new HttpConnection(port), script);
                talks.add(talk);
                talk.connection.channel().configureBlocking(false);
                talk.connection.channel().register(selector, SelectionKey.OP_READ, talk);
            }
            long began = System.nanoTime();
            long end = began + (long) (seconds * 1e9);
            long left = answersMax;
            for (Talk talk : talks) {
                talk.ask();
            }
            int underWay = talks.size();
            while (underWay > 0) {
                selector.select();
                Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
                while (keys.hasNext()) {
                    Talk talk = (Talk) keys.next().attachment();
                    keys.remove();
                    if (!talk.connection.read()) {
                        continue;
                    }
                    long now = System.nanoTime();
                    outcome.answered((now - talk.began) / 1000);
                    if (now < end && --left > 0) {
                        talk.ask();
                    } else {
                        underWay--;
                    }
                }
            }
            outcome.lasted((System.nanoTime() - began) / 1e9);
        } finally {
            for (Talk talk : talks) {
                talk.connection.close();
            }
        }
    }
}
