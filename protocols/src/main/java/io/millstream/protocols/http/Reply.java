package io.millstream.protocols.http;

import io.millstream.protocols.access.Principal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// What an [Extension] answers.
public sealed interface Reply {

    /// Done, and there is nothing more to say: 204.
    Reply NOTHING = new Nothing();

    /// Done, without a body.
    record Nothing() implements Reply {}

    /// An answer in JSON.
    ///
    /// @param status of the answer
    /// @param headers besides the usual ones
    /// @param body JSON in UTF-8
    record Json(int status, Map<String, String> headers, byte[] body) implements Reply {
        /// Keeps the order of headers.
        public Json {
            headers = new LinkedHashMap<>(headers);
        }

        /// With one more header.
        public Json with(String header, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(header, value);
            return new Json(status, more, body);
        }
    }

    /// A stream of events (`text/event-stream`) that goes on after this method has returned: its
    /// source runs on the same virtual thread.
    ///
    /// @param source what tells them
    record Events(Source source) implements Reply {}

    /// An answer of 200.
    static Json ok(byte[] json) {
        return new Json(200, Map.of(), json);
    }

    /// Tells events to one client.
    @FunctionalInterface
    interface Source {
        /// Tells them until there are no more, or the client has left, of which it is interrupted.
        ///
        /// @throws IOException as [Feed] has thrown it
        /// @throws InterruptedException if it was interrupted
        void run(Feed feed) throws IOException, InterruptedException;
    }

    /// The way to one client. Each method blocks while the client does not take what was told
    /// before.
    interface Feed {
        /// Who it is told to, with the rights that it has now, and nobody if it is gone.
        Principal principal();

        /// Tells an event.
        ///
        /// @param name of the event
        /// @param data a line of JSON
        /// @throws IOException if the client has left, or takes nothing for too long
        /// @throws InterruptedException if this thread was interrupted
        void event(String name, byte[] data) throws IOException, InterruptedException;

        /// Shows that there is still somebody, to the client and all that lies between.
        ///
        /// @throws IOException as with an event
        /// @throws InterruptedException if this thread was interrupted
        void heartbeat() throws IOException, InterruptedException;
    }
}
