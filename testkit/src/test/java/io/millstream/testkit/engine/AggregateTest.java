package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.Millstream;
import io.millstream.StoredEvent;
import io.millstream.Topic;
import io.millstream.TopicSubscription;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.MillstreamException;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.log.Log;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Event sourcing: many threads decide by what they replay and publish on condition that nothing
/// has happened since, while the engine is killed again and again.
class AggregateTest {
    private static final int THREADS = 8;
    private static final int DECISIONS = 60;
    private static final int KILLS = 12;
    private static final List<String> KEYS = List.of("ada", "bob", "cy");
    private static final Definition.Topic ACCOUNTS =
            Definition.Topic.of(ChannelName.of("accounts"))
                    .withPartitions(2)
                    .withVersionedKeys(KEYS.size());
    private static final int FILE_BYTES = 64 << 10;
    private static final EngineOptions OPTIONS =
            EngineOptions.inMemory()
                    .withLog(new Log.Settings(FILE_BYTES, 6, FILE_BYTES, 2L * FILE_BYTES))
                    .withCheckpointBytes(FILE_BYTES);

    private final MemoryDisk disk = new MemoryDisk();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    private final Map<String, Account> live = new ConcurrentHashMap<>();
    private final AtomicInteger conflicts = new AtomicInteger();
    private final AtomicInteger decided = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private Store store = open();

    /// The engine between two kills.
    private record Store(
            int number,
            Engine engine,
            Topic<AccountEvent> accounts,
            TopicSubscription projection) {}

    /// What the events of one key make of it.
    private record Account(long version, long balance, int history) {
        static final Account NEW = new Account(0, 0, 0);

        Account after(AccountEvent event) {
            assertThat(event.version()).isEqualTo(version);
            long change =
                    switch (event) {
                        case AccountEvent.Deposited deposited -> deposited.amount();
                        case AccountEvent.Withdrawn withdrawn -> -withdrawn.amount();
                        case AccountEvent.Renamed renamed -> 0;
                    };
            assertThat(balance + change).isNotNegative();
            return new Account(version + 1, balance + change, 31 * history + event.hashCode());
        }
    }

    private Store open() {
        Engine engine = Engine.open(disk, OPTIONS);
        var accounts = Millstream.over(engine).topic(ACCOUNTS, AccountEvent.codec());
        return new Store(
                opened.incrementAndGet(),
                engine,
                accounts,
                accounts.subscribe("live", this::project));
    }

    /// Keeps the accounts live; what comes a second time is known by its version.
    private void project(StoredEvent<AccountEvent> event) {
        live.compute(
                event.event().key(),
                (key, known) -> {
                    Account account = known == null ? Account.NEW : known;
                    return event.data().version() < account.version()
                            ? account
                            : account.after(event.data());
                });
    }

    private synchronized Store store() {
        return store;
    }

    private synchronized Store storeAfter(Store broken) throws InterruptedException {
        while (store.number() == broken.number()) {
            wait();
        }
        return store;
    }

    private void kill() {
        store().engine().kill();
        store().projection().close();
        Store next = open();
        synchronized (this) {
            store = next;
            notifyAll();
        }
    }

    private static Account replayed(Topic<AccountEvent> accounts, String key) {
        List<Account> states = new ArrayList<>(List.of(Account.NEW));
        accounts.replay(key, event -> states.add(states.getLast().after(event.data())));
        return states.getLast();
    }

    private static List<AccountEvent> decide(Account account, String id, SplittableRandom random) {
        long version = account.version();
        List<AccountEvent> events = new ArrayList<>();
        if (account.balance() > 50 && random.nextBoolean()) {
            events.add(new AccountEvent.Withdrawn(version, id + "w", account.balance() / 2));
            events.add(new AccountEvent.Withdrawn(version + 1, id + "fee", 1));
        } else {
            events.add(new AccountEvent.Deposited(version, id + "d", random.nextInt(100)));
        }
        if (random.nextInt(4) == 0) {
            events.add(new AccountEvent.Renamed(version + events.size(), id + "r", id));
        }
        return events;
    }

    private Void work(int thread, long seed) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed + thread);
        Store current = store();
        for (int i = 0, done = 0; done < DECISIONS; i++) {
            String key = KEYS.get(random.nextInt(KEYS.size()));
            List<String> ids = List.of();
            try {
                Account account = replayed(current.accounts(), key);
                var events = decide(account, thread + "." + i, random);
                ids = events.stream().map(AccountEvent::id).toList();
                long version = current.accounts().publish(key, account.version(), events);
                assertThat(version).isEqualTo(account.version() + events.size());
                acknowledged.addAll(ids);
                done++;
                killAtTimes(decided.incrementAndGet());
            } catch (RefusedException refused) {
                assertThat(refused.refusal()).isInstanceOf(Refusal.Conflict.class);
                conflicts.incrementAndGet();
            } catch (MillstreamException killed) {
                unknown.addAll(ids);
                current = storeAfter(current);
            }
        }
        return null;
    }

    /// By whoever comes to the next mark, while the others are in the middle of something.
    private void killAtTimes(int decisions) {
        if (decisions % (THREADS * DECISIONS / (KILLS + 1)) == 0) {
            kill();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void an_aggregate_rebuilt_by_replay_equals_the_one_kept_live(long seed) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Void>> workers = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                workers.add(executor.submit(() -> work(number, seed)));
            }
            for (Future<Void> worker : workers) {
                worker.get();
            }
        }
        kill();

        Topic<AccountEvent> accounts = store().accounts();
        Map<String, Account> rebuilt = new TreeMap<>();
        for (String key : KEYS) {
            rebuilt.put(key, replayed(accounts, key));
        }
        await().untilAsserted(() -> assertThat(live).isEqualTo(rebuilt));
        Map<String, Integer> stored = new HashMap<>();
        accounts.replay(event -> stored.merge(event.data().id(), 1, Integer::sum));
        assertThat(stored.values()).containsOnly(1);
        assertThat(stored.keySet()).containsAll(acknowledged);
        stored.keySet().removeAll(acknowledged);
        assertThat(unknown).containsAll(stored.keySet());
        assertThat(conflicts).hasPositiveValue();
        store().projection().close();
        store().engine().close();
    }
}
