package io.millstream.engine.log;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Reads what has left the [TailBuffer], in windows, so that a consumer that works off a backlog
/// reads each stretch of a file once. Only written and synced bytes are asked for. The loop's own.
final class ColdReader {
    private static final int WINDOW_BYTES = 256 << 10;
    private static final int WINDOWS_MAX = 16;

    private final LogBytes source;

    /// By position over [#WINDOW_BYTES], least lately used first.
    private final LinkedHashMap<Long, Window> windows = new LinkedHashMap<>(16, 0.75f, true);

    private record Window(long base, byte[] bytes) {}

    ColdReader(LogBytes source) {
        this.source = source;
    }

    byte[] read(long position, int bytes, long durable) throws IOException {
        Window window = windows.get(position / WINDOW_BYTES);
        if (window == null || !covers(window, position, bytes)) {
            window = load(position, bytes, durable);
        }
        byte[] copy = new byte[bytes];
        System.arraycopy(window.bytes, (int) (position - window.base), copy, 0, bytes);
        return copy;
    }

    private static boolean covers(Window window, long position, int bytes) {
        return position >= window.base && position + bytes <= window.base + window.bytes.length;
    }

    /// A window from `position` on, so that what follows it is there next time; not beyond what is
    /// durable, because what is written there later would not be seen.
    private Window load(long position, int bytes, long durable) throws IOException {
        byte[] target = source.window(position, bytes, WINDOW_BYTES, durable);
        int length = target.length;
        Window window = new Window(position, target);
        windows.put(position / WINDOW_BYTES, window);
        if ((position + length - 1) / WINDOW_BYTES != position / WINDOW_BYTES) {
            windows.put((position + length - 1) / WINDOW_BYTES, window);
        }
        while (windows.size() > WINDOWS_MAX) {
            Map.Entry<Long, Window> oldest = windows.entrySet().iterator().next();
            windows.remove(oldest.getKey());
        }
        return window;
    }
}
