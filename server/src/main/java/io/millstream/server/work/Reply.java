package io.millstream.server.work;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/// What an endpoint answers.
///
/// @param status of HTTP
/// @param body the beginning of it, up to a byte more than [Answers#BYTES_MAX]
/// @param retryAfter what it says of when to come again, or null
/// @param location where it sends us, or null
record Reply(int status, byte[] body, @Nullable String retryAfter, @Nullable String location) {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;
    private static final Duration LATER_MAX = Duration.ofDays(1);

    static Reply of(HttpResponse<byte[]> response) {
        return new Reply(
                response.statusCode(),
                response.body(),
                response.headers().firstValue("Retry-After").orElse(null),
                response.headers().firstValue("Location").orElse(null));
    }

    boolean isGood() {
        return status / 100 == 2;
    }

    boolean isTooLong() {
        return body.length > Answers.BYTES_MAX;
    }

    /// When to come again, if it is too busy and says so; a day at most. Null if it does not.
    @Nullable Duration later(Instant now) {
        boolean isBusy = status == TOO_MANY_REQUESTS || status == UNAVAILABLE;
        if (!isBusy || retryAfter == null) {
            return null;
        }
        Duration later = read(retryAfter.strip(), now);
        if (later == null) {
            return null;
        }
        if (later.isNegative()) {
            return Duration.ZERO;
        }
        return later.compareTo(LATER_MAX) > 0 ? LATER_MAX : later;
    }

    private static @Nullable Duration read(String text, Instant now) {
        if (text.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            Instant time = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
            return Duration.between(now, time);
        } catch (DateTimeException _) {
            return null;
        }
    }

    /// Reads the beginning of an answer, and hangs up on one that goes on.
    static HttpResponse.BodySubscriber<byte[]> reader() {
        return new Beginning();
    }

    private static final class Beginning implements HttpResponse.BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.@Nullable Subscription subscription;

        @Override
        public CompletionStage<byte[]> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                int room = Answers.BYTES_MAX + 1 - bytes.size();
                byte[] chunk = new byte[Math.min(room, buffer.remaining())];
                buffer.get(chunk);
                bytes.write(chunk, 0, chunk.length);
            }
            if (bytes.size() > Answers.BYTES_MAX && subscription != null) {
                subscription.cancel();
                whole.complete(bytes.toByteArray());
            }
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(bytes.toByteArray());
        }
    }
}
