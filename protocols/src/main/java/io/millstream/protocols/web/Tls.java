package io.millstream.protocols.web;

import io.millstream.api.MillstreamException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A certificate and its key, read from PEM files and known to belong together. Does not show the
/// key in [#toString()].
public final class Tls {
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final long FILE_BYTES_MAX = 1 << 20;

    private final byte[] certificate;
    private final byte[] key;
    private final Instant end;

    private Tls(byte[] certificate, byte[] key, Instant end) {
        this.certificate = certificate;
        this.key = key;
        this.end = end;
    }

    /// Reads both files. Blocks.
    ///
    /// @param certificate the chain, its own certificate first
    /// @param key its private key in PKCS#8, not encrypted
    /// @throws MillstreamException if they cannot be used, saying which and what to do
    public static Tls read(Path certificate, Path key) {
        byte[] chain = bytes("tls.certificate", certificate);
        byte[] secret = bytes("tls.key", key);
        X509Certificate own = first(certificate, chain);
        PublicKey known = own.getPublicKey();
        if (!belong(key, known, privateKey(key, secret, known.getAlgorithm()))) {
            throw new MillstreamException(
                    "The key in "
                            + key
                            + " is not that of the first certificate in "
                            + certificate
                            + ". Name the key that the certificate was made for (tls.key), and put"
                            + " the server's own certificate before those of its issuers.");
        }
        return new Tls(chain, secret, own.getNotAfter().toInstant());
    }

    /// Until when the certificate is good.
    public Instant end() {
        return end;
    }

    /// Has a server encrypt. HTTP/2 is not offered.
    public HttpServerOptions applyTo(HttpServerOptions options) {
        return options.setSsl(true).setUseAlpn(false).setKeyCertOptions(pair());
    }

    /// Has a server that listens, and encrypts, do so with this one from the next connection on.
    public Future<?> renew(HttpServer server) {
        return server.updateSSLOptions(
                new ServerSSLOptions().setUseAlpn(false).setKeyCertOptions(pair()));
    }

    private PemKeyCertOptions pair() {
        return new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(certificate))
                .addKeyValue(Buffer.buffer(key));
    }

    private static byte[] bytes(String setting, Path file) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new IOException("it has more than " + FILE_BYTES_MAX + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new MillstreamException(
                    "The file " + file + " (" + setting + ") does not exist. Name one that does.",
                    e);
        } catch (IOException e) {
            String why = Files.isReadable(file) ? e.getMessage() : "permission denied";
            throw new MillstreamException(
                    "The file "
                            + file
                            + " ("
                            + setting
                            + ") cannot be read: "
                            + why
                            + ". Let the user that runs Millstream read it.",
                    e);
        }
    }

    private static X509Certificate first(Path file, byte[] chain) {
        try {
            Collection<?> all =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(chain));
            if (all.stream().findFirst().orElse(null) instanceof X509Certificate first) {
                return first;
            }
            throw new CertificateException("it has none");
        } catch (CertificateException e) {
            throw new MillstreamException(
                    "The file "
                            + file
                            + " (tls.certificate) holds no certificate in PEM: "
                            + e.getMessage()
                            + ". It should begin with -----BEGIN CERTIFICATE-----.",
                    e);
        }
    }

    private static PrivateKey privateKey(Path file, byte[] pem, String algorithm) {
        Matcher found = KEY.matcher(new String(pem, StandardCharsets.ISO_8859_1));
        if (!found.find()) {
            throw new MillstreamException(
                    "The file "
                            + file
                            + " (tls.key) holds no key between -----BEGIN PRIVATE KEY----- and its"
                            + " end. Convert it, without a password: openssl pkcs8 -topk8 -nodes"
                            + " -in KEY -out NEW");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(found.group(1));
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new MillstreamException(
                    "The key in "
                            + file
                            + " (tls.key) is no "
                            + algorithm
                            + " key, as the certificate has one: "
                            + e.getMessage()
                            + ". Name the key that the certificate was made for.",
                    e);
        }
    }

    /// Whether what the one signs the other verifies.
    private static boolean belong(Path file, PublicKey known, PrivateKey secret) {
        byte[] text = "Millstream".getBytes(StandardCharsets.UTF_8);
        try {
            Signature signature = Signature.getInstance(signing(known.getAlgorithm()));
            signature.initSign(secret);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(known);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            throw new MillstreamException(
                    "The key in " + file + " (tls.key) cannot be used: " + e.getMessage() + ".", e);
        }
    }

    private static String signing(String algorithm) {
        return switch (algorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> algorithm;
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Tls that
                && Arrays.equals(certificate, that.certificate)
                && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(certificate);
    }

    @Override
    public String toString() {
        return "Tls[…]";
    }
}
