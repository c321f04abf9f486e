package io.millstream.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class PlatformLoggingTest {
    private final Logger target = (Logger) LoggerFactory.getLogger("platform.test");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final System.Logger logger = System.getLogger("platform.test");

    @BeforeEach
    void listen() {
        lines.start();
        target.setLevel(Level.INFO);
        target.setAdditive(false);
        target.addAppender(lines);
    }

    @AfterEach
    void stop_listening() {
        target.detachAppender(lines);
    }

    @Test
    void a_line_arrives_with_its_level_and_its_cause() {
        RuntimeException cause = new RuntimeException("gone");

        logger.log(System.Logger.Level.WARNING, "The disk's {half} full", cause);

        assertThat(lines.list).hasSize(1);
        assertThat(lines.list.getFirst().getLevel()).isEqualTo(Level.WARN);
        assertThat(lines.list.getFirst().getFormattedMessage()).isEqualTo("The disk's {half} full");
        assertThat(lines.list.getFirst().getThrowableProxy().getMessage()).isEqualTo("gone");
    }

    @Test
    void parameters_are_filled_in() {
        logger.log(System.Logger.Level.INFO, "{0} of {1}", 1, "two");

        assertThat(lines.list.getFirst().getFormattedMessage()).isEqualTo("1 of two");
    }

    @Test
    void what_is_not_asked_for_is_not_written() {
        logger.log(System.Logger.Level.DEBUG, "quiet");

        assertThat(lines.list).isEmpty();
        assertThat(logger.isLoggable(System.Logger.Level.DEBUG)).isFalse();
        assertThat(logger.isLoggable(System.Logger.Level.ERROR)).isTrue();
    }
}
