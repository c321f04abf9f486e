package io.millstream.api;

/// One header of a message. Order and repetition of headers are kept.
///
/// The type says how a protocol that has typed headers shows the value: `text`, `number` (its
/// decimal text) or `bytes`, optionally followed by a dot and the protocol's own refinement, such
/// as `number.int`. It is stored and given back as it came.
///
/// @param name 1 to 256 characters
/// @param type 1 to 256 characters
/// @param value the encoded value
public record Header(String name, String type, Bytes value) {

    /// The type of a UTF-8 text.
    public static final String TEXT = "text";

    /// The type of a number in decimal notation.
    public static final String NUMBER = "number";

    /// The type of uninterpreted bytes.
    public static final String BYTES = "bytes";

    /// The longest name and the longest type, in characters.
    public static final int NAME_CHARS_MAX = 256;

    /// Refuses empty and overlong names and types.
    public Header {
        if (name.isEmpty() || name.length() > NAME_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "A header's name has 1 to 256 characters, not " + name.length());
        }
        if (type.isEmpty() || type.length() > NAME_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "A header's type has 1 to 256 characters, not " + type.length());
        }
    }

    /// A text header.
    public static Header text(String name, String value) {
        return new Header(name, TEXT, Bytes.utf8(value));
    }

    /// The value read as UTF-8.
    public String text() {
        return value.utf8();
    }

    /// What it counts against limits.
    long bytes() {
        return (long) name.length() + type.length() + value.length();
    }
}
