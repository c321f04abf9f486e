package io.millstream.protocols.aws.sqs;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.View;

import java.security.Key;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import javax.crypto.spec.SecretKeySpec;

/// The secret by which receipt handles are known to be genuine, kept in the backend's row
/// `receipt-secret` of the table `aws`. The first server to need it makes it.
public final class ReceiptSecret {
    private static final String TABLE = "aws";
    private static final String KEY = "receipt-secret";
    private static final int SECRET_BYTES = 32;

    private final byte[] secret;

    private ReceiptSecret(Bytes secret) {
        this.secret = secret.toArray();
    }

    /// Reads the secret, or makes it if there is none. Of several servers that make one at once,
    /// the first wins and the others read its secret.
    public static CompletionStage<ReceiptSecret> load(Backend backend, Session session) {
        return find(backend)
                .thenCompose(found ->
                        found.isPresent()
                                ? CompletableFuture.completedStage(found.get())
                                : make(backend, session));
    }

    Key key(String algorithm) {
        return new SecretKeySpec(secret, algorithm);
    }

    private static CompletionStage<ReceiptSecret> make(Backend backend, Session session) {
        byte[] fresh = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(fresh);
        Bytes value = Bytes.of(fresh);
        return session.commit(
                        Commit.of(
                                new Operation.Write(
                                        TABLE, KEY, value, Expect.Nothing.NOTHING, null)))
                .thenCompose(receipt ->
                        switch (receipt) {
                            case Receipt.Committed _ ->
                                    CompletableFuture.completedStage(new ReceiptSecret(value));
                            case Receipt.Refused refused -> others(backend, refused.refusal());
                        });
    }

    private static CompletionStage<ReceiptSecret> others(Backend backend, Refusal refusal) {
        if (!(refusal instanceof Refusal.Conflict)) {
            throw new RefusedException(refusal);
        }
        return find(backend)
                .thenApply(found -> found.orElseThrow(() -> new RefusedException(refusal)));
    }

    private static CompletionStage<Optional<ReceiptSecret>> find(Backend backend) {
        return backend.find(new Query.Rows(TABLE, KEY, null, 1))
                .thenApply(rows ->
                        rows.page().items().stream()
                                .filter(row -> row.key().equals(KEY))
                                .map(View.RowView::value)
                                .map(ReceiptSecret::new)
                                .findFirst());
    }
}
