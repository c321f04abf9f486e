package io.millstream.bench.jobs;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Workers;

import java.time.Duration;
import java.util.List;

/// Jobs of ours as a program uses them, whatever store its Millstream speaks to: each time that it
/// begins it has a queue that was never used before.
final class Ours implements AutoCloseable {
    static final ChannelName TOPIC = ChannelName.of("bench.steps");

    private static final JobType<Work, Void> TYPE = JobType.of("bench.work", Work.class);
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Millstream millstream;
    private final Jobs jobs;
    private final Setting setting;
    private JobType<Work, Void> type = TYPE;
    private int queues;

    Ours(Millstream millstream, Setting setting) {
        this.millstream = millstream;
        this.jobs = Jobs.over(millstream);
        this.setting = setting;
        Definition.Topic topic = setting.topic();
        if (topic != null) {
            var _ = millstream.topic(topic, Codec.text());
        }
    }

    void begin() {
        if (queues > 0) {
            millstream.remove(queue());
        }
        queues++;
        jobs.declare(
                queue(),
                builder ->
                        setting.queue()
                                .apply(builder)
                                .lifecycle(setting.topic() == null ? null : TOPIC));
        String queue = queue();
        type = TYPE.key(setting.key()).with(options -> options.queue(queue));
    }

    String queue() {
        return "bench-" + queues;
    }

    void enqueue(Work work) {
        var _ = jobs.enqueue(type, work);
    }

    void enqueueAll(List<Work> work) {
        var _ = jobs.enqueueAll(type, work);
    }

    Workers work(int concurrency) {
        return work(jobs, queue(), concurrency);
    }

    /// Workers of a queue, in this process.
    static Workers work(Jobs jobs, String queue, int concurrency) {
        return jobs.workers(queue)
                .run(TYPE, (work, _) -> Tally.handle(work.due()))
                .concurrency(concurrency)
                .grace(GRACE)
                .start();
    }

    @Override
    public void close() {
        jobs.close();
        millstream.close();
    }
}
