package io.millstream.engine.io;

/// What a file of a [Disk] may be called: letters, digits, `.` and `-`, not starting with `.`.
///
/// One place for all disks, so that no simulation accepts a name that the real one refuses.
public final class FileName {
    /// How long a name may be, in characters. File systems allow 255.
    public static final int CHARS_MAX = 200;

    /// The file that marks a directory as taken. It belongs to the disk, not to the engine.
    static final String LOCK = "LOCK";

    private FileName() {}

    /// Returns `name`.
    ///
    /// @throws IllegalArgumentException if no file may have it
    public static String check(String name) {
        if (isLegal(name)) {
            return name;
        }
        throw new IllegalArgumentException(
                "A file cannot be called '"
                        + name
                        + "'. Use at most "
                        + CHARS_MAX
                        + " letters, digits, '.' and '-', not starting with '.', and not "
                        + LOCK
                        + ".");
    }

    static boolean isLegal(String name) {
        return !name.isEmpty()
                && name.length() <= CHARS_MAX
                && name.charAt(0) != '.'
                && !name.equals(LOCK)
                && name.chars().allMatch(FileName::isLegal);
    }

    private static boolean isLegal(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-';
    }
}
