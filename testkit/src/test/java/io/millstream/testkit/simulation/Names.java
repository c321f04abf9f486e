package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.View;
import io.millstream.testkit.simulation.Sent.Life;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Which queues there are, as far as it is known, and what they were ever asked to be.
///
/// Answers come in the order of decisions: what is known here when one comes is what was true when
/// it was decided.
final class Names {
    private final Map<ChannelName, Life> lives = new TreeMap<>();
    private final Map<Long, Life> byIncarnation = new HashMap<>();
    private final Map<ChannelName, List<Definition.Queue>> asked = new HashMap<>();

    /// Names with a past life of which no number was ever seen.
    private final Set<ChannelName> nameless = new HashSet<>();

    private final Set<ChannelName> purged = new HashSet<>();
    private long versions;

    Life life(ChannelName name) {
        return lives.get(name);
    }

    Set<ChannelName> known() {
        return asked.keySet();
    }

    void asked(Definition.Queue definition) {
        asked.computeIfAbsent(definition.name(), name -> new ArrayList<>()).add(definition);
    }

    void purgeAsked(ChannelName name) {
        purged.add(name);
    }

    boolean mayBePurged(ChannelName name) {
        return purged.contains(name);
    }

    void removalAsked(ChannelName name) {
        Life life = lives.get(name);
        if (life != null) {
            life.removalAsked = true;
        }
    }

    /// A version that was acknowledged.
    void version(long version, String subject) {
        PromiseBroken.unless(
                version > versions, subject, "Version %d came after %d", version, versions);
        versions = version;
    }

    void defined(Operation.Define define, long version) {
        Definition.Queue definition = (Definition.Queue) define.definition();
        String subject = definition.name().toString();
        Life life = lives.get(definition.name());
        requireMet(define.expect(), life == null ? 0 : life.version, subject);
        version(version, subject);
        if (life == null) {
            life = new Life(definition.name());
            lives.put(definition.name(), life);
        }
        life.before = life.definition == null ? definition : life.definition;
        life.definition = definition;
        life.version = version;
    }

    /// Whether a queue with this definition keeps a message of this age, in milliseconds.
    static boolean keeps(Definition.Queue definition, long age) {
        return definition.retention() == null || age < definition.retention().toMillis();
    }

    static void requireMet(Expect expect, long version, String subject) {
        boolean met =
                switch (expect) {
                    case Expect.Anything anything -> true;
                    case Expect.Nothing nothing -> version == 0;
                    case Expect.Version(long expected) -> version == expected;
                };
        PromiseBroken.unless(met, subject, "Done at version %d, though asked %s", version, expect);
    }

    Life removed(Operation.Remove remove) {
        Life life = lives.remove(remove.name());
        PromiseBroken.unless(
                life != null, remove.name().toString(), "Removed, though it is not there");
        requireMet(remove.expect(), life.version, remove.name().toString());
        life.removed = true;
        if (life.incarnation == 0) {
            nameless.add(life.name);
        }
        return life;
    }

    /// The life that a handle or view speaks of.
    Life of(ChannelName name, long incarnation) {
        Life known = byIncarnation.get(incarnation);
        if (known == null) {
            known = lives.get(name);
            if (known == null || known.incarnation != 0 || nameless.contains(name)) {
                // Of a commit that has not been answered, or of a life that nobody saw while it
                // lasted.
                return new Life(name);
            }
            bind(known, incarnation);
        }
        PromiseBroken.unless(
                known.name.equals(name),
                name.toString(),
                "Incarnation %d was %s before",
                incarnation,
                known.name);
        return known;
    }

    private void bind(Life life, long incarnation) {
        life.incarnation = incarnation;
        byIncarnation.put(incarnation, life);
    }

    /// Whether a message may go from `from` to `to` by being dead-lettered any number of times.
    boolean leads(ChannelName from, ChannelName to) {
        return reach(from).contains(to);
    }

    /// Whether what is dead-lettered from it may come back to it.
    boolean isOnCycle(ChannelName name) {
        return definitions(name).stream()
                .map(Definition.Queue::deadLetter)
                .anyMatch(target -> target != null && leads(target, name));
    }

    /// Whether nothing in it is ever dead-lettered.
    boolean isLast(ChannelName name) {
        return reach(name).size() == 1;
    }

    boolean isEdge(ChannelName from, ChannelName to) {
        return definitions(from).stream()
                .anyMatch(definition -> to.equals(definition.deadLetter()));
    }

    private Set<ChannelName> reach(ChannelName from) {
        Set<ChannelName> reached = new HashSet<>();
        List<ChannelName> open = new ArrayList<>(List.of(from));
        while (!open.isEmpty()) {
            ChannelName name = open.removeLast();
            if (reached.add(name)) {
                definitions(name).stream()
                        .map(Definition.Queue::deadLetter)
                        .filter(target -> target != null)
                        .forEach(open::add);
            }
        }
        return reached;
    }

    private List<Definition.Queue> definitions(ChannelName name) {
        return asked.getOrDefault(name, List.of());
    }

    /// Whether a message that starts at `from` may be dropped for having used its attempts up.
    boolean mayDrop(ChannelName from) {
        return reach(from).stream()
                .flatMap(name -> definitions(name).stream())
                .anyMatch(definition ->
                        definition.maxAttempts() > 0 && definition.deadLetter() == null);
    }

    /// Whether a message that starts at `from` may have been dropped at this age.
    boolean mayExpire(ChannelName from, long age) {
        return reach(from).stream()
                .flatMap(name -> definitions(name).stream())
                .anyMatch(definition -> !keeps(definition, age));
    }

    boolean mayBeRemoved(ChannelName from) {
        return reach(from).stream()
                .map(lives::get)
                .anyMatch(life -> life == null || life.removalAsked);
    }

    /// Whether messages in it may die or be dropped without anybody having settled them.
    boolean mayGoByItself(ChannelName name) {
        return definitions(name).stream()
                .anyMatch(definition ->
                        definition.maxAttempts() > 0 || definition.retention() != null);
    }

    int attemptsMax(ChannelName name) {
        return definitions(name).stream()
                .mapToInt(definition ->
                        definition.maxAttempts() == 0
                                ? Integer.MAX_VALUE
                                : definition.maxAttempts())
                .max()
                .orElse(Integer.MAX_VALUE);
    }

    /// Takes over what is there after a restart, when nothing is under way.
    ///
    /// @param unknown definitions and removals of which nobody knows whether they happened
    void compare(List<View.QueueView> views, List<Operation> unknown) {
        Map<ChannelName, View.QueueView> found = new HashMap<>();
        for (View.QueueView view : views) {
            ChannelName name = view.definition().name();
            PromiseBroken.unless(
                    found.put(name, view) == null, name.toString(), "There are two of this name");
            compare(view, touching(name, unknown));
        }
        for (Life life : List.copyOf(lives.values())) {
            if (!found.containsKey(life.name)) {
                boolean removable =
                        touching(life.name, unknown).stream()
                                .anyMatch(Operation.Remove.class::isInstance);
                PromiseBroken.unless(removable, life.name.toString(), "The queue is gone");
                life.removed = true;
                lives.remove(life.name);
            }
        }
    }

    private void compare(View.QueueView view, List<Operation> unknown) {
        ChannelName name = view.definition().name();
        Life before = lives.get(name);
        boolean mayBeAnother =
                unknown.stream().anyMatch(Operation.Remove.class::isInstance)
                        && before != null
                        && before.version != view.version();
        if (before != null && before.incarnation == 0 && !mayBeAnother) {
            bind(before, view.incarnation());
        }
        Life life = byIncarnation.get(view.incarnation());
        if (life == null) {
            life = new Life(name);
            bind(life, view.incarnation());
        }
        boolean same =
                before == life
                        && before.version == view.version()
                        && view.definition().equals(before.definition);
        boolean changed =
                unknown.stream()
                        .anyMatch(operation ->
                                operation instanceof Operation.Define define
                                        && define.definition().equals(view.definition()));
        PromiseBroken.unless(
                same || changed,
                name.toString(),
                "It is %s, but %s was acknowledged",
                view,
                before == null ? "nothing" : before.definition + " version " + before.version);
        if (before != null && before != life) {
            before.removed = true;
        }
        life.before = view.definition();
        life.definition = view.definition();
        life.version = view.version();
        life.removalAsked = false;
        versions = Math.max(versions, view.version());
        lives.put(name, life);
    }

    private static List<Operation> touching(ChannelName name, List<Operation> unknown) {
        return unknown.stream()
                .filter(operation ->
                        switch (operation) {
                            case Operation.Define define -> define.definition().name().equals(name);
                            case Operation.Remove remove -> remove.name().equals(name);
                            default -> false;
                        })
                .toList();
    }

    /// In each boot the order of first deliveries begins anew.
    void rebooted() {
        byIncarnation.values().forEach(life -> life.firstDelivered = 0);
    }
}
