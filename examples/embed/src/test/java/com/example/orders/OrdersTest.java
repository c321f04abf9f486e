package com.example.orders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millstream.Millstream;
import io.millstream.junit.Faults;
import io.millstream.junit.MillstreamClock;
import io.millstream.junit.MillstreamTest;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

@MillstreamTest
class OrdersTest {
    private final Orders orders;
    private final List<String> shipped = new ArrayList<>();

    OrdersTest(Millstream millstream) {
        orders = new Orders(millstream);
    }

    @Test
    void an_order_is_worked_on_once() {
        orders.take("a book");

        assertTrue(orders.workOnNext(shipped::add));
        assertFalse(orders.workOnNext(shipped::add));
        assertEquals(List.of("a book"), shipped);
    }

    @Test
    void work_that_failed_is_tried_again_after_a_minute(MillstreamClock clock) {
        orders.take("a book");
        orders.workOnNext(order -> {
            throw new IllegalStateException("out of stock");
        });

        clock.advance(Duration.ofSeconds(59));
        assertFalse(orders.workOnNext(shipped::add));
        clock.advance(Duration.ofSeconds(1));
        assertTrue(orders.workOnNext(shipped::add));
    }

    @Test
    void an_order_survives_a_power_cut(Faults faults) {
        orders.take("a book");

        faults.crash();

        assertTrue(orders.workOnNext(shipped::add));
    }
}
