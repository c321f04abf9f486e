package io.millstream.protocols.http;

import io.vertx.core.http.HttpMethod;

/// One more path and method of the API, which whoever has the API hands in. It is received as all
/// others are: who asks is found out, pages of other sites are turned away, its body is bounded and
/// counted, its answer is counted, and what goes wrong is told as a problem.
///
/// @param method which
/// @param path below [HttpApi#ROOT], such as `/jobs/:id`; what follows a colon is the name of a
///   part of it
/// @param body what body it takes
/// @param shows what its answers show
/// @param work what is done
public record Extension(HttpMethod method, String path, Body body, Shows shows, Work work) {

    /// What body an endpoint takes.
    public enum Body {
        /// None; what is sent all the same is not looked at.
        NONE,
        /// One of [ApiLimits#smallBodyBytesMax] at most.
        SMALL,
        /// One of [ApiLimits#bodyBytesMax] at most.
        LARGE
    }

    /// What the answers of an endpoint show.
    public enum Shows {
        /// Nothing but what is the same on every server, so that it does no harm if a page in a
        /// browser gets hold of it.
        NOTHING,
        /// Something of what is kept, as JSON.
        SOMETHING,
        /// Events of what is kept, see [Reply.Events].
        EVENTS
    }

    /// What is done about a request.
    @FunctionalInterface
    public interface Work {
        /// Does it, on a virtual thread of its own, which it may block, and which is interrupted
        /// when whoever asked has left. There are as many of them as requests may be under way.
        ///
        /// @throws ProblemException to answer with a problem. Other exceptions of the seam are told
        ///   as problems, too, and all else as a bug
        /// @throws InterruptedException if it was interrupted
        Reply work(Asked asked) throws InterruptedException;
    }
}
