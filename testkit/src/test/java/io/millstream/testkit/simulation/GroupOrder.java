package io.millstream.testkit.simulation;

import io.millstream.api.Definition;
import io.millstream.api.Fence;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.View;
import io.millstream.testkit.simulation.Sent.Fate;
import io.millstream.testkit.simulation.Sent.Held;
import io.millstream.testkit.simulation.Sent.Life;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Where groups are worked in order: whether they are, as far as it is certain.
final class GroupOrder {
    private final History history;
    private final Names names;

    GroupOrder(History history) {
        this.history = history;
        this.names = history.names();
    }

    /// A message has been handed out by `lease`.
    ///
    /// @param auto whether it was settled by that, and so may be heard of after what came later
    /// @param latest when, at the latest
    void check(Sent sent, Life life, Lease lease, boolean auto, long latest) {
        String group = sent.message.group();
        if (group == null || !all(life, Groups::isOrdered)) {
            return;
        }
        boolean singly = all(life, GroupOrder::isSingle);
        for (Sent other : history.messages()) {
            if (other != sent && other.life == life && group.equals(other.message.group())) {
                Held held = other.last;
                Fence fence = lease.handle().fence();
                if (held != null && !(auto && held.fence().position() > fence.position())) {
                    checkAlone(sent, held, fence, singly, latest);
                }
                checkOrder(sent, other, life, lease);
            }
        }
    }

    /// Whether a take gets one message of a group at most, and the next only when that is back.
    static boolean isSingle(Groups groups) {
        return groups == Groups.ORDERED_SINGLY || groups == Groups.FAIR_ORDERED;
    }

    private interface Test {
        boolean is(Groups groups);
    }

    /// Whether the queue is surely such, whatever has not been answered.
    private boolean all(Life life, Test test) {
        if (life.definition == null) {
            return false;
        }
        Stream<Definition.Queue> pending =
                history.pending()
                        .filter(Operation.Define.class::isInstance)
                        .map(one -> (Definition.Queue) ((Operation.Define) one).definition())
                        .filter(queue -> queue.name().equals(life.name));
        return Stream.concat(Stream.of(life.definition, life.before), pending)
                .allMatch(queue -> test.is(queue.groups()));
    }

    private static void checkAlone(Sent sent, Held held, Fence fence, boolean singly, long latest) {
        Sent other = held.sent;
        if (other.gone != null || other.atRisk || held.mayBeOver(latest)) {
            return;
        }
        boolean together = held.fence().equals(fence);
        PromiseBroken.unless(
                together && !singly,
                sent.id,
                "Handed out by %s, while %s of its group is leased by %s",
                fence,
                other.id,
                held.fence());
    }

    /// What is before it must be gone, or be handed out by the same take.
    private void checkOrder(Sent sent, Sent other, Life life, Lease lease) {
        boolean isThere =
                other.fate == Fate.STORED
                        && other.gone == null
                        && !other.mayBeGone()
                        && !history.maySwallow(other)
                        && !names.mayGoByItself(life.name);
        boolean isBefore = other.sequence != 0 && other.sequence < lease.handle().sequence();
        boolean together = other.last != null && other.last.fence().equals(lease.handle().fence());
        PromiseBroken.unless(
                !isThere || !isBefore || together,
                sent.id,
                "Handed out, though %s of its group is before it at %d",
                other.id,
                other.sequence);
    }

    /// Whether something in a queue would be handed out to somebody who asks for it.
    static boolean offersSomething(View.QueueView queue, List<View.MessageView> messages) {
        Definition.Queue definition = queue.definition();
        if (queue.counts().ready() == 0 || queue.counts().leased() >= definition.maxInFlight()) {
            return false;
        }
        if (!definition.groups().isOrdered()) {
            return true;
        }
        Set<String> busy = new HashSet<>();
        for (View.MessageView view : messages) {
            if (view.state() == View.MessageState.LEASED) {
                busy.add(String.valueOf(view.message().group()));
            }
        }
        for (View.MessageView view : messages) {
            String group = view.message().group();
            if (view.state() == View.MessageState.READY
                    && (group == null || !busy.contains(group))) {
                return true;
            }
            // What waits for its time holds its group up; what waits for a target does not.
            if (group != null && view.due() != null) {
                busy.add(group);
            }
        }
        return false;
    }
}
