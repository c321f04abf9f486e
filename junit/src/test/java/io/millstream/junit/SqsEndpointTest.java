package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

import java.time.Duration;

/// An unmodified client of AWS and the in-process face on the same store.
@MillstreamTest
class SqsEndpointTest {
    private SqsClient client;
    private String url;

    @BeforeEach
    void connect(SqsEndpoint sqs) {
        client =
                SqsClient.builder()
                        .endpointOverride(sqs.uri())
                        .region(Region.US_EAST_1)
                        .credentialsProvider(AnonymousCredentialsProvider.create())
                        .build();
        url = client.createQueue(request -> request.queueName("orders")).queueUrl();
        assertThat(url).isEqualTo(sqs.queueUrl("orders"));
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void what_a_client_sends_is_received_in_process(Millstream millstream) {
        client.sendMessage(request -> request.queueUrl(url).messageBody("hello"));

        assertThat(millstream.queue("orders").receive(Duration.ZERO).orElseThrow().text())
                .isEqualTo("hello");
    }

    @Test
    void a_visibility_timeout_passes_with_the_clock(MillstreamClock clock) {
        client.sendMessage(request -> request.queueUrl(url).messageBody("hello"));
        Message first = receive();

        clock.advance(Duration.ofSeconds(30));

        assertThat(receive().messageId()).isEqualTo(first.messageId());
    }

    @Test
    void a_client_goes_on_after_a_crash_on_the_same_port(Faults faults) {
        client.sendMessage(request -> request.queueUrl(url).messageBody("hello"));
        Message received = receive();

        faults.crash();

        client.deleteMessage(
                request -> request.queueUrl(url).receiptHandle(received.receiptHandle()));
        client.sendMessage(request -> request.queueUrl(url).messageBody("again"));
        assertThat(receive().body()).isEqualTo("again");
    }

    private Message receive() {
        return client.receiveMessage(request -> request.queueUrl(url)).messages().getFirst();
    }
}
