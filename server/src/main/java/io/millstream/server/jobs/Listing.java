package io.millstream.server.jobs;

import io.millstream.api.ChannelName;
import io.millstream.jobs.DeadPage;
import io.millstream.jobs.DeadSelection;
import io.millstream.jobs.JobLook;
import io.millstream.jobs.JobPage;
import io.millstream.jobs.Jobs;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.Reply;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Lists jobs that are in queues, queue after queue in the order of their names, and those of the
/// dead set; all else that may be asked for is [Searching]'s. A page looks at so many jobs and
/// shows those that are asked for, so it may be empty though there are more.
final class Listing {
    private static final List<String> IN_QUEUES = List.of("waiting", "delayed", "running");
    private static final String DEAD = "dead";
    private static final int LOOKS_PER_PAGE = 10;

    private final Jobs jobs;
    private final Searching searching;

    Listing(Jobs jobs, Searching searching) {
        this.jobs = jobs;
        this.searching = searching;
    }

    /// Where a list goes on.
    ///
    /// @param queue in which queue
    /// @param after where in it, or empty for its beginning
    private record Place(String queue, String after) {
        String text() {
            byte[] bytes = (queue + "\n" + after).getBytes(StandardCharsets.UTF_8);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }

        static Place of(String text) {
            try {
                byte[] bytes = Base64.getUrlDecoder().decode(text);
                String both = new String(bytes, StandardCharsets.UTF_8);
                int end = both.indexOf('\n');
                if (end > 0) {
                    return new Place(both.substring(0, end), both.substring(end + 1));
                }
            } catch (IllegalArgumentException _) {
                // Told below.
            }
            throw Parameters.wrong(
                    Parameters.AFTER,
                    "is not where a list of jobs ended",
                    "Begin again, without it");
        }
    }

    Reply list(Asked asked) {
        Parameters given = Parameters.of(asked, Searching.PARAMETERS);
        String state = given.text("state");
        if (Searching.isAskedBy(given)
                || (state != null && !state.equals(DEAD) && !IN_QUEUES.contains(state))) {
            return searching.search(asked, given);
        }
        return DEAD.equals(state) ? dead(asked, given) : inQueues(asked, given, state);
    }

    private Reply dead(Asked asked, Parameters given) {
        DeadSelection selection =
                DeadPages.selection(
                        given.text("queue"), given.text("type"), null, null, null, null);
        DeadPages.demand(asked, Verb.READ, selection);
        DeadPage page = jobs.dead().page(selection, given.after(), given.limit());
        return new JsonOut().all("jobs", page.jobs(), JobForm::of).maybe("next", page.next()).ok();
    }

    private Reply inQueues(Asked asked, Parameters given, @Nullable String state) {
        String type = given.text("type");
        String after = given.after();
        int limit = given.limit();
        @Nullable Place place = after == null ? null : Place.of(after);
        List<String> queues = queues(asked, given.text("queue"), place);
        List<JobLook> found = new ArrayList<>();
        int looks = 0;
        for (int i = 0; i < queues.size(); i++) {
            String queue = queues.get(i);
            boolean goesOn = place != null && place.queue().equals(queue);
            String from =
                    goesOn && place != null && !place.after().isEmpty() ? place.after() : null;
            do {
                if (found.size() >= limit || looks == LOOKS_PER_PAGE) {
                    return page(found, new Place(queue, from == null ? "" : from));
                }
                looks++;
                JobPage page = jobs.list(queue, from, limit - found.size());
                page.jobs().stream()
                        .filter(job -> state == null || state.equals(JobForm.state(job.status())))
                        .filter(job -> type == null || type.equals(job.type()))
                        .forEach(found::add);
                from = page.next();
            } while (from != null);
        }
        return page(found, null);
    }

    private static Reply page(List<JobLook> found, @Nullable Place next) {
        return new JsonOut()
                .all("jobs", found, JobForm::of)
                .maybe("next", next == null ? null : next.text())
                .ok();
    }

    /// Those that whoever asks may look into, from where the last page ended.
    private List<String> queues(Asked asked, @Nullable String named, @Nullable Place place) {
        if (named != null) {
            ChannelName queue = ChannelPages.name("queue", named);
            asked.demand(Verb.READ, queue);
            return List.of(named);
        }
        return jobs.queues().stream()
                .filter(queue -> asked.may(Verb.READ, ChannelName.of(queue)))
                .sorted()
                .filter(queue -> place == null || queue.compareTo(place.queue()) >= 0)
                .toList();
    }
}
