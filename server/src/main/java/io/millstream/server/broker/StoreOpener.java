package io.millstream.server.broker;

import java.io.IOException;
import java.nio.file.Path;

/// Opens the store in a directory.
@FunctionalInterface
public interface StoreOpener {

    /// Blocks until all that was acknowledged is there again.
    ///
    /// @throws IOException if the directory cannot be used, saying what to do
    OpenStore open(Path data) throws IOException;
}
