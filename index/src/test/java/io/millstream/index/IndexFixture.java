package io.millstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicRecord;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A store in memory with a topic that is told histories, and an index in a directory.
abstract class IndexFixture {
    static final Duration LONG = Duration.ofSeconds(30);
    static final ChannelName HISTORY = ChannelName.of("jobs.history");

    @TempDir Path directory;

    final Millstream millstream = Millstream.inMemory();
    IndexOptions options = IndexOptions.STANDARD.withSearchTime(Duration.ofSeconds(20));
    @Nullable JobIndex index;

    @BeforeEach
    void define_the_topic() {
        millstream.commit(
                new Operation.Define(Definition.Topic.of(HISTORY), Expect.Anything.ANYTHING));
    }

    @AfterEach
    void close() {
        closeIndex();
        millstream.close();
    }

    void closeIndex() {
        if (index != null) {
            index.close();
            index = null;
        }
    }

    JobIndex index() {
        if (index == null) {
            index = JobIndex.open(millstream.backend(), directory, options);
        }
        return index;
    }

    /// The index, when it has read all that there is.
    JobIndex caughtUp() {
        assertThat(index().catchUp(LONG)).as(() -> index().status().toString()).isTrue();
        return index();
    }

    void tell(List<Lifecycle> events) {
        int most = 500;
        for (int i = 0; i < events.size(); i += most) {
            List<Message> messages =
                    events.subList(i, Math.min(events.size(), i + most)).stream()
                            .map(Lifecycle::message)
                            .toList();
            millstream.commit(new Operation.Append(HISTORY, 0, messages, null));
        }
    }

    void tell(Lifecycle... events) {
        tell(List.of(events));
    }

    /// All that was told.
    List<TopicRecord> records() {
        List<TopicRecord> all = new ArrayList<>();
        try (var session = millstream.backend().session(SessionSpec.of("test"));
                var reader = session.read(new From.Offset(HISTORY, 0, 0))) {
            while (true) {
                var next = reader.next(1000, 1 << 20, Duration.ZERO).stage();
                if (!(next.toCompletableFuture().join() instanceof Fetched.Records read)
                        || read.records().isEmpty()) {
                    return all;
                }
                all.addAll(read.records());
            }
        }
    }

    static Lifecycle.Place place(String queue, long sequence) {
        return new Lifecycle.Place(new Lifecycle.Life(ChannelName.of(queue), 1), sequence);
    }

    static Lifecycle stored(String queue, long sequence, Message.Builder message) {
        return Lifecycle.Stored.put(place(queue, sequence), message.build());
    }

    static Message.Builder job(String id) {
        return Message.builder("").id(id).type("mail.send");
    }

    /// All jobs that a search finds, page by page.
    List<IndexedJob> all(JobSearch search) {
        List<IndexedJob> found = new ArrayList<>();
        String after = null;
        do {
            FoundJobs page = index().search(search.after(after));
            found.addAll(page.jobs());
            after = page.next();
        } while (after != null);
        return found;
    }

    static List<String> ids(List<IndexedJob> jobs) {
        return jobs.stream().map(IndexedJob::id).toList();
    }
}
