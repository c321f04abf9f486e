package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

import java.time.Duration;
import java.util.List;

/// Messages through AWS's own client, which checks every digest.
class SqsContractTest {
    private AwsServer server;
    private SqsClient sqs;
    private String url;

    @BeforeEach
    void open_a_queue() {
        server = AwsServer.start();
        sqs = server.sqs();
        url = sqs.createQueue(r -> r.queueName("mail")).queueUrl();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_message_is_sent_received_and_deleted() {
        SendMessageResponse sent =
                sqs.sendMessage(
                        r -> r.queueUrl(url).messageBody("gr\u00fc\u00df dich \ud83d\ude00\r\n"));

        Message received = receiveOne();
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(received.receiptHandle()));
        server.advance(Duration.ofSeconds(31));

        assertThat(received.body()).isEqualTo("gr\u00fc\u00df dich \ud83d\ude00\r\n");
        assertThat(received.messageId()).isEqualTo(sent.messageId());
        assertThat(receive()).isEmpty();
    }

    private Message receiveOne() {
        List<Message> messages = receive();
        assertThat(messages).hasSize(1);
        return messages.getFirst();
    }

    private List<Message> receive() {
        return sqs.receiveMessage(r ->
                        r.queueUrl(url)
                                .maxNumberOfMessages(10)
                                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                                .messageAttributeNames("All"))
                .messages();
    }
}
