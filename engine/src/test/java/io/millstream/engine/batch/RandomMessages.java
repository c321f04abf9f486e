package io.millstream.engine.batch;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Messages of all shapes, the same from the same seed.
final class RandomMessages {
    private static final long TIME_MAX = 4_102_444_800_000L;

    private final SplittableRandom random;

    RandomMessages(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /// One to thirty messages with any of the properties that a message may have.
    List<Message> any() {
        List<Message> messages = new ArrayList<>();
        for (int i = random.nextInt(1, 31); i > 0; i--) {
            messages.add(any(plainBuilder()));
        }
        return messages;
    }

    /// One to thirty messages with what a record of Kafka's has: key, body, headers of bytes.
    List<Message> plain() {
        List<Message> messages = new ArrayList<>();
        for (int i = random.nextInt(1, 31); i > 0; i--) {
            messages.add(plainBuilder().build());
        }
        return messages;
    }

    private Message.Builder plainBuilder() {
        Message.Builder message = Message.builder(bytes(300)).key(maybe() ? bytes(20) : null);
        for (int i = random.nextInt(4); i > 0; i--) {
            message.header(new Header(text(), Header.BYTES, bytes(40)));
        }
        return message;
    }

    private Message any(Message.Builder message) {
        if (maybe()) {
            message.header(new Header(text(), "number.int", bytes(10))).header(text(), text());
        }
        if (maybe()) {
            message.header(new Header(Properties.HEADER, Header.BYTES, bytes(10)));
        }
        return message.id(maybeText())
                .type(maybeText())
                .contentType(maybeText())
                .correlationId(maybeText())
                .replyTo(maybeText())
                .group(maybeText())
                .deduplication(maybeText())
                .trace(maybeText())
                .priority(random.nextInt(Message.PRIORITY_MAX + 1))
                .delay(Duration.ofMillis(maybe() ? random.nextLong(TIME_MAX) : 0))
                .timeToLive(maybe() ? Duration.ofMillis(random.nextLong(TIME_MAX)) : null)
                .time(maybe() ? Instant.ofEpochMilli(random.nextLong(TIME_MAX)) : null)
                .build();
    }

    private boolean maybe() {
        return random.nextBoolean();
    }

    private String maybeText() {
        return maybe() ? text() : null;
    }

    private String text() {
        return "t"
                + random.ints(random.nextInt(8), 'a', 'ÿ')
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append);
    }

    private Bytes bytes(int most) {
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return Bytes.of(bytes);
    }
}
