package io.millstream.server.work;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// What a program says on standard error: passed on line by line, each with the id of its job
/// before it, and its end kept for who asks why the job failed.
final class JobLog implements Runnable {
    /// How much of the end is kept, in characters; the dead set keeps no more.
    static final int KEPT_CHARS = 7_500;

    private static final int LINE_BYTES_MAX = 8 << 10;
    private static final int CHUNK_BYTES = 8 << 10;
    private static final int ID_CHARS_MAX = 80;
    private static final int REASON_CHARS_MAX = 300;

    private final InputStream in;
    private final PrintStream err;
    private final String prefix;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    // Guarded by this.
    private final StringBuilder end = new StringBuilder();
    private String last = "";

    JobLog(InputStream in, PrintStream err, String id) {
        this.in = in;
        this.err = err;
        this.prefix = Answers.line(id, ID_CHARS_MAX) + " | ";
    }

    @Override
    public void run() {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                for (int i = 0; i < read; i++) {
                    add(chunk[i]);
                }
            }
        } catch (IOException _) {
            // It was closed under us: there is no more.
        }
        if (line.size() > 0) {
            endLine();
        }
    }

    private void add(byte one) {
        if (one == '\n') {
            endLine();
            return;
        }
        line.write(one);
        if (line.size() >= LINE_BYTES_MAX) {
            endLine();
        }
    }

    private void endLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        err.println(prefix + text);
        keep(text);
    }

    private synchronized void keep(String text) {
        end.append(text).append('\n');
        if (end.length() > KEPT_CHARS) {
            end.delete(0, end.length() - KEPT_CHARS);
        }
        if (!text.isBlank()) {
            last = text;
        }
    }

    /// The end of it.
    synchronized String end() {
        return end.toString();
    }

    /// Its last line that says something, or nothing: mostly what went wrong.
    synchronized String lastLine() {
        return Answers.line(last, REASON_CHARS_MAX);
    }
}
