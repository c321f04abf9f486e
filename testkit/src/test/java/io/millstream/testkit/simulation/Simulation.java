package io.millstream.testkit.simulation;

import io.millstream.api.MillstreamException;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.log.DamagedException;
import io.millstream.testkit.simulation.Audit.Picture;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;

/// One run of the production engine from one seed: clients, time, faults and the engine's own steps
/// in an order that the seed chooses.
final class Simulation {
    private static final int OPENINGS_MAX = 12;
    private static final int FLIPS_PER_REST = 4;
    private static final int RESTS_MAX = 100;
    private static final int STEPS_PER_BACKUP = 300;

    /// Most seeds up to this one, among which are nearly all that once broke a promise, run as they
    /// did before there were backups and topics.
    private static final long OLD_SEEDS_MAX = 1 << 20;

    /// Of those, the ones that this divides take backups; of all others, each.
    private static final int SEEDS_PER_BACKUPS = 13;

    /// Of those, the ones that this divides have a topic; of all others, half.
    private static final int SEEDS_PER_TOPIC = 17;

    /// Of those, the ones that this divides have exchanges; of all others, a third.
    private static final int SEEDS_PER_ROUTES = 11;

    /// Of those behind [#PLAIN_SEEDS], all that have exchanges use all that they can do; of all
    /// others, each sixth one with a rest below this, of [#ROUTE_RESTS].
    private static final int ROUTED_RESTS = 3;

    private static final int ROUTE_RESTS = 5;

    /// Of those, the ones that this divides have a crowd; of all others, a third.
    private static final int SEEDS_PER_CROWD = 19;

    /// Of those, the ones that this divides with a rest of [#FEATURED] use what queues can do; of
    /// all others, half.
    private static final int SEEDS_PER_FEATURES = 8;

    private static final int FEATURED = 5;

    /// Of those, the ones with this rest have a bookkeeper; of all others, a third.
    private static final int BOOKED = 2;

    /// Of those behind [#PLAIN_SEEDS], the ones with this rest have queues with limits; of all
    /// others, a third: so that what once broke a promise runs as it did.
    private static final int LIMITED = 7;

    /// And the ones with this rest send commits again; of all others, two in five.
    private static final int REPEATED = 3;

    private static final int REPEAT_RESTS = 5;

    /// And the ones with this rest have queues that tell a topic what happens, if there is room for
    /// one; of all others, a fourth.
    private static final int TOLD = 6;

    private static final long PLAIN_SEEDS = 1 << 12;

    /// Jumps of the clock are reported each time; kept, or the setting would be collected.
    private static final Logger ENGINE = Logger.getLogger("io.millstream.engine.Engine");

    static {
        ENGINE.setLevel(Level.OFF);
    }

    private final RandomGenerator random;
    private final boolean takesBackups;
    private final RandomGenerator backupDice;
    private final RandomGenerator cutDice;
    private final Plan plan;
    private final Trace trace;
    private final Machine machine;
    private final History history;
    private final Audit audit;
    private final List<Client> clients = new ArrayList<>();
    private final boolean hasTopic;
    private final RandomGenerator topicDice;
    private final TopicClient topic;
    private final boolean hasRoutes;
    private final RandomGenerator routeDice;
    private final boolean hasAllRoutes;
    private final RouteClient routes;
    private final boolean hasCrowd;
    private final Crowd crowd;
    private final boolean hasBooks;
    private final Bookkeeper bookkeeper;
    private final boolean hasLimits;
    private final LimitClient limits;
    private final boolean hasRepeats;
    private final Repeater repeater;
    private final Optional<Follower> follower;
    private int crashes;
    private int flips;
    private int backups;

    /// What a run came to.
    ///
    /// @param steps how many steps it had
    /// @param operations how many things clients did
    /// @param deliveries how many leases reached them
    /// @param crashes how often the engine ended without being asked to
    /// @param flips how often bits turned over
    /// @param backups how many were taken and restored
    /// @param full whether it ended early because the engine waited for room on a full disk
    record Result(
            long steps,
            long operations,
            long deliveries,
            int crashes,
            int flips,
            int backups,
            boolean full) {}

    private Simulation(long seed, boolean told) {
        this.random = new SplittableRandom(seed);
        this.takesBackups = seed > OLD_SEEDS_MAX || seed % SEEDS_PER_BACKUPS == 0;
        this.backupDice = new SplittableRandom(seed + 1);
        this.cutDice = new SplittableRandom(seed + 2);
        SplittableRandom apart = new SplittableRandom(~seed);
        SplittableRandom featureDice = new SplittableRandom(seed + 4);
        boolean featured =
                seed > OLD_SEEDS_MAX ? seed / 2 % 2 == 0 : seed % SEEDS_PER_FEATURES == FEATURED;
        boolean booked =
                seed > OLD_SEEDS_MAX ? seed / 4 % 3 == 0 : seed % SEEDS_PER_FEATURES == BOOKED;
        Features features =
                (featured ? Features.draw(featureDice) : Features.NONE)
                        .withBooks(
                                booked,
                                seed / 8 % 3 == 0,
                                seed > PLAIN_SEEDS && seed / 16 % 2 == 0);
        this.plan = Plan.draw(random, apart.nextInt(3) == 0, features);
        this.trace = new Trace(told);
        this.machine = new Machine(plan, random, trace);
        this.history = new History(plan, machine, trace);
        this.hasTopic = seed > OLD_SEEDS_MAX ? seed % 2 == 0 : seed % SEEDS_PER_TOPIC == 0;
        this.topicDice = new SplittableRandom(seed + 2);
        this.topic = new TopicClient(topicDice, machine, trace);
        this.hasCrowd = seed > OLD_SEEDS_MAX ? seed % 3 == 0 : seed % SEEDS_PER_CROWD == 0;
        this.crowd = new Crowd(new SplittableRandom(seed + 3), machine, trace);
        // What a repair gives up is not looked for there.
        this.hasRoutes =
                plan.trouble() != Plan.Trouble.FLIPS
                        && (seed > OLD_SEEDS_MAX ? seed % 3 == 0 : seed % SEEDS_PER_ROUTES == 0);
        this.routeDice = new SplittableRandom(seed + 4);
        boolean routesAnyhow =
                seed > OLD_SEEDS_MAX
                        ? seed % 6 == 0 && seed / 6 % ROUTE_RESTS < ROUTED_RESTS
                        : seed > PLAIN_SEEDS;
        this.hasAllRoutes = hasRoutes && routesAnyhow;
        this.routes = new RouteClient(routeDice, machine, trace, hasAllRoutes);
        // Where nothing ever waits for room, so that what must happen has happened.
        this.hasBooks = features.books() && !machine.mayBeFull();
        SplittableRandom bookDice = new SplittableRandom(seed + 5);
        this.bookkeeper = new Bookkeeper(bookDice, machine, trace, plan);
        boolean limited =
                seed > OLD_SEEDS_MAX
                        ? seed / 90 % 3 == 1
                        : seed > PLAIN_SEEDS && seed % SEEDS_PER_FEATURES == LIMITED;
        this.hasLimits = limited && !machine.mayBeFull();
        this.limits = new LimitClient(new SplittableRandom(seed + 6), machine, trace);
        this.hasRepeats =
                seed > OLD_SEEDS_MAX
                        ? seed / 14 % REPEAT_RESTS < 2
                        : seed > PLAIN_SEEDS && seed % SEEDS_PER_FEATURES == REPEATED;
        this.repeater = new Repeater(new SplittableRandom(seed + 7), machine, trace);
        this.follower = follows(seed) ? Optional.of(new Follower(machine)) : Optional.empty();
        this.audit =
                new Audit(
                        machine,
                        history,
                        topic.records(),
                        routes.records(),
                        hasAllRoutes,
                        follower,
                        trace);
        for (int i = 0; i < plan.clients(); i++) {
            RandomGenerator dice = new SplittableRandom(random.nextLong());
            Specials specials = new Specials(features, follower.isPresent(), featureDice.split());
            Wishes wishes = new Wishes(i, plan, dice, apart.split(), specials, machine, history);
            clients.add(new Client(i, dice, machine, history, trace, wishes));
        }
    }

    /// Whether a topic is told what happens to messages.
    private boolean follows(long seed) {
        boolean tells =
                seed > OLD_SEEDS_MAX
                        ? seed / 330 % 4 == 3
                        : seed > PLAIN_SEEDS && seed % SEEDS_PER_FEATURES == TOLD;
        // A repair gives some of the topic up, and nobody makes room for it on a full disk.
        return tells
                && plan.trouble() != Plan.Trouble.FLIPS
                && !machine.mayBeFull()
                && plan.heapBytes() == Long.MAX_VALUE;
    }

    /// Seeds of runs that use what queues can do: mostly with a bookkeeper, if there is room for
    /// one.
    static long seedWithFeatures(long number) {
        return SEEDS_PER_FEATURES * number + (number % 4 == 0 ? FEATURED : BOOKED);
    }

    /// Seeds of runs that have queues with limits, if there is room for them.
    static long seedWithLimits(long number) {
        return PLAIN_SEEDS + SEEDS_PER_FEATURES * number + LIMITED;
    }

    /// Seeds of runs that have a bookkeeper whose groups have different shares, if there is room
    /// for one.
    static long seedWithShares(long number) {
        long step = 96;
        return step * (PLAIN_SEEDS / step + number) + BOOKED;
    }

    /// Seeds of runs that send commits again.
    static long seedWithRepeats(long number) {
        return PLAIN_SEEDS + SEEDS_PER_FEATURES * number + REPEATED;
    }

    /// Seeds of runs that tell a topic what happens to messages, if there is room for that.
    static long seedWithLifecycle(long number) {
        return PLAIN_SEEDS + SEEDS_PER_FEATURES * number + TOLD;
    }

    /// Seeds of runs that have exchanges of all kinds, mostly.
    static long seedWithRoutes(long number) {
        return SEEDS_PER_ROUTES * (PLAIN_SEEDS / SEEDS_PER_ROUTES + number);
    }

    /// The next seed from this one on whose run has all clients, all of what queues can do, ages,
    /// limits and backups at once.
    static long seedWithAll(long from) {
        long seed = Math.max(from, OLD_SEEDS_MAX + 1);
        while (!mayHaveAll(seed) || !new Simulation(seed, false).hasAll()) {
            seed++;
        }
        return seed;
    }

    /// Whether the number itself leaves nothing out; what is drawn from it may.
    private static boolean mayHaveAll(long seed) {
        return seed % 6 == 0
                && seed / 2 % 2 == 0
                && seed / 4 % 3 == 0
                && seed / 8 % 3 == 0
                && seed / 90 % 3 == 1
                && seed / 14 % REPEAT_RESTS < 2;
    }

    private boolean hasAll() {
        return takesBackups
                && hasTopic
                && hasAllRoutes
                && hasCrowd
                && hasBooks
                && hasLimits
                && hasRepeats
                && plan.expires()
                && plan.features().areAll();
    }

    /// Runs `seed`.
    ///
    /// @throws AssertionError if a promise is broken, with what led to it
    static Result run(long seed) {
        try {
            return new Simulation(seed, false).run();
        } catch (PromiseBroken | RuntimeException broken) {
            throw explained(seed, broken);
        }
    }

    /// Runs it once more, telling what happens.
    private static AssertionError explained(long seed, Throwable first) {
        Simulation again = new Simulation(seed, true);
        try {
            again.run();
            return new AssertionError("Seed " + seed + " failed only once: " + first, first);
        } catch (PromiseBroken | RuntimeException broken) {
            String subject = broken instanceof PromiseBroken promise ? promise.subject() : "";
            return new AssertionError(
                    "Seed %d: %s%n%s%n%s"
                            .formatted(seed, broken, again.plan, again.trace.about(subject)),
                    broken);
        }
    }

    private Result run() {
        boolean full = false;
        try {
            runAll();
        } catch (Machine.FullLog found) {
            full = true;
        }
        long operations =
                topic.operations()
                        + routes.operations()
                        + clients.stream().mapToLong(Client::operations).sum();
        return new Result(
                plan.steps(), operations, history.delivered(), crashes, flips, backups, full);
    }

    private void runAll() {
        open();
        follower.ifPresent(one -> guarded(one::begin));
        connect();
        clients.getFirst().define();
        for (int step = 0; step < plan.steps(); step++) {
            trace.step();
            guarded(this::step);
            if (hasTopic) {
                guarded(this::topicStep);
            }
            if (hasCrowd) {
                guarded(() -> crowd.step(this::settle));
            }
            if (hasRoutes && routeDice.nextInt(4) == 0) {
                guarded(routes::act);
            }
            if (hasBooks) {
                guarded(() -> bookkeeper.step(this::settle));
            }
            if (hasLimits) {
                guarded(() -> limits.step(this::settle, this::pass));
            }
            if (hasRepeats) {
                guarded(() -> repeater.step(this::settle));
            }
            if (takesBackups && backupDice.nextInt(STEPS_PER_BACKUP) == 0) {
                guarded(this::backup);
            }
            if (plan.trouble() == Plan.Trouble.NOTHING
                    ? random.nextInt(10 * plan.stepsPerCrash()) == 0
                    : random.nextInt(plan.stepsPerCrash()) == 0) {
                guarded(this::trouble);
            }
        }
        machine.disk().crashAfter(0);
        machine.plenty();
        guarded(this::finish);
    }

    private void connect() {
        clients.forEach(Client::connect);
        topic.connect();
        if (hasCrowd) {
            crowd.connect();
        }
        routes.connect();
        if (hasBooks) {
            bookkeeper.connect();
        }
        if (hasLimits) {
            limits.connect();
        }
        if (hasRepeats) {
            repeater.connect();
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    /// Does a step; if it ends the engine, there is another one afterwards.
    private void guarded(Step step) {
        try {
            step.run();
        } catch (PowerCut cut) {
            trace.tell(cut::getMessage);
            crash();
        } catch (IOException failed) {
            trace.tell(() -> "The engine stops: " + failed);
            boolean asked =
                    switch (plan.trouble()) {
                        case FAILURES -> !(failed instanceof DamagedException);
                        case FLIPS -> failed instanceof DamagedException;
                        case NOTHING, CRASHES, FULL -> false;
                    };
            PromiseBroken.unless(asked, "engine", "It stops for no reason: %s", failed);
            stopped();
        }
        machine.requireUnbroken();
    }

    private void step() throws IOException {
        Plan.Weights weights = plan.weights();
        int dice = random.nextInt(weights.sum());
        if ((dice -= weights.loop()) < 0) {
            machine.engine().loop();
        } else if ((dice -= weights.writer()) < 0) {
            machine.engine().writer();
        } else if ((dice -= weights.background()) < 0) {
            machine.engine().background();
        } else if ((dice -= weights.answers()) < 0) {
            machine.engine().answers();
            history.heard();
        } else if ((dice -= weights.client()) < 0) {
            clients.get(random.nextInt(clients.size())).act();
        } else {
            pass(Duration.ofMillis(random.nextInt(4) == 0 ? random.nextInt(5000) : 20));
        }
    }

    private void pass(Duration time) throws IOException {
        if (hasBooks) {
            bookkeeper.timePasses(this::settle);
        }
        machine.pass(time);
    }

    private void topicStep() {
        switch (topicDice.nextInt(6)) {
            case 0 -> topic.act();
            case 1 -> machine.engine().reader();
            default -> {}
        }
    }

    /// A backup shows what there was when it began, whatever happens while it is read.
    private void backup() throws IOException {
        settle();
        if (machine.isFull()) {
            return;
        }
        Picture before = audit.compare();
        byte[] archive = new Copying(backupDice, machine, trace).read(this::step);
        if (archive.length == 0) {
            return;
        }
        backups++;
        try {
            Engine.Stepped restored = machine.openOn(machine.restored(archive, backupDice));
            machine.settle(restored);
            audit.requireSame(before, audit.look(restored));
        } catch (IOException refused) {
            throw new PromiseBroken("backup", "It is not restored: " + refused.getMessage());
        }
    }

    private void settle() throws IOException {
        boolean waits = waitsAfterAll();
        if (waits && machine.mayBeFull() && !machine.isFull()) {
            // What could not be stored is tried again after a second, and a commit waits for two.
            machine.pass(Duration.ofSeconds(2));
            waits = waitsAfterAll();
        }
        if (waits && machine.isFull()) {
            throw new Machine.FullLog();
        }
        PromiseBroken.unless(!waits, "engine", "Nobody answers %s", waiting());
    }

    private boolean waitsAfterAll() throws IOException {
        machine.settle();
        history.heard();
        return history.isWaiting() || topic.isWaitingForAnswers() || routes.isWaitingForAnswers();
    }

    private String waiting() {
        return machine.engine().engine().stats()
                + (history.isWaiting() ? history.firstWaiting() : " another client");
    }

    private void trouble() throws IOException {
        if (random.nextInt(12) == 0) {
            machine.clock().jumpWall(Duration.ofSeconds(random.nextInt(-7200, 7200)));
            trace.tell(() -> "the wall clock jumps");
        }
        switch (plan.trouble()) {
            case NOTHING -> stopInOrder();
            case FLIPS -> {
                if (random.nextInt(8) == 0) {
                    stopInOrder();
                } else {
                    flip();
                }
            }
            case CRASHES -> crashSomehow();
            case FAILURES -> {
                switch (random.nextInt(4)) {
                    case 0 -> machine.disk().failNextSync();
                    case 1 -> machine.disk().failNextWrite();
                    default -> crashSomehow();
                }
            }
            case FULL -> {
                if (random.nextInt(3) == 0) {
                    crashSomehow();
                } else {
                    changeCapacity();
                }
            }
        }
    }

    /// Bits turn over on a copy of the disk.
    private void flip() throws IOException {
        settle();
        if (rest() && !machine.isFull()) {
            Picture before = audit.compare();
            for (int i = 0; i < FLIPS_PER_REST; i++) {
                new Damage(random, machine, audit, trace)
                        .tryOnce(before, !plan.drops() && !plan.expires());
                flips++;
            }
        }
    }

    /// Lets time pass until nothing is written any more: then the last frame that says something is
    /// proved by an empty one after it. Without that, damage to it looks like a torn end, which the
    /// documentation says.
    ///
    /// @return whether it came to rest
    private boolean rest() throws IOException {
        for (int i = 0; i < RESTS_MAX; i++) {
            long durable = machine.durable();
            machine.pass(Duration.ofMillis(200));
            settle();
            if (machine.durable() == durable) {
                return true;
            }
        }
        return false;
    }

    private void changeCapacity() {
        long most = 2L * plan.log().fileBytes() * plan.log().filesMax();
        long capacity = random.nextInt(3) == 0 ? Long.MAX_VALUE : random.nextLong(most);
        machine.capacity(capacity);
        trace.tell(() -> "the disk has " + capacity + " bytes");
    }

    private void crashSomehow() throws IOException {
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                machine.disk().crashAfter(random.nextInt(1, 40));
                if (cutDice.nextInt(3) == 0) {
                    // Too short a moment to be met by counting.
                    machine.disk().crashAfter(0);
                    machine.disk().crashAtSyncOf("checkpoint-");
                }
            }
            case 2 -> {
                settle();
                Picture before = audit.compare();
                requireNobodyForgotten(before);
                crash();
                guarded(() -> {
                    Picture after = audit.look();
                    audit.requireSame(before, after);
                });
            }
            case 3 -> stopInOrder();
            default -> crash();
        }
    }

    /// Whoever waits for a queue that has something ready should have got it.
    private void requireNobodyForgotten(Picture picture) {
        if (machine.isFull()) {
            return;
        }
        topic.requireNotForgotten();
        for (View.QueueView queue : picture.queues()) {
            var name = queue.definition().name();
            boolean ready = GroupOrder.offersSomething(queue, picture.messages().get(name));
            for (Client client : clients) {
                // What clients think to have ended may still be in an engine's window.
                boolean waits =
                        client.waiting().stream().anyMatch(one -> one.take.queue().equals(name))
                                || (queue.counts().leased() == 0
                                        && client.consumed().contains(name));
                PromiseBroken.unless(
                        !ready || !waits,
                        name.toString(),
                        "Ready, and somebody waits: %s %s",
                        queue,
                        machine.engine().engine().stats());
            }
        }
    }

    private void stopInOrder() throws IOException {
        machine.engine().stop();
        for (int round = 0; !machine.engine().isFinished(); round++) {
            PromiseBroken.unless(round < 10_000, "engine", "It does not stop");
            machine.engine().loop();
            machine.engine().writer();
            machine.engine().background();
            machine.engine().reader();
            machine.engine().answers();
            history.heard();
        }
        for (int reads = 0; machine.engine().reader(); reads++) {
            PromiseBroken.unless(reads < 10_000, "engine", "It reads on and on");
        }
        trace.tell(() -> "stopped in order");
        if (machine.isFull()) {
            // What waited for room is told that nobody knows.
            machine.engine().abandon();
            history.heard();
        } else {
            requireAllTold();
        }
        restart(random.nextBoolean());
    }

    /// The engine has stopped by itself.
    private void stopped() {
        machine.engine().abandon();
        history.heard();
        for (Client client : clients) {
            PromiseBroken.unless(
                    client.waiting().isEmpty(), "engine", "A take was not told of the stop");
        }
        crashes++;
        restart(random.nextBoolean());
    }

    private void requireAllTold() {
        PromiseBroken.unless(
                !history.isWaiting()
                        && !topic.isWaitingForAnswers()
                        && !routes.isWaitingForAnswers(),
                "engine",
                "Not told before the stop: %s",
                waiting());
        for (Client client : clients) {
            PromiseBroken.unless(
                    client.waiting().isEmpty(), "engine", "A take was not told of the stop");
        }
    }

    private void crash() {
        crashes++;
        restart(random.nextInt(3) > 0);
    }

    private void restart(boolean power) {
        machine.requireUnbroken();
        // What a failed sync left in the cache may go even if the power stays.
        history.ended(power || plan.trouble() == Plan.Trouble.FAILURES, machine.durable());
        routes.records().ended();
        limits.ended(power || plan.trouble() == Plan.Trouble.FAILURES, machine.durable());
        cut(power);
        open();
        guarded(() -> {
            connect();
            audit.compare();
            if (hasCrowd) {
                crowd.compare();
            }
            if (hasBooks) {
                bookkeeper.compare();
            }
            if (hasLimits) {
                limits.compare();
            }
            if (hasRepeats) {
                repeater.compare();
            }
        });
    }

    private void cut(boolean power) {
        trace.tell(() -> power ? "the power is cut" : "the process is killed");
        if (power) {
            machine.disk().crash();
        } else {
            machine.disk().kill();
        }
    }

    private void open() {
        for (int attempt = 0; ; attempt++) {
            boolean fails = arm(attempt);
            try {
                machine.open();
                machine.disk().crashAfter(0);
                history.opened();
                return;
            } catch (PowerCut cut) {
                trace.tell(() -> "while opening: " + cut.getMessage());
            } catch (IOException | MillstreamException refused) {
                trace.tell(() -> "not opened: " + refused.getMessage());
                if (machine.mayBeFull()
                        && String.valueOf(refused.getMessage()).startsWith("The log is full of")) {
                    throw new Machine.FullLog();
                }
                if (!fails) {
                    throw new PromiseBroken("log", "Not opened: " + refused.getMessage());
                }
            }
            crashes++;
            boolean power = random.nextInt(3) > 0;
            if (power) {
                history.powerCut();
                limits.powerCut();
            }
            cut(power);
        }
    }

    /// Has something happen while the engine opens.
    ///
    /// @return whether it may refuse to open
    private boolean arm(int attempt) {
        if (attempt >= OPENINGS_MAX) {
            machine.disk().capacity(Long.MAX_VALUE);
            return false;
        }
        if (plan.crashes() && random.nextInt(4) == 0) {
            machine.disk().crashAfter(random.nextInt(1, 12));
        }
        if (plan.trouble() == Plan.Trouble.FULL) {
            return true;
        }
        if (plan.trouble() == Plan.Trouble.FAILURES && random.nextInt(6) == 0) {
            machine.disk().failNextSync();
            return true;
        }
        return plan.trouble() == Plan.Trouble.FAILURES;
    }

    /// All that is there can be had and settled.
    private void finish() throws IOException {
        settle();
        audit.compare();
        if (hasCrowd) {
            crowd.leave(this::settle);
        }
        if (hasBooks) {
            bookkeeper.leave(this::settle);
        }
        if (hasLimits) {
            limits.leave(this::settle);
        }
        if (hasRepeats) {
            repeater.leave(this::settle);
        }
        clients.forEach(Client::reconnect);
        for (int i = 0; i < 5; i++) {
            machine.pass(Duration.ofHours(1));
            settle();
        }
        for (int round = 0; ; round++) {
            Picture picture = audit.compare();
            requireNobodyForgotten(picture);
            List<View.QueueView> filled =
                    picture.queues().stream().filter(Simulation::hasMore).toList();
            if (filled.isEmpty()) {
                audit.requireDrained(picture);
                break;
            }
            if (round > 20 && (machine.isLogFull() || audit.areHeldUp(picture, filled))) {
                throw new Machine.FullLog();
            }
            PromiseBroken.unless(round < 2000, "engine", "It cannot be drained: %s", filled);
            Client client = clients.getFirst();
            filled.forEach(queue -> client.drain(queue.definition().name()));
            settle();
            client.finish();
            settle();
        }
    }

    /// What is leased counts too: a take that waited for heap is answered when others are settled.
    private static boolean hasMore(View.QueueView queue) {
        return queue.counts().ready() + queue.counts().leased() > 0;
    }
}
