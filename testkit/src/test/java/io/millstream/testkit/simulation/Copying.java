package io.millstream.testkit.simulation;

import io.millstream.engine.Backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/// Takes a backup while everything else goes on.
final class Copying {
    /// So many rounds settle everything that is under way.
    private static final int ROUNDS_MAX = 1000;

    private final RandomGenerator random;
    private final Machine machine;
    private final Trace trace;

    /// A step of everything else.
    interface Meanwhile {
        void step() throws IOException;
    }

    Copying(RandomGenerator random, Machine machine, Trace trace) {
        this.random = random;
        this.machine = machine;
        this.trace = trace;
    }

    /// The archive, or nothing if the engine gave the backup up to go on.
    byte[] read(Meanwhile meanwhile) throws IOException {
        try (Backup backup = begin()) {
            trace.tell(() -> "a backup of " + backup.manifest().position() + " begins");
            Interleaved out = new Interleaved(meanwhile);
            try {
                backup.writeTo(out);
            } catch (IOException failed) {
                if (out.failure != null) {
                    throw out.failure;
                }
                boolean givenUp =
                        String.valueOf(failed.getMessage()).contains("publishes come first");
                PromiseBroken.unless(givenUp, "backup", "It could not be read: %s", failed);
                trace.tell(failed::getMessage);
                return new byte[0];
            }
            return out.bytes.toByteArray();
        }
    }

    private Backup begin() throws IOException {
        CompletableFuture<Backup> asked = machine.engine().engine().backup().toCompletableFuture();
        for (int round = 0; round < ROUNDS_MAX && !asked.isDone(); round++) {
            machine.engine().loop();
            machine.engine().writer();
            machine.engine().answers();
        }
        PromiseBroken.unless(asked.isDone(), "backup", "It does not begin");
        return asked.join();
    }

    /// Steps now and then when something is written.
    private final class Interleaved extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Meanwhile meanwhile;
        private IOException failure;

        private Interleaved(Meanwhile meanwhile) {
            this.meanwhile = meanwhile;
        }

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        @Override
        public void write(byte[] more, int from, int length) throws IOException {
            bytes.write(more, from, length);
            for (int steps = random.nextInt(12); steps > 0; steps--) {
                step();
            }
        }

        private void step() throws IOException {
            try {
                meanwhile.step();
            } catch (IOException failed) {
                failure = failed;
                throw failed;
            }
        }
    }
}
