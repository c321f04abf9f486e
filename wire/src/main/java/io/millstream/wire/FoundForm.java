package io.millstream.wire;

import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.TIME;

import io.millstream.api.Found;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;

import java.util.List;

/// The answer to a look.
final class FoundForm {
    private static final String FOUND = "found";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);

    private enum Tag {
        PAGE,
        REFUSED
    }

    private FoundForm() {}

    /// Answers with views of one type, as a query asks for them; others are refused.
    static <V extends View> Kind<Found<V>> of(Class<V> type) {
        Kind<List<V>> items = Kinds.list(only(type));
        return Kind.object(
                "what was found", (out, found) -> write(out, found, items), in -> read(in, items));
    }

    private static <V extends View> Kind<V> only(Class<V> type) {
        return new Kind<>(
                "a view of the type that was asked for, " + type.getSimpleName(),
                ViewForm.KIND::write,
                (place, raw) -> {
                    View view = ViewForm.KIND.read(place, raw);
                    return type.isInstance(view) ? type.cast(view) : null;
                });
    }

    /// The type of what a query sees.
    static Class<? extends View> seenBy(Query<?> query) {
        return switch (query) {
            case Query.Queues _, Query.QueueNamed _ -> View.QueueView.class;
            case Query.Topics _, Query.TopicNamed _ -> View.TopicView.class;
            case Query.Cursors _ -> View.CursorView.class;
            case Query.Browse _, Query.Delayed _ -> View.MessageView.class;
            case Query.Rows _ -> View.RowView.class;
            case Query.Exchanges _, Query.ExchangeNamed _ -> View.ExchangeView.class;
            case Query.Bindings _ -> View.BindingView.class;
            case Query.Route _ -> View.RouteView.class;
        };
    }

    private static <V extends View> void write(Out out, Found<V> found, Kind<List<V>> items) {
        switch (found) {
            case Page<V> page ->
                    out.put(FOUND, TAG, Tag.PAGE)
                            .put("as_of", TIME, page.asOf())
                            .put("items", items, page.items())
                            .maybe("next", TEXT, page.next());
            case Found.Refused<V> refused ->
                    out.put(FOUND, TAG, Tag.REFUSED)
                            .put("as_of", TIME, refused.asOf())
                            .put("refusal", RefusalForm.KIND, refused.refusal());
        }
    }

    private static <V extends View> Found<V> read(In in, Kind<List<V>> items) {
        return switch (in.get(FOUND, TAG)) {
            case PAGE ->
                    new Page<>(
                            in.get("items", items), in.maybe("next", TEXT), in.get("as_of", TIME));
            case REFUSED ->
                    new Found.Refused<>(in.get("as_of", TIME), in.get("refusal", RefusalForm.KIND));
        };
    }
}
