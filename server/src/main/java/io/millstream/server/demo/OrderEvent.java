package io.millstream.server.demo;

import io.millstream.Codec;
import io.millstream.api.Bytes;

import tools.jackson.databind.json.JsonMapper;

/// Something that has happened to an order.
///
/// @param step what
/// @param order to which
record OrderEvent(Step step, Order order) {

    /// What happens to an order, in this order.
    enum Step {
        PLACED,
        PAID,
        SHIPPED
    }

    static final Codec<OrderEvent> CODEC =
            new Codec<>() {
                private static final JsonMapper JSON = JsonMapper.builder().build();

                @Override
                public String contentType() {
                    return "application/json";
                }

                @Override
                public String typeOf(OrderEvent event) {
                    return "shop.order";
                }

                @Override
                public Bytes encode(OrderEvent event) {
                    return Bytes.of(JSON.writeValueAsBytes(event));
                }

                @Override
                public OrderEvent decode(Bytes body, String type) {
                    return JSON.readValue(body.toArray(), OrderEvent.class);
                }
            };
}
