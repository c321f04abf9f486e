package io.millstream.server.client;

import picocli.CommandLine.Model.CommandSpec;

import java.io.IOException;

/// One thing that can be done with a server.
///
/// @param spec what can be typed
/// @param reader of what was typed
record Verb(CommandSpec spec, Reader reader) {

    /// Reads what was typed, and refuses what makes no sense, before anything is connected.
    @FunctionalInterface
    interface Reader {
        /// @throws io.millstream.server.config.ConfigException or [IllegalArgumentException] if it
        ///   makes no sense, with what would
        Work read(Typed typed);
    }

    /// What is to be done.
    @FunctionalInterface
    interface Work {
        /// Does it; may block for as long as what was typed says.
        ///
        /// @return the status to end with, see [Status]
        int run(Call call) throws IOException;
    }
}
