package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.View;

import java.util.List;
import java.util.Map;

/// All that can be seen of exchanges, bindings and the queues that they lead to.
///
/// @param exchanges as declared
/// @param bindings as declared
/// @param queues what is in each, and in each partition of a topic, which is as if it were one
record RoutePicture(
        List<View.ExchangeView> exchanges,
        List<View.BindingView> bindings,
        Map<ChannelName, List<Found>> queues) {

    static final RoutePicture NOTHING = new RoutePicture(List.of(), List.of(), Map.of());

    /// A message that was found.
    ///
    /// @param due when it may be handed out; 0 for at once
    record Found(long sequence, String id, long due) {}

    List<Definition.Binding> definitions() {
        return bindings.stream().map(View.BindingView::definition).toList();
    }
}
