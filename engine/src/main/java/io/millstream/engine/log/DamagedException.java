package io.millstream.engine.log;

import java.io.IOException;

/// Acknowledged data is not what was written. Nothing has been changed.
public final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    /// With the file, the offset in it, what is wrong and what to do.
    public DamagedException(String file, long offset, String what) {
        super(
                ("File %s is damaged at byte %d: %s. Nothing was changed. Restore a backup, or keep"
                                + " a copy of the directory before you try anything else.")
                        .formatted(file, offset, what));
    }
}
