package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Rate;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Answers where a job is, and why it is not running, by what there is to be seen.
final class Inquiry {
    private final Backend backend;
    private final Results results;
    private final Search search;

    Inquiry(Backend backend, Results results) {
        this.backend = backend;
        this.results = results;
        this.search = new Search(backend);
    }

    JobStatus status(String id) {
        return look(id).status();
    }

    JobLook look(String id) {
        Results.Seen seen = results.look(id);
        if (seen.sameAs() != null) {
            return look(seen.sameAs());
        }
        if (seen.ending() != null && seen.isFinal()) {
            return JobLook.ended(id, seen.ending());
        }
        Search.Found found = search.find(id);
        if (found == null) {
            // It may have ended between the two looks.
            Ending late = results.look(id).ending();
            return late == null ? JobLook.unknown(id) : JobLook.ended(id, late);
        }
        return look(id, found);
    }

    private JobLook look(String id, Search.Found found) {
        View.MessageView view = found.message();
        Message message = view.message();
        if (found.queue().name().equals(Envelope.DEBOUNCED)) {
            return putOff(id, view);
        }
        if (!found.queue().name().equals(Envelope.DEAD)) {
            String by =
                    view.state() == View.MessageState.LEASED
                            ? workerOf(id, Presence.of(backend, found.queue().name()))
                            : null;
            return look(id, found.queue().name(), view, by);
        }
        String reason = Envelope.reasonOfDeath(message);
        String queue = Envelope.deadJob(view).queue();
        return new JobLook(
                id,
                new JobStatus.Ended(JobState.DEAD, reason),
                queue.isEmpty() ? null : queue,
                message.type(),
                message.group(),
                message.priority(),
                view.stored(),
                null);
    }

    private static JobLook look(
            String id, ChannelName queue, View.MessageView view, @Nullable String by) {
        Message message = view.message();
        return new JobLook(
                id,
                status(queue.name(), view, by),
                queue.name(),
                message.type(),
                message.group(),
                message.priority(),
                view.stored(),
                null);
    }

    private static JobStatus status(String queue, View.MessageView view, @Nullable String by) {
        Instant due = view.due();
        return switch (view.state()) {
            case LEASED -> new JobStatus.Running(queue, view.deliveries(), by);
            case READY -> new JobStatus.Waiting(queue, view.deliveries());
            case DELAYED ->
                    due == null
                            ? new JobStatus.Waiting(queue, view.deliveries())
                            : new JobStatus.Delayed(queue, due, view.deliveries());
        };
    }

    private JobLook putOff(String id, View.MessageView view) {
        String key = view.message().body().utf8();
        Postponed job = Debounce.waitingIn(Debounce.look(backend, key));
        if (job == null || !job.job().equals(id)) {
            return JobLook.unknown(id);
        }
        return new JobLook(
                id,
                new JobStatus.Delayed(job.queue().name(), job.due(), 0),
                job.queue().name(),
                job.message().type(),
                job.message().group(),
                job.message().priority(),
                view.stored(),
                null);
    }

    JobPage list(ChannelName queue, @Nullable String after, int limit) {
        Page<View.MessageView> page =
                Answer.of(backend.find(new Query.Browse(queue, 0, after, limit))).page();
        boolean someRun =
                page.items().stream().anyMatch(view -> view.state() == View.MessageState.LEASED);
        List<Presence.Crews> crews = someRun ? Presence.of(backend, queue) : List.of();
        return new JobPage(
                page.items().stream()
                        .map(view -> {
                            String id = Search.idOf(queue, view);
                            return look(id, queue, view, workerOf(id, crews));
                        })
                        .toList(),
                page.next());
    }

    List<String> queues() {
        return search.queues().stream().map(queue -> queue.name().name()).toList();
    }

    private static @Nullable String workerOf(String id, List<Presence.Crews> crews) {
        return crews.stream()
                .filter(crew -> crew.running().contains(id))
                .findFirst()
                .map(Presence.Crews::name)
                .orElse(null);
    }

    List<Why> why(String id) {
        String other = results.look(id).sameAs();
        if (other != null) {
            return why(other);
        }
        return switch (status(id)) {
            case JobStatus.Ended(JobState state, String _) -> List.of(new Why.Ended(state));
            case JobStatus.Unknown() -> List.of(new Why.Unknown());
            case JobStatus.Running running -> List.of(new Why.Running(running.by()));
            case JobStatus.Delayed delayed -> List.of(new Why.Delayed(delayed.until()));
            case JobStatus.Waiting waiting -> whyWaiting(id, waiting);
        };
    }

    private List<Why> whyWaiting(String id, JobStatus.Waiting waiting) {
        Search.Found found = search.find(id);
        if (found == null || found.message().state() == View.MessageState.LEASED) {
            return List.of(new Why.IsNext(0));
        }
        if (found.message().state() == View.MessageState.DELAYED) {
            return List.of(new Why.Stuck(waiting.queue()));
        }
        if (found.queue().name().equals(Envelope.ENDED)) {
            return List.of(new Why.IsEnding());
        }
        Definition.Queue queue = found.queue();
        Message message = found.message().message();
        Others others = new Others(found.message());
        search.first(
                queue.name(),
                other -> {
                    others.add(other);
                    return false;
                });
        List<Why> all = new ArrayList<>();
        if (queue.paused()) {
            all.add(new Why.Paused(waiting.queue()));
        }
        addWorkers(all, queue, message, others);
        addLimits(all, queue, message, others);
        if (all.isEmpty()) {
            addRates(all, queue, message);
            all.add(new Why.IsNext(others.before));
        }
        return all;
    }

    private void addWorkers(List<Why> all, Definition.Queue queue, Message message, Others others) {
        String name = queue.name().name();
        String type = String.valueOf(message.type());
        List<Presence.Crews> crews = Presence.of(backend, queue.name());
        List<Presence.Crews> able = crews.stream().filter(crew -> crew.knows(type)).toList();
        int places = able.stream().mapToInt(Presence.Crews::places).sum();
        long running = others.leased + able.stream().mapToInt(Presence.Crews::elsewhere).sum();
        if (crews.isEmpty()) {
            all.add(new Why.NoWorkers(name));
        } else if (able.isEmpty()) {
            all.add(
                    crews.stream()
                            .map(crew -> crew.resting().get(type))
                            .filter(Objects::nonNull)
                            .findFirst()
                            .<Why>map(Why.DownstreamFails::new)
                            .orElseGet(() -> new Why.NoHandler(name, type)));
        } else if (running >= places) {
            all.add(new Why.WorkersAreBusy(running, places));
        }
    }

    private static void addLimits(
            List<Why> all, Definition.Queue queue, Message message, Others others) {
        if (others.leased >= queue.maxInFlight()) {
            all.add(new Why.QueueIsLimited(queue.name().name(), queue.maxInFlight()));
        }
        String type = message.type();
        if (type != null) {
            Limit limit = queue.limits().types().of(type);
            if (limit.concurrency() > 0 && others.leasedOfType >= limit.concurrency()) {
                all.add(new Why.TypeIsLimited(type, limit));
            }
        }
        String key = message.group();
        if (key == null || queue.groups() == Groups.IGNORED) {
            return;
        }
        Limit limit = queue.limits().groups().of(key);
        if (limit.concurrency() > 0 && others.leasedOfKey >= limit.concurrency()) {
            all.add(new Why.KeyIsLimited(key, limit));
        }
        View.MessageView first = others.firstOfKey;
        if (queue.groups().isOrdered() && first != null) {
            all.add(new Why.BehindOthersOfItsKey(key, Search.idOf(queue.name(), first)));
        }
    }

    private static void addRates(List<Why> all, Definition.Queue queue, Message message) {
        Rate rate = queue.limits().rate();
        if (rate != null) {
            all.add(new Why.MayWaitForItsRate("queue " + queue.name().name(), rate));
        }
        addRate(all, "type ", message.type(), queue.limits().types());
        addRate(all, "key ", message.group(), queue.limits().groups());
    }

    private static void addRate(
            List<Why> all, String what, @Nullable String name, Limits.Each each) {
        Rate rate = name == null ? null : each.of(name).rate();
        if (rate != null) {
            all.add(new Why.MayWaitForItsRate(what + name, rate));
        }
    }

    /// The other messages of its queue, counted.
    private static final class Others {
        private final View.MessageView job;
        private long leased;
        private long leasedOfType;
        private long leasedOfKey;
        private long before;
        private View.@Nullable MessageView firstOfKey;

        Others(View.MessageView job) {
            this.job = job;
        }

        void add(View.MessageView other) {
            boolean isOfKey =
                    job.message().group() != null
                            && Objects.equals(other.message().group(), job.message().group());
            if (other.state() == View.MessageState.LEASED) {
                leased++;
                leasedOfKey += isOfKey ? 1 : 0;
                leasedOfType +=
                        Objects.equals(other.message().type(), job.message().type()) ? 1 : 0;
            }
            if (other.sequence() < job.sequence()) {
                before += other.state() == View.MessageState.READY ? 1 : 0;
                firstOfKey = isOfKey && firstOfKey == null ? other : firstOfKey;
            }
        }
    }
}
