package io.millstream.server.work;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/// Hears each signal that asks this process to stop: Ctrl-C (INT) and TERM.
///
/// The JDK's own way, a hook of the shutdown, hears the first one only, and runs when it is too
/// late to do what takes its time. Signals are handled by `sun.misc.Signal`, which is there for
/// this, by reflection, as the compiler knows no way to name it without a warning. Where it is
/// missing, a hook has to do.
public interface StopSignals extends AutoCloseable {
    /// The signals do what they did before.
    @Override
    void close();

    /// Runs `each` for each signal, on a thread of its own.
    static StopSignals of(Runnable each) {
        List<Runnable> restore = new ArrayList<>();
        try {
            for (String name : List.of("INT", "TERM")) {
                restore.add(handle(name, each));
            }
        } catch (ReflectiveOperationException | RuntimeException _) {
            restore.forEach(Runnable::run);
            Thread hook = new Thread(each, "stop");
            Runtime.getRuntime().addShutdownHook(hook);
            return () -> {};
        }
        return () -> restore.forEach(Runnable::run);
    }

    /// @return puts back what there was
    private static Runnable handle(String name, Runnable each) throws ReflectiveOperationException {
        Class<?> signals = Class.forName("sun.misc.Signal");
        Class<?> handlers = Class.forName("sun.misc.SignalHandler");
        Method handle = signals.getMethod("handle", signals, handlers);
        Object signal = signals.getConstructor(String.class).newInstance(name);
        Object identity = new Object();
        InvocationHandler told =
                (_, method, arguments) -> {
                    if (method.getName().equals("handle")) {
                        each.run();
                        return null;
                    }
                    return method.invoke(identity, arguments);
                };
        Object handler =
                Proxy.newProxyInstance(
                        StopSignals.class.getClassLoader(), new Class<?>[] {handlers}, told);
        Object before = handle.invoke(null, signal, handler);
        return () -> {
            try {
                handle.invoke(null, signal, before);
            } catch (ReflectiveOperationException _) {
                // It worked before.
            }
        };
    }
}
