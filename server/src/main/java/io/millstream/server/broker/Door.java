package io.millstream.server.broker;

import io.millstream.protocols.web.Tls;

import java.time.Duration;
import java.util.function.Consumer;

/// A protocol's open port.
///
/// @param name its name in settings and the ready file, such as `aws`
/// @param title its name for people, such as `SQS`
/// @param port where it listens
/// @param renewing how it is told to encrypt with another certificate
/// @param closing how it is closed
record Door(String name, String title, int port, Consumer<Tls> renewing, Closing closing) {

    /// Takes nothing new, and blocks until what is in flight is answered or `grace` is over.
    @FunctionalInterface
    interface Closing {
        void close(Duration grace) throws Exception;
    }
}
