package io.millstream.api;

import java.time.Duration;
import java.util.List;

/// Reads one partition of a topic in order.
public interface TopicReader extends AutoCloseable {

    /// The next records, waiting for the first one as long as `wait`.
    Pending<List<Message>> next(int messages, long bytes, Duration wait);

    @Override
    void close();
}
