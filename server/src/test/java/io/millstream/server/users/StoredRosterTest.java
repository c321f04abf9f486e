package io.millstream.server.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Backend;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.protocols.access.Users;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// As long as there are users, one of them may change them.
class StoredRosterTest {
    private static final UserChange WORKER = new UserChange(List.of("read:*"), null);
    private static final UserChange ADMIN = new UserChange(List.of("all:*"), null);

    private final Backend backend = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
    private final Users users = Users.open(backend).toCompletableFuture().join();
    private final Users others = Users.open(backend).toCompletableFuture().join();

    @AfterEach
    void close() {
        users.close();
        others.close();
        backend.close();
    }

    /// Whether it was done; not if somebody else's change forbids it.
    private static CompletableFuture<Boolean> attempt(Runnable change) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        change.run();
                        done.complete(true);
                    } catch (RosterException refused) {
                        done.complete(false);
                    } catch (RuntimeException e) {
                        done.completeExceptionally(e);
                    }
                });
        return done;
    }

    private static long count(CompletableFuture<Boolean> one, CompletableFuture<Boolean> two) {
        return Stream.of(one, two).filter(CompletableFuture::join).count();
    }

    @Test
    void of_two_administrators_that_remove_or_demote_each_other_at_once_one_stays() {
        Roster one = StoredRoster.atRest(users);
        Roster two = StoredRoster.atRest(others);
        one.put("a", ADMIN, true);
        one.put("worker", WORKER, true);
        for (int i = 0; i < 100; i++) {
            one.put("b", ADMIN, true);
            boolean removes = i % 2 == 0;

            long done =
                    count(
                            attempt(() -> one.remove("b")),
                            attempt(() -> {
                                if (removes) {
                                    two.remove("a");
                                } else {
                                    two.put("a", WORKER, false);
                                }
                            }));

            assertThat(done).isEqualTo(1);
            assertThat(one.list())
                    .filteredOn(user -> user.grants().contains("all:*"))
                    .as("administrators")
                    .hasSize(1);
            restore(one);
        }
    }

    /// Leaves `a` as the one administrator.
    private void restore(Roster roster) {
        roster.put("a", ADMIN, users.directory().named("a").isEmpty());
        if (users.directory().named("b").isPresent()) {
            roster.remove("b");
        }
    }

    @Test
    void the_last_user_does_not_go_while_another_one_comes_that_may_less() {
        Roster one = StoredRoster.atRest(users);
        Roster two = StoredRoster.atRest(others);
        for (int i = 0; i < 100; i++) {
            one.put("admin", ADMIN, true);

            long done =
                    count(
                            attempt(() -> one.remove("admin")),
                            attempt(() -> two.put("worker", WORKER, true)));

            assertThat(done).isEqualTo(1);
            if (users.directory().named("worker").isPresent()) {
                one.remove("worker");
                one.remove("admin");
            }
        }
    }

    @Test
    void at_a_server_that_runs_an_administrator_has_a_password() {
        Roster served = StoredRoster.served(users, true);

        assertThatThrownBy(() -> served.put("admin", ADMIN, true))
                .isInstanceOf(RosterException.class)
                .hasMessageContaining("Somebody has to have manage:* and a password")
                .hasMessageContaining("(--admin --password)");

        served.put("admin", new UserChange(List.of("all:*"), "correct horse"), true);
        served.put("keys-only", ADMIN, true);
        assertThatThrownBy(() -> served.remove("admin"))
                .hasMessageContaining("Nobody could change users any more.");
        StoredRoster.atRest(users).remove("admin");
        assertThat(users.directory().all()).hasSize(1);
    }

    @Test
    void where_other_machines_reach_the_server_the_last_user_stays() {
        Roster served = StoredRoster.served(users, false);
        served.put("admin", new UserChange(List.of("all:*"), "correct horse"), true);

        assertThatThrownBy(() -> served.remove("admin"))
                .hasMessageContaining("The user admin is the last one");
    }
}
