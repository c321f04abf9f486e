package io.millstream.protocols.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.SessionSpec;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.protocols.access.Verifier.AwsKey;
import io.millstream.protocols.access.Verifier.Password;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

class UsersTest {
    private static final String TABLE = "millstream.users";

    private final MemoryDisk disk = new MemoryDisk();
    private Backend backend = Engine.open(disk, EngineOptions.inMemory());
    private Users users = await(Users.open(backend));

    @AfterEach
    void close() {
        users.close();
        backend.close();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private void reopen() {
        close();
        backend = Engine.open(disk, EngineOptions.inMemory());
        users = await(Users.open(backend));
    }

    private User add(User user) {
        return await(users.change(user.name(), none -> user));
    }

    private void write(String name, Bytes value) {
        await(
                backend.session(SessionSpec.of("test"))
                        .commit(
                                Commit.of(
                                        new Operation.Write(
                                                TABLE,
                                                name,
                                                value,
                                                Expect.Anything.ANYTHING,
                                                null))));
    }

    @Test
    void users_are_there_again_after_a_restart() {
        AwsKey key = AwsKey.generate();
        User worker =
                add(
                        User.named("worker")
                                .withKey(key)
                                .withPassword(Password.of("correct horse"))
                                .withGrants(List.of(Grant.parse("read:orders*"), Grant.ALL)));

        reopen();

        assertThat(users.directory().all()).containsExactly(worker);
        assertThat(users.directory().keyHolder(key.id()).orElseThrow().key()).isEqualTo(key);
        assertThat(worker.password().orElseThrow().isOf("correct horse")).isTrue();
        assertThat(worker.password().orElseThrow().isOf("correct hors")).isFalse();
        assertThat(users.unreadable()).isEmpty();
    }

    @Test
    void what_one_changes_all_others_know_when_it_is_done() {
        try (Users others = await(Users.open(backend))) {
            add(User.named("worker"));
            assertThat(others.directory().named("worker")).isPresent();

            assertThat(await(others.remove("worker"))).isTrue();
            assertThat(users.directory().isEmpty()).isTrue();
            assertThat(await(users.remove("worker"))).isFalse();
        }
    }

    @Test
    void changes_at_the_same_time_are_all_made() {
        add(User.named("worker"));
        try (Users others = await(Users.open(backend))) {
            List<CompletableFuture<User>> changes = new ArrayList<>();
            for (int i = 0; i < User.VERIFIERS_MAX; i++) {
                Users who = i % 2 == 0 ? users : others;
                AwsKey key = AwsKey.generate();
                changes.add(
                        who.change("worker", user -> user.orElseThrow().withKey(key))
                                .toCompletableFuture());
            }
            changes.forEach(CompletableFuture::join);
        }

        assertThat(users.directory().named("worker").orElseThrow().keys())
                .hasSize(User.VERIFIERS_MAX);
    }

    @Test
    void what_relies_on_another_user_is_decided_again_when_that_one_was_faster() {
        add(User.named("a"));
        add(User.named("b"));
        List<List<User>> seen = new ArrayList<>();

        CompletionStage<Users.Done> late =
                users.take(
                        "a",
                        all -> {
                            seen.add(List.copyOf(all.all()));
                            if (all.named("b").isEmpty()) {
                                throw new IllegalStateException("b is gone");
                            }
                            await(users.take("b", _ -> new Users.Step.Remove("a")));
                            return new Users.Step.Remove("b");
                        });

        assertThatThrownBy(() -> await(late)).hasMessageContaining("b is gone");
        assertThat(seen)
                .containsExactly(
                        List.of(User.named("a"), User.named("b")), List.of(User.named("a")));
        assertThat(users.directory().all()).containsExactly(User.named("a"));
    }

    @Test
    void a_key_belongs_to_one_user() {
        AwsKey key = AwsKey.generate();
        add(User.named("a").withKey(key));

        assertThatThrownBy(() -> add(User.named("b").withKey(key)))
                .hasMessageContaining("belongs to another user");
        assertThat(users.directory().named("b")).isEmpty();
    }

    @Test
    void a_row_that_cannot_be_read_is_a_user_without_rights() {
        add(User.named("admin").withGrants(List.of(Grant.ALL)));
        write("newer", Bytes.of(new byte[] {9}));
        write("damaged", Bytes.of(new byte[] {1, 5}));
        reopen();

        assertThat(users.unreadable())
                .hasSize(2)
                .anyMatch(text -> text.contains("user newer is stored in format 9"))
                .anyMatch(text -> text.contains("user damaged cannot be read"));
        assertThat(users.directory().size()).isEqualTo(3);
        assertThat(users.directory().named("newer")).contains(User.named("newer"));

        await(users.remove("admin"));
        assertThat(Access.of(users, true).isOpen()).isFalse();
        await(users.remove("newer"));
        await(users.remove("damaged"));
        assertThat(Access.of(users, true).isOpen()).isTrue();
        assertThat(Access.of(users, false).isOpen()).isFalse();
    }

    @Test
    void the_first_format_is_read_and_written_for_ever() {
        User user =
                new User(
                        "worker",
                        List.of(
                                new Password(new byte[] {1, 2}, 600_000, new byte[] {3, 4, 5}),
                                new AwsKey("AKIAIOSFODNN7EXAMPLE", "secret/+=")),
                        List.of(Grant.parse("read,manage:orders*"), Grant.parse("write:*")));
        String hex =
                "01"
                        + "02"
                        + "01000927c0020102"
                        + "03030405"
                        + "020014414b4941494f53464f444e4e374558414d504c45"
                        + "00097365637265742f2b3d"
                        + "02"
                        + "0500076f72646572732a"
                        + "0200012a";

        assertThat(HexFormat.of().formatHex(UserCodec.write(user).toArray())).isEqualTo(hex);
        assertThat(UserCodec.read("worker", Bytes.of(HexFormat.of().parseHex(hex))))
                .isEqualTo(user);
        assertThatThrownBy(() -> UserCodec.read("worker", Bytes.of(new byte[] {1, 1, 7})))
                .isInstanceOf(MillstreamException.class)
                .hasMessageContaining("there is no kind 7 of verifier");
    }

    @Test
    void no_text_of_a_user_shows_a_secret() {
        AwsKey key = AwsKey.generate();
        User user = User.named("worker").withKey(key).withPassword(Password.of("correct horse"));

        assertThat(user.toString())
                .contains("worker", key.id())
                .doesNotContain(key.secret(), "correct horse", "[B@");
    }

    @Test
    void a_user_has_bounds() {
        assertThatThrownBy(() -> User.named("a:b"))
                .hasMessageContaining("A user's name has 1 to 64");
        assertThatThrownBy(() -> User.named("")).hasMessageContaining("A user's name has 1 to 64");
        assertThatThrownBy(() -> Password.of("short")).hasMessageContaining("8 to 256 characters");
        User full = User.named("worker");
        for (int i = 0; i < User.VERIFIERS_MAX; i++) {
            full = full.withKey(AwsKey.generate());
        }
        User last = full;
        assertThatThrownBy(() -> last.withKey(AwsKey.generate()))
                .hasMessageContaining("at most 10 passwords and keys");
    }

    @Test
    void passwords_are_right_or_wrong_and_a_changed_one_is_wrong_at_once() {
        add(User.named("admin").withPassword(Password.of("correct horse")));
        add(User.named("keys-only").withKey(AwsKey.generate()));
        try (Passwords passwords = new Passwords(Access.of(users, true))) {
            assertThat(await(passwords.check("admin", "correct horse"))).isPresent();
            assertThat(await(passwords.check("admin", "correct horse"))).isPresent();
            assertThat(await(passwords.check("admin", "wrong horse"))).isEmpty();
            assertThat(await(passwords.check("nobody", "correct horse"))).isEmpty();
            assertThat(await(passwords.check("keys-only", ""))).isEmpty();

            Password other = Password.of("battery staple");
            await(users.change("admin", user -> user.orElseThrow().withPassword(other)));

            assertThat(await(passwords.check("admin", "correct horse"))).isEmpty();
            assertThat(await(passwords.check("admin", "battery staple"))).isPresent();
            await(users.remove("admin"));
            assertThat(await(passwords.check("admin", "battery staple"))).isEmpty();
        }
    }

    @Test
    void more_passwords_than_can_wait_are_turned_away() {
        try (Passwords passwords = new Passwords(Access.of(users, true))) {
            List<CompletionStage<?>> checks = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                checks.add(passwords.check("nobody", "guess " + i));
            }

            assertThat(checks)
                    .anyMatch(check -> check.toCompletableFuture().isCompletedExceptionally());
        }
    }
}
