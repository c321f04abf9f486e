package io.millstream.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One object that is read: its members are asked for by name, and those that nobody asked for are
/// refused at its end. A null is refused everywhere: it would mean "as usual" to one and "no limit"
/// to another.
final class In {
    private final Place place;
    private final Map<String, @Nullable Object> members;
    private final List<String> asked = new ArrayList<>();
    private int found;

    In(Place place, Map<String, @Nullable Object> members) {
        this.place = place;
        this.members = members;
    }

    /// A member that has to be there.
    <T> T get(String name, Kind<T> kind) {
        T value = maybe(name, kind);
        if (value == null) {
            throw new MalformedException(place.member(name), "is missing", "Give " + kind.right());
        }
        return value;
    }

    /// A member that may be left out, which then means `absent`.
    <T> T or(String name, Kind<T> kind, T absent) {
        T value = maybe(name, kind);
        return value == null ? absent : value;
    }

    /// A member that may be left out, which then means nothing.
    <T> @Nullable T maybe(String name, Kind<T> kind) {
        asked.add(name);
        Object raw = members.get(name);
        if (raw == null) {
            if (members.containsKey(name)) {
                throw new MalformedException(
                        place.member(name), "is null", "Leave it out, or give " + kind.right());
            }
            return null;
        }
        found++;
        return kind.read(place.member(name), raw);
    }

    boolean has(String name) {
        return members.containsKey(name);
    }

    /// That one of its members is wrong.
    MalformedException wrong(String name, String wrong, String right) {
        return new MalformedException(place.member(name), wrong, right);
    }

    /// That it is wrong as a whole.
    MalformedException wrong(String wrong, String right) {
        return new MalformedException(place, wrong, right);
    }

    /// Refuses what was not asked for.
    void end() {
        if (found == members.size()) {
            return;
        }
        for (String name : members.keySet()) {
            if (!asked.contains(name)) {
                throw new MalformedException(
                        place.member(name),
                        "is not known here",
                        "Leave it out, or give one of " + String.join(", ", asked));
            }
        }
    }
}
