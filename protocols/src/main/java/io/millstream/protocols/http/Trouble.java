package io.millstream.protocols.http;

import io.millstream.wire.Problem;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/// What a request may come to besides an answer. Its word is the end of the `type` of a problem, by
/// which programs tell them apart.
public enum Trouble {
    /// The body, or what it says, is not what it has to be.
    MALFORMED(400, "What was sent cannot be read"),
    /// The path is for WebSockets. 426 would name the protocol in a header that Java's client
    /// refuses.
    NO_SOCKET(400, "It takes a WebSocket"),
    /// A browser's page of somebody else asks.
    FOREIGN_PAGE(403, "The API is not for pages of other sites"),
    /// The user may not.
    FORBIDDEN(403, "It takes a right that is not granted"),
    /// No session of this id, or none of this user.
    NO_SUCH_SESSION(404, "There is no such session"),
    /// No job of this id, or none that this user may see, or it is not known any more.
    NO_SUCH_JOB(404, "There is no such job"),
    /// No schedule of this name, or none that this user may see.
    NO_SUCH_SCHEDULE(404, "There is no such schedule"),
    /// No queue, topic or exchange of this name.
    NO_SUCH_CHANNEL(404, "There is no such channel"),
    /// The path is there and does not take this method.
    WRONG_METHOD(405, "The path does not take this method"),
    /// The client accepts no JSON.
    NOT_ACCEPTABLE(406, "Answers are JSON"),
    /// The body did not come in time.
    TOO_SLOW(408, "The body did not arrive in time"),
    /// What is there does not go with what was asked.
    CONFLICT(409, "It does not go with what is there"),
    /// The body is too long.
    TOO_LARGE(413, "The body is too large"),
    /// The body is no JSON by its own account.
    WRONG_TYPE(415, "Bodies are JSON"),
    /// Something else was asked under this key before.
    USED_KEY(422, "The key was used for something else"),
    /// This user, or this session, has enough of them.
    TOO_MANY(429, "There are too many"),
    /// A mistake of ours.
    BUG(500, "A bug"),
    /// This store, or this version of it, cannot.
    NOT_SUPPORTED(501, "It is not supported"),
    /// The queue is full.
    IS_FULL(503, "The queue is full"),
    /// All together have enough.
    NO_ROOM(503, "There is no room now"),
    /// What jobs are searched in is being opened, or cannot be read.
    INDEX_AWAY(503, "The index cannot be asked now"),
    /// What keeps the messages has stopped or cannot be reached.
    STORE_AWAY(503, "The store does not answer");

    private static final String PREFIX = "urn:millstream:";

    private final int status;
    private final String title;

    Trouble(int status, String title) {
        this.status = status;
        this.title = title;
    }

    int status() {
        return status;
    }

    /// Its type, as a URI.
    String type() {
        return PREFIX + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Whether the same may go well a moment later.
    boolean passes() {
        return status == 429 || status == 503;
    }

    /// @param detail what happened, to what, and what to do
    public ProblemException with(String detail) {
        return at(null, detail);
    }

    /// @param place where in the body
    /// @param detail what happened, to what, and what to do
    public ProblemException at(@Nullable String place, String detail) {
        return new ProblemException(this, new Problem(type(), title, status, detail, place));
    }
}
