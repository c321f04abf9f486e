package io.millstream.server.demo;

import io.millstream.Event;
import io.millstream.Millstream;
import io.millstream.StoredEvent;
import io.millstream.Topic;
import io.millstream.TopicSubscription;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.jobs.JobAction;
import io.millstream.jobs.JobContext;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Retry;
import io.millstream.jobs.Unique;
import io.millstream.jobs.Workers;
import io.millstream.jobs.schedule.Every;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// A shop that lives on a server: what happens to an order is an event of a topic, what is to be
/// done about it a job.
///
/// ```
/// placed ──► pay ──► paid ──► ship ──► shipped ──► mail
///                        └──► mail
/// ```
///
/// Each arrow to a job is a subscription that submits it, each one to an event is in the commit
/// that completes the job. The carrier is away for a quarter of the time, so that shipments are
/// tried again, and knows no way to some addresses, so that some end in the dead set.
public final class Shop implements AutoCloseable {
    private static final String PAYMENTS = "shop.payments";
    private static final String SHIPMENTS = "shop.shipments";
    private static final String MAILS = "shop.mails";
    private static final String REPORTS = "shop.reports";
    private static final List<String> QUEUES = List.of(PAYMENTS, SHIPMENTS, MAILS, REPORTS);
    private static final int PARTITIONS = 8;

    /// An event may be handled again after a lost connection, soon.
    private static final Duration UNIQUE = Duration.ofMinutes(1);

    private static final JobType<Order, Void> PAY = ofOrder("shop.pay", PAYMENTS);
    private static final JobType<Order, Void> SHIP =
            ofOrder("shop.ship", SHIPMENTS)
                    .with(options ->
                            options.retry(
                                    Retry.exponential()
                                            .first(Duration.ofMillis(500))
                                            .most(Duration.ofSeconds(5))
                                            .stopOn(NoWayException.class)));
    private static final JobType<Mail, Void> MAIL =
            JobType.of("shop.mail", Mail.class)
                    .uniqueBy(mail -> mail.text() + mail.order())
                    .with(options -> options.queue(MAILS).unique(Unique.within(UNIQUE)));
    private static final JobType<Report, Void> REPORT =
            JobType.of("shop.report", Report.class).with(options -> options.queue(REPORTS));

    /// What a customer is told.
    private record Mail(String customer, long order, String text) {}

    /// What the report is about.
    private record Report(String of) {}

    /// The carrier does not deliver there.
    private static final class NoWayException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoWayException(String address) {
            super("The carrier knows no way to " + address);
        }
    }

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Millstream millstream;
    private final Topic<OrderEvent> events;
    private final Jobs jobs;
    private final Figures figures = new Figures();
    private final long born = System.nanoTime();

    private static JobType<Order, Void> ofOrder(String name, String queue) {
        return JobType.of(name, Order.class)
                .uniqueBy(Order::key)
                .with(options -> options.queue(queue).unique(Unique.within(UNIQUE)));
    }

    private Shop(Millstream millstream) {
        this.millstream = opening(millstream);
        this.events =
                millstream.topic(
                        Definition.Topic.of(ChannelName.of("shop.orders"))
                                .withPartitions(PARTITIONS),
                        OrderEvent.CODEC);
        this.jobs = opening(Jobs.over(millstream));
    }

    /// Opens it on the server at `address`. Blocks until its workers work.
    public static Shop open(URI address) {
        Shop shop = new Shop(Millstream.open(address));
        try {
            shop.begin();
            return shop;
        } catch (RuntimeException failed) {
            shop.close();
            throw failed;
        }
    }

    private <T extends AutoCloseable> T opening(T part) {
        opened.push(part);
        return part;
    }

    private void begin() {
        work(jobs.workers(PAYMENTS).run(PAY, counted(this::pay)));
        work(jobs.workers(SHIPMENTS).run(SHIP, counted(this::ship)));
        work(jobs.workers(MAILS).run(MAIL, counted((_, _) -> pause(2))));
        work(jobs.workers(REPORTS).run(REPORT, counted((_, _) -> pause(50))));
        TopicSubscription subscription = events.subscribe("shop", this::happened);
        opening(subscription);
        var _ =
                jobs.schedules()
                        .declare(
                                "shop.report",
                                Every.of(Duration.ofSeconds(15)),
                                REPORT,
                                new Report("all orders"));
    }

    private void work(Workers.Builder workers) {
        opening(workers.concurrency(4, 64).grace(Duration.ofSeconds(2)).start());
    }

    private <P> JobAction<P> counted(JobAction<P> action) {
        return (payload, context) -> {
            figures.begins(context);
            action.run(payload, context);
            figures.done();
        };
    }

    // What happens to an order.

    /// A customer orders. Blocks until that is on the server's disk.
    ///
    /// @param number 1 for the first
    public void order(long number) {
        boolean isFarAway = number % 200 == 0;
        Order order =
                new Order(
                        number,
                        "customer-" + number % 100,
                        (int) (number % 90 + 10) * 100,
                        isFarAway ? "the moon" : "Mill Lane " + number % 50);
        var _ = events.publish(order.key(), new OrderEvent(OrderEvent.Step.PLACED, order));
        figures.ordered();
    }

    /// May be told twice of the same, so what it submits is unique.
    private void happened(StoredEvent<OrderEvent> event) {
        Order order = event.data().order();
        switch (event.data().step()) {
            case PLACED -> jobs.enqueue(PAY, order);
            case PAID -> {
                jobs.enqueue(SHIP, order);
                jobs.enqueue(MAIL, new Mail(order.customer(), order.number(), "paid"));
            }
            case SHIPPED ->
                    jobs.enqueue(MAIL, new Mail(order.customer(), order.number(), "shipped"));
        }
    }

    private void pay(Order order, JobContext context) throws InterruptedException {
        pause(5);
        say(order, OrderEvent.Step.PAID, context);
    }

    private void ship(Order order, JobContext context) throws InterruptedException {
        pause(5);
        if (order.address().equals("the moon")) {
            throw new NoWayException(order.address());
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - born);
        if (seconds % 20 >= 15) {
            throw new IllegalStateException("The carrier does not answer");
        }
        say(order, OrderEvent.Step.SHIPPED, context);
    }

    /// The event is there exactly if the job is done.
    private void say(Order order, OrderEvent.Step step, JobContext context) {
        context.besides(
                events.publishing(Event.of(new OrderEvent(step, order)).withKey(order.key())));
    }

    /// Somebody else's work.
    private static void pause(int millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(millis) + 1L);
    }

    // What can be seen.

    /// How it is, since it was asked last.
    ///
    /// @param orders that came in since it was opened
    /// @param jobs that were done since then
    /// @param waiting jobs that wait
    /// @param dead jobs in the dead set
    /// @param startMillis how long half of the jobs that began had waited at most, or -1
    /// @param nanos when, by the clock of [System#nanoTime]
    public record Look(
            long orders, long jobs, long waiting, long dead, double startMillis, long nanos) {
        /// One line for a person.
        ///
        /// @param before the last look, about a second ago
        public String line(Look before) {
            return String.format(
                    Locale.ROOT,
                    "%,9d orders (%d/s)  %,9d jobs done (%d/s)  %,6d waiting  %,5d dead  %s",
                    orders,
                    perSecond(orders - before.orders, before),
                    jobs,
                    perSecond(jobs - before.jobs, before),
                    waiting,
                    dead,
                    startMillis < 0
                            ? "none began"
                            : String.format(
                                    Locale.ROOT, "started after %.1f ms (p50)", startMillis));
        }

        private long perSecond(long more, Look before) {
            double seconds = (nanos - before.nanos) / (double) TimeUnit.SECONDS.toNanos(1);
            return Math.round(more / Math.max(seconds, 0.001));
        }
    }

    /// How it is. Blocks.
    public Look look() {
        long waiting = 0;
        for (String queue : QUEUES) {
            waiting += counts(queue).ready() + counts(queue).delayed();
        }
        return new Look(
                figures.orders(),
                figures.jobs(),
                waiting,
                counts("jobs.dead").ready(),
                figures.startMillis(),
                System.nanoTime());
    }

    private View.QueueCounts counts(String queue) {
        return millstream
                .backend()
                .find(new Query.QueueNamed(ChannelName.of(queue)))
                .toCompletableFuture()
                .join()
                .page()
                .items()
                .getFirst()
                .counts();
    }

    /// Takes nothing new, gives back what has not begun, and lets the rest end for two seconds.
    @Override
    public void close() {
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception failed) {
                System.getLogger(Shop.class.getName())
                        .log(System.Logger.Level.WARNING, "Could not close " + part, failed);
            }
        }
    }
}
