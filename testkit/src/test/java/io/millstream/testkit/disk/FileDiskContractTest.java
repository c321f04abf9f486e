package io.millstream.testkit.disk;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.FileDisk;

import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

class FileDiskContractTest extends DiskContract {
    @TempDir private Path directory;

    @Override
    protected Disk disk() throws IOException {
        return FileDisk.at(directory);
    }
}
