package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Operation.Edit.IfHeld;
import io.millstream.api.Operation.IfDuplicate;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Jobs that were given up: those of which the attempts are used up, that cannot be read, or that
/// said so themselves. They stay until somebody sends them back or removes them.
///
/// ```java
/// for (DeadKind kind : jobs.dead().kinds()) {
///     System.out.println(kind.jobs() + " " + kind.example().reason());
/// }
/// jobs.dead().redrive(DeadSelection.ALL.fingerprint("4f1c09a2b7d3"), how -> how.perSecond(20));
/// ```
///
/// All methods may be called from any thread, look at the whole dead set and block; those that
/// change it do until that is on disk.
public final class DeadJobs {
    /// How many are looked at, or sent back, at once.
    private static final int PAGE_JOBS = 100;

    private static final int REFUSALS_MAX = 10;

    private final Millstream millstream;
    private final Session session;

    DeadJobs(Millstream millstream, Session session) {
        this.millstream = millstream;
        this.session = session;
    }

    /// What they died of, that of which most did first.
    public List<DeadKind> kinds() {
        return kinds(DeadSelection.ALL);
    }

    /// What some of them died of, that of which most did first.
    public List<DeadKind> kinds(DeadSelection selection) {
        Map<String, DeadKind> kinds = new LinkedHashMap<>();
        each(
                selection,
                0,
                dead ->
                        kinds.merge(
                                dead.job.fingerprint(),
                                new DeadKind(dead.job.fingerprint(), 1, dead.job.died(), dead.job),
                                (all, one) ->
                                        new DeadKind(
                                                all.fingerprint(),
                                                all.jobs() + 1,
                                                all.first(),
                                                one.example())));
        return kinds.values().stream()
                .sorted(Comparator.comparingLong(DeadKind::jobs).reversed())
                .toList();
    }

    /// Those that died first, in the order in which they did.
    ///
    /// @param most how many
    public List<DeadJob> list(DeadSelection selection, int most) {
        List<DeadJob> jobs = new ArrayList<>();
        until(
                selection,
                0,
                dead -> {
                    if (jobs.size() < most) {
                        jobs.add(dead.job);
                    }
                    return jobs.size() >= most;
                });
        return jobs;
    }

    /// A page of those that died first, in the order in which they did. It may have fewer than are
    /// asked for, though there are more: it looks at a hundred of the dead set.
    ///
    /// @param after where the last page ended, or null
    /// @param limit how many at most, from 1 to a hundred
    public DeadPage page(DeadSelection selection, @Nullable String after, int limit) {
        Query<View.MessageView> query =
                new Query.Browse(Envelope.DEAD, 0, after, Math.min(limit, PAGE_JOBS));
        Page<View.MessageView> page;
        try {
            page = Answer.of(millstream.backend().find(query)).page();
        } catch (RefusedException refused) {
            if (refused.refusal() instanceof Refusal.NoSuchChannel) {
                return new DeadPage(List.of(), null);
            }
            throw refused;
        }
        return new DeadPage(
                page.items().stream().map(Envelope::deadJob).filter(selection::contains).toList(),
                page.next());
    }

    /// Sends jobs back to where they died; see the other one.
    public Redriven redrive(DeadSelection selection) {
        return redrive(selection, UnaryOperator.identity());
    }

    /// Sends jobs back, as new jobs with all their attempts and the same ids. Each is in its queue
    /// and no longer here by one commit, so however many do this at once, and whatever dies
    /// meanwhile, a job is sent back once. One that its queue refuses, because it is full or gone,
    /// stays.
    ///
    /// A unique job that is sent back keeps nobody out: its key went when it died.
    ///
    /// @param how they are sent back: see [Redrive]
    public Redriven redrive(DeadSelection selection, UnaryOperator<Redrive> how) {
        Work work = new Work(how.apply(Redrive.STANDARD));
        until(selection, Integer.MAX_VALUE, work::isFull);
        work.finish();
        return work.redriven();
    }

    /// Removes jobs for good.
    ///
    /// @return how many
    public long discard(DeadSelection selection) {
        List<Long> places = new ArrayList<>();
        each(selection, 0, dead -> places.add(dead.sequence()));
        long discarded = 0;
        for (int i = 0; i < places.size(); i += PAGE_JOBS) {
            List<Commit> commits =
                    places.subList(i, Math.min(i + PAGE_JOBS, places.size())).stream()
                            .map(place -> Commit.of(drop(place)))
                            .toList();
            discarded +=
                    Answer.of(session.commit(commits)).stream()
                            .filter(Receipt.Committed.class::isInstance)
                            .count();
        }
        return discarded;
    }

    /// @param view of its message
    /// @param job what that says
    private record Dead(View.MessageView view, DeadJob job) {
        long sequence() {
            return view.sequence();
        }
    }

    private static Operation drop(long sequence) {
        return new Operation.Edit.Drop(Envelope.DEAD, sequence, IfHeld.REFUSE);
    }

    private void each(DeadSelection selection, int bodyBytes, Consumer<Dead> consumer) {
        until(
                selection,
                bodyBytes,
                dead -> {
                    consumer.accept(dead);
                    return false;
                });
    }

    private void until(DeadSelection selection, int bodyBytes, Predicate<Dead> isEnough) {
        try {
            new Pages(millstream.backend())
                    .until(
                            after -> new Query.Browse(Envelope.DEAD, bodyBytes, after, PAGE_JOBS),
                            view -> {
                                DeadJob job = Envelope.deadJob(view);
                                return selection.contains(job)
                                        && isEnough.test(new Dead(view, job));
                            });
        } catch (RefusedException refused) {
            if (!(refused.refusal() instanceof Refusal.NoSuchChannel)) {
                throw refused;
            }
            // Nobody has had jobs here yet.
        }
    }

    /// A redrive under way.
    private final class Work {
        private final Redrive how;
        private final List<Dead> batch = new ArrayList<>();
        private final SortedMap<String, Long> byQueue = new TreeMap<>();
        private final Set<String> refusals = new LinkedHashSet<>();
        private long sent;
        private long left;

        Work(Redrive how) {
            this.how = how;
        }

        boolean isFull(Dead dead) {
            batch.add(dead);
            if (batch.size() == PAGE_JOBS || sent + batch.size() >= how.most()) {
                finish();
            }
            return sent >= how.most();
        }

        void finish() {
            List<String> going = new ArrayList<>();
            List<Commit> commits = new ArrayList<>();
            for (Dead dead : batch) {
                ChannelName queue = targetOf(dead);
                if (queue == null) {
                    left("Nobody knows where %s died. Say where it is to go.", dead.job.id());
                } else if (how.dryRun()) {
                    sent(queue.name());
                } else {
                    going.add(queue.name());
                    commits.add(commit(dead, queue, sent + commits.size()));
                }
            }
            batch.clear();
            if (commits.isEmpty()) {
                return;
            }
            List<Receipt> receipts = Answer.of(session.commit(commits));
            for (int i = 0; i < receipts.size(); i++) {
                switch (receipts.get(i)) {
                    case Receipt.Committed _ -> sent(going.get(i));
                    case Receipt.Refused refused -> {
                        // Somebody else was faster: it is not here any more.
                        if (refused.operation() != 0) {
                            left("%s", refused.refusal().text());
                        }
                    }
                }
            }
        }

        private @Nullable ChannelName targetOf(Dead dead) {
            String queue = how.queue() == null ? dead.job.queue() : how.queue();
            return queue.isEmpty() ? null : ChannelName.of(queue);
        }

        private Commit commit(Dead dead, ChannelName queue, long before) {
            Operation put =
                    new Operation.Put(
                            queue,
                            Envelope.alive(dead.view.message(), dead.job.id())
                                    .delay(how.delay(before))
                                    .build(),
                            IfDuplicate.REFUSE);
            return Commit.of(drop(dead.sequence()), put);
        }

        private void sent(String queue) {
            sent++;
            byQueue.merge(queue, 1L, Long::sum);
        }

        private void left(String why, String what) {
            left++;
            if (refusals.size() < REFUSALS_MAX) {
                refusals.add(why.formatted(what));
            }
        }

        Redriven redriven() {
            return new Redriven(byQueue, left, List.copyOf(refusals));
        }
    }
}
