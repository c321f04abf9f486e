package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Commit;
import io.millstream.api.Found;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.View;
import io.millstream.testkit.ForwardingSession;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

import javax.sql.DataSource;

/// What one process does with its database and its store, step by step: at one of them it dies, or
/// sleeps. A step is a moment before something that either of the two is to do; who dies there has
/// learned for nothing what came before. One thread takes steps.
final class Steps {
    private static final Set<String> STEPS =
            Set.of("executeQuery", "executeUpdate", "executeBatch", "commit");

    private final int at;
    private final boolean sleeps;
    private final List<Connection> connections = new ArrayList<>();
    private final CountDownLatch asleep = new CountDownLatch(1);
    private final CountDownLatch awake = new CountDownLatch(1);
    private int taken;
    private volatile boolean isDead;

    private Steps(int at, boolean sleeps) {
        this.at = at;
        this.sleeps = sleeps;
    }

    /// Dies at the step `at`, from 0.
    static Steps dyingAt(int at) {
        return new Steps(at, false);
    }

    /// Sleeps at the step `at`, from 0, until it is woken.
    static Steps sleepingAt(int at) {
        return new Steps(at, true);
    }

    boolean isDead() {
        return isDead;
    }

    /// Waits until it sleeps, or has ended.
    void awaitAsleep() throws InterruptedException {
        asleep.await();
    }

    /// There are no more steps.
    void ended() {
        asleep.countDown();
    }

    boolean hasSlept() {
        return taken > at;
    }

    void wake() {
        awake.countDown();
    }

    private void step() {
        if (taken++ != at) {
            return;
        }
        if (!sleeps) {
            isDead = true;
            connections.forEach(Steps::cut);
            return;
        }
        asleep.countDown();
        try {
            awake.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /// What its database notices of its death.
    private static void cut(Connection connection) {
        try (connection) {
            connection.rollback();
        } catch (SQLException _) {
            // It is cut off already.
        }
    }

    // The database.

    DataSource over(DataSource source) {
        return proxy(
                DataSource.class,
                source,
                (method, result) -> {
                    if (!method.equals("getConnection")) {
                        return result;
                    }
                    Connection connection = (Connection) result;
                    connections.add(connection);
                    return over(connection);
                });
    }

    private Connection over(Connection connection) {
        return proxy(
                Connection.class,
                connection,
                (_, result) ->
                        result instanceof PreparedStatement statement
                                ? proxy(PreparedStatement.class, statement, (_, found) -> found)
                                : result);
    }

    private interface Wrapping {
        Object wrap(String method, Object result);
    }

    private <T> T proxy(Class<T> type, T target, Wrapping wrapping) {
        Object proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> {
                            if (STEPS.contains(method.getName())) {
                                step();
                            }
                            if (isDead) {
                                throw new SQLException("The process has died.");
                            }
                            try {
                                Object result = method.invoke(target, arguments);
                                return wrapping.wrap(method.getName(), result);
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        });
        return type.cast(proxy);
    }

    // The store.

    Backend over(Backend store) {
        return new SteppedBackend(store);
    }

    private <T> CompletionStage<T> stepped(Supplier<CompletionStage<T>> asked) {
        step();
        return isDead
                ? CompletableFuture.failedFuture(new StoppedException("The process has died."))
                : asked.get();
    }

    private final class SteppedBackend implements Backend {
        private final Backend store;

        SteppedBackend(Backend store) {
            this.store = store;
        }

        @Override
        public Capabilities capabilities() {
            return store.capabilities();
        }

        @Override
        public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
            return stepped(() -> store.find(query));
        }

        @Override
        public Session session(SessionSpec spec) {
            return new SteppedSession(store.session(spec));
        }

        @Override
        public void close() {
            // The store is not this process's to close.
        }
    }

    private final class SteppedSession extends ForwardingSession {
        SteppedSession(Session session) {
            super(session);
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
            return stepped(() -> session.commit(commits));
        }
    }
}
