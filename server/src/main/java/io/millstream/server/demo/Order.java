package io.millstream.server.demo;

/// An order of the shop.
///
/// @param number 1 for the first
/// @param customer who ordered
/// @param cents what it costs
/// @param address where to
record Order(long number, String customer, int cents, String address) {

    /// Orders of one are in order among themselves.
    String key() {
        return "order-" + number;
    }
}
