package io.millstream.protocols.http;

import io.millstream.api.Session;
import io.millstream.protocols.access.Principal;

/// A session of somebody elsewhere: it lasts as long as requests to it are under way, and a while
/// longer. Safe for threads.
final class OpenSession {
    private final String id;
    private final Principal owner;
    private final Session session;
    private int underWay;
    private int takes;
    private long quietSinceNanos = System.nanoTime();
    private boolean ended;

    OpenSession(String id, Principal owner, Session session) {
        this.id = id;
        this.owner = owner;
        this.session = session;
    }

    String id() {
        return id;
    }

    /// Whether it is this one's. Users are told apart by their names: what one may do can have
    /// changed since.
    boolean isOf(Principal who) {
        return isSame(owner, who);
    }

    static boolean isSame(Principal one, Principal other) {
        return switch (one) {
            case Principal.Anyone _ -> other instanceof Principal.Anyone;
            case Principal.Nobody _ -> false;
            case Principal.Known known ->
                    other instanceof Principal.Known also && known.name().equals(also.name());
        };
    }

    Session session() {
        return session;
    }

    /// A request to it begins.
    ///
    /// @return whether it is still there
    synchronized boolean begin() {
        if (!ended) {
            underWay++;
        }
        return !ended;
    }

    /// A request to it is over.
    synchronized void end() {
        underWay--;
        quietSinceNanos = System.nanoTime();
    }

    /// A take begins.
    ///
    /// @return whether there may be another one
    synchronized boolean beginTake(int takesMax) {
        boolean free = takes < takesMax;
        takes += free ? 1 : 0;
        return free;
    }

    synchronized void endTake() {
        takes--;
    }

    /// Whether it is over.
    synchronized boolean isEnded() {
        return ended;
    }

    /// Ends it if nobody has asked anything of it for so long.
    ///
    /// @return whether it was ended by this
    boolean endIfQuiet(long nowNanos, long silenceNanos) {
        synchronized (this) {
            if (ended || underWay > 0 || nowNanos - quietSinceNanos < silenceNanos) {
                return false;
            }
            ended = true;
        }
        session.close();
        return true;
    }

    /// Ends it; what is under way in it ends, too.
    ///
    /// @return whether it was ended by this
    boolean endNow() {
        synchronized (this) {
            if (ended) {
                return false;
            }
            ended = true;
        }
        session.close();
        return true;
    }
}
