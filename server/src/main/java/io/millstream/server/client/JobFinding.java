package io.millstream.server.client;

import tools.jackson.databind.JsonNode;

import java.util.LinkedHashMap;
import java.util.Map;

/// What the server's index knows of jobs: those of which all that is asked for holds, and what
/// happened to one.
final class JobFinding {
    private static final int PAGE_MAX = 1000;

    private JobFinding() {}

    /// Lists what is found, page by page.
    ///
    /// @param asked the parameters of the page `jobs`
    /// @param limit how many are shown at most
    static int list(Call call, Map<String, String> asked, int limit) {
        Listing listing =
                new Listing(
                        call.out(), "id", "type", "queue", "state", "attempts", "since", "reason");
        Map<String, String> page = new LinkedHashMap<>(asked);
        int shown = 0;
        boolean isMore;
        do {
            page.put("limit", Integer.toString(Math.min(PAGE_MAX, limit - shown)));
            JsonNode found = call.index().get("/jobs", page);
            for (JsonNode job : found.path("jobs")) {
                show(listing, job);
                shown++;
            }
            String next = found.path("next").asString("");
            isMore = !next.isEmpty();
            page.put("after", next);
        } while (isMore && shown < limit);
        listing.end();
        if (isMore) {
            call.out()
                    .note(
                            "There are more than the %d that are shown. Give a larger --limit, or"
                                            .formatted(limit)
                                    + " say which.");
        }
        return Status.DONE;
    }

    private static void show(Listing listing, JsonNode job) {
        listing.row(
                () -> Json.bytes(job),
                job.path("id").asString(""),
                Texts.orDash(job.path("type").asString("")),
                job.path("queue").asString(""),
                job.path("state").asString(""),
                job.path("attempts").asInt(0),
                job.path("submitted").asString("").replaceFirst("\\.\\d+Z$", "Z"),
                Texts.cut(job.path("reason").asString(""), 60));
    }

    static Verb history() {
        Verb verb =
                Specs.verb(
                        "history",
                        "Tells what happened to a job, step by step, and what its attempts wrote"
                                + " into its log.",
                        typed -> {
                            String id = typed.word(0, "");
                            return call -> history(call, id);
                        });
        verb.spec().addPositional(Specs.word(0, "ID", "Which job."));
        return verb;
    }

    private static int history(Call call, String id) {
        JsonNode history =
                call.index().get("/jobs/" + IndexPages.encoded(id) + "/history", Map.of());
        if (call.out().isJson()) {
            call.out().json(Json.bytes(history));
            return Status.DONE;
        }
        Listing steps = new Listing(call.out(), "at", "event", "attempt", "text");
        for (JsonNode step : history.path("steps")) {
            steps.row(
                    () -> Json.bytes(step),
                    step.path("at").asString(""),
                    step.path("event").asString(""),
                    Texts.orDash(step.path("attempt").asString("")),
                    step.path("text").asString(""));
        }
        steps.end();
        for (JsonNode line : history.path("log")) {
            line.path("text")
                    .asString("")
                    .lines()
                    .forEach(text -> call.out().line("    " + Texts.line(text)));
        }
        int leftOut = history.path("steps_left_out").asInt(0);
        if (leftOut > 0) {
            call.out().note("%d steps behind the first 10 are not kept.".formatted(leftOut));
        }
        return Status.DONE;
    }
}
