package io.millstream.junit;

import java.net.URI;

/// Where clients of AWS reach a test's store: a real port on this machine, in both of the protocols
/// of SQS, for the time of the store.
///
/// ```java
/// SqsClient.builder()
///         .endpointOverride(sqs.uri())
///         .region(Region.US_EAST_1)
///         .credentialsProvider(AnonymousCredentialsProvider.create())
///         .build();
/// ```
///
/// @param uri the endpoint, such as `http://127.0.0.1:40321`
public record SqsEndpoint(URI uri) {

    /// The URL of a queue, whether there is one or not.
    public String queueUrl(String queue) {
        return uri + "/000000000000/" + queue;
    }
}
