package io.millstream.testkit.disk;

import io.millstream.engine.io.Disk;
import io.millstream.testkit.simulation.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.random.RandomGenerator;

class SimulatedDiskContractTest extends DiskContract {
    private final SimulatedDisk disk = new SimulatedDisk(RandomGenerator.of("L64X128MixRandom"));

    @Override
    protected Disk disk() {
        return disk;
    }

    @Test
    void a_full_disk_says_so_and_recovers() throws IOException {
        disk.capacity(1 << 20);
        fills_up_and_recovers(disk, 1 << 20);
    }
}
