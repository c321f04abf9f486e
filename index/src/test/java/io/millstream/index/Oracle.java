package io.millstream.index;

import io.millstream.api.ChannelName;
import io.millstream.api.Lifecycle;
import io.millstream.api.Lifecycle.Place;
import io.millstream.api.TopicRecord;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// What an index has to know, found out plainly: all records in the heap, one after the other.
final class Oracle {
    private final List<Job> jobs = new ArrayList<>();
    private final Map<Place, Job> there = new HashMap<>();
    private final Map<Place, Job> moved = new HashMap<>();
    private final Map<Place, Job> lettered = new HashMap<>();
    private final Map<String, Job> leftDeadSet = new HashMap<>();

    /// A job.
    static final class Job {
        String id = "";
        String queue = "";
        @Nullable String type;
        @Nullable String key;
        String tags = "";
        IndexedState state = IndexedState.WAITING;
        int attempts;
        String reason = "";
        String fingerprint = "";
        long stored;
        @Nullable String how;
        List<String> events = new ArrayList<>();

        boolean isLike(IndexedJob other) {
            return line().equals(line(other));
        }

        String line() {
            return String.join(
                    "|",
                    id,
                    queue,
                    "" + type,
                    "" + key,
                    tags,
                    "" + state,
                    "" + attempts,
                    reason,
                    fingerprint,
                    "" + stored);
        }

        static String line(IndexedJob job) {
            return String.join(
                    "|",
                    job.id(),
                    job.queue().name(),
                    "" + job.type(),
                    "" + job.key(),
                    String.join(",", job.tags().stream().sorted().toList()),
                    "" + job.state(),
                    "" + job.attempts(),
                    job.reason(),
                    job.fingerprint(),
                    "" + job.submitted().toEpochMilli());
        }
    }

    List<Job> jobs() {
        return jobs;
    }

    /// Their lines, the newest first.
    List<String> lines(Predicate<Job> which) {
        return jobs.reversed().stream().filter(which).map(Job::line).toList();
    }

    void add(TopicRecord record) {
        Lifecycle event = Lifecycle.in(record.message()).orElse(null);
        if (event instanceof Lifecycle.Stored stored) {
            stored(stored, record.stored().toEpochMilli());
        } else if (event instanceof Lifecycle.Dropped(var life, long first, long end)) {
            endAll(
                    place ->
                            place.life().equals(life)
                                    && place.sequence() >= first
                                    && place.sequence() < end,
                    true);
        } else if (event instanceof Lifecycle.Purged(var life, long end)) {
            endAll(place -> place.life().equals(life) && place.sequence() < end, false);
        } else if (event instanceof Lifecycle.Removed(var life)) {
            endAll(place -> place.life().equals(life), false);
        } else if (event instanceof Lifecycle.Left(var life)) {
            endAll(place -> place.life().equals(life), false);
        } else if (event instanceof Lifecycle.OfMessage one && there.containsKey(one.place())) {
            happens(there.get(one.place()), one);
        }
    }

    private static boolean isDeadSet(Place place) {
        return place.life().queue().name().equals("jobs.dead");
    }

    private static boolean isInner(Place place) {
        return place.life().queue().name().startsWith("jobs.");
    }

    private void happens(Job job, Lifecycle.OfMessage event) {
        boolean inner = isInner(event.place());
        switch (event) {
            case Lifecycle.Taken taken when !inner -> {
                job.state = IndexedState.RUNNING;
                job.attempts = taken.attempts();
                job.how = null;
                job.events.add("STARTED");
            }
            case Lifecycle.Returned returned when !inner -> {
                job.state = returned.due() == null ? IndexedState.WAITING : IndexedState.DELAYED;
                job.attempts = returned.attempts();
                job.how = null;
                job.events.add("RETURNED");
            }
            case Lifecycle.Failed failed when !inner -> {
                job.reason = failed.reason();
                job.fingerprint = failed.fingerprint();
                job.events.add("FAILED");
            }
            case Lifecycle.Ended ended when !inner -> {
                job.how = ended.how();
                job.reason = ended.reason().isEmpty() ? job.reason : ended.reason();
            }
            case Lifecycle.Stranded dead when !inner -> dies(job, dead.cause(), dead.reason());
            case Lifecycle.Dead dead -> {
                if (!inner) {
                    dies(job, dead.cause(), dead.reason());
                }
                lettered.put(dead.place(), there.remove(dead.place()));
            }
            case Lifecycle.Moved gone -> {
                job.state = IndexedState.REMOVED;
                job.events.add("MOVED");
                moved.put(gone.place(), there.remove(gone.place()));
            }
            case Lifecycle.Done done -> end(done.place(), IndexedState.DONE, true);
            default -> {}
        }
    }

    private static void dies(Job job, Via.Cause cause, String reason) {
        boolean expired = cause == Via.Cause.EXPIRED;
        job.state = expired ? IndexedState.EXPIRED : IndexedState.DEAD;
        job.how = null;
        job.events.add(job.state.name());
        boolean isKnown = !job.reason.isEmpty() && cause == Via.Cause.ATTEMPTS;
        job.reason = isKnown || reason.isEmpty() ? job.reason : reason;
    }

    /// @param comeBack whether those of the dead set may be sent back
    private void endAll(Predicate<Place> which, boolean comeBack) {
        there.keySet().stream()
                .filter(which)
                .sorted((a, b) -> Long.compare(a.sequence(), b.sequence()))
                .toList()
                .forEach(place -> end(place, IndexedState.REMOVED, comeBack));
    }

    private void end(Place place, IndexedState usually, boolean comesBack) {
        Job job = there.remove(place);
        String queue = place.life().queue().name();
        if (queue.equals("jobs.dead")) {
            job.state = IndexedState.DISCARDED;
            if (comesBack) {
                leftDeadSet.put(job.id, job);
            }
            job.events.add("DISCARDED");
        } else if (!queue.equals("jobs.ended")) {
            job.state =
                    job.how == null
                            ? usually
                            : IndexedState.valueOf(job.how.toUpperCase(Locale.ROOT));
            job.events.add(job.state.name());
        }
        job.how = null;
    }

    private void stored(Lifecycle.Stored stored, long at) {
        Place to = stored.place();
        boolean inner = isInner(to);
        Job job = null;
        Lifecycle.Said said = stored.said();
        if (stored.from() != null) {
            job = moved.remove(stored.from());
            if (job != null && !inner) {
                job.queue = to.life().queue().name();
                job.state = IndexedState.WAITING;
                job.attempts = 0;
            }
            Job dead = lettered.remove(stored.from());
            if (job == null && inner) {
                job = dead;
            } else if (job == null && dead != null) {
                job = comes(to, at);
                job.id = dead.id;
                job.type = dead.type;
                job.key = dead.key;
                job.tags = dead.tags;
            }
        } else if (said != null && said.id() != null) {
            job = isDeadSet(to) || !inner ? back(said.id(), inner) : null;
            if (job != null && !inner) {
                job.events.remove(job.events.size() - 1);
                job.events.add("REDRIVEN");
                job.queue = to.life().queue().name();
                job.attempts = 0;
                job.state = said.delay().isZero() ? IndexedState.WAITING : IndexedState.DELAYED;
            } else if (job != null) {
                if (job.state != IndexedState.DEAD) {
                    job.events.remove("DONE");
                    job.events.add("DEAD");
                }
                job.state = IndexedState.DEAD;
            }
        }
        if (job == null) {
            job = comes(to, at);
            job.id = said == null || said.id() == null ? job.id : said.id();
            if (said != null) {
                job.type = said.type();
                job.key = said.group();
                job.tags = said.headers().getOrDefault("millstream-tags", "");
                job.state = said.delay().isZero() ? IndexedState.WAITING : IndexedState.DELAYED;
            }
            if (inner) {
                job.state = IndexedState.DEAD;
                job.queue =
                        said == null
                                ? job.queue
                                : said.headers().getOrDefault("millstream-dead-queue", job.queue);
            }
        }
        there.put(to, job);
    }

    private Job comes(Place to, long at) {
        Job job = new Job();
        ChannelName queue = to.life().queue();
        job.id = queue.name() + "-" + to.sequence();
        job.queue = queue.name();
        job.stored = at;
        job.events.add("SUBMITTED");
        jobs.add(job);
        return job;
    }

    /// The one of this id that has just ended, or has just left the dead set.
    private @Nullable Job back(String id, boolean inner) {
        Job last =
                jobs.reversed().stream().filter(job -> job.id.equals(id)).findFirst().orElse(null);
        if (inner) {
            return last == null || there.containsValue(last) ? null : last;
        }
        return leftDeadSet.remove(id);
    }
}
