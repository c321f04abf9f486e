package io.millstream.backends.remote;

import io.millstream.api.Refusal;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongFunction;

/// Something with one answer.
///
/// @param <T> the answer
final class OneAnswer<T> extends Work {
    private final LongFunction<Ask> asking;
    private final Function<Told, @Nullable T> reading;
    private final Function<Refusal, T> refusing;
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    /// @param asking what to ask, by its number
    /// @param reading the answer in what is told; null if it is something else
    /// @param refusing the answer that it was refused
    OneAnswer(
            long id,
            LongFunction<Ask> asking,
            Function<Told, @Nullable T> reading,
            Function<Refusal, T> refusing) {
        super(id);
        this.asking = asking;
        this.reading = reading;
        this.refusing = refusing;
    }

    CompletableFuture<T> answer() {
        return answer;
    }

    @Override
    Ask ask() {
        return asking.apply(id);
    }

    @Override
    boolean stands() {
        return false;
    }

    @Override
    boolean told(Told told) {
        try {
            T read =
                    told instanceof Told.Failed failed
                            ? refusing.apply(Problems.refusal(failed.problem()))
                            : reading.apply(told);
            if (read == null) {
                throw odd(told);
            }
            answer.complete(read);
        } catch (RuntimeException unknown) {
            answer.completeExceptionally(unknown);
        }
        return true;
    }

    @Override
    void failed(RuntimeException why) {
        if (why instanceof TooLargeException large) {
            answer.complete(
                    refusing.apply(
                            new Refusal.TooLarge(
                                    "What was asked", large.bytes(), large.bytesMax())));
        } else {
            answer.completeExceptionally(why);
        }
    }
}
