package io.millstream.protocols.aws.push;

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

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/// Signs messages to endpoints, with a key that is kept in the backend's row `signing-key` of the
/// table `aws`, beside its certificate. The first server to need it makes it. Endpoints get the
/// certificate from this server, at the path that each message names.
///
/// Usable by several threads.
public final class Signer {
    /// How the path of every certificate begins.
    public static final String PATH_PREFIX = "/SimpleNotificationService-";

    private static final String TABLE = "aws";
    private static final String KEY = "signing-key";
    private static final int KEY_BITS = 2_048;
    private static final int SERIAL_BYTES = 15;
    private static final int NAME_BYTES = 16;

    private final PrivateKey key;
    private final String path;
    private final byte[] pem;

    private Signer(String row) {
        String[] parts = row.split(" ", -1);
        byte[] certificate = Base64.getDecoder().decode(parts[1]);
        try {
            key =
                    KeyFactory.getInstance("RSA")
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(Base64.getDecoder().decode(parts[0])));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate);
            path = PATH_PREFIX + HexFormat.of().formatHex(digest, 0, NAME_BYTES) + ".pem";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The row " + TABLE + '/' + KEY + " is no RSA key.", e);
        }
        pem =
                ("-----BEGIN CERTIFICATE-----\n"
                                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                        .encodeToString(certificate)
                                + "\n-----END CERTIFICATE-----\n")
                        .getBytes(StandardCharsets.US_ASCII);
    }

    /// Reads the key, or makes it if there is none. Of several servers that make one at once, the
    /// first wins and the others read its key.
    ///
    /// @param workers where it is made, which takes a while
    static CompletionStage<Signer> load(Backend backend, Session session, Executor workers) {
        return find(backend)
                .thenComposeAsync(
                        found ->
                                found.isPresent()
                                        ? CompletableFuture.completedStage(found.get())
                                        : make(backend, session),
                        workers);
    }

    private static CompletionStage<Signer> make(Backend backend, Session session) {
        String row = fresh();
        return session.commit(
                        Commit.of(
                                new Operation.Write(
                                        TABLE, KEY, Bytes.utf8(row), Expect.Nothing.NOTHING, null)))
                .thenCompose(receipt ->
                        switch (receipt) {
                            case Receipt.Committed _ ->
                                    CompletableFuture.completedStage(new Signer(row));
                            case Receipt.Refused refused -> others(backend, refused.refusal());
                        });
    }

    private static String fresh() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(KEY_BITS);
            KeyPair pair = generator.generateKeyPair();
            byte[] serial = new byte[SERIAL_BYTES];
            new SecureRandom().nextBytes(serial);
            serial[0] = (byte) ((serial[0] & 0x3F) | 0x40);
            byte[] certificate =
                    SigningCertificate.make(pair, "Millstream SNS", serial, Instant.now());
            Base64.Encoder base64 = Base64.getEncoder();
            return base64.encodeToString(pair.getPrivate().getEncoded())
                    + ' '
                    + base64.encodeToString(certificate);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot sign with RSA, as SNS does.", e);
        }
    }

    private static CompletionStage<Signer> others(Backend backend, Refusal refusal) {
        if (!(refusal instanceof Refusal.Conflict)) {
            throw new RefusedException(refusal);
        }
        return find(backend)
                .thenApply(found -> found.orElseThrow(() -> new RefusedException(refusal)));
    }

    private static CompletionStage<Optional<Signer>> find(Backend backend) {
        return backend.find(new Query.Rows(TABLE, KEY, null, 1))
                .thenApply(rows ->
                        rows.page().items().stream()
                                .filter(row -> row.key().equals(KEY))
                                .map(View.RowView::value)
                                .map(Bytes::utf8)
                                .map(Signer::new)
                                .findFirst());
    }

    /// Under which path of this server the certificate is.
    public String path() {
        return path;
    }

    /// The certificate, in PEM.
    public byte[] certificate() {
        return pem.clone();
    }

    /// The signature of a text, in base64. Takes about a millisecond.
    ///
    /// @param version 1 for SHA-1, which AWS began with, or 2 for SHA-256
    String sign(String version, String text) {
        try {
            String algorithm = version.equals("2") ? "SHA256withRSA" : "SHA1withRSA";
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot sign with RSA, as SNS does.", e);
        }
    }
}
