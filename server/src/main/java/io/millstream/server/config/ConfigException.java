package io.millstream.server.config;

import io.millstream.api.MillstreamException;

/// A setting that cannot be used as it is given. The message says which, where it was given and
/// what to do; nothing has been opened or written yet.
public final class ConfigException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    /// With which setting, from where, and what to do.
    public ConfigException(String message) {
        super(message);
    }
}
