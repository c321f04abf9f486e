package io.millstream.api;

/// A window: how much may be leased and unsettled at once through the subscriptions that share it.
///
/// A lease takes its message and its bytes out of the window; settling, expiry and return put them
/// back. The window admits a message as long as both parts are above zero, so one large message may
/// overdraw the bytes.
public interface Credit {

    /// Sets a new size; leases already out stay out.
    void resize(int messages, long bytes);
}
