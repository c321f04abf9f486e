package io.millstream.protocols.aws;

import org.jspecify.annotations.Nullable;

import java.util.regex.Pattern;

/// What a request's signature (AWS's version 4) says without being checked: the client's region.
///
/// The header reads `AWS4-HMAC-SHA256 Credential=KEY/20260101/eu-west-1/sqs/aws4_request, …`.
final class Signature {
    private static final String USUAL_REGION = "us-east-1";
    private static final String CREDENTIAL = "Credential=";
    private static final int REGION_PART = 2;
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,32}");

    private Signature() {}

    /// The region in the scope of `authorization`, or the usual one.
    static String region(@Nullable String authorization) {
        int begin = authorization == null ? -1 : authorization.indexOf(CREDENTIAL);
        if (authorization == null || begin < 0) {
            return USUAL_REGION;
        }
        int end = authorization.indexOf(',', begin);
        String scope =
                authorization.substring(
                        begin + CREDENTIAL.length(), end < 0 ? authorization.length() : end);
        String[] parts = scope.split("/", -1);
        return parts.length > REGION_PART && REGION.matcher(parts[REGION_PART]).matches()
                ? parts[REGION_PART]
                : USUAL_REGION;
    }
}
