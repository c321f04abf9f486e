package io.millstream.protocols.aws;

import io.millstream.api.Backend;
import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/// Stands between a server and its backend, and has it be busy or tell late what has changed.
final class Meddler {
    private final AtomicReference<Predicate<Commit>> refused = new AtomicReference<>(_ -> false);
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile boolean deaf;

    /// Refuses such commits as busy from now on.
    void refuse(Predicate<Commit> which) {
        refused.set(which);
    }

    /// How many commits it has refused.
    int refusals() {
        return refusals.get();
    }

    /// Tells nobody any more what changes.
    void beDeaf() {
        deaf = true;
    }

    /// How often somebody has looked at a queue.
    int looks() {
        return looks.get();
    }

    Backend between(Backend backend) {
        return proxy(
                Backend.class,
                (_, method, arguments) -> {
                    if (method.getName().equals("find")
                            && arguments[0] instanceof Query.QueueNamed) {
                        looks.incrementAndGet();
                    }
                    Object result = method.invoke(backend, arguments);
                    return result instanceof Session session ? between(session) : result;
                });
    }

    private Session between(Session session) {
        return proxy(
                Session.class,
                (_, method, arguments) ->
                        switch (method.getName()) {
                            case "commit" -> {
                                Receipt refusal = refusal(arguments[0]);
                                boolean many = arguments[0] instanceof List<?>;
                                yield refusal == null
                                        ? method.invoke(session, arguments)
                                        : CompletableFuture.completedStage(
                                                many ? List.of(refusal) : refusal);
                            }
                            case "watch" -> {
                                var sink = (ChangeSink) arguments[1];
                                ChangeSink hears =
                                        change -> {
                                            if (!deaf) {
                                                sink.changed(change);
                                            }
                                        };
                                yield method.invoke(session, arguments[0], hears);
                            }
                            default -> method.invoke(session, arguments);
                        });
    }

    private Receipt refusal(Object commits) {
        Object first = commits instanceof List<?> many ? many.getFirst() : commits;
        if (!refused.get().test((Commit) first)) {
            return null;
        }
        refusals.incrementAndGet();
        return new Receipt.Refused(Instant.EPOCH, 0, new Refusal.Busy("The log is full. Wait."));
    }

    private static <T> T proxy(Class<T> seam, InvocationHandler handler) {
        InvocationHandler unwrapping =
                (self, method, arguments) -> {
                    try {
                        return handler.invoke(self, method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
        return seam.cast(
                Proxy.newProxyInstance(seam.getClassLoader(), new Class<?>[] {seam}, unwrapping));
    }
}
