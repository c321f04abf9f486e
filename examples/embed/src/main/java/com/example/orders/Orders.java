package com.example.orders;

import io.millstream.Millstream;
import io.millstream.WorkQueue;

import java.nio.file.Path;
import java.time.Duration;

/// Takes orders and works on them, in one process, with no server. Run it twice on one directory:
/// the second run finds the order that the first one left.
public final class Orders {
    private final WorkQueue orders;

    Orders(Millstream millstream) {
        this.orders = millstream.queue("orders");
    }

    /// Returns when the order is on disk.
    void take(String order) {
        orders.send(order);
    }

    /// Works on the next order, if there is one.
    ///
    /// @return whether there was
    boolean workOnNext(Work work) {
        var delivery = orders.receive(Duration.ZERO);
        delivery.ifPresent(order -> {
            try {
                work.on(order.text());
                order.done();
            } catch (RuntimeException failed) {
                order.retry(Duration.ofMinutes(1));
            }
        });
        return delivery.isPresent();
    }

    /// What is done with an order.
    interface Work {
        void on(String order);
    }

    /// Works on one order that an earlier run left, and leaves one.
    public static void main(String[] arguments) {
        try (Millstream millstream = Millstream.open(Path.of(arguments[0]))) {
            Orders orders = new Orders(millstream);
            boolean found = orders.workOnNext(order -> System.out.println("shipped " + order));
            orders.take(found ? "another book" : "a book");
            System.out.println("took an order");
        }
    }
}
