package io.millstream.server.broker;

import io.millstream.engine.io.LockedException;

import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;

/// Says in one line what is wrong with a store.
public final class StoreFault {
    private StoreFault() {}

    /// The message of `fault`, made one line and one sentence.
    public static String explain(Throwable fault) {
        if (fault instanceof UncheckedIOException wrapped && wrapped.getCause() != null) {
            return explain(wrapped.getCause());
        }
        String message = fault.getMessage();
        if (message == null) {
            message = fault.getClass().getSimpleName() + " without a message";
        }
        boolean bare = fault instanceof FileSystemException && !message.contains(" ");
        String why = bare ? fault.getClass().getSimpleName() + ": " : "";
        String option = isLocked(fault) ? ": --data=DIR" : "";
        return oneLine(why + withoutFullStop(message)) + option + ".";
    }

    private static String withoutFullStop(String text) {
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }

    private static boolean isLocked(Throwable fault) {
        return fault instanceof LockedException || fault.getCause() instanceof LockedException;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
