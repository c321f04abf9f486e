package io.millstream.protocols.aws.sqs;

import java.util.regex.Pattern;

/// Names a key of AWS's Key Management Service: by id, alias or ARN. It is kept and told, since
/// tools that set it compare it; nothing is encrypted with it.
final class KmsKey {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9:/_-]{1,2048}");

    private KmsKey() {}

    /// Refuses what cannot name a key; an empty text is none.
    static void check(String value) {
        if (!value.isEmpty() && !NAME.matcher(value).matches()) {
            throw QueueAttribute.KMS_MASTER_KEY_ID.invalid(
                    value, "It must be the id, the alias or the ARN of a key, or empty.");
        }
    }
}
