package io.millstream.wire;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;

/// One object that is written, member by member. What equals its default is left out, so there is
/// one form for each value.
final class Out {
    private final JsonGenerator json;

    Out(JsonGenerator json) {
        this.json = json;
    }

    /// A member that is always there.
    <T> Out put(String name, Kind<T> kind, T value) {
        json.writeName(Kinds.readable(name));
        kind.write(json, value);
        return this;
    }

    /// A member that is left out where it is `absent`.
    <T> Out or(String name, Kind<T> kind, T value, T absent) {
        return value.equals(absent) ? this : put(name, kind, value);
    }

    /// A member that is left out where it is null.
    <T> Out maybe(String name, Kind<T> kind, @Nullable T value) {
        return value == null ? this : put(name, kind, value);
    }
}
