package com.example.shop;

/// Somebody else's service, which is not always there.
interface Carrier {

    /// @param attempt 1 for the first time that this order is brought
    /// @throws NoWay if it will never work
    /// @throws IllegalStateException if it may work later
    void bring(Order order, int attempt) throws NoWay;

    /// There is no way to that address, today or tomorrow.
    final class NoWay extends Exception {
        private static final long serialVersionUID = 1L;

        NoWay(String address) {
            super("There is no way to " + address);
        }
    }

    /// One that is away for each third order at first, and knows no way to the moon.
    static Carrier unreliable() {
        return (order, attempt) -> {
            if (order.address().equals("the moon")) {
                throw new NoWay(order.address());
            }
            if (order.number() % 3 == 0 && attempt == 1) {
                throw new IllegalStateException("The carrier does not answer");
            }
        };
    }
}
