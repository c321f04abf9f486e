import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Workers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// A worker on another machine: does jobs of the queue `fleet`, each of which puts its number into
/// the queue `effects` by the commit that completes it. What it begins becomes a line of a file.
///
/// java -cp millstream.jar Worker.java SERVER FILE
record Task(int number, int millis) {}

JobType<Task, Void> task = JobType.of("fleet.task", Task.class);

void main(String[] arguments) throws InterruptedException {
    Path file = Path.of(arguments[1]);
    try (Millstream millstream = Millstream.open(URI.create(arguments[0]));
            Jobs jobs = Jobs.over(millstream)) {
        WorkQueue effects = millstream.queue("effects");
        Workers.Builder workers = jobs.workers("fleet").concurrency(2).lease(Duration.ofSeconds(3));
        workers.run(
                task,
                (one, context) -> {
                    note(one.number(), file);
                    Thread.sleep(one.millis());
                    Message effect = Message.of("" + one.number());
                    context.besides(new Operation.Put(effects.name(), effect));
                });
        try (Workers _ = workers.start()) {
            new CountDownLatch(1).await();
        }
    }
}

void note(int number, Path file) throws IOException {
    Files.writeString(file, number + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
}
