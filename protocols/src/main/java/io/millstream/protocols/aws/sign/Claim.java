package io.millstream.protocols.aws.sign;

import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.FaultException;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// What a request says of who signed it, not yet believed.
///
/// Read from the head alone, so that what could never be believed costs no room for a body; then
/// [#checkTime], and [#checkSignature] once the body is there.
public final class Claim {
    /// How far a client's clock may be off; AWS's.
    static final Duration SKEW_MAX = Duration.ofMinutes(15);

    /// How long a presigned address may be good for; AWS's.
    static final Duration EXPIRES_MAX = Duration.ofDays(7);

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final int DATE_CHARS = 8;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT);

    private final Head head;
    private final Scope scope;
    private final Set<String> signedHeaders;
    private final String signature;
    private final String time;
    private final Instant signed;
    private final @Nullable Duration expires;

    private Claim(Head head, Fields fields, @Nullable Duration expires) {
        this.head = head;
        this.scope = Scope.read(fields.credential());
        this.signedHeaders = new TreeSet<>(List.of(fields.signedHeaders().split(";")));
        this.signature = fields.signature();
        this.time = fields.time();
        this.signed = parse(time);
        this.expires = expires;
        if (!time.substring(0, DATE_CHARS).equals(scope.date())) {
            throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date"
                            + " from HTTP: '"
                            + scope.date()
                            + "' != '"
                            + time.substring(0, DATE_CHARS)
                            + "', from '"
                            + time
                            + "'.");
        }
        checkSignedHeaders();
    }

    /// The four things that every signature has.
    private record Fields(String credential, String signedHeaders, String signature, String time) {}

    /// Reads the claim of a request.
    ///
    /// @throws FaultException if there is none, or it is not one of version 4
    public static Claim of(Head head) {
        List<String> authorization = head.header("authorization");
        Presigned presigned = new Presigned(head.query());
        if (authorization.isEmpty() && !presigned.isSigned()) {
            throw AwsError.MISSING_AUTHENTICATION_TOKEN.with(
                    "Request is missing Authentication Token. Sign it with the access key of a"
                            + " user of this server.");
        }
        if (presigned.isSigned() && !authorization.isEmpty()) {
            throw incomplete(
                    "The request is signed in the header Authorization and in the address. Leave"
                            + " one out.");
        }
        boolean temporary =
                presigned.has("X-Amz-Security-Token")
                        || !head.header("x-amz-security-token").isEmpty();
        if (temporary) {
            throw unknownKey();
        }
        return presigned.isSigned()
                ? new Claim(head, fields(presigned), presigned.expires())
                : new Claim(head, fields(single(head, "authorization"), head), null);
    }

    /// The fault of a key that no user has, or that came with a session token, which no key here
    /// has. Whether it was the one or the other is not told.
    public static FaultException unknownKey() {
        return AwsError.INVALID_CLIENT_TOKEN_ID.with(
                "The security token included in the request is invalid.");
    }

    private static Fields fields(Presigned address) {
        if (!address.required("X-Amz-Algorithm").equals(ALGORITHM)) {
            throw incomplete("AWS query-string parameter X-Amz-Algorithm must be " + ALGORITHM);
        }
        return new Fields(
                address.required("X-Amz-Credential"),
                address.required("X-Amz-SignedHeaders"),
                address.required("X-Amz-Signature"),
                address.required("X-Amz-Date"));
    }

    private static Fields fields(String authorization, Head head) {
        int space = authorization.indexOf(' ');
        if (space < 0 || !authorization.substring(0, space).equals(ALGORITHM)) {
            throw incomplete(
                    "The header Authorization does not begin with " + ALGORITHM + " and a space.");
        }
        String credential = null;
        String signedHeaders = null;
        String signature = null;
        for (String part : authorization.substring(space + 1).split(",", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? "" : part.substring(0, equals).strip();
            String value = part.substring(equals + 1).strip();
            switch (name) {
                case "Credential" -> credential = value;
                case "SignedHeaders" -> signedHeaders = value;
                case "Signature" -> signature = value;
                default ->
                        throw incomplete(
                                "The header Authorization has a part that is none of Credential,"
                                        + " SignedHeaders and Signature.");
            }
        }
        return new Fields(
                required(credential, "Credential"),
                required(signedHeaders, "SignedHeaders"),
                required(signature, "Signature"),
                single(head, "x-amz-date"));
    }

    private static String required(@Nullable String value, String name) {
        if (value == null || value.isEmpty()) {
            throw incomplete("Authorization header requires '" + name + "' parameter.");
        }
        return value;
    }

    private static String single(Head head, String name) {
        List<String> values = head.header(name);
        if (values.size() != 1) {
            throw incomplete("The request needs exactly one header " + name + ".");
        }
        return values.getFirst().strip();
    }

    private static Instant parse(String time) {
        try {
            return LocalDateTime.parse(time, TIME).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw incomplete(
                    "Date must be in ISO-8601 'basic format', such as 20260101T120000Z. Got '"
                            + time
                            + "'.");
        }
    }

    /// What is not signed could have been changed on the way: where the request goes, and what it
    /// asks for.
    private void checkSignedHeaders() {
        if (!signedHeaders.contains("host")) {
            throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                    "'Host' must be a 'SignedHeader' in the AWS Authorization.");
        }
        for (String name : head.headers().keySet()) {
            if (name.startsWith("x-amz-") && !signedHeaders.contains(name)) {
                throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                        "The header " + name + " is not among the signed headers. Sign it too.");
            }
        }
    }

    /// The access key id, whose secret it claims to have been signed with.
    public String keyId() {
        return scope.keyId();
    }

    /// The region in its scope.
    public String region() {
        return scope.region();
    }

    /// Refuses what was signed too long ago, or for a time that has not come.
    ///
    /// @throws FaultException with AWS's words
    public void checkTime(Instant now) {
        if (signed.isAfter(now.plus(SKEW_MAX))) {
            throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                    "Signature not yet current: "
                            + time
                            + " is still later than "
                            + text(now.plus(SKEW_MAX))
                            + " ("
                            + text(now)
                            + " + 15 min.)");
        }
        Duration good = expires;
        if (good != null && now.isAfter(signed.plus(good))) {
            throw AwsError.REQUEST_EXPIRED.with(
                    "Request has expired: the address was good until "
                            + text(signed.plus(good))
                            + ", and it is "
                            + text(now)
                            + " now.");
        }
        if (good == null && signed.isBefore(now.minus(SKEW_MAX))) {
            throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                    "Signature expired: "
                            + time
                            + " is now earlier than "
                            + text(now.minus(SKEW_MAX))
                            + " ("
                            + text(now)
                            + " - 15 min.)");
        }
    }

    private static String text(Instant time) {
        return TIME.format(time.atOffset(ZoneOffset.UTC));
    }

    /// Computes the signature again and compares.
    ///
    /// @param secret of the key
    /// @param service that the request must have been signed for
    /// @param body as it came
    /// @throws FaultException if the signature is another one
    public void checkSignature(String secret, String service, byte[] body) {
        if (!scope.service().equals(service)) {
            throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                    "Credential should be scoped to correct service: '" + service + "'.");
        }
        String canonical = canonical(body);
        String toSign =
                String.join(
                        "\n",
                        ALGORITHM,
                        time,
                        scope.signed(),
                        Signing.sha256(canonical.getBytes(StandardCharsets.UTF_8)));
        byte[] expected = ascii(Signing.signature(secret, scope, toSign));
        if (!MessageDigest.isEqual(expected, ascii(signature))) {
            throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                    "The request signature we calculated does not match the signature you provided."
                            + " Check your AWS Secret Access Key and signing method. Consult the"
                            + " service documentation for details. The Canonical String for this"
                            + " request should have been '"
                            + canonical
                            + "'");
        }
    }

    /// The canonical request: method, path, query, headers, their names, hash of the body.
    String canonical(byte[] body) {
        StringBuilder text = new StringBuilder(512);
        text.append(head.method()).append('\n');
        text.append(UriText.path(head.path())).append('\n');
        text.append(Presigned.canonical(head.query())).append('\n');
        for (String name : signedHeaders) {
            text.append(name).append(':');
            String separator = "";
            for (String value : head.header(name)) {
                text.append(separator).append(value.strip().replaceAll(" +", " "));
                separator = ",";
            }
            text.append('\n');
        }
        text.append('\n').append(String.join(";", signedHeaders)).append('\n');
        return text.append(Signing.sha256(body)).toString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static FaultException incomplete(String message) {
        return AwsError.INCOMPLETE_SIGNATURE.with(message);
    }
}
