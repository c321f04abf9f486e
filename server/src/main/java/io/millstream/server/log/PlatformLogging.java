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

    /// For the JDK's service loader.
    public PlatformLogging() {}

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new ToSlf4j(LoggerFactory.getLogger(name));
    }

    private record ToSlf4j(org.slf4j.Logger target) implements System.Logger {
        @Override
        public String getName() {
            return target.getName();
        }

        @Override
        public boolean isLoggable(Level level) {
            return level != Level.OFF && target.isEnabledForLevel(slf4j(level));
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
            LoggingEventBuilder event = target.atLevel(slf4j(level));
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
