package io.millstream.wire;

import org.jspecify.annotations.Nullable;

/// Where a value stands in what was read; written out only when something is wrong there.
///
/// @param parent what it stands in, or null for the whole
/// @param step a member with a dot before it, or an index in brackets
record Place(@Nullable Place parent, String step) {
    /// The whole.
    static final Place ROOT = new Place(null, "$");

    private static final int SHOWN_CHARS_MAX = 64;

    Place member(String name) {
        return new Place(this, name);
    }

    Place item(int index) {
        return new Place(this, "[" + index + "]");
    }

    /// As JSONPath, such as `$.operations[2].message`. Names that come from outside are cut.
    String text() {
        if (parent == null) {
            return step;
        }
        String shown = Shown.cut(step, SHOWN_CHARS_MAX);
        return parent.text() + (step.startsWith("[") ? shown : "." + shown);
    }
}
