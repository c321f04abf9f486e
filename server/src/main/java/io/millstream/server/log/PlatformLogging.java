package io.millstream.server.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

import java.text.MessageFormat;
import java.util.MissingResourceException;
import java.util.ResourceBundle;
import java.util.function.Supplier;

/// Hands what is written to a [System.Logger] on to SLF4J. The engine writes there, because a
/// program that embeds it may log in any way; without this its lines would look like nobody else's
/// in the server.
public final class PlatformLogging extends System.LoggerFinder {

    /// To which the JDK says at each exit who asked for it, if it may at DEBUG.
    private static final String EXITS = "java.lang.Runtime";

    /// Whether anything has been logged, or would have been.
    private static volatile boolean isInUse;

    /// For the JDK's service loader.
    public PlatformLogging() {}

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new ToSlf4j(name);
    }

    /// Asks SLF4J for its logger when there is something to be logged: many classes have a logger
    /// and nothing to say, and a command that sends one message would spend most of its time on
    /// reading how to log.
    private static final class ToSlf4j implements System.Logger {
        private final String name;
        private volatile org.slf4j.@Nullable Logger known;

        ToSlf4j(String name) {
            this.name = name;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            // What has logged nothing begins with nothing by its end.
            boolean isAsked = isInUse || !name.equals(EXITS);
            return isAsked && level != Level.OFF && target().isEnabledForLevel(slf4j(level));
        }

        private org.slf4j.Logger target() {
            org.slf4j.Logger target = known;
            if (target == null) {
                target = isInUse ? LoggerFactory.getLogger(name) : first(name);
                known = target;
            }
            return target;
        }

        /// SLF4J sets itself up for the first one, and who asks it meanwhile has it warn of that.
        private static synchronized org.slf4j.Logger first(String name) {
            org.slf4j.Logger first = LoggerFactory.getLogger(name);
            isInUse = true;
            return first;
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String message,
                @Nullable Throwable thrown) {
            if (isLoggable(level)) {
                at(level, () -> translated(bundle, message), thrown);
            }
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String format,
                @Nullable Object @Nullable ... parameters) {
            if (isLoggable(level)) {
                at(level, () -> filled(translated(bundle, format), parameters), null);
            }
        }

        private void at(Level level, Supplier<String> message, @Nullable Throwable thrown) {
            LoggingEventBuilder event = target().atLevel(slf4j(level));
            (thrown == null ? event : event.setCause(thrown)).log(message);
        }

        private static String filled(String format, @Nullable Object @Nullable [] parameters) {
            // Without parameters a message is taken as it is: it may well contain braces or quotes.
            return parameters == null || parameters.length == 0
                    ? format
                    : MessageFormat.format(format, parameters);
        }

        private static String translated(@Nullable ResourceBundle bundle, @Nullable String key) {
            String text = String.valueOf(key);
            try {
                return bundle == null ? text : bundle.getString(text);
            } catch (MissingResourceException e) {
                return text;
            }
        }

        private static org.slf4j.event.Level slf4j(Level level) {
            return switch (level) {
                case ALL, TRACE -> org.slf4j.event.Level.TRACE;
                case DEBUG -> org.slf4j.event.Level.DEBUG;
                case INFO -> org.slf4j.event.Level.INFO;
                case WARNING -> org.slf4j.event.Level.WARN;
                case ERROR, OFF -> org.slf4j.event.Level.ERROR;
            };
        }
    }
}
