package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// FIFO queues, tags, permissions and redrive as forms, the way that boto3 wrote them before it
/// spoke JSON.
class SqsQueryFormsTest {
    private static final String HEAD = "&Version=2012-11-05";

    private AwsServer server;

    @BeforeEach
    void open() {
        server = AwsServer.start();
        post(
                "/",
                "Action=CreateQueue&QueueName=orders.fifo&Attribute.1.Name=FifoQueue"
                        + "&Attribute.1.Value=true&Attribute.2.Name=ContentBasedDeduplication"
                        + "&Attribute.2.Value=true&Tag.1.Key=team&Tag.1.Value=red");
    }

    @AfterEach
    void close() {
        server.close();
    }

    /// The result of a request that succeeds, without what is around it.
    private String post(String path, String form) {
        var answer = server.query(path, form + HEAD);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body()
                .replaceFirst("(?s)^.*?Response xmlns=\"[^\"]*\">", "")
                .replaceFirst("(?s)<ResponseMetadata>.*$", "");
    }

    private String fifo(String form) {
        return post("/000000000000/orders.fifo", form);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void fifo_messages_are_sent_received_and_deleted() {
        String first = fifo("Action=SendMessage&MessageBody=x&MessageGroupId=a");
        String second = fifo("Action=SendMessage&MessageBody=x&MessageGroupId=b");

        assertThat(second).isEqualTo(first);
        assertThat(first).contains("<SequenceNumber>00000000000000000001</SequenceNumber>");
        String received =
                fifo(
                        "Action=ReceiveMessage&MaxNumberOfMessages=10&AttributeName.1=All"
                                + "&ReceiveRequestAttemptId=try");
        assertThat(received)
                .contains("<Attribute><Name>MessageGroupId</Name><Value>a</Value></Attribute>")
                .contains("<Attribute><Name>SequenceNumber</Name><Value>00000000000000000001<");
        assertThat(fifo("Action=ReceiveMessage&AttributeName.1=All&ReceiveRequestAttemptId=try"))
                .isEqualTo(received);
        String handle = received.replaceFirst("(?s).*<ReceiptHandle>([^<]*)<.*", "$1");
        assertThat(
                        fifo(
                                "Action=DeleteMessageBatch"
                                        + "&DeleteMessageBatchRequestEntry.1.Id=a"
                                        + "&DeleteMessageBatchRequestEntry.1.ReceiptHandle="
                                        + encoded(handle)))
                .contains("<DeleteMessageBatchResultEntry><Id>a</Id>");
    }

    @Test
    void a_batch_of_fifo_messages_is_sent() {
        String sent =
                fifo(
                        "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=a"
                                + "&SendMessageBatchRequestEntry.1.MessageBody=one"
                                + "&SendMessageBatchRequestEntry.1.MessageGroupId=g"
                                + "&SendMessageBatchRequestEntry.1.MessageDeduplicationId=d"
                                + "&SendMessageBatchRequestEntry.2.Id=b"
                                + "&SendMessageBatchRequestEntry.2.MessageBody=two");

        assertThat(sent)
                .contains("<SequenceNumber>00000000000000000001</SequenceNumber><Id>a</Id>")
                .contains("<BatchResultErrorEntry><Id>b</Id>", "MissingParameter");
    }

    @Test
    void tags_are_listed_given_and_taken_away() {
        assertThat(fifo("Action=ListQueueTags"))
                .isEqualTo(
                        "<ListQueueTagsResult><Tag><Key>team</Key><Value>red</Value></Tag>"
                                + "</ListQueueTagsResult>");
        assertThat(fifo("Action=TagQueue&Tag.1.Key=a&Tag.1.Value=b")).isEmpty();
        assertThat(fifo("Action=UntagQueue&TagKey.1=team&TagKey.2=none")).isEmpty();
        assertThat(fifo("Action=ListQueueTags")).contains("<Tag><Key>a</Key>");
    }

    @Test
    void permissions_are_given_and_taken_away() {
        assertThat(
                        fifo(
                                "Action=AddPermission&Label=l&AWSAccountId.1=111122223333"
                                        + "&ActionName.1=SendMessage&ActionName.2=ReceiveMessage"))
                .isEmpty();
        assertThat(fifo("Action=GetQueueAttributes&AttributeName.1=Policy"))
                .contains(
                        "SQS:SendMessage", "SQS:ReceiveMessage", "arn:aws:iam::111122223333:root");
        assertThat(fifo("Action=RemovePermission&Label=l")).isEmpty();
        assertThat(fifo("Action=GetQueueAttributes&AttributeName.1=Policy"))
                .doesNotContain("SQS:SendMessage");
    }

    @Test
    void dead_letters_are_moved_back() {
        String arn = "arn:aws:sqs:us-east-1:000000000000:dead.fifo";
        post(
                "/",
                "Action=CreateQueue&QueueName=dead.fifo&Attribute.1.Name=FifoQueue"
                        + "&Attribute.1.Value=true");
        fifo(
                "Action=SetQueueAttributes&Attribute.1.Name=RedrivePolicy&Attribute.1.Value="
                        + encoded(
                                "{\"deadLetterTargetArn\":\""
                                        + arn
                                        + "\",\"maxReceiveCount\":\"1\"}"));
        fifo("Action=SendMessage&MessageBody=x&MessageGroupId=a");
        fifo("Action=ReceiveMessage");
        server.advance(Duration.ofSeconds(31));
        await().until(() -> waiting("dead.fifo") == 1);

        assertThat(post("/000000000000/dead.fifo", "Action=ListDeadLetterSourceQueues"))
                .isEqualTo(
                        "<ListDeadLetterSourceQueuesResult><QueueUrl>"
                                + server.url("orders.fifo")
                                + "</QueueUrl></ListDeadLetterSourceQueuesResult>");
        assertThat(
                        post(
                                "/",
                                "Action=StartMessageMoveTask&SourceArn="
                                        + arn
                                        + "&MaxNumberOfMessagesPerSecond=10"))
                .startsWith("<StartMessageMoveTaskResult><TaskHandle>");
        await().until(() -> waiting("orders.fifo") == 1);
        await().until(() ->
                post("/", "Action=ListMessageMoveTasks&MaxResults=10&SourceArn=" + arn)
                        .startsWith(
                                "<ListMessageMoveTasksResult><ListMessageMoveTasksResultEntry>"
                                        + "<Status>COMPLETED</Status>"));
        assertThat(fifo("Action=ReceiveMessage&AttributeName.1=MessageGroupId"))
                .contains("<Value>a</Value>");
    }

    private int waiting(String queue) {
        return Integer.parseInt(
                post(
                                "/000000000000/" + queue,
                                "Action=GetQueueAttributes"
                                        + "&AttributeName.1=ApproximateNumberOfMessages")
                        .replaceFirst("(?s).*<Value>(\\d+)</Value>.*", "$1"));
    }
}
