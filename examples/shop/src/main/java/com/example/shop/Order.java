package com.example.shop;

/// What a customer ordered.
///
/// @param number 1 for the first order
/// @param customer who ordered
/// @param address where to
/// @param cents what it costs
record Order(int number, String customer, String address, int cents) {

    /// Events and jobs of one order belong together by this.
    String key() {
        return "order-" + number;
    }
}
