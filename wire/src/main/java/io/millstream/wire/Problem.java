package io.millstream.wire;

import static io.millstream.wire.Kinds.SMALL_COUNT;
import static io.millstream.wire.Kinds.TEXT;

import org.jspecify.annotations.Nullable;

/// Why a request over HTTP was not done, as RFC 9457 has it.
///
/// @param type which problem, as a URI; `about:blank` where the status says all
/// @param title the type in words
/// @param status of the answer
/// @param detail what happened, to what, and what to do, for a person
/// @param place where in the body, as [MalformedException#path]; null if it is nowhere in it
public record Problem(
        String type, String title, int status, String detail, @Nullable String place) {

    static final Kind<Problem> KIND =
            Kind.object(
                    "a problem",
                    (out, problem) ->
                            out.put("type", TEXT, problem.type())
                                    .put("title", TEXT, problem.title())
                                    .put("status", SMALL_COUNT, problem.status())
                                    .put("detail", TEXT, problem.detail())
                                    .maybe("place", TEXT, problem.place()),
                    in ->
                            new Problem(
                                    in.get("type", TEXT),
                                    in.get("title", TEXT),
                                    in.get("status", SMALL_COUNT),
                                    in.get("detail", TEXT),
                                    in.maybe("place", TEXT)));
}
