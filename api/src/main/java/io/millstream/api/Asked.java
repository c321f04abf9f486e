package io.millstream.api;

import java.util.EnumSet;
import java.util.Set;

/// Which features a request asks for.
final class Asked {

    private Asked() {}

    static Set<Feature> by(Query<?> query) {
        return switch (query) {
            case Query.Queues _, Query.QueueNamed _ -> EnumSet.of(Feature.QUEUES);
            case Query.Topics _, Query.TopicNamed _, Query.Cursors _ -> EnumSet.of(Feature.TOPICS);
            case Query.Browse _ -> EnumSet.of(Feature.QUEUES, Feature.BROWSE);
            case Query.Delayed _ -> EnumSet.of(Feature.QUEUES, Feature.BROWSE, Feature.DELAY);
            case Query.Rows _ -> EnumSet.of(Feature.ROWS);
            case Query.Exchanges _, Query.ExchangeNamed _, Query.Bindings _, Query.Route _ ->
                    EnumSet.of(Feature.ROUTING);
        };
    }
}
