package io.millstream.server.client;

import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What is piped into a command: all of it, or line by line. Never holds more than one message
/// could be.
final class Input {
    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private long lines;

    Input(InputStream in) {
        this.in = new BufferedInputStream(in, BUFFER_BYTES);
    }

    /// All of it, as it is. Blocks until it ends.
    ///
    /// @param bytesMax what a message may have
    byte[] all(long bytesMax) throws IOException {
        int most = (int) Math.min(bytesMax, Integer.MAX_VALUE - 16);
        byte[] all = in.readNBytes(most + 1);
        if (all.length > most) {
            throw new ConfigException(
                    ("Standard input has more than the %d bytes that a message may have. Send it in"
                                    + " parts, or with --each-line.")
                            .formatted(most));
        }
        return all;
    }

    /// The next line without its end, or null if there is none. Blocks.
    byte @Nullable [] line(long bytesMax) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        lines++;
        while (next >= 0 && next != '\n') {
            line.write(next);
            if (line.size() > bytesMax) {
                throw new ConfigException(
                        "Line %d has more than the %d bytes that a message may have."
                                .formatted(lines, bytesMax));
            }
            next = in.read();
        }
        byte[] bytes = line.toByteArray();
        boolean hasReturn = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
        return hasReturn ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }

    /// Which line was read last, from 1.
    long lines() {
        return lines;
    }

    /// Whether there is nothing to be read without waiting: what has come so far should not wait
    /// either.
    boolean isIdle() throws IOException {
        return in.available() == 0;
    }

    /// @throws ConfigException if it is none
    static String utf8(String what, byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            throw new ConfigException(what + " is no text in UTF-8.");
        }
    }
}
