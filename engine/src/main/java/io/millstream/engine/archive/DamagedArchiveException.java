package io.millstream.engine.archive;

import java.io.IOException;

/// An archive is cut off or is not what was written.
public final class DamagedArchiveException extends IOException {
    private static final long serialVersionUID = 1L;

    /// With what is wrong, as the end of a sentence.
    public DamagedArchiveException(String what) {
        super(
                "The archive is not a complete backup: "
                        + what
                        + ". Nothing was restored from it. Use another backup.");
    }
}
