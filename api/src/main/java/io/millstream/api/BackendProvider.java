package io.millstream.api;

import java.net.URI;

/// Opens backends of one kind; found by [java.util.ServiceLoader].
public interface BackendProvider {

    /// Whether it opens this address: `file:` is a data directory, `memory:` the engine on an
    /// in-memory disk.
    boolean opens(URI address);

    /// Opens it. Blocks until the backend is ready.
    ///
    /// @throws MillstreamException if it cannot be opened, saying what to do
    Backend open(URI address);
}
