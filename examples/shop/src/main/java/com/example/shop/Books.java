package com.example.shop;

import io.millstream.Topic;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What the events say: how many orders there are, and how far they have come.
///
/// @param placed orders
/// @param paid of these
/// @param shipped of these
/// @param twice events that are there more than once for an order, which must not be
record Books(int placed, int paid, int shipped, int twice) {

    /// Reads all events.
    static Books of(Topic<OrderEvent> events) {
        Map<OrderEvent.Step, Set<Integer>> orders = new EnumMap<>(OrderEvent.Step.class);
        for (OrderEvent.Step step : OrderEvent.Step.values()) {
            orders.put(step, new HashSet<>());
        }
        int[] twice = new int[1];
        events.replay(event -> {
            OrderEvent said = event.data();
            if (!orders.get(said.step()).add(said.order().number())) {
                twice[0]++;
            }
        });
        return new Books(
                orders.get(OrderEvent.Step.PLACED).size(),
                orders.get(OrderEvent.Step.PAID).size(),
                orders.get(OrderEvent.Step.SHIPPED).size(),
                twice[0]);
    }

    /// Whether every order is paid, once, and shipped, once, but for those that cannot be.
    ///
    /// @param undeliverable orders in the dead set
    boolean balance(long undeliverable) {
        return twice == 0 && paid == placed && shipped + undeliverable == placed;
    }

    @Override
    public String toString() {
        return "%d orders, %d paid, %d shipped, %d twice".formatted(placed, paid, shipped, twice);
    }
}
