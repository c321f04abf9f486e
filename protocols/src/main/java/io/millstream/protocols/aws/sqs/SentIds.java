package io.millstream.protocols.aws.sqs;

import io.millstream.api.Bytes;
import io.millstream.api.Deduplication;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Under which id messages of FIFO queues were stored: a duplicate is answered with the id of the
/// first one, which may have been received and deleted long before.
///
/// One row each in the table `sqs.sent`, written by the commit that stores the message and gone
/// when no message can be a duplicate of it any more. Its key is the queue's incarnation, then the
/// first 16 bytes of the SHA-256 of what is compared, in base64; its value the 16 bytes of the id.
/// There may be very many of them, so they are small. For one event loop.
final class SentIds {
    private static final String TABLE = "sqs.sent";
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    /// By how much a row may outlive the window: the backend's clock is not known to the second.
    private static final Duration SLACK = Duration.ofMinutes(1);

    private static final int KEY_BYTES = 16;
    private static final int ID_BYTES = 16;

    private final Store store;
    private final MessageDigest sha256;

    SentIds(Store store) {
        this.store = store;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which SQS needs.", e);
        }
    }

    /// A row to be.
    ///
    /// @param key what is compared
    /// @param id the message's
    /// @param window for how long it is compared
    /// @param until when the row goes
    record Note(String key, UUID id, Duration window, Instant until) {
        Operation write() {
            byte[] value = new byte[ID_BYTES];
            ByteBuffer.wrap(value)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits());
            return new Operation.Write(
                    TABLE, key, Bytes.of(value), Expect.Anything.ANYTHING, until);
        }
    }

    private static String id(View.RowView row) {
        ByteBuffer value = row.value().asBuffer();
        return new UUID(value.getLong(), value.getLong()).toString();
    }

    /// The row of a message, or null if nothing is compared with it.
    @Nullable Note note(View.QueueView view, Message message) {
        Deduplication declared = view.definition().deduplication();
        String deduplication = message.deduplication();
        String id = message.id();
        if (declared == null || deduplication == null || id == null) {
            return null;
        }
        String group = message.group();
        if (declared.scope() == Deduplication.Scope.GROUP && group != null) {
            // The length keeps what belongs to the one from passing as the other's.
            add(group.length() + ":" + group);
        }
        add(deduplication);
        String key =
                Long.toHexString(view.incarnation())
                        + '/'
                        + BASE64.encodeToString(Arrays.copyOf(sha256.digest(), KEY_BYTES));
        Duration window = declared.window();
        return new Note(key, UUID.fromString(id), window, store.now().plus(window).plus(SLACK));
    }

    private void add(String text) {
        sha256.update(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Completes when the row of a message that was stored at `now` is sure to live long enough.
    CompletionStage<?> keep(@Nullable Note note, Instant now) {
        if (note == null || !note.until().isBefore(now.plus(note.window()))) {
            return CompletableFuture.completedStage(null);
        }
        Instant until = now.plus(note.window()).plus(SLACK);
        return store.commit(new Note(note.key(), note.id(), note.window(), until).write());
    }

    /// The id of the first message, of which this is a duplicate.
    ///
    /// @param of the first one's sequence
    CompletionStage<String> find(Note note, View.QueueView view, long of) {
        return store.find(new Query.Rows(TABLE, note.key(), null, 1))
                .thenApply(page ->
                        page.items().stream()
                                .filter(row -> row.key().equals(note.key()))
                                .map(SentIds::id)
                                .findFirst()
                                .orElseGet(() -> ofPlace(view.incarnation(), of)));
    }

    /// An id for a message that was stored without one; always the same for that message.
    static String ofPlace(long incarnation, long sequence) {
        String place = incarnation + "/" + sequence;
        return UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
