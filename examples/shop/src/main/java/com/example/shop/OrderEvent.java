package com.example.shop;

import io.millstream.Codec;
import io.millstream.api.Bytes;

import tools.jackson.databind.json.JsonMapper;

/// Something that has happened to an order. The topic of these is the shop's only book.
///
/// @param step what
/// @param order to which
record OrderEvent(Step step, Order order) {

    enum Step {
        PLACED,
        PAID,
        SHIPPED
    }

    /// How it lies in the topic: JSON, under a name that outlives the class.
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
