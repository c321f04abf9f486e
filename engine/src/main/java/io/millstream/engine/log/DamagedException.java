package io.millstream.engine.log;

import java.io.IOException;

/// Acknowledged data is not what was written. Nothing has been changed.
public final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Damage damage;

    /// With the file, the offset in it, what is wrong and what to do.
    public DamagedException(String file, long offset, String what) {
        super(
                ("File %s is damaged at byte %d: %s. Nothing was changed. See what is damaged with"
                                + " millstream verify DIR. Then restore a backup, or copy the"
                                + " directory and see what millstream repair DIR can save.")
                        .formatted(file, offset, what));
        this.damage = new Damage(file, offset, what);
    }

    /// The same in parts.
    public Damage damage() {
        return damage;
    }
}
