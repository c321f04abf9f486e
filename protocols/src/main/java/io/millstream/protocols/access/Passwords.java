package io.millstream.protocols.access;

import io.millstream.api.MillstreamException;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Checks passwords, which is slow on purpose, on one thread of its own: whoever tries many keeps
/// one processor busy and nobody else. What was right is remembered in memory, as a code under a
/// key that dies with the process, so that who asks every few seconds costs little.
public final class Passwords implements AutoCloseable {
    private static final int WAITING_MAX = 100;
    private static final int KEY_BYTES = 32;
    private static final String MAC = "HmacSHA256";

    /// What the password of a user that there is not is compared with, so that the time of the
    /// answer does not tell whether there is one.
    private static final Verifier.Password NOBODYS = Verifier.Password.ofNobody();

    private final Access access;
    private final SecretKeySpec key;
    private final Map<String, Right> right = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(WAITING_MAX),
                    Thread.ofPlatform().daemon().name("passwords").factory());

    /// A password that was right.
    private record Right(Verifier.Password verifier, byte[] code) {}

    /// Checks passwords of these users.
    public Passwords(Access access) {
        this.access = access;
        byte[] bytes = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, MAC);
    }

    /// Completes with the user, or with nothing if there is none of that name and password. Fails
    /// if too many wait already.
    public CompletionStage<Optional<User>> check(String name, String password) {
        byte[] code = code(password);
        Optional<User> known = access.directory().named(name);
        Verifier.Password verifier = known.flatMap(User::password).orElse(NOBODYS);
        Right before = right.get(name);
        if (before != null
                && before.verifier().equals(verifier)
                && MessageDigest.isEqual(before.code(), code)) {
            return CompletableFuture.completedStage(known);
        }
        try {
            return CompletableFuture.supplyAsync(
                    () -> compare(name, password, code, verifier), thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedStage(
                    new MillstreamException(
                            WAITING_MAX + " passwords are being checked. Come again later.", e));
        }
    }

    private Optional<User> compare(
            String name, String password, byte[] code, Verifier.Password verifier) {
        if (!verifier.isOf(password) || verifier.equals(NOBODYS)) {
            return Optional.empty();
        }
        // It may have been removed or changed meanwhile.
        Optional<User> now =
                access.directory()
                        .named(name)
                        .filter(user -> user.password().filter(verifier::equals).isPresent());
        now.ifPresent(user -> right.put(name, new Right(verifier, code)));
        return now;
    }

    private byte[] code(String password) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return mac.doFinal(password.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot compute " + MAC + ".", e);
        }
    }

    /// Checks no more.
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
