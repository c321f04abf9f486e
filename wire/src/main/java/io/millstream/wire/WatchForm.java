package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.Change;
import io.millstream.api.Interest;
import io.millstream.api.Refusal;
import io.millstream.api.View;

import java.util.List;

/// What a watch is interested in, and what it is told.
final class WatchForm {
    static final Kind<Interest> INTEREST =
            Kind.object(
                    "an interest, such as {\"interest\":\"definitions\"}",
                    WatchForm::writeInterest,
                    WatchForm::readInterest);

    static final Kind<Change> CHANGE =
            Kind.object("a change", WatchForm::writeChange, WatchForm::readChange);

    private static final String INTEREST_TAG = "interest";
    private static final String CHANGE_TAG = "change";
    private static final Kind<InterestTag> ABOUT = Kinds.word(InterestTag.class);
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<List<View.ChannelView>> VIEWS = Kinds.list(ViewForm.CHANNEL_VIEW);
    private static final Kind<List<View.RowView>> ROWS = Kinds.list(ViewForm.ROW);

    private enum InterestTag {
        PRESSURE,
        DEFINITIONS,
        ROWS
    }

    private enum Tag {
        PRESSURE,
        DEFINED,
        REMOVED,
        SNAPSHOT,
        ROW_SNAPSHOT,
        ROW_CHANGED,
        ROW_REMOVED,
        REFUSED
    }

    private WatchForm() {}

    private static void writeInterest(Out out, Interest interest) {
        switch (interest) {
            case Interest.Pressure _ -> out.put(INTEREST_TAG, ABOUT, InterestTag.PRESSURE);
            case Interest.Definitions _ -> out.put(INTEREST_TAG, ABOUT, InterestTag.DEFINITIONS);
            case Interest.Rows(String table, String prefix) ->
                    out.put(INTEREST_TAG, ABOUT, InterestTag.ROWS)
                            .put("table", TEXT, table)
                            .or("prefix", TEXT, prefix, "");
        }
    }

    private static Interest readInterest(In in) {
        return switch (in.get(INTEREST_TAG, ABOUT)) {
            case PRESSURE -> new Interest.Pressure();
            case DEFINITIONS -> new Interest.Definitions();
            case ROWS -> new Interest.Rows(in.get("table", TEXT), in.or("prefix", TEXT, ""));
        };
    }

    private static void writeChange(Out out, Change change) {
        switch (change) {
            case Change.Pressure(boolean accepting, String why) ->
                    out.put(CHANGE_TAG, TAG, Tag.PRESSURE)
                            .put("accepting", FLAG, accepting)
                            .or("why", TEXT, why, "");
            case Change.Defined(View.ChannelView view) ->
                    out.put(CHANGE_TAG, TAG, Tag.DEFINED).put("view", ViewForm.CHANNEL_VIEW, view);
            case Change.Removed removed ->
                    out.put(CHANGE_TAG, TAG, Tag.REMOVED).put("name", CHANNEL, removed.name());
            case Change.Snapshot(List<View.ChannelView> views) ->
                    out.put(CHANGE_TAG, TAG, Tag.SNAPSHOT).put("views", VIEWS, views);
            case Change.RowSnapshot(List<View.RowView> rows) ->
                    out.put(CHANGE_TAG, TAG, Tag.ROW_SNAPSHOT).put("rows", ROWS, rows);
            case Change.RowChanged(View.RowView row) ->
                    out.put(CHANGE_TAG, TAG, Tag.ROW_CHANGED).put("row", ViewForm.ROW, row);
            case Change.RowRemoved(String key) ->
                    out.put(CHANGE_TAG, TAG, Tag.ROW_REMOVED).put("key", TEXT, key);
            case Change.Refused(Refusal refusal) ->
                    out.put(CHANGE_TAG, TAG, Tag.REFUSED).put("refusal", RefusalForm.KIND, refusal);
        }
    }

    private static Change readChange(In in) {
        return switch (in.get(CHANGE_TAG, TAG)) {
            case PRESSURE -> new Change.Pressure(in.get("accepting", FLAG), in.or("why", TEXT, ""));
            case DEFINED -> new Change.Defined(in.get("view", ViewForm.CHANNEL_VIEW));
            case REMOVED -> new Change.Removed(in.get("name", CHANNEL));
            case SNAPSHOT -> new Change.Snapshot(in.get("views", VIEWS));
            case ROW_SNAPSHOT -> new Change.RowSnapshot(in.get("rows", ROWS));
            case ROW_CHANGED -> new Change.RowChanged(in.get("row", ViewForm.ROW));
            case ROW_REMOVED -> new Change.RowRemoved(in.get("key", TEXT));
            case REFUSED -> new Change.Refused(in.get("refusal", RefusalForm.KIND));
        };
    }
}
