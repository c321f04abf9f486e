package io.millstream.backends.remote;

import io.millstream.api.CommitId;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.TreeSet;

/// The ids of one session's commits: a sender of its own, and numbers that it gives up as they are
/// answered. Not safe for threads.
final class CommitIds {
    private static final int SENDER_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String sender;
    private final TreeSet<Long> unanswered = new TreeSet<>();
    private long next;

    CommitIds() {
        byte[] bytes = new byte[SENDER_BYTES];
        RANDOM.nextBytes(bytes);
        sender = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// The next one.
    CommitId next() {
        unanswered.add(next);
        return new CommitId(sender, next++, unanswered.first());
    }

    /// It will not be asked for again.
    void answered(CommitId id) {
        unanswered.remove(id.number());
    }
}
