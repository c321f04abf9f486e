package com.example.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millstream.StoredEvent;
import io.millstream.junit.Drained;
import io.millstream.junit.JobSamples;
import io.millstream.junit.JobTest;
import io.millstream.junit.MillstreamTest;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

@MillstreamTest
class ShopTest {
    private static final Order BOOK = new Order(7, "ann", "Mill Lane 7", 1200);

    private final JobTest test;
    private final List<Integer> brought = new ArrayList<>();
    private final Shop shop;
    private boolean isCarrierThere = true;

    ShopTest(JobTest test) {
        this.test = test;
        this.shop = new Shop(test.millstream(), test.jobs(), this::bring);
        test.workers(shop::workers);
    }

    private void bring(Order order, int attempt) {
        if (!isCarrierThere) {
            throw new IllegalStateException("away");
        }
        brought.add(order.number());
    }

    /// What the subscription does, here and now.
    private void handleEvents() {
        List<StoredEvent<OrderEvent>> events = new ArrayList<>();
        shop.events().replay(events::add);
        events.forEach(shop::happened);
    }

    @Test
    void an_order_is_paid_shipped_and_told_about_once_though_events_are_handled_often() {
        shop.place(BOOK);
        handleEvents();
        test.assertEnqueued(Shop.PAY, order -> order.number() == 7);

        for (int i = 0; i < 5; i++) {
            test.drain().assertAllDone();
            handleEvents();
        }

        assertEquals(List.of(7), brought);
        assertTrue(Books.of(shop.events()).balance(0));
    }

    @Test
    void a_carrier_that_is_away_is_asked_again() {
        isCarrierThere = false;
        test.jobs().enqueue(Shop.SHIP, BOOK);
        assertEquals(1, test.drain().failed());

        isCarrierThere = true;
        Drained later = test.advance(Duration.ofMinutes(1));

        assertEquals(1, later.of(Shop.SHIP).done());
        assertEquals(List.of(7), brought);
    }

    @Test
    void the_books_are_reported_each_night() {
        shop.reportEachNight();

        assertEquals(3, test.advance(Duration.ofDays(3)).of(Shop.REPORT).done());
    }

    /// Jobs that wait while a new version of the shop is started must be readable by it.
    @Test
    void jobs_that_wait_can_be_read() {
        JobSamples.in(Path.of("src/test/resources/jobs"))
                .sample(Shop.PAY, BOOK)
                .sample(Shop.SHIP, BOOK)
                .sample(Shop.MAIL, new Shop.Mail(7, "ann", "paid"))
                .sample(Shop.REPORT, new Shop.Report("the books"))
                .check();
    }
}
