package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.View;
import io.millstream.api.View.MessageState;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A queue with limits, and what its clients were told of it.
final class LimitQueue {
    final ChannelName name;
    final LimitRates rates = new LimitRates();
    final List<Held> held = new ArrayList<>();

    /// What is in it for certain, by its place.
    final Map<Long, String> live = new TreeMap<>();

    /// What was settled as done and is kept, in no order.
    final List<Kept> kept = new ArrayList<>();

    Definition.Queue definition;

    /// What it is being declared to be; nothing is handed out meanwhile that was ready before.
    Definition.Queue asked;

    /// A lease that is not known to have ended.
    ///
    /// @param until when it ends by the engine's clock, or never
    /// @param session with which it ends, or -1
    record Held(Handle handle, Message message, long until, int session, int boot, long durable) {}

    /// A message that is kept.
    ///
    /// @param at when it was settled
    record Kept(String id, Span at) {}

    LimitQueue(ChannelName name) {
        this.name = name;
    }

    /// What it is, should it be asked for now.
    Definition.Queue now() {
        return asked == null ? definition : asked;
    }

    /// What was asked for last while nothing else was asked was refused for now. Whether a replay
    /// may have put what nobody has looked at.
    boolean replaying;

    boolean busy;

    void refused() {
        busy = true;
        asked = null;
    }

    void forget(Predicate<Held> ended) {
        held.removeIf(ended);
    }

    // What it hands out.

    void delivered(Lease lease, Held one, Message sent) {
        Message message = lease.message();
        live.putIfAbsent(lease.handle().sequence(), message.id());
        requireSame(message, sent);
        if (one == null) {
            return;
        }
        checkAlone(one);
        held.add(one);
        Definition.Queue now = now();
        requireWithin(one, now.maxInFlight(), "its queue", other -> true);
        if (message.type() != null && now.typed()) {
            requireWithin(
                    one,
                    now.limits().types().of(message.type()).concurrency(),
                    "type " + message.type(),
                    other -> message.type().equals(other.message.type()));
        }
        if (message.group() != null) {
            requireWithin(
                    one,
                    now.limits().groups().of(message.group()).concurrency(),
                    "group " + message.group(),
                    other -> message.group().equals(other.message.group()));
        }
    }

    private void requireWithin(Held one, int limit, String what, Predicate<Held> counts) {
        long leased = held.stream().filter(counts).count();
        PromiseBroken.unless(
                limit == 0 || leased <= limit,
                one.message.id(),
                "With it %d of %s are leased, and %d may be: %s",
                leased,
                what,
                limit,
                held);
    }

    /// Of a group that is worked in order nobody else has any.
    private void checkAlone(Held one) {
        Groups groups = now().groups();
        if (!groups.isOrdered() || one.message.group() == null) {
            return;
        }
        for (Held other : held) {
            boolean together = other.handle.fence().equals(one.handle.fence());
            PromiseBroken.unless(
                    !one.message.group().equals(other.message.group())
                            || (together && groups == Groups.ORDERED),
                    one.message.id(),
                    "Handed out, while %s of its group is leased",
                    other);
        }
    }

    static void requireSame(Message message, Message sent) {
        PromiseBroken.unless(
                sent != null
                        && sent.body().equals(message.body())
                        && sent.priority() == message.priority()
                        && Objects.equals(sent.type(), message.type())
                        && Objects.equals(sent.group(), message.group()),
                message.id(),
                "It is %s and was sent as %s",
                message,
                sent);
    }

    // What is in it, when all has been answered.

    void census(View.QueueView view, List<View.MessageView> messages, long now) {
        PromiseBroken.unless(
                view != null && view.definition().equals(definition),
                name.toString(),
                "It is %s, and was declared as %s",
                view,
                definition);
        Map<Long, String> found = new TreeMap<>();
        messages.forEach(one -> found.put(one.sequence(), one.message().id()));
        PromiseBroken.unless(
                found.equals(live), name.toString(), "It has %s, and is to have %s", found, live);
        censusOfKept(view.counts().kept(), now);
        rates.fold(definition);
    }

    private void censusOfKept(long count, long now) {
        if (definition.keepSettled() == null) {
            kept.clear();
        } else {
            long since = now - definition.keepSettled().toMillis();
            kept.removeIf(one -> one.at.until() <= since);
            long surely = kept.stream().filter(one -> one.at.from() > since).count();
            PromiseBroken.unless(
                    surely <= count && count <= kept.size(),
                    name.toString(),
                    "It keeps %d messages at %d, and is to keep %d to %d: %s",
                    count,
                    now,
                    surely,
                    kept.size(),
                    kept);
            // What was settled first goes first, so it is known which are gone.
            kept.subList(0, kept.size() - (int) count).clear();
        }
    }

    /// What somebody should get who takes from it, or null: as far as rates are certain.
    ///
    /// @param types of which types, or empty for all
    View.MessageView offers(List<View.MessageView> messages, Set<String> types, long now) {
        List<View.MessageView> leased =
                messages.stream().filter(one -> one.state() == MessageState.LEASED).toList();
        Set<String> busy = new HashSet<>();
        leased.forEach(one -> busy.add(String.valueOf(one.message().group())));
        for (View.MessageView view : messages) {
            String group = view.message().group();
            boolean behind =
                    definition.groups().isOrdered() && group != null && busy.contains(group);
            if (view.state() == MessageState.READY
                    && !behind
                    && (types.isEmpty() || types.contains(String.valueOf(view.message().type())))
                    && hasSlot(leased, view.message())
                    && rates.surelyOpen(definition, view.message()) <= now) {
                return view;
            }
            if (group != null) {
                // It holds up what is behind it, whatever holds it up.
                busy.add(group);
            }
        }
        return null;
    }

    private boolean hasSlot(List<View.MessageView> leased, Message message) {
        int ofType =
                definition.typed() && message.type() != null
                        ? definition.limits().types().of(message.type()).concurrency()
                        : 0;
        int ofGroup =
                message.group() != null
                        ? definition.limits().groups().of(message.group()).concurrency()
                        : 0;
        long sameType =
                leased.stream()
                        .filter(one -> String.valueOf(message.type()).equals(one.message().type()))
                        .count();
        long sameGroup =
                leased.stream()
                        .filter(one ->
                                String.valueOf(message.group()).equals(one.message().group()))
                        .count();
        return leased.size() < definition.maxInFlight()
                && (ofType == 0 || sameType < ofType)
                && (ofGroup == 0 || sameGroup < ofGroup);
    }

    // What is put again.

    /// A replay has put these.
    ///
    /// @param most how many it was to put
    void replayed(List<View.MessageView> again, long since, long until, int most, long now) {
        long keptSince = now - definition.keepSettled().toMillis();
        List<Kept> left = new ArrayList<>(kept);
        long from = 0;
        for (View.MessageView view : again) {
            String id = view.message().id();
            long behind = from;
            Kept one =
                    left.stream()
                            .filter(other ->
                                    other.id.equals(id)
                                            && other.at.from() < until
                                            && other.at.until() >= Math.max(since, behind))
                            .findFirst()
                            .orElse(null);
            PromiseBroken.unless(
                    one != null,
                    id,
                    "It was put again, of what was settled from %d to %d, behind %d: %s",
                    since,
                    until,
                    from,
                    kept);
            left.remove(one);
            from = Math.max(from, one.at.from());
        }
        long last = again.size() < most ? Long.MAX_VALUE : from;
        for (Kept one : left) {
            boolean surely =
                    one.at.from() > keptSince
                            && one.at.from() >= since
                            && one.at.until() < Math.min(until, last);
            PromiseBroken.unless(
                    !surely, one.id, "It was not put again with %s: %s of %s", again, one, kept);
        }
    }
}
