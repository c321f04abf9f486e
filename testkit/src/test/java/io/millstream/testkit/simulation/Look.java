package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.View;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/// All that can be seen of the queues of a [Ledger] at one moment.
///
/// @param messages in the order of puts
/// @param delayed as they are listed by the time they wait for
record Look(
        Map<ChannelName, View.QueueView> queues,
        Map<ChannelName, List<View.MessageView>> messages,
        Map<ChannelName, List<View.MessageView>> delayed,
        long now) {

    /// Where a message is.
    record Place(ChannelName queue, View.MessageView view) {}

    /// All of it, in few words.
    @Override
    public String toString() {
        StringJoiner words = new StringJoiner("; ", now + ": ", "");
        messages.forEach((queue, views) ->
                words.add(queue + " " + views.stream().map(Look::words).toList()));
        return words.toString();
    }

    private static String words(View.MessageView view) {
        return "%s at %d %s%s, delivered %d"
                .formatted(
                        view.message().id(),
                        view.sequence(),
                        view.state(),
                        view.due() == null ? "" : " until " + view.due().toEpochMilli(),
                        view.deliveries());
    }

    Map<String, Place> places() {
        Map<String, Place> places = new HashMap<>();
        messages.forEach((queue, views) ->
                views.forEach(view -> {
                    Place place = new Place(queue, view);
                    Place before = places.put(view.message().id(), place);
                    PromiseBroken.unless(
                            before == null,
                            view.message().id(),
                            "It is there twice: %s and %s",
                            before,
                            place);
                }));
        return places;
    }
}
