package io.millstream.index;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// What a job can be found by besides its id and where it is: its tags, its key, its fingerprint.
/// Each is a number of 64 bits in one table; two that are the same by chance are told apart by the
/// row.
final class Marks {
    private static final long BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;
    private static final String SEPARATOR = ",";
    private static final int TAGS_MAX = 64;

    private Marks() {}

    static long tag(String tag) {
        return hash('t', tag);
    }

    static long key(String key) {
        return hash('k', key);
    }

    static long fingerprint(String fingerprint) {
        return hash('f', fingerprint);
    }

    /// FNV-1a, over characters, its bits mixed at the end.
    private static long hash(char kind, String text) {
        long hash = (BASIS ^ kind) * PRIME;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        hash ^= hash >>> 32;
        hash *= 0x9E3779B97F4A7C15L;
        return hash ^ (hash >>> 29);
    }

    /// The tags in a header or a row.
    static List<String> tags(@Nullable String joined) {
        if (joined == null || joined.isEmpty()) {
            return List.of();
        }
        List<String> tags = new ArrayList<>();
        for (String tag : joined.split(SEPARATOR, -1)) {
            String one = tag.strip();
            if (!one.isEmpty() && !tags.contains(one) && tags.size() < TAGS_MAX) {
                tags.add(one);
            }
        }
        return List.copyOf(tags);
    }

    static @Nullable String join(List<String> tags) {
        return tags.isEmpty() ? null : String.join(SEPARATOR, tags);
    }
}
