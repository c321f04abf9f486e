package io.millstream.testkit.disk;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.MemoryDisk;

import org.junit.jupiter.api.Test;

import java.io.IOException;

class MemoryDiskContractTest extends DiskContract {
    private final MemoryDisk disk = new MemoryDisk();

    @Override
    protected Disk disk() {
        return disk;
    }

    @Test
    void a_full_disk_says_so_and_recovers() throws IOException {
        fills_up_and_recovers(new MemoryDisk(1 << 20), 1 << 20);
    }
}
