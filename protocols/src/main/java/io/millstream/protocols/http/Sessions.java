package io.millstream.protocols.http;

import io.millstream.api.Backend;
import io.millstream.api.SessionSpec;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The sessions that are open, by their ids. Whoever knows an id and is its user has the session;
/// for all others it is not there. Safe for threads.
final class Sessions {
    private static final int NAME_CHARS_MAX = 255;
    private static final int LABELS_MAX = 16;
    private static final int ID_BYTES = 16;

    private final Backend backend;
    private final ApiLimits limits;
    private final SecureRandom secrets = new SecureRandom();
    private final Map<String, OpenSession> byId = new HashMap<>();
    private boolean closed;

    Sessions(Backend backend, ApiLimits limits) {
        this.backend = backend;
        this.limits = limits;
    }

    /// Opens one.
    ///
    /// @throws ProblemException if there are enough of them
    synchronized OpenSession open(SessionSpec spec, Principal owner) {
        check(spec, owner);
        if (closed) {
            throw Trouble.STORE_AWAY.with("The server is stopping. Connect again when it is back.");
        }
        if (byId.size() >= limits.sessionsMax()) {
            throw Trouble.NO_ROOM.with(
                    ("%d sessions are open, and that is the limit. End some, or wait: one "
                                    + "ends after %d s without a request.")
                            .formatted(byId.size(), silenceSeconds()));
        }
        if (owner instanceof Principal.Known && countOf(owner) >= limits.sessionsPerUserMax()) {
            throw Trouble.TOO_MANY.with(
                    ("The user %s has %d open sessions, and that is the limit. End some with "
                                    + "DELETE, or wait: one ends after %d s without a request.")
                            .formatted(
                                    owner.name(), limits.sessionsPerUserMax(), silenceSeconds()));
        }
        OpenSession opened =
                new OpenSession(newId(), owner, backend.session(labelled(spec, owner)));
        byId.put(opened.id(), opened);
        return opened;
    }

    private static void check(SessionSpec spec, Principal owner) {
        if (Stream.of(Verb.values()).noneMatch(owner::maySomewhere)) {
            throw Trouble.FORBIDDEN.with(
                    "The user " + owner.name() + " may not: it takes some right on some channel.");
        }
        boolean isLong =
                spec.name().length() > NAME_CHARS_MAX
                        || spec.labels().size() > LABELS_MAX
                        || spec.labels().entrySet().stream()
                                .anyMatch(label ->
                                        label.getKey().length() > NAME_CHARS_MAX
                                                || label.getValue().length() > NAME_CHARS_MAX);
        if (isLong) {
            throw Trouble.MALFORMED.at(
                    "$",
                    ("A session's name has at most %d characters, and it has at most %d "
                                    + "labels, whose names and values have as many.")
                            .formatted(NAME_CHARS_MAX, LABELS_MAX));
        }
    }

    private static SessionSpec labelled(SessionSpec spec, Principal owner) {
        Map<String, String> labels = new HashMap<>(spec.labels());
        labels.put("user", owner.name());
        return new SessionSpec(spec.name(), labels);
    }

    private long silenceSeconds() {
        return TimeUnit.MILLISECONDS.toSeconds(limits.silenceMillis());
    }

    private long countOf(Principal owner) {
        return byId.values().stream().filter(each -> each.isOf(owner)).count();
    }

    private String newId() {
        byte[] id = new byte[ID_BYTES];
        secrets.nextBytes(id);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    }

    /// Begins a request to one; its end has to be told to it.
    ///
    /// @throws ProblemException if there is none of this id for this user
    OpenSession begin(String id, Principal who) {
        OpenSession found;
        synchronized (this) {
            found = byId.get(id);
        }
        if (found == null || !found.isOf(who) || !found.begin()) {
            throw gone();
        }
        return found;
    }

    /// That it is not there, or not any more.
    ProblemException gone() {
        return Trouble.NO_SUCH_SESSION.with(
                ("There is no session of this id, or it is another user's, or it has ended: one"
                                + " ends after %d s without a request, and when the server is"
                                + " restarted. Open a new one with POST /api/v1/sessions.")
                        .formatted(silenceSeconds()));
    }

    /// Ends one.
    void end(OpenSession which) {
        synchronized (this) {
            byId.remove(which.id());
        }
        which.endNow();
    }

    /// Ends those that nobody has asked anything of for too long.
    void sweep() {
        long now = System.nanoTime();
        long silence = TimeUnit.MILLISECONDS.toNanos(limits.silenceMillis());
        for (OpenSession each : all()) {
            if (each.endIfQuiet(now, silence)) {
                synchronized (this) {
                    byId.remove(each.id());
                }
            }
        }
    }

    /// How many are open.
    synchronized int size() {
        return byId.size();
    }

    private synchronized List<OpenSession> all() {
        return new ArrayList<>(byId.values());
    }

    /// Ends all and opens no more.
    void close() {
        synchronized (this) {
            closed = true;
        }
        for (OpenSession each : all()) {
            end(each);
        }
    }
}
