package io.millstream.protocols.aws.sns;

import io.millstream.api.Bytes;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.protocols.aws.sqs.Store;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletionStage;

/// That something was published to a FIFO topic: a row of the table `sns.published`, written by the
/// commit that publishes it and gone after five minutes. While it is there, the same is a
/// duplicate, which is answered as the first one was and goes nowhere, the archive included.
///
/// Its key is made of the topic's life, and of what is compared; its value is the answer.
///
/// @param key of the row
/// @param id of the message
/// @param sequence its number
record Published(String key, String id, String sequence) {
    private static final String TABLE = "sns.published";
    private static final Duration WINDOW = Duration.ofMinutes(5);
    private static final int KEY_BYTES = 18;

    /// The key of the row of a draft.
    ///
    /// @param life which life of the topic
    /// @param byGroup whether only messages of one group are compared
    static String key(String life, Draft draft, boolean byGroup) {
        String group = draft.group();
        String compared = draft.deduplication() + '\n' + (byGroup ? group : "");
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(compared.getBytes(StandardCharsets.UTF_8));
            return life
                    + '/'
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(Arrays.copyOf(digest, KEY_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which SNS needs.", e);
        }
    }

    /// Refuses the whole commit if the same was published before.
    Operation write(Instant now) {
        return new Operation.Write(
                TABLE,
                key,
                Bytes.utf8(id + ' ' + sequence),
                Expect.Nothing.NOTHING,
                now.plus(WINDOW));
    }

    /// The first one under this key, or null if there is none any more.
    static CompletionStage<@Nullable Published> find(Store store, String key) {
        return store.find(new Query.Rows(TABLE, key, null, 1))
                .thenApply(page ->
                        page.items().stream()
                                .filter(row -> row.key().equals(key))
                                .findFirst()
                                .map(row -> row.value().utf8().split(" ", -1))
                                .map(parts -> new Published(key, parts[0], parts[1]))
                                .orElse(null));
    }
}
