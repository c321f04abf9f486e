package io.millstream.wire;

/// How much is read at once, so that nobody can make a reader take more memory than meant.
///
/// @param bytes how long the JSON may be, in bytes
/// @param tokens how many values, names and brackets there may be in it
public record Bounds(int bytes, int tokens) {
    /// For what strangers send: room for the largest message in base64 and as many operations as a
    /// commit has.
    public static final Bounds REQUEST = new Bounds(32 << 20, 1_000_000);

    /// For what a server answers, which may be a snapshot of everything.
    public static final Bounds ANSWER = new Bounds(256 << 20, 20_000_000);

    /// How deep objects and arrays may lie in each other: as deep as the deepest filter needs.
    public static final int DEPTH_MAX = 256;

    /// The longest name of a member, in characters: as long as the longest name in a definition.
    public static final int NAME_CHARS_MAX = 1 << 18;

    /// How many characters a number may have, and by how many places its point may be moved.
    public static final int NUMBER_CHARS_MAX = 1000;

    /// Refuses bounds that nothing fits into.
    public Bounds {
        if (bytes < 1 || tokens < 1) {
            throw new IllegalArgumentException(
                    "Bounds are 1 or more bytes and tokens, not %d and %d"
                            .formatted(bytes, tokens));
        }
    }
}
