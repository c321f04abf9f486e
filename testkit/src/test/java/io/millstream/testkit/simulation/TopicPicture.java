package io.millstream.testkit.simulation;

import io.millstream.api.TopicRecord;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// All that can be seen of the one topic of a run.
///
/// @param view null if it is not there
/// @param records of each partition, from the first one that is kept
/// @param cursors the named cursors
record TopicPicture(
        View.@Nullable TopicView view,
        List<List<TopicRecord>> records,
        List<View.CursorView> cursors) {
    static final TopicPicture NOTHING = new TopicPicture(null, List.of(), List.of());

    /// Whether time alone may change it.
    boolean ages() {
        return view != null && view.definition().retention().time() != null;
    }
}
