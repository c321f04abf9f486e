package com.example.sensors;

import io.millstream.Codec;
import io.millstream.Event;
import io.millstream.Millstream;
import io.millstream.Topic;
import io.millstream.TopicSubscription;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Operation;
import io.millstream.api.View;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Unique;
import io.millstream.jobs.Workers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Has made-up sensors measure for so many seconds, which pass quickly, averages what they measure
/// and raises alerts. Kill it whenever you like and start it again on the same directory: it goes
/// on.
final class Main {
    static final int SENSORS = 20;
    static final double ALARMING = 30;
    private static final int PARTITIONS = 4;

    /// Whoever is responsible has to look at a sensor.
    record Alert(String sensor, long window, double degrees) {}

    /// An average may be looked at twice if the process dies in between; its alert is one.
    static final JobType<Alert, Void> ALERT =
            JobType.of("sensors.alert", Alert.class)
                    .uniqueBy(alert -> alert.sensor() + " " + alert.window())
                    .with(options ->
                            options.queue("alerts").unique(Unique.within(Duration.ofHours(1))));

    private final Millstream millstream;
    private final Jobs jobs;
    private final Topic<String> readings;
    private final Topic<String> averages;
    private final Topic<String> raised;

    private Main(Millstream millstream, Jobs jobs) {
        this.millstream = millstream;
        this.jobs = jobs;
        this.readings =
                millstream.topic(
                        Definition.Topic.of(ChannelName.of("readings")).withPartitions(PARTITIONS),
                        Codec.text());
        this.averages = millstream.topic("averages", Codec.text());
        this.raised = millstream.topic("alerts-raised", Codec.text());
    }

    /// @param arguments the data directory, and for how many seconds to measure
    public static void main(String[] arguments) throws InterruptedException {
        try (Millstream millstream = Millstream.open(Path.of(arguments[0]));
                Jobs jobs = Jobs.over(millstream)) {
            new Main(millstream, jobs).run(Integer.parseInt(arguments[1]));
        }
    }

    private void run(int seconds) throws InterruptedException {
        List<Averaging> averagings = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            Averaging averaging = new Averaging(millstream, readings, averages, partition);
            averagings.add(averaging);
            threads.add(Thread.startVirtualThread(averaging));
        }
        try (Workers workers =
                        jobs.workers("alerts")
                                .lease(Duration.ofSeconds(2))
                                .run(
                                        ALERT,
                                        (alert, context) ->
                                                // Here somebody would be called. That it was done
                                                // is in one commit
                                                // with the end of the job.
                                                context.besides(
                                                        raised.publishing(
                                                                Event.of(
                                                                        alert.sensor()
                                                                                + " "
                                                                                + alert.window()))))
                                .start();
                TopicSubscription watching =
                        averages.subscribe("alerts", event -> watch(event.data()))) {
            measure(seconds);
            Books books = Books.of(averages, raised, seconds);
            while (!books.isComplete()) {
                Thread.sleep(100);
                books = Books.of(averages, raised, seconds);
            }
            System.out.println(books);
        } finally {
            averagings.forEach(Averaging::close);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    /// All sensors measure at once: their readings of one second are one commit. How many there are
    /// says which second is next.
    private void measure(int seconds) {
        long stored =
                readings.view().partitions().stream().mapToLong(View.PartitionView::end).sum();
        for (long second = stored / SENSORS; second <= seconds; second++) {
            List<Operation> all = new ArrayList<>();
            for (int sensor = 0; sensor < SENSORS; sensor++) {
                Reading reading = Reading.made(sensor, second);
                all.add(readings.publishing(Event.of(reading.line()).withKey(reading.sensor())));
            }
            millstream.commit(all.toArray(Operation[]::new));
            System.out.println("measured " + second);
        }
    }

    private void watch(String line) {
        Window.Average average = Window.Average.of(line);
        if (average.degrees() > ALARMING) {
            jobs.enqueue(ALERT, new Alert(average.sensor(), average.window(), average.degrees()));
        }
    }
}
