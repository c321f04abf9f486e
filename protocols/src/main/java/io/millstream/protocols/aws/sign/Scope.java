package io.millstream.protocols.aws.sign;

import io.millstream.protocols.aws.wire.AwsError;

/// What a key signs for: `KEY/20260101/eu-west-1/sqs/aws4_request`.
///
/// @param keyId the access key id
/// @param date the day, in eight digits
/// @param region whatever region the client believes to be in
/// @param service such as `sqs`
record Scope(String keyId, String date, String region, String service) {
    static final String TERMINATOR = "aws4_request";
    private static final int PARTS = 5;

    static Scope read(String credential) {
        String[] parts = credential.split("/", -1);
        if (parts.length != PARTS) {
            throw AwsError.INCOMPLETE_SIGNATURE.with(
                    "Credential must have exactly 5 slash-delimited elements, e.g."
                            + " keyid/date/region/service/term, got '"
                            + credential
                            + "'");
        }
        if (!parts[4].equals(TERMINATOR)) {
            throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                    "Credential should be scoped with a valid terminator: '"
                            + TERMINATOR
                            + "', not '"
                            + parts[4]
                            + "'.");
        }
        if (!parts[2].matches("[a-z0-9-]{1,32}")) {
            throw AwsError.SIGNATURE_DOES_NOT_MATCH.with(
                    "Credential should be scoped to a valid region, not '" + parts[2] + "'.");
        }
        return new Scope(parts[0], parts[1], parts[2], parts[3]);
    }

    /// The scope as it is signed, without the key.
    String signed() {
        return date + '/' + region + '/' + service + '/' + TERMINATOR;
    }
}
