package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.protocols.aws.push.PushLimits;
import io.millstream.protocols.web.Certificates;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;

/// Endpoints over TLS.
class SnsHttpsTest {
    @TempDir private Path folder;

    @Test
    void an_endpoint_that_is_trusted_is_posted_to() throws Exception {
        Certificates known = new Certificates(folder, "known", "EC");

        try (PostBox box = PostBox.open(known.serving());
                AwsServer server = AwsServer.start(Kept.IN_A_MODEL, trusting(known))) {
            String topic = server.sns().createTopic(r -> r.name("orders")).topicArn();
            server.sns()
                    .subscribe(r -> r.topicArn(topic).protocol("https").endpoint(box.url("/in")));
            String token = box.next().json().get("Token").asString();
            server.sns().confirmSubscription(r -> r.topicArn(topic).token(token));
            server.sns()
                    .publish(r ->
                            r.topicArn(topic)
                                    .messageStructure("json")
                                    .message("{\"default\":\"d\",\"https\":\"safe\"}"));

            assertThat(box.next().json().get("Message").asString()).isEqualTo("safe");
        }
    }

    @Test
    void an_endpoint_that_is_not_trusted_gets_nothing() throws Exception {
        Certificates known = new Certificates(folder, "known", "EC");
        Certificates other = new Certificates(folder, "other", "EC");

        try (PostBox box = PostBox.open(other.serving());
                AwsServer server = AwsServer.start(Kept.IN_A_MODEL, trusting(known))) {
            String topic = server.sns().createTopic(r -> r.name("orders")).topicArn();
            server.sns()
                    .subscribe(r -> r.topicArn(topic).protocol("https").endpoint(box.url("/in")));

            await().until(() ->
                    server.meters().counter("millstream.sns.deliveries", "outcome", "retry").count()
                            > 0);
            assertThat(box.waiting()).isZero();
        }
    }

    private static PushLimits trusting(Certificates known)
            throws IOException, GeneralSecurityException {
        return new PushLimits(4, 2, 2_000, 5_000, 20, Optional.of(known.certificate()));
    }
}
