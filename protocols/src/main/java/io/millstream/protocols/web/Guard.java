package io.millstream.protocols.web;

import io.millstream.protocols.access.Access;

import java.time.InstantSource;
import java.util.Optional;

/// What a door over HTTP has at its edge.
///
/// @param access who may come in
/// @param tls what it encrypts with; empty for plain HTTP
/// @param plainPasswords whether passwords are taken over plain HTTP from other machines, too
/// @param clock by which it is decided whether a signature is too old
public record Guard(Access access, Optional<Tls> tls, boolean plainPasswords, InstantSource clock) {

    /// Everybody, over plain HTTP.
    public static final Guard OPEN =
            new Guard(Access.OPEN, Optional.empty(), false, InstantSource.system());

    /// What addresses at this door begin with.
    public String scheme() {
        return tls.isPresent() ? "https" : "http";
    }
}
