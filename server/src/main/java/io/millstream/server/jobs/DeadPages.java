package io.millstream.server.jobs;

import io.millstream.api.ChannelName;
import io.millstream.jobs.DeadKind;
import io.millstream.jobs.DeadPage;
import io.millstream.jobs.DeadSelection;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Redrive;
import io.millstream.jobs.Redriven;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.ProblemException;
import io.millstream.protocols.http.Reply;
import io.millstream.protocols.http.Trouble;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// The dead set: shows it, sends jobs back, removes them. Rights are those on the queue that jobs
/// died in; whoever names none needs them everywhere.
final class DeadPages {
    private static final int BEFORE_LOOKS_MAX = 10;

    private final Jobs jobs;

    DeadPages(Jobs jobs) {
        this.jobs = jobs;
    }

    static DeadSelection selection(
            @Nullable String queue,
            @Nullable String type,
            @Nullable String id,
            @Nullable String fingerprint,
            @Nullable Instant since,
            @Nullable Instant before) {
        return new DeadSelection(id, type, queue, fingerprint, since, before);
    }

    static void demand(Asked asked, Verb verb, DeadSelection selection) {
        String queue = selection.queue();
        if (queue != null) {
            asked.demand(verb, ChannelPages.name("queue", queue));
            return;
        }
        try {
            asked.demandEverywhere(verb);
        } catch (ProblemException refused) {
            throw Trouble.FORBIDDEN.with(
                    refused.problem().detail() + " Name a queue, and it takes that on the queue.");
        }
    }

    private static Parameters parameters(Asked asked, String... more) {
        String[] all = new String[6 + more.length];
        System.arraycopy(
                new String[] {"queue", "type", "id", "fingerprint", "since", "before"},
                0,
                all,
                0,
                6);
        System.arraycopy(more, 0, all, 6, more.length);
        return Parameters.of(asked, all);
    }

    private static DeadSelection selection(Asked asked, Parameters given) {
        DeadSelection selection =
                selection(
                        given.text("queue"),
                        given.text("type"),
                        given.text("id"),
                        given.text("fingerprint"),
                        given.time("since"),
                        given.time("before"));
        demand(asked, Verb.READ, selection);
        return selection;
    }

    Reply list(Asked asked) {
        Parameters given = parameters(asked, Parameters.LIMIT, Parameters.AFTER);
        DeadSelection selection = selection(asked, given);
        int limit = given.limit();
        DeadPage page = jobs.dead().page(selection, given.after(), limit);
        for (int i = 1; i < BEFORE_LOOKS_MAX && page.jobs().isEmpty() && page.next() != null; i++) {
            page = jobs.dead().page(selection, page.next(), limit);
        }
        return new JsonOut().all("jobs", page.jobs(), JobForm::of).maybe("next", page.next()).ok();
    }

    Reply kinds(Asked asked) {
        DeadSelection selection = selection(asked, parameters(asked));
        return new JsonOut().all("kinds", jobs.dead().kinds(selection), DeadPages::form).ok();
    }

    private static JsonOut form(DeadKind kind) {
        return new JsonOut()
                .put("fingerprint", kind.fingerprint())
                .put("jobs", kind.jobs())
                .put("first", kind.first())
                .put("example", JobForm.of(kind.example()));
    }

    /// Which jobs are meant: `jobs` has to be there, so that nobody means all of them by mistake.
    private static DeadSelection selection(JsonIn in) {
        JsonIn which = in.object("jobs");
        DeadSelection selection =
                selection(
                        which.maybeText("queue"),
                        which.maybeText("type"),
                        which.maybeText("id"),
                        which.maybeText("fingerprint"),
                        which.maybeTime("since"),
                        which.maybeTime("before"));
        which.end();
        return selection;
    }

    Reply redrive(Asked asked) {
        Parameters.of(asked);
        JsonIn in = JsonIn.of("$", JsonIn.tree(asked.body()));
        DeadSelection selection = selection(in);
        Redrive how = how(in);
        in.end();
        demand(asked, Verb.MANAGE, selection);
        if (how.queue() != null) {
            asked.demand(Verb.WRITE, ChannelName.of(how.queue()));
        }
        Redriven redriven = jobs.dead().redrive(selection, _ -> how);
        return new JsonOut()
                .put("jobs", redriven.jobs())
                .numbers("by_queue", redriven.byQueue())
                .put("left", redriven.left())
                .texts("refusals", redriven.refusals())
                .maybe("dry_run", how.dryRun())
                .ok();
    }

    private static Redrive how(JsonIn in) {
        Redrive how = Redrive.STANDARD;
        Double perSecond = in.maybeNumber("per_second");
        if (perSecond != null) {
            Redrive before = how;
            how =
                    JsonIn.sensible(
                            in.place("per_second"), () -> before.perSecond(checked(perSecond)));
        }
        Long most = in.maybeWhole("most", 1, Long.MAX_VALUE);
        if (most != null) {
            how = how.most(most);
        }
        if (in.has("to")) {
            how = how.to(JobDraft.queue(in, "to").name());
        } else {
            var _ = in.maybeText("to");
        }
        return in.flag("dry_run") ? how.dry() : how;
    }

    private static double checked(double perSecond) {
        if (!(perSecond >= 1e-6 && perSecond <= 1e6)) {
            throw new IllegalArgumentException(
                    "A rate is from 0.000001 to 1000000 jobs a second, not " + perSecond);
        }
        return perSecond;
    }

    Reply discard(Asked asked) {
        Parameters.of(asked);
        JsonIn in = JsonIn.of("$", JsonIn.tree(asked.body()));
        DeadSelection selection = selection(in);
        in.end();
        demand(asked, Verb.MANAGE, selection);
        return new JsonOut().put("discarded", jobs.dead().discard(selection)).ok();
    }
}
