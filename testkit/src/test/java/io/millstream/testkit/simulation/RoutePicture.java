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
/// @param queues what is in each
record RoutePicture(
        List<View.ExchangeView> exchanges,
        List<View.BindingView> bindings,
        Map<ChannelName, List<Found>> queues) {

    static final RoutePicture NOTHING = new RoutePicture(List.of(), List.of(), Map.of());

    /// A message that was found.
    record Found(long sequence, String id) {}

    List<Definition.Binding> definitions() {
        return bindings.stream().map(View.BindingView::definition).toList();
    }
}
