package io.millstream.protocols.aws.push;

import java.nio.file.Path;
import java.util.Optional;

/// The bounds of deliveries to endpoints, each with its unit.
///
/// @param postsMax how many messages may be on their way to all endpoints together, or as many as
///   there are endpoints, if those are more; they share them evenly, and each always has one, so
///   that a slow one delays no other
/// @param postsOfOneMax how many may be on their way to one endpoint
/// @param connectMillis how long it may take to reach an endpoint
/// @param postMillis how long an endpoint may take to answer, from the first attempt to reach it
/// @param sweepMillis how often endpoints are looked for that have not confirmed in time
/// @param trust the certificates, in PEM, that endpoints are known by; those of the JDK if empty
public record PushLimits(
        int postsMax,
        int postsOfOneMax,
        int connectMillis,
        long postMillis,
        long sweepMillis,
        Optional<Path> trust) {

    /// How many endpoints there may be.
    public static final int ENDPOINTS_MAX = 1_000;

    /// What one machine wants. An endpoint has 15 seconds to answer, as on AWS.
    public static final PushLimits USUAL =
            new PushLimits(256, 16, 5_000, 15_000, 30_000, Optional.empty());

    /// Refuses bounds that let nothing out.
    public PushLimits {
        long least = Math.min(Math.min(postsMax, postsOfOneMax), connectMillis);
        if (Math.min(least, Math.min(postMillis, sweepMillis)) < 1) {
            throw new IllegalArgumentException("A limit is 1 or more, not " + least);
        }
    }

    /// How many messages may be on their way to so many endpoints together.
    int posts(int endpoints) {
        return Math.max(postsMax, endpoints);
    }

    /// How many messages may be on their way to each of so many endpoints.
    int share(int endpoints) {
        return Math.clamp(postsMax / Math.max(1, endpoints), 1, postsOfOneMax);
    }
}
