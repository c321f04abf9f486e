package com.example.shop;

import io.millstream.Event;
import io.millstream.Millstream;
import io.millstream.StoredEvent;
import io.millstream.Topic;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.jobs.JobContext;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Retry;
import io.millstream.jobs.Unique;
import io.millstream.jobs.Workers;
import io.millstream.jobs.schedule.Cron;

import java.time.Duration;

/// What a shop does behind its counter. What happened to an order is an event; what is to be done
/// about it is a job.
///
/// ```
/// PLACED ──► pay ──► PAID ──► ship ──► SHIPPED ──► mail
///                        └──► mail
/// ```
final class Shop {
    static final String QUEUE = "shop";

    /// An event may be handled twice, when its handler's process dies in between. The second job is
    /// taken for the first one, also when that is done already.
    private static final Unique ONCE = Unique.within(Duration.ofHours(1));

    static final JobType<Order, Void> PAY =
            JobType.of("shop.pay", Order.class)
                    .uniqueBy(Order::key)
                    .with(options -> options.queue(QUEUE).unique(ONCE));

    /// A carrier that does not answer is asked again, soon at first; an address that cannot be
    /// reached goes to the dead set at once, for a person to look at.
    static final JobType<Order, Void> SHIP =
            JobType.of("shop.ship", Order.class)
                    .uniqueBy(Order::key)
                    .with(options ->
                            options.queue(QUEUE)
                                    .unique(ONCE)
                                    .retry(
                                            Retry.exponential()
                                                    .first(Duration.ofMillis(50))
                                                    .stopOn(Carrier.NoWay.class)));

    static final JobType<Mail, Void> MAIL =
            JobType.of("shop.mail", Mail.class)
                    .uniqueBy(mail -> mail.text() + " " + mail.order())
                    .with(options -> options.queue(QUEUE).unique(ONCE).priority(5));

    static final JobType<Report, String> REPORT =
            JobType.of("shop.report", Report.class, String.class)
                    .with(options -> options.queue(QUEUE).awaited());

    /// What a customer is told.
    record Mail(int order, String customer, String text) {}

    /// What a report is about.
    record Report(String title) {}

    private final Jobs jobs;
    private final Carrier carrier;
    private final Topic<OrderEvent> events;

    Shop(Millstream millstream, Jobs jobs, Carrier carrier) {
        this.jobs = jobs;
        this.carrier = carrier;
        // What happens to one order is in one partition, in order; partitions are handled side by
        // side.
        this.events =
                millstream.topic(
                        Definition.Topic.of(ChannelName.of("orders")).withPartitions(4),
                        OrderEvent.CODEC);
    }

    /// Returns when the order is on disk: from then on it is paid, shipped and told about, whatever
    /// dies meanwhile.
    void place(Order order) {
        events.publish(order.key(), new OrderEvent(OrderEvent.Step.PLACED, order));
    }

    Topic<OrderEvent> events() {
        return events;
    }

    /// What is to be done about an event. Harmless to repeat.
    void happened(StoredEvent<OrderEvent> event) {
        Order order = event.data().order();
        switch (event.data().step()) {
            case PLACED -> jobs.enqueue(PAY, order);
            case PAID -> {
                jobs.enqueue(SHIP, order);
                jobs.enqueue(MAIL, new Mail(order.number(), order.customer(), "paid"));
            }
            case SHIPPED ->
                    jobs.enqueue(MAIL, new Mail(order.number(), order.customer(), "shipped"));
        }
    }

    /// Who does the jobs. A worker that died is believed to live for as long as a lease.
    Workers.Builder workers(Jobs of) {
        return of.workers(QUEUE)
                .lease(Duration.ofSeconds(2))
                .run(PAY, (order, context) -> say(OrderEvent.Step.PAID, order, context))
                .run(
                        SHIP,
                        (order, context) -> {
                            carrier.bring(order, context.attempt());
                            say(OrderEvent.Step.SHIPPED, order, context);
                        })
                .run(MAIL, (mail, context) -> {})
                .handle(REPORT, (report, context) -> report.title() + ": " + Books.of(events));
    }

    /// The event is published in the commit that completes the job: both have happened, or neither.
    private void say(OrderEvent.Step step, Order order, JobContext context) {
        context.besides(
                events.publishing(Event.of(new OrderEvent(step, order)).withKey(order.key())));
    }

    /// Every night at three, in whatever process is there, once.
    void reportEachNight() {
        jobs.schedules()
                .declare(
                        "nightly",
                        Cron.of("0 3 * * *").zone("Europe/Berlin"),
                        REPORT,
                        new Report("the night's books"));
    }
}
