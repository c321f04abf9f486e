package io.millstream.server.client;

import io.millstream.jobs.DeadJobs;
import io.millstream.jobs.DeadKind;
import io.millstream.jobs.DeadSelection;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Redrive;
import io.millstream.jobs.Redriven;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;

import tools.jackson.databind.node.ObjectNode;

import java.util.List;

/// What `millstream jobs` does about dead jobs: `dead`, `retry`, `redrive`, `discard`.
final class DeadCommands {
    private static final String ID = "--id";
    private static final String FINGERPRINT = "--fingerprint";
    private static final String QUEUE = "--queue";
    private static final String TYPE = "--type";
    private static final String SINCE = "--since";
    private static final String BEFORE = "--before";
    private static final String ALL = "--all";
    private static final String RATE = "--rate";
    private static final String MOST = "--most";
    private static final String TO = "--to";
    private static final String DRY_RUN = "--dry-run";
    private static final int REASON_CHARS = 80;

    private DeadCommands() {}

    static List<Verb> verbs() {
        return List.of(dead(), retry(), redrive(), discard());
    }

    private static Verb dead() {
        Verb verb =
                Specs.verb(
                        "dead",
                        "Shows what dead jobs died of, by fingerprint. Those of a kind: jobs list"
                                + " --state dead",
                        typed -> {
                            DeadSelection selection = selection(typed, typed.word(0));
                            return call ->
                                    call.withJobs(jobs -> kinds(call, jobs.dead(), selection));
                        });
        verb.spec().addPositional(Specs.maybe(0, "FINGERPRINT", "Only of this kind."));
        return withNarrowing(verb);
    }

    private static int kinds(Call call, DeadJobs dead, DeadSelection selection) {
        Listing listing =
                new Listing(
                        call.out(),
                        "jobs",
                        "fingerprint",
                        "type",
                        "queue",
                        "first",
                        "last",
                        "reason");
        for (DeadKind kind : dead.kinds(selection)) {
            listing.row(
                    () -> Json.bytes(json(kind)),
                    kind.jobs(),
                    kind.fingerprint(),
                    Texts.orDash(kind.example().type()),
                    Texts.orDash(kind.example().queue()),
                    Times.shown(kind.first()),
                    Times.shown(kind.example().died()),
                    Texts.cut(kind.example().reason(), REASON_CHARS));
        }
        listing.end();
        return Status.DONE;
    }

    private static ObjectNode json(DeadKind kind) {
        ObjectNode json =
                Json.object()
                        .put("fingerprint", kind.fingerprint())
                        .put("jobs", kind.jobs())
                        .put("first", kind.first().toString());
        json.set("example", JobList.json(kind.example()));
        return json;
    }

    private static Verb retry() {
        return JobCommands.each(
                "retry",
                "Sends dead jobs back, each by its id; more at once: jobs redrive",
                "ID",
                "Which jobs.",
                DeadCommands::retry);
    }

    private static int retry(Call call, Jobs jobs, String id) {
        Redriven redriven = jobs.dead().redrive(DeadSelection.ALL.id(id));
        if (redriven.jobs() == 1) {
            String queue = redriven.byQueue().firstKey();
            ObjectNode json = Json.object().put("id", id).put("queue", queue);
            call.out().say(json, "Sent %s back to %s.", id, queue);
            return Status.DONE;
        }
        if (redriven.refusals().isEmpty()) {
            call.out()
                    .note(
                            "There is no dead job %s. Where it is: millstream jobs show %s"
                                    .formatted(id, id));
        }
        redriven.refusals().forEach(call.out()::note);
        return Status.FAILED;
    }

    private static Verb redrive() {
        Verb verb =
                Specs.verb(
                        "redrive",
                        "Sends dead jobs back to where they died, those that died first first.",
                        typed -> {
                            DeadSelection selection = selection(typed, null);
                            refuseNone(typed);
                            Redrive how = how(typed);
                            return call ->
                                    call.withJobs(
                                            jobs -> redrive(call, jobs.dead(), selection, how));
                        });
        withSelection(verb.spec())
                .addOption(Specs.text("N", "At most so many begin in a second.", RATE))
                .addOption(Specs.text("N", "No more than so many.", MOST))
                .addOption(Specs.text("QUEUE", "To this queue, wherever they died.", TO))
                .addOption(Specs.flag("Only say what would happen.", DRY_RUN));
        return withNarrowing(verb);
    }

    private static Redrive how(Typed typed) {
        Redrive how = Redrive.STANDARD;
        String rate = typed.text(RATE);
        if (rate != null) {
            how = how.perSecond(rate(rate));
        }
        Long most = typed.large(MOST, 1);
        if (most != null) {
            how = how.most(most);
        }
        String to = typed.text(TO);
        if (to != null) {
            how = how.to(to);
        }
        return typed.has(DRY_RUN) ? how.dry() : how;
    }

    private static double rate(String typed) {
        try {
            double rate = Double.parseDouble(typed);
            if (rate >= 0.001 && rate <= 1_000_000) {
                return rate;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw Typed.wrong(
                RATE, typed, "Give how many may begin in a second, from 0.001 to 1000000.");
    }

    private static int redrive(Call call, DeadJobs dead, DeadSelection selection, Redrive how) {
        Redriven redriven = dead.redrive(selection, _ -> how);
        if (call.out().isJson()) {
            ObjectNode byQueue = Json.object();
            redriven.byQueue().forEach(byQueue::put);
            ObjectNode json =
                    Json.object()
                            .put("dry_run", how.dryRun())
                            .put("jobs", redriven.jobs())
                            .put("left", redriven.left());
            json.set("by_queue", byQueue);
            json.set("refusals", Json.array(redriven.refusals()));
            call.out().json(json);
        } else {
            String what = how.dryRun() ? "%s would be sent back." : "%s sent back.";
            call.out().line(what.formatted(Texts.count(redriven.jobs(), "job")));
            redriven.byQueue()
                    .forEach((queue, jobs) -> call.out().line("  " + jobs + " to " + queue));
        }
        redriven.refusals().forEach(call.out()::note);
        return redriven.left() == 0 ? Status.DONE : Status.FAILED;
    }

    private static Verb discard() {
        Verb verb =
                Specs.verb(
                        "discard",
                        "Removes dead jobs for good.",
                        typed -> {
                            DeadSelection selection = selection(typed, null);
                            refuseNone(typed);
                            boolean isDry = typed.has(DRY_RUN);
                            return call ->
                                    call.withJobs(
                                            jobs -> discard(call, jobs.dead(), selection, isDry));
                        });
        withSelection(verb.spec()).addOption(Specs.flag("Only say what would happen.", DRY_RUN));
        return withNarrowing(verb);
    }

    private static int discard(Call call, DeadJobs dead, DeadSelection selection, boolean isDry) {
        long jobs =
                isDry
                        ? dead.kinds(selection).stream().mapToLong(DeadKind::jobs).sum()
                        : dead.discard(selection);
        call.out()
                .say(
                        Json.object().put("dry_run", isDry).put("jobs", jobs),
                        isDry ? "%s would be discarded." : "%s discarded.",
                        Texts.count(jobs, "job"));
        return Status.DONE;
    }

    /// Options that say exactly which.
    private static CommandSpec withSelection(CommandSpec spec) {
        return spec.addOption(Specs.text("ID", "Only this job.", ID))
                .addOption(Specs.text("PRINT", "Only those that died of this.", FINGERPRINT))
                .addOption(Specs.flag("All of them.", ALL));
    }

    /// Options that say which of them.
    private static Verb withNarrowing(Verb verb) {
        verb.spec()
                .addOption(Specs.text("QUEUE", "Only those that died here.", "-q", QUEUE))
                .addOption(Specs.text("TYPE", "Only of this type.", TYPE))
                .addOption(
                        Specs.text(
                                "WHEN", "Only if dead since then: a time, or 2h for ago.", SINCE))
                .addOption(Specs.text("WHEN", "Only if dead before then.", BEFORE));
        return verb;
    }

    private static DeadSelection selection(Typed typed, @Nullable String fingerprint) {
        boolean hasWhich = typed.result().commandSpec().optionsMap().containsKey(ID);
        return new DeadSelection(
                hasWhich ? typed.text(ID) : null,
                typed.text(TYPE),
                typed.text(QUEUE),
                hasWhich ? typed.text(FINGERPRINT) : fingerprint,
                typed.moment(SINCE),
                typed.moment(BEFORE));
    }

    /// That nothing was said is rather a slip than a wish to touch all.
    private static void refuseNone(Typed typed) {
        boolean isAll = typed.has(ALL);
        boolean isSome =
                List.of(ID, FINGERPRINT, TYPE, QUEUE, SINCE, BEFORE).stream().anyMatch(typed::has);
        if (isAll == isSome) {
            throw new ConfigException(
                    isAll
                            ? ALL + " and what says which exclude each other."
                            : "Say which dead jobs: %s, %s, %s, %s, %s, %s, or %s."
                                    .formatted(FINGERPRINT, ID, QUEUE, TYPE, SINCE, BEFORE, ALL));
        }
    }
}
