package io.millstream.server.users;

import io.millstream.protocols.access.Verifier;

/// A key that was just made, told this once; its JSON has these names, which are AWS's.
///
/// @param accessKeyId its id
/// @param secretAccessKey its secret
public record NewKey(String accessKeyId, String secretAccessKey) {
    static NewKey of(Verifier.AwsKey key) {
        return new NewKey(key.id(), key.secret());
    }

    @Override
    public String toString() {
        return "NewKey[" + accessKeyId + "]";
    }
}
