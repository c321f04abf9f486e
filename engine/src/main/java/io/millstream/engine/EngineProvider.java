package io.millstream.engine;

import io.millstream.api.Backend;
import io.millstream.api.BackendProvider;
import io.millstream.api.MillstreamException;
import io.millstream.engine.io.FileDisk;
import io.millstream.engine.io.MemoryDisk;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/// Opens the engine for `file:` addresses, and for `memory:` on a disk in memory.
public final class EngineProvider implements BackendProvider {

    /// For [java.util.ServiceLoader].
    public EngineProvider() {}

    @Override
    public boolean opens(URI address) {
        return "file".equals(address.getScheme()) || "memory".equals(address.getScheme());
    }

    @Override
    public Backend open(URI address) {
        if ("memory".equals(address.getScheme())) {
            return Engine.open(new MemoryDisk(), EngineOptions.inMemory());
        }
        try {
            return Engine.open(FileDisk.at(Path.of(address)), EngineOptions.standard());
        } catch (IOException failed) {
            throw new MillstreamException(String.valueOf(failed.getMessage()), failed);
        }
    }
}
