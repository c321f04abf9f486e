package io.millstream.server.work;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Reads all that a program prints as its result, and keeps the beginning of it: one byte more than
/// may be, so that it is known that there was more.
final class Kept implements Runnable {
    private static final int CHUNK_BYTES = 8 << 10;

    private final InputStream in;
    private final int most;
    private byte[] bytes = new byte[0];

    /// @param most how many bytes are kept
    Kept(InputStream in, int most) {
        this.in = in;
        this.most = most;
    }

    @Override
    public void run() {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                keep(chunk, read);
            }
        } catch (IOException _) {
            // It was closed under us: there is no more.
        }
    }

    private synchronized void keep(byte[] chunk, int read) {
        int room = Math.min(read, most + 1 - bytes.length);
        if (room > 0) {
            int before = bytes.length;
            bytes = Arrays.copyOf(bytes, before + room);
            System.arraycopy(chunk, 0, bytes, before, room);
        }
    }

    synchronized boolean isTooLong() {
        return bytes.length > most;
    }

    synchronized byte[] bytes() {
        return bytes.clone();
    }
}
